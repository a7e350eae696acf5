import type { Context } from './context.ts';
import { chain, quoted, set } from './nft.ts';

/**
 * Requests of pairs that are not known are dropped, so nobody is learned from them; so are replies, and our own requests
 * never leave. Names of our links are plain (ifnameFault).
 */
export function replyOnlyBody({ want: { replyOnly, neighbours } }: Context): string {
  if (replyOnly.length === 0) return '';
  const names = [...replyOnly].sort().map(quoted);
  const pairs = neighbours
    .filter(({ ifname, mac }) => mac !== undefined && replyOnly.includes(ifname))
    .map(({ ifname, address, mac }) => `${quoted(ifname)} . ${address} . ${mac!.toLowerCase()}`);
  return [
    set('links', 'ifname', names),
    set('pairs', 'ifname . ipv4_addr . ether_addr', pairs.sort()),
    chain('input', 'filter hook input priority 0', [
      'iifname @links arp operation reply drop',
      'iifname @links arp operation request iifname . arp saddr ip . arp saddr ether != @pairs drop',
    ]),
    chain('output', 'filter hook output priority 0', ['oifname @links arp operation request drop']),
  ].join('');
}
