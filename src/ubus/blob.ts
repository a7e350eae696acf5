import { decodeUtf8, encodeUtf8 } from '../bytes/utf8.ts';
import {
  BLOBMSG_TYPE_ARRAY,
  BLOBMSG_TYPE_DOUBLE,
  BLOBMSG_TYPE_INT8,
  BLOBMSG_TYPE_INT16,
  BLOBMSG_TYPE_INT32,
  BLOBMSG_TYPE_INT64,
  BLOBMSG_TYPE_STRING,
  BLOBMSG_TYPE_TABLE,
  BLOBMSG_TYPE_UNSPEC,
  UBUS_MAX_MSGLEN,
} from './constants.ts';

/** Bytes that are no blob, or values that cannot become one. */
export class BlobError extends Error {}

/** A number that travels as int64 whatever its size: counters, whose type is not to change as they grow. */
export class Int64 {
  constructor(readonly value: number | bigint) {}
}

export function int64(value: number | bigint): Int64 {
  return new Int64(value);
}

/** What a message carries. Decoding makes a bigint only of an int64 beyond the safe integers, and never an Int64. */
export type Value = null | boolean | number | bigint | string | Int64 | readonly Value[] | Table;
export interface Table {
  readonly [name: string]: Value | undefined;
}

/** How text is kept in bytes. */
export interface TextCodec {
  encode(text: string): Uint8Array;
  decode(bytes: Uint8Array): string;
}
export const utf8: TextCodec = { encode: encodeUtf8, decode: decodeUtf8 };

/** A member as it was written. A table or an array is another object each time, and written each time. */
interface Written {
  readonly plain: Value;
  readonly at: number;
  /** Of the name with what goes with it, behind the attribute's header; and of all. */
  readonly nameLength: number;
  readonly length: number;
}

/** What is equal has the same type. */
function isEqual(before: Value, value: Value): boolean {
  return before === value || (value instanceof Int64 && before instanceof Int64 && before.value === value.value);
}

/** Deeper nesting is refused, so that no message can exhaust our stack. */
const maxDepth = 64;
const padded = (length: number) => (length + 3) & ~3;

/** Writes attributes one after another into one growing buffer (libubox: blob.h). All of it is big-endian. */
export class BlobWriter {
  readonly #limit: number;
  readonly #codec: TextCodec;
  #bytes = new Uint8Array(256);
  #view = new DataView(this.#bytes.buffer);
  #length: number;
  /** By its name where a member was written last: most of a thousand items in a list say the same as the one before. */
  readonly #written = new Map<string, Written>();

  /** Refuses to grow past `limit` bytes; the first `headroom` are left for the caller. */
  constructor(limit: number, headroom = 0, text = utf8) {
    this.#limit = limit;
    this.#length = headroom;
    this.#codec = text;
  }

  /** The bytes so far; nothing may be written after it. */
  take(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Begin an attribute; what is written until `close` of the answered position is its payload. */
  open(id: number): number {
    const at = this.#grow(4);
    this.#view.setUint32(at, (id << 24) >>> 0);
    return at;
  }

  /** The length leaves out the attribute's own padding, but not that of its children (blob_set_raw_len). */
  close(at: number): void {
    this.#view.setUint32(at, (this.#view.getUint32(at) | (this.#length - at)) >>> 0);
    this.#grow(padded(this.#length) - this.#length);
  }

  int8(id: number, value: boolean): void {
    const at = this.open(id);
    this.#byte(Number(value));
    this.close(at);
  }

  int32(id: number, value: number): void {
    const at = this.open(id);
    this.#int32(value);
    this.close(at);
  }

  string(id: number, text: string): void {
    const at = this.open(id);
    this.#string(text);
    this.close(at);
  }

  /** The payload as it is. */
  raw(id: number, payload: Uint8Array): void {
    const at = this.open(id);
    const start = this.#grow(payload.length);
    this.#bytes.set(payload, start);
    this.close(at);
  }

  /** The children of a blobmsg table, without its own header. Undefined members are left out. */
  fields(table: Table, depth = 0): void {
    const written = this.#written;
    // Members that are as they were, and stand side by side there too, are copied in one go.
    let from = 0;
    let to = 0;
    for (const name in table) {
      const value = table[name];
      if (value === undefined) continue;
      const before = written.get(name);
      const isSame = before !== undefined && isEqual(before.plain, value);
      if (isSame && before.at === to) {
        to += before.length;
        continue;
      }
      if (to > from) this.#again(from, to - from);
      from = isSame ? before.at : 0;
      to = isSame ? from + before.length : 0;
      if (!isSame) this.#field(name, value, depth, before);
    }
    if (to > from) this.#again(from, to - from);
  }

  #field(name: string, value: Value, depth: number, before: Written | undefined): void {
    if (depth > maxDepth) throw new BlobError(`nested deeper than ${maxDepth}`);
    const type = typeOf(value);
    const at = this.open(0x80 | type);
    if (before) this.#again(before.at + 4, before.nameLength);
    else this.#name(name);
    const nameLength = this.#length - at - 4;
    this.#value(type, value, depth);
    this.close(at);
    this.#written.set(name, { plain: value, at, nameLength, length: this.#length - at });
  }

