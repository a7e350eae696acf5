import { networkOf, printIpv4 } from './ip.ts';
import type { Range } from './range.ts';

/** What is reckoned with ranges of IPv4 addresses; apart from how they are read, which every daemon needs. */

export function printNumber(address: number): string {
  return printIpv4(Uint8Array.of(address >>> 24, address >>> 16, address >>> 8, address));
}

export function printRange({ first, last }: Range): string {
  return first === last ? printNumber(first) : `${printNumber(first)}-${printNumber(last)}`;
}

export function netmaskOf(prefix: number): string {
  return networkOf('255.255.255.255', prefix);
}

export function includes(outer: Range, inner: Range): boolean {
  return outer.first <= inner.first && inner.last <= outer.last;
}

export function overlap(a: Range, b: Range): boolean {
  return a.first <= b.last && b.first <= a.last;
}

/** What is left of a range when these addresses are somebody's. */
export function without({ first, last }: Range, taken: readonly number[]): Range[] {
  const left: Range[] = [];
  let from = first;
  for (const address of [...new Set(taken)].sort((a, b) => a - b)) {
    if (address < from || address > last) continue;
    if (address > from) left.push({ first: from, last: address - 1 });
    from = address + 1;
  }
  return from > last ? left : [...left, { first: from, last }];
}
