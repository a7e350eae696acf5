import { malformed } from './error.ts';

/** Netlink is spoken in the byte order of the machine; recordings of another machine are read in theirs. */
export type ByteOrder = 'big' | 'little';

/** What this machine speaks. */
export const hostOrder: ByteOrder = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1 ? 'little' : 'big';

// include/uapi/linux/netlink.h: NLMSG_ALIGNTO, NLA_ALIGNTO and RTNH_ALIGNTO are all 4.
export const align = (length: number): number => (length + 3) & ~3;

/** Received bytes. Positions in it are counted from its start, so that an error can name the spot. */
export class Input {
  /** The same, four bytes a number: everything in netlink is aligned, and nothing is read faster in QuickJS. */
  readonly words: Uint32Array;
  readonly little: boolean;

  constructor(
    readonly bytes: Uint8Array,
    order: ByteOrder = hostOrder,
  ) {
    this.words = wordsOf(bytes, order);
    this.little = order === 'little';
  }

  /** At an even position. */
  u16(at: number): number {
    const word = this.words[at >> 2]!;
    return ((at & 2) === 0) === this.little ? word & 0xffff : word >>> 16;
  }

  /** At a multiple of four, as the next. */
  u32(at: number): number {
    return this.words[at >> 2]!;
  }

  s32(at: number): number {
    return this.words[at >> 2]! | 0;
  }

  /** Throws unless `size` bytes lie between `at` and `end`. */
  need(size: number, at: number, end: number, what: string): void {
    if (end - at < size) throw malformed(`${what}: ${size} bytes wanted, ${Math.max(0, end - at)} there`, at);
  }
}

/** The bytes themselves where that is possible; a copy of those in another order, or that do not end with a word. */
function wordsOf(bytes: Uint8Array, order: ByteOrder): Uint32Array {
  const { buffer, byteOffset, length } = bytes;
  const size = align(length);
  if (order === hostOrder && byteOffset % 4 === 0 && byteOffset + size <= buffer.byteLength)
    return new Uint32Array(buffer, byteOffset, size / 4);
  const view = new DataView(new ArrayBuffer(size));
  new Uint8Array(view.buffer).set(bytes);
  return Uint32Array.from({ length: size / 4 }, (_, i) => view.getUint32(4 * i, order === 'little'));
}

/** Bytes being written; it grows as needed. */
export class Output {
  view = new DataView(new ArrayBuffer(1024));
  /** The room there is, written and not. */
  room = new Uint8Array(this.view.buffer);
  length = 0;
  readonly little: boolean;
  #size = 1024;

  constructor(order: ByteOrder = hostOrder) {
    this.little = order === 'little';
  }

  /** Appends `size` zero bytes and answers where they start. */
  take(size: number): number {
    const at = this.length;
    this.length = at + size;
    if (this.length > this.#size) this.#grow();
    return at;
  }

  put(bytes: Uint8Array): void {
    const at = this.take(bytes.length);
    this.room.set(bytes, at);
  }

  /** There is always room for that, because there is for whole words. */
  align(): void {
    this.length = align(this.length);
  }

  /** What was written so far, not copied. */
  bytes(): Uint8Array<ArrayBuffer> {
    return this.room.subarray(0, this.length);
  }

  #grow(): void {
    this.#size = Math.max(align(this.length), 2 * this.#size);
    const bigger = new Uint8Array(this.#size);
    bigger.set(this.room);
    this.room = bigger;
    this.view = new DataView(bigger.buffer);
  }
}
