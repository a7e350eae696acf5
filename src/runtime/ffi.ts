import { encodeUtf8 } from '../bytes/utf8.ts';

/**
 * Functions of the C library through ffi-napi, on 64-bit x86 and ARM. Its ready-made ones marshal every argument anew,
 * which costs 10 µs each; here a function has its own memory for arguments and result, written as int64 and passed to
 * ffi_call as it lies: 0.8 µs a call. Addresses travel as numbers (they have 48 bits).
 */
export type Invoke = (...args: number[]) => number;

type Opaque = object;
interface Bindings {
  ffi_call(cif: Opaque, fn: Opaque, result: Uint8Array, values: Uint8Array): void;
  ffi_call_async(cif: Opaque, fn: Opaque, result: Uint8Array, values: Uint8Array, done: () => void): void;
}

/** What is used of ffi-napi, of its compiled part and of the ref-napi below it. */
export interface FfiModules {
  ffi: {
    CIF(result: string, args: string[]): Opaque;
    DynamicLibrary: new (file: null) => { get(name: string): Opaque };
  };
  bindings: Bindings;
  ref: {
    address(buffer: Uint8Array): number;
    readPointer(buffer: Uint8Array, offset: number, length: number): Uint8Array;
  };
}

export interface Library {
  /** A function of the C library by name, always with the same number of arguments. Its result as an int32. */
  call(name: string, ...args: number[]): number;
  errno(): number;
  address(bytes: ArrayBuffer): number;
  /** poll(2) without end on a thread of Node's pool; one at a time. */
  waitFor(descriptors: number, count: number, done: () => void): void;
}

export function openLibrary({ ffi, bindings, ref }: FfiModules): Library {
  const library = new ffi.DynamicLibrary(null);

  const prepare = (name: string, count: number) => {
    const words = new Int32Array(2 * count + 2);
    const start = ref.address(new Uint8Array(words.buffer));
    const pointers = BigUint64Array.from({ length: count + 1 }, (_, i) => BigInt(start + 8 * i));
    const cif = ffi.CIF('int64', Array<string>(count).fill('int64'));
    const fill = (args: number[]) => {
      for (let i = 0; i < count; i++) {
        words[2 * i] = args[i]!;
        words[2 * i + 1] = Math.floor(args[i]! / 2 ** 32);
      }
    };
    return { cif, fn: library.get(name), values: new Uint8Array(pointers.buffer), result: new Uint8Array(8), fill };
  };

  /** The memory serves one call at a time, which is all that one thread makes. */
  const declare = (name: string, count: number): Invoke => {
    const { cif, fn, values, result, fill } = prepare(name, count);
    // Of an `int` the upper half is undefined, and no ssize_t of ours needs it.
    const answer = new Int32Array(result.buffer);
    return (...args) => {
      fill(args);
      bindings.ffi_call(cif, fn, result, values);
      return answer[0]!;
    };
  };

  // errno is read where it lies: a call to ask for it could change it.
  const where = prepare('__errno_location', 0);
  bindings.ffi_call(where.cif, where.fn, where.result, where.values);
  const place = ref.readPointer(where.result, 0, 4);
  const errno = new Int32Array(place.buffer, place.byteOffset, 1);

  const declared = new Map<string, Invoke>();
  const poll = prepare('poll', 3);
  return {
    call(name, ...args) {
      let fn = declared.get(name);
      if (!fn) {
        fn = declare(name, args.length);
        declared.set(name, fn);
      }
      return fn(...args);
    },
    errno: () => errno[0]!,
    address: (bytes) => (bytes.byteLength === 0 ? 0 : ref.address(new Uint8Array(bytes))),
    waitFor(descriptors, count, done) {
      poll.fill([descriptors, count, -1]);
      bindings.ffi_call_async(poll.cif, poll.fn, poll.result, poll.values, done);
    },
  };
}

/** An errno that is not the C library's. */
export class Refused {
  constructor(readonly errno: 'EINVAL' | 'ERANGE') {}
}

/**
 * Checks arguments and turns them into numbers: i itself, s its address, b address and length, B the same for a whole
 * buffer, a (packed strings, length) the address of a table of pointers. What has been taken stays alive in `buffers`.
 */
export class Arguments {
  readonly numbers: number[] = [];
  readonly buffers: ArrayBuffer[] = [];

  constructor(
    readonly library: Library,
    kinds: string,
    values: unknown[],
  ) {
    let at = 0;
    for (const kind of kinds) {
      if (kind === 'i') this.numbers.push(integer(values[at++]));
      else if (kind === 's') this.numbers.push(this.#keep(text(values[at++])));
      else if (kind === 'B') this.#whole(values[at++]);
      else if (kind === 'b') {
        this.#part(values[at], values[at + 1], values[at + 2]);
        at += 3;
      } else {
        this.numbers.push(this.#strings(values[at], values[at + 1]));
        at += 2;
      }
    }
  }

  #keep(bytes: ArrayBuffer): number {
    this.buffers.push(bytes);
    return this.library.address(bytes);
  }

  #whole(buffer: unknown): void {
    if (!(buffer instanceof ArrayBuffer)) throw new TypeError('ArrayBuffer object expected');
    this.numbers.push(this.#keep(buffer), buffer.byteLength);
  }

  #part(buffer: unknown, offset: unknown, length: unknown): void {
    this.#whole(buffer);
    const [start, room] = this.numbers.splice(-2) as [number, number];
    const [from, size] = [integer(offset), integer(length)];
    if (from < 0 || size < 0 || from + size > room) throw new Refused('EINVAL');
    this.numbers.push(start + from, size);
  }

  #strings(buffer: unknown, length: unknown): number {
    this.#part(buffer, 0, length);
    const [start, size] = this.numbers.splice(-2) as [number, number];
    const bytes = new Uint8Array(buffer as ArrayBuffer, 0, size);
    if (size > 0 && bytes[size - 1] !== 0) throw new Refused('EINVAL');
    const ends = [-1, ...bytes.keys()].filter((i) => i < 0 || bytes[i] === 0);
    const pointers = ends.map((end, i) => (i === ends.length - 1 ? 0n : BigInt(start + end + 1)));
    return this.#keep(BigUint64Array.from(pointers).buffer as ArrayBuffer);
  }
}

export function integer(value: unknown): number {
  const number = typeof value === 'boolean' ? Number(value) : value;
  if (!Number.isInteger(number) || (number as number) < -(2 ** 31) || (number as number) >= 2 ** 32)
    throw new Refused('EINVAL');
  return number as number;
}

export function text(value: unknown): ArrayBuffer {
  if (typeof value !== 'string' || value.includes('\0')) throw new Refused('EINVAL');
  return encodeUtf8(`${value}\0`).buffer as ArrayBuffer;
}
