import type { Context } from './context.ts';
import type { Op } from './op.ts';

type AddAddress = Extract<Op, { op: 'addAddress' }>;
type DeleteAddress = Extract<Op, { op: 'deleteAddress' }>;

/**
 * IPv4 addresses. Deletes come before adds: with `promote_secondaries` off, deleting an address takes along those of
 * the same subnet that were added after it (net/ipv4/devinet.c).
 */
export function planAddresses(context: Context): { deletes: DeleteAddress[]; adds: AddAddress[] } {
  const here = new Set(context.world.seen.addresses.map((address) => key(address.ifindex, address)));
  const wanted = new Set<string>();
  const adds: AddAddress[] = [];
  for (const want of context.want.addresses) {
    const link = context.world.links.byName.get(want.ifname);
    if (!link || context.leaving.has(link.ifindex)) continue;
    if (wanted.has(key(link.ifindex, want))) continue;
    wanted.add(key(link.ifindex, want));
    const { owner, address, prefix, broadcast } = want;
    const name = `${address}/${prefix} dev ${want.ifname}`;
    if (!here.has(key(link.ifindex, want)))
      adds.push({ op: 'addAddress', owner, name, ifindex: link.ifindex, address, prefix, broadcast });
  }
  const deletes = context.world.seen.addresses
    .filter((seen) => seen.ours && !wanted.has(key(seen.ifindex, seen)) && !isHeld(seen.ifindex, context))
    .map(({ ifindex, address, prefix }): DeleteAddress => {
      const ifname = context.world.links.byIndex.get(ifindex)?.ifname ?? String(ifindex);
      return {
        op: 'deleteAddress',
        owner: ifname,
        name: `${address}/${prefix} dev ${ifname}`,
        ifindex,
        address,
        prefix,
      };
    });
  return { deletes, adds: context.due(adds) };
}

/** What goes with its link, or is still needed by a child that ends. */
function isHeld(ifindex: number, { leaving, ending }: Context): boolean {
  return leaving.has(ifindex) || ending.has(ifindex);
}

function key(ifindex: number, { address, prefix }: { address: string; prefix: number }): string {
  return `${ifindex} ${address}/${prefix}`;
}
