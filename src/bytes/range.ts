import { networkOf, parseIpv4 } from './ip.ts';

/** IPv4 addresses as numbers, both ends included. */
export interface Range {
  readonly first: number;
  readonly last: number;
}

/** An address with its prefix length; the range is that of its network. */
export interface Cidr extends Range {
  readonly address: string;
  readonly prefix: number;
}

export function ipv4Number(text: string): number | undefined {
  return parseIpv4(text)?.reduce((sum, byte) => sum * 256 + byte, 0);
}

/** `192.0.2.1/24` */
export function parseCidr(text: string): Cidr | undefined {
  const [address = '', length = '', ...more] = text.split('/');
  if (!parseIpv4(address) || !/^(\d|[12]\d|3[0-2])$/.test(length) || more.length > 0) return undefined;
  const prefix = Number(length);
  const first = ipv4Number(networkOf(address, prefix))!;
  return { address, prefix, first, last: first + 2 ** (32 - prefix) - 1 };
}

/** `192.0.2.10-192.0.2.20`, one address, or all of a network. */
export function parseRange(text: string): Range | undefined {
  const cidr = parseCidr(text);
  if (cidr) return { first: cidr.first, last: cidr.last };
  const [first, last, ...more] = text.split('-').map(ipv4Number);
  if (first === undefined || more.length > 0) return undefined;
  if (!text.includes('-')) return { first, last: first };
  return last !== undefined && first <= last ? { first, last } : undefined;
}
