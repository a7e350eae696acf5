import { parseIpv4, parseMac, printMac } from '../bytes/ip.ts';
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
  decode: (input, at) => input.bytes[at]!,
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
  decode: (input, at) => input.words[at >> 2]!,
  encode(output, value) {
    const at = output.take(4);
    output.view.setUint32(at, value, output.little);
  },
};

export const s32: Type<number> = { ...u32, decode: (input, at) => input.words[at >> 2]! | 0 };

/** 2^32, written out: QuickJS would ask libm for the power each time. */
const WORD = 0x1_0000_0000;

/** Counters: exact up to 2^53, without the price of a BigInt for each. */
export const u64: Type<number> = {
  size: 8,
  decode(input, at) {
    const first = input.words[at >> 2]!;
    const second = input.words[(at >> 2) + 1]!;
    return input.little ? second * WORD + first : first * WORD + second;
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
  decode: (input, at) => input.bytes[at] !== 0,
  encode: (output, value) => u8.encode(output, value ? 1 : 0),
};

/** Bytes of a header that say nothing, or what an attribute says better. */
export function padding(size: number): Type<undefined> {
  return { size, decode: () => undefined, encode: (output) => void output.take(size) };
}

// Names and MACs of a thousand links are put together from these: QuickJS is quick where few objects are made.
const ASCII = Array.from({ length: 128 }, (_, code) => String.fromCharCode(code));
const HEX = Array.from({ length: 256 }, (_, byte) => (byte + 256).toString(16).slice(1).toUpperCase());

function untilNul(bytes: Uint8Array): Uint8Array {
  const nul = bytes.indexOf(0);
  return nul < 0 ? bytes : bytes.subarray(0, nul);
}

/** A string; written with its NUL, read with or without one (both are in use, iproute2 sends "macvlan" bare). */
export const text: Type<string> = {
  size: 0,
  decode({ bytes }, at, end) {
    let value = '';
    for (let i = at; i < end && bytes[i] !== 0; i++) {
      const character = ASCII[bytes[i]!];
      if (character === undefined) return decodeUtf8(untilNul(bytes.subarray(at, end)));
      value += character;
    }
    return value;
  },
  encode(output, value) {
    bareText.encode(output, value);
    output.take(1);
  },
};

/** A string whose length alone ends it: to the kernel an IFLA_IFALIAS of no bytes takes the alias away, one of a NUL does not. */
export const bareText: Type<string> = {
  ...text,
  encode(output, value) {
    const at = output.take(value.length);
    for (let i = 0; i < value.length; i++) {
      const code = value.charCodeAt(i);
      if (code > 0x7f) {
        output.length = at;
        return output.put(encodeUtf8(value));
      }
      output.room[at + i] = code;
    }
  },
};

// What the character of a code is worth as a hexadecimal digit; NaN, or undefined, for others.
const DIGITS = Array.from({ length: 128 }, (_, code) => Number.parseInt(String.fromCharCode(code), 16));

/** The bytes of a MAC in the form that we print, which nearly every one has. */
function octets(text: string): Uint8Array | undefined {
  if (text.length !== 17) return undefined;
  const bytes = new Uint8Array(6);
  for (let i = 0; i < 6; i++) {
    const byte = DIGITS[text.charCodeAt(3 * i)]! * 16 + DIGITS[text.charCodeAt(3 * i + 1)]!;
    if (Number.isNaN(byte) || (i > 0 && text.charCodeAt(3 * i - 1) !== 0x3a)) return undefined;
    bytes[i] = byte;
  }
  return bytes;
}

/** `AA:BB:CC:DD:EE:FF`; other lengths (tunnels, InfiniBand) can be read, not written. */
export const mac: Type<string> = {
  size: 0,
  decode({ bytes: b }, at, end) {
    if (end - at !== 6) return printMac(b.subarray(at, end));
    const half = `${HEX[b[at]!]}:${HEX[b[at + 1]!]}:${HEX[b[at + 2]!]}`;
    return `${half}:${HEX[b[at + 3]!]}:${HEX[b[at + 4]!]}:${HEX[b[at + 5]!]}`;
  },
  encode(output, value) {
    const bytes = octets(value) ?? parseMac(value);
    if (!bytes) throw unwritable(`not a MAC address: ${value}`);
    output.put(bytes);
  },
};

/** An IPv4 or IPv6 address as text; which of them, its length says. */
export const ip: Type<string> = {
  size: 4,
  decode({ bytes: b }, at, end) {
    if (end - at === 4) return `${b[at]}.${b[at + 1]}.${b[at + 2]}.${b[at + 3]}`;
    if (end - at === 16) return printIpv6(b.subarray(at, end));
    throw malformed(`an IP address of ${end - at} bytes`, at);
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
  const names: Record<number, W> = {};
  for (const name in values) names[values[name]] = name;
  return {
    size: base.size,
    decode(input, at, end) {
      const value = base.decode(input, at, end);
      return names[value] ?? `${value}`;
    },
    encode: (output, value) => base.encode(output, (values as Record<string, number>)[value] ?? Number(value)),
  };
}
