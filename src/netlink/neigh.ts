import { body, struct, table, type ValueOf } from './attrs.ts';
import * as c from './constants.ts';
import { question, type Request } from './request.ts';
import { ip, mac, padding, s32, u8, u16, u32 } from './scalars.ts';

/** struct ndmsg. `state` is NUD_*, `flags` NTF_*, `type` RTN_*. */
const ndmsg = struct({ family: u8, _pad: padding(3), index: s32, state: u16, flags: u8, type: u8 });

export const neighbour = body(
  ndmsg,
  table({
    dst: [c.NDA_DST, ip, ''],
    lladdr: [c.NDA_LLADDR, mac],
    protocol: [c.NDA_PROTOCOL, u8, 0],
  }),
);

/** What a dump is narrowed to: by NDA_IFINDEX, where an index in the struct would be refused. */
export const neighbourFilter = body(ndmsg, table({ ifindex: [c.NDA_IFINDEX, u32] }));

/**
 * Who has the address `dst` on the link `index`: somebody at `lladdr`, which is missing while nobody has answered yet. With
 * NTF_PROXY in `flags` we answer for it ourselves. `protocol` says who made it; what the kernel has learned is 0.
 */
export type Neighbour = ValueOf<typeof neighbour>;
type NeighbourChange = Partial<Neighbour> & { index: number; dst: string };

/**
 * Makes an entry or changes what there is. Without a `state` it is NUD_PERMANENT: it outlasts a lost carrier then, a proxy
 * entry too, but not IFF_UP, IFF_NOARP or the MAC being changed.
 */
export function setNeighbour(change: NeighbourChange): Request {
  return request(c.RTM_NEWNEIGH, c.NLM_F_CREATE | c.NLM_F_REPLACE, 'set', { state: c.NUD_PERMANENT, ...change });
}

/** A proxy entry needs its NTF_PROXY in `flags`. ENOENT when there is none. */
export function deleteNeighbour({ index, dst, flags }: NeighbourChange): Request {
  return request(c.RTM_DELNEIGH, 0, 'delete', { index, dst, flags });
}

/** The question for a dump: of those that we answer for ourselves if `proxy`, else of the others. The kernel never tells both at once. */
export function getNeighbours({ family, index, proxy }: NeighbourFilter): Request {
  const body = { family, flags: proxy ? c.NTF_PROXY : 0, ifindex: index };
  return question('list neighbours', c.RTM_GETNEIGH, neighbourFilter, body);
}

export interface NeighbourFilter {
  family?: number;
  index?: number;
  proxy?: boolean;
}

function request(type: number, flags: number, verb: string, change: NeighbourChange): Request {
  const family = change.dst.includes(':') ? c.AF_INET6 : c.AF_INET;
  const what = (change.flags ?? 0) & c.NTF_PROXY ? 'proxy neighbour' : 'neighbour';
  const attempted = `${verb} ${what} ${change.dst} on ${change.index}`;
  return { attempted, type, flags, shape: neighbour, body: { family, ...change } };
}
