import { ipv6NetworkOf } from '../bytes/ipv6.ts';
import { isSlaac, type SeenLink, tokenOf } from '../model/seen.ts';
import { isIpv6 } from '../model/want.ts';
import type { Context } from './context.ts';
import type { Op } from './op.ts';

type SetLink = Extract<Op, { op: 'setLink' }>;
type DeleteSlaac = Extract<Op, { op: 'deleteSlaac' }>;

/**
 * Links that make their IPv6 addresses themselves. The kernel asks for an announcement when a link comes up, and when it
 * is given a token (inet6_set_iftoken), for which it must listen to announcements. The token is the lower half that the
 * addresses would have anyway; that somebody set it is how such a link is known later.
 */
export function planSlaac(context: Context): { tokens: SetLink[]; deletes: DeleteSlaac[] } {
  const { world, want } = context;
  const owners = new Map(want.slaac.map(({ ifname, owner }) => [ifname, owner]));
  const here = world.seen.links.filter((link) => !context.leaving.has(link.ifindex));
  const tokens = here.flatMap((link): SetLink[] => {
    const { ifname: name, ifindex, token } = link;
    const owner = owners.get(name);
    // A PPP link takes no token; what it makes goes with its session.
    if (owner === undefined || link.kind === 'ppp' || token === tokenOf(link) || !context.isUp(link)) return [];
    return [{ op: 'setLink', owner, name, ifindex, change: { token: tokenOf(link) } }];
  });
  const deletes = here.filter((link) => !owners.has(link.ifname) && isSlaac(link)).map((link) => forget(link, context));
  return { tokens: context.due(tokens), deletes: context.due(deletes) };
}

function forget({ ifname: name, ifindex }: SeenLink, { world: { seen } }: Context): DeleteSlaac {
  const subnets = seen.addresses
    .filter((address) => address.ifindex === ifindex && isIpv6(address.address) && !address.ours)
    .map(({ address, prefix }) => `${ipv6NetworkOf(address, prefix)}/${prefix}`);
  const gateways = seen.routers.filter((router) => router.ifindex === ifindex).map(({ gateway }) => gateway);
  return { op: 'deleteSlaac', owner: '', name, ifindex, subnets: [...new Set(subnets)], gateways };
}
