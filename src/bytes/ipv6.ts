import { parseIpv4, parseMac, printIpv4 } from './ip.ts';

/** Sixteen bytes of an IPv6 address (RFC 4291 §2.2, all three forms, no zone); undefined for text that is none. */
export function parseIpv6(text: string): Uint8Array | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const head = groups(halves[0]!, halves.length === 1);
  const tail = halves.length === 2 ? groups(halves[1]!, true) : [];
  if (!head || !tail) return undefined;
  const missing = 16 - head.length - tail.length;
  // `::` stands for one group at least.
  if (halves.length === 2 ? missing < 2 : missing !== 0) return undefined;
  return Uint8Array.from([...head, ...new Array<number>(missing).fill(0), ...tail]);
}

/** As RFC 5952 wants it: lower case, the longest run of zero groups as `::`, IPv4-mapped ones with dots. */
export function printIpv6(bytes: Uint8Array): string {
  if (isMapped(bytes)) return `::ffff:${printIpv4(bytes.subarray(12))}`;
  const words = Array.from({ length: 8 }, (_, i) => (bytes[2 * i]! << 8) | bytes[2 * i + 1]!);
  const run = longestZeroRun(words);
  const print = (part: number[]) => part.map((word) => word.toString(16)).join(':');
  if (run.length < 2) return print(words);
  return `${print(words.slice(0, run.start))}::${print(words.slice(run.start + run.length))}`;
}

/** The network that an address with this prefix lies in, `2001:db8::1`, 64 → `2001:db8::`. */
export function ipv6NetworkOf(address: string, prefix: number): string {
  const bytes = parseIpv6(address) ?? new Uint8Array(16);
  return printIpv6(bytes.map((byte, i) => byte & (0xff << Math.max(0, Math.min(8, 8 * (i + 1) - prefix)))));
}

/** The lower half of the addresses that a link with this MAC gives itself (RFC 4291 appendix A), as an address. */
export function eui64Of(mac: string): string {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = parseMac(mac) ?? [];
  return printIpv6(Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, a ^ 2, b, c, 0xff, 0xfe, d, e, f));
}

/** The bytes of `a:b:c`, with a dotted IPv4 address at the end where that may be. */
function groups(text: string, atEnd: boolean): number[] | undefined {
  if (text === '') return [];
  const bytes: number[] = [];
  const parts = text.split(':');
  for (const [i, part] of parts.entries()) {
    const ipv4 = atEnd && i === parts.length - 1 ? parseIpv4(part) : undefined;
    if (ipv4) bytes.push(...ipv4);
    else if (/^[0-9a-f]{1,4}$/i.test(part))
      bytes.push(Number.parseInt(part, 16) >> 8, Number.parseInt(part, 16) & 0xff);
    else return undefined;
  }
  return bytes;
}

function longestZeroRun(words: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  for (let start = 0; start < words.length; start++) {
    let length = 0;
    while (words[start + length] === 0) length++;
    if (length > best.length) best = { start, length };
  }
  return best;
}

function isMapped(bytes: Uint8Array): boolean {
  return bytes.subarray(0, 10).every((byte) => byte === 0) && bytes[10] === 0xff && bytes[11] === 0xff;
}
