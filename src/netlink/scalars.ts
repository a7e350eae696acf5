import { parseIpv4, parseMac, printIpv4, printMac } from '../bytes/ip.ts';
import { parseIpv6, printIpv6 } from '../bytes/ipv6.ts';
import { decodeUtf8, encodeUtf8 } from '../bytes/utf8.ts';
import { malformed, unwritable } from './error.ts';
import type { Input, Output } from './wire.ts';

/** How one kind of value is read from the payload between `at` and `end`. */
export interface Decoder<T> {
  /** The least number of bytes there; whoever calls `decode` has checked it. */
  readonly size: number;
  decode(input: Input, at: number, end: number): T;
}

/** How one kind of value lies in a payload; `encode` appends it. */
export interface Type<T> extends Decoder<T> {
  /** Each occurrence of the attribute is one element of the array that `T` is. */
  readonly repeated?: boolean;
  encode(output: Output, value: T): void;
}

export const u8: Type<number> = {
  size: 1,
  decode: (input, at) => input.view.getUint8(at),
  encode(output, value) {
    const at = output.take(1);
    output.view.setUint8(at, value);
  },
};

export const u16: Type<number> = {
  size: 2,
  decode: (input, at) => input.u16(at),
  encode(output, value) {
    const at = output.take(2);
    output.view.setUint16(at, value, output.little);
  },
};

export const u32: Type<number> = {
  size: 4,
  decode: (input, at) => input.u32(at),
  encode(output, value) {
    const at = output.take(4);
    output.view.setUint32(at, value, output.little);
  },
};

export const s32: Type<number> = { ...u32, decode: (input, at) => input.s32(at) };

/** 2^32, written out: QuickJS would ask libm for the power each time. */
const WORD = 0x1_0000_0000;

/** Counters: exact up to 2^53, without the price of a BigInt for each. */
export const u64: Type<number> = {
  size: 8,
  decode(input, at) {
    const [high, low] = input.little ? [4, 0] : [0, 4];
    return input.u32(at + high) * WORD + input.u32(at + low);
  },
  encode(output, value) {
    const at = output.take(8);
    const [high, low] = output.little ? [4, 0] : [0, 4];
    output.view.setUint32(at + high, Math.floor(value / WORD), output.little);
    output.view.setUint32(at + low, value % WORD, output.little);
  },
};

export const bool: Type<boolean> = {
  size: 1,
  decode: (input, at) => input.view.getUint8(at) !== 0,
  encode: (output, value) => u8.encode(output, value ? 1 : 0),
};

/** Bytes of a header that say nothing, or what an attribute says better. */
export function padding(size: number): Type<undefined> {
  return { size, decode: () => undefined, encode: (output) => void output.take(size) };
}

/** A string; written with its NUL, read with or without one (both are in use, iproute2 sends "macvlan" bare). */
export const text: Type<string> = {
  size: 0,
  decode(input, at, end) {
    const nul = input.bytes.indexOf(0, at);
    return decodeUtf8(input.bytes.subarray(at, nul < 0 || nul > end ? end : nul));
  },
  encode(output, value) {
    output.put(encodeUtf8(value));
    output.take(1);
  },
};

/** A string whose length alone ends it: to the kernel an IFLA_IFALIAS of no bytes takes the alias away, one of a NUL does not. */
export const bareText: Type<string> = { ...text, encode: (output, value) => output.put(encodeUtf8(value)) };

/** `AA:BB:CC:DD:EE:FF`; other lengths (tunnels, InfiniBand) can be read, not written. */
export const mac: Type<string> = {
  size: 0,
  decode: (input, at, end) => printMac(input.bytes.subarray(at, end)),
  encode(output, value) {
    const bytes = parseMac(value);
    if (!bytes) throw unwritable(`not a MAC address: ${value}`);
    output.put(bytes);
  },
};

/** An IPv4 or IPv6 address as text; which of them, its length says. */
export const ip: Type<string> = {
  size: 4,
  decode(input, at, end) {
    const bytes = input.bytes.subarray(at, end);
    if (bytes.length === 4) return printIpv4(bytes);
    if (bytes.length === 16) return printIpv6(bytes);
    throw malformed(`an IP address of ${bytes.length} bytes`, at);
  },
  encode(output, value) {
    const bytes = parseIpv4(value) ?? parseIpv6(value);
    if (!bytes) throw unwritable(`not an IP address: ${value}`);
    output.put(bytes);
  },
};

/** A number that has names. One that has none (a newer kernel's) is its decimal digits, in both directions. */
export function words<W extends string>(
  base: Type<number>,
  values: Readonly<Record<W, number>>,
): Type<W | `${number}`> {
  const names = new Map<number, W | `${number}`>();
  for (const name in values) names.set(values[name], name);
  return {
    size: base.size,
    decode(input, at, end) {
      const value = base.decode(input, at, end);
      return names.get(value) ?? `${value}`;
    },
    encode: (output, value) => base.encode(output, (values as Record<string, number>)[value] ?? Number(value)),
  };
}
