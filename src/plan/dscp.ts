import type { Context } from './context.ts';
import { chain, isPlain, quoted } from './nft.ts';

/**
 * Marks on DHCP requests, for a table of family netdev: udhcpc sends from a packet socket, which only the egress hook of
 * a link (since Linux 5.16) sees. An older kernel forgets a chain with its link, so that it bears the link's number: a
 * link made anew is another text.
 */
export function dscpBody({ want, world: { links } }: Context): string {
  return [...want.dscp]
    .sort((a, b) => (a.ifname < b.ifname ? -1 : 1))
    .flatMap(({ ifname, dscp }) => {
      const link = links.byName.get(ifname);
      if (!link || !isPlain(ifname)) return [];
      const hook = `filter hook egress device ${quoted(ifname)} priority 0`;
      return [chain(`dscp_${link.ifindex}`, hook, [`udp sport 68 udp dport 67 ip dscp set ${dscp}`])];
    })
    .join('');
}
