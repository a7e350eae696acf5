import { parseIpv4, printIpv4 } from './ip.ts';

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
