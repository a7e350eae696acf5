/** Numbers that look random and are the same for the same seed (mulberry32, 32 bits of state). */
export class Random {
  constructor(private state: number) {}

  /** 0 ≤ n < limit */
  below(limit: number): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let x = Math.imul(this.state ^ (this.state >>> 15), this.state | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return Math.floor((((x ^ (x >>> 14)) >>> 0) / 2 ** 32) * limit);
  }

  u32 = (): number => this.below(2 ** 32);
  u8 = (): number => this.below(256);
  of = <T>(list: readonly T[]): T => list[this.below(list.length)]!;
  bytes = (length: number): Uint8Array => Uint8Array.from({ length }, this.u8);
  list = <T>(make: () => T): T[] => Array.from({ length: 1 + this.below(4) }, make);

  /** Each property stays with even chance. */
  some<T extends object>(value: T): Partial<T> {
    return Object.fromEntries(Object.entries(value).filter(() => this.below(2) === 1)) as Partial<T>;
  }
}