  /** struct blobmsg_hdr: the name's length, the name, its NUL and padding. */
  #name(name: string): void {
    const lengthAt = this.#grow(2);
    this.#string(name);
    const length = this.#length - lengthAt - 3;
    if (length > 0xffff) throw new BlobError('name longer than 65535 bytes');
    this.#view.setUint16(lengthAt, length);
    this.#grow(padded(this.#length) - this.#length);
  }

  /** What stands at `from`, once more. */
  #again(from: number, length: number): void {
    const at = this.#grow(length);
    this.#bytes.copyWithin(at, from, from + length);
  }

  #value(type: number, value: Value, depth: number): void {
    if (typeof value === 'string') this.#string(value);
    else if (type === BLOBMSG_TYPE_INT8) this.#byte(Number(value));
    else if (type === BLOBMSG_TYPE_INT32) this.#int32(value as number);
    else if (type === BLOBMSG_TYPE_INT64)
      this.#int64(value instanceof Int64 ? value.value : (value as number | bigint));
    else if (type === BLOBMSG_TYPE_DOUBLE) this.#double(value as number);
    else if (type === BLOBMSG_TYPE_TABLE) this.fields(value as Table, depth + 1);
    else if (type === BLOBMSG_TYPE_ARRAY) {
      for (const item of value as readonly Value[]) this.#field('', item, depth + 1, undefined);
    }
  }

  // Room first, then the buffer: making room may replace it.
  #byte(value: number): void {
    const at = this.#grow(1);
    this.#bytes[at] = value;
  }

  #int32(value: number): void {
    const at = this.#grow(4);
    this.#view.setInt32(at, value);
  }

  #double(value: number): void {
    const at = this.#grow(8);
    this.#view.setFloat64(at, value);
  }

  #int64(value: number | bigint): void {
    if (typeof value === 'number' && Number.isSafeInteger(value)) {
      // By halves: a BigInt for each counter is what costs on a small router.
      this.#int32(Math.floor(value / 0x100000000));
      this.#int32(value);
    } else if (typeof value === 'bigint' && BigInt.asIntN(64, value) === value) {
      const at = this.#grow(8);
      this.#view.setBigInt64(at, value);
    } else throw new BlobError(`${value} is no int64`);
  }

  #string(text: string): void {
    const at = this.#grow(text.length + 1);
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code >= 0x80) {
        this.#encoded(text, at);
        return;
      }
      this.#bytes[at + i] = code;
    }
  }

  #encoded(text: string, at: number): void {
    const bytes = this.#codec.encode(text);
    this.#grow(bytes.length - text.length);
    this.#bytes.set(bytes, at);
    this.#bytes[at + bytes.length] = 0;
  }

  /** Room for `count` zero bytes; answers where they begin. */
  #grow(count: number): number {
    const at = this.#length;
    const length = at + count;
    if (length > this.#limit) throw new BlobError(`longer than ${this.#limit} bytes`);
    if (length > this.#bytes.length) {
      const bytes = new Uint8Array(Math.max(length, 2 * this.#bytes.length));
      bytes.set(this.#bytes.subarray(0, at));
      this.#bytes = bytes;
      this.#view = new DataView(bytes.buffer);
    }
    this.#length = length;
    return at;
  }
}

/** As the ubus command makes types of JSON: int32 where it fits, else int64, and double for what is no integer. */
function typeOf(value: Value): number {
  if (value === null) return BLOBMSG_TYPE_UNSPEC;
  if (typeof value === 'string') return BLOBMSG_TYPE_STRING;
  if (typeof value === 'boolean') return BLOBMSG_TYPE_INT8;
  if (typeof value === 'number') {
    if ((value | 0) === value) return BLOBMSG_TYPE_INT32;
    return Number.isSafeInteger(value) ? BLOBMSG_TYPE_INT64 : BLOBMSG_TYPE_DOUBLE;
  }
  if (typeof value === 'bigint' || value instanceof Int64) return BLOBMSG_TYPE_INT64;
  return Array.isArray(value) ? BLOBMSG_TYPE_ARRAY : BLOBMSG_TYPE_TABLE;
}

/** The members of a table as the payload of a DATA or SIGNATURE attribute. */
export function encodeTable(table: Table, text = utf8): Uint8Array {
  const writer = new BlobWriter(UBUS_MAX_MSGLEN, 0, text);
  writer.fields(table);
  return writer.take();
}

/** Calls `visit` with each attribute's head (extended flag and id), payload and end. Answers where it stopped: at `to`, unless one is malformed. */
export function walk(
  view: DataView,
  from: number,
  to: number,
  visit: (head: number, start: number, end: number) => void,
): number {
  let at = from;
  while (at + 4 <= to) {
    const word = view.getUint32(at);
    const length = word & 0xffffff;
    if (length < 4 || at + padded(length) > to) break;
    visit(word >>> 24, at + 4, at + length);
    at += padded(length);
  }
  return at;
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** A DATA or SIGNATURE payload as a plain object; of members with one name the first counts, as in blobmsg_parse. Throws BlobError. */
export function decodeTable(bytes: Uint8Array, text = utf8): Table {
  return new BlobReader(bytes, text).table(0, bytes.length, 0);
}

class BlobReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #codec: TextCodec;

  constructor(bytes: Uint8Array, text: TextCodec) {
    this.#bytes = bytes;
    this.#view = viewOf(bytes);
    this.#codec = text;
  }

  table(from: number, to: number, depth: number): Table {
    const table: Record<string, Value> = {};
    this.#children(from, to, depth, (name, value) => {
      if (Object.hasOwn(table, name)) return;
      // Assigning to __proto__ would set the prototype instead of a member.
      if (name === '__proto__') Object.defineProperty(table, name, { value, enumerable: true });
      else table[name] = value;
    });
    return table;
  }

  #array(from: number, to: number, depth: number): Value[] {
    const array: Value[] = [];
    this.#children(from, to, depth, (_, value) => array.push(value));
    return array;
  }

  #children(from: number, to: number, depth: number, add: (name: string, value: Value) => void): void {
    if (depth > maxDepth) throw new BlobError(`nested deeper than ${maxDepth}`);
    const stop = walk(this.#view, from, to, (head, start, end) => {
      // libubox skips attributes that have no blobmsg header.
      if (head < 0x80) return;
      const length = start + 3 <= end ? this.#view.getUint16(start) : 0xffff;
      const data = start + padded(length + 3);
      if (data > end || this.#bytes[start + 2 + length] !== 0) throw new BlobError('malformed name');
      const name = this.#codec.decode(this.#bytes.subarray(start + 2, start + 2 + length));
      add(name, this.#value(head & 0x7f, data, end, depth));
    });
    if (stop !== to) throw new BlobError('malformed length');
  }

  #value(type: number, from: number, to: number, depth: number): Value {
    switch (type) {
      case BLOBMSG_TYPE_UNSPEC:
        return null;
      case BLOBMSG_TYPE_ARRAY:
        return this.#array(from, to, depth + 1);
      case BLOBMSG_TYPE_TABLE:
        return this.table(from, to, depth + 1);
      case BLOBMSG_TYPE_STRING:
        return this.#codec.decode(stringIn(this.#bytes, from, to) ?? malformed('string'));
      default:
        return this.#number(type, from, to - from);
    }
  }

  #number(type: number, at: number, size: number): Value {
    const view = this.#view;
    if (type === BLOBMSG_TYPE_INT32 && size === 4) return view.getInt32(at);
    if (type === BLOBMSG_TYPE_INT8 && size === 1) return view.getInt8(at) !== 0;
    if (type === BLOBMSG_TYPE_INT16 && size === 2) return view.getInt16(at);
    if (type === BLOBMSG_TYPE_DOUBLE && size === 8) return view.getFloat64(at);
    if (type !== BLOBMSG_TYPE_INT64 || size !== 8) return malformed(`type ${type} of ${size} bytes`);
    const value = view.getInt32(at) * 0x100000000 + view.getUint32(at + 4);
    return Number.isSafeInteger(value) ? value : view.getBigInt64(at);
  }
}

function malformed(what: string): never {
  throw new BlobError(`malformed ${what}`);
}

/** The bytes of a C string, or undefined when the payload does not end in NUL. It is cut at its first NUL, as C sees it. */
export function stringIn(bytes: Uint8Array, from: number, to: number): Uint8Array | undefined {
  if (from >= to || bytes[to - 1] !== 0) return undefined;
  return bytes.subarray(from, bytes.indexOf(0, from));
}
