import { malformed } from './error.ts';

/** Netlink is spoken in the byte order of the machine; recordings of another machine are read in theirs. */
export type ByteOrder = 'big' | 'little';

/** What this machine speaks. */
export const hostOrder: ByteOrder = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1 ? 'little' : 'big';

// include/uapi/linux/netlink.h: NLMSG_ALIGNTO, NLA_ALIGNTO and RTNH_ALIGNTO are all 4.
export const align = (length: number): number => (length + 3) & ~3;

/** Received bytes. Positions in it are counted from its start, so that an error can name the spot. */
export class Input {
  readonly view: DataView;
  readonly little: boolean;

  constructor(
    readonly bytes: Uint8Array,
    order: ByteOrder = hostOrder,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.little = order === 'little';
  }

  u16(at: number): number {
    // Indexing is twice as fast in QuickJS as DataView.
    const { bytes } = this;
    return this.little ? bytes[at]! | (bytes[at + 1]! << 8) : (bytes[at]! << 8) | bytes[at + 1]!;
  }

  u32(at: number): number {
    return this.view.getUint32(at, this.little);
  }

  s32(at: number): number {
    return this.view.getInt32(at, this.little);
  }

  /** Throws unless `size` bytes lie between `at` and `end`. */
  need(size: number, at: number, end: number, what: string): void {
    if (end - at < size) throw malformed(`${what}: ${size} bytes wanted, ${Math.max(0, end - at)} there`, at);
  }
}

/** Bytes being written; it grows as needed. */
export class Output {
  view = new DataView(new ArrayBuffer(1024));
  length = 0;
  readonly little: boolean;

  constructor(order: ByteOrder = hostOrder) {
    this.little = order === 'little';
  }

  /** Appends `size` zero bytes and answers where they start. */
  take(size: number): number {
    const at = this.length;
    this.length += size;
    if (this.length > this.view.byteLength) this.#grow();
    return at;
  }

  put(bytes: Uint8Array): void {
    const at = this.take(bytes.length);
    new Uint8Array(this.view.buffer).set(bytes, at);
  }

  align(): void {
    this.take(align(this.length) - this.length);
  }

  /** What was written so far, not copied. */
  bytes(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.view.buffer as ArrayBuffer, 0, this.length);
  }

  #grow(): void {
    const bigger = new Uint8Array(Math.max(this.length, 2 * this.view.byteLength));
    bigger.set(new Uint8Array(this.view.buffer));
    this.view = new DataView(bigger.buffer);
  }
}
