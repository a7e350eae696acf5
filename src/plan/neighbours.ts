import type { SeenArpTimes } from '../model/seen.ts';
import type { WantNeighbour } from '../model/want.ts';
import type { Context } from './context.ts';
import type { Op } from './op.ts';

type SetNeighbour = Extract<Op, { op: 'setNeighbour' }>;
type DeleteNeighbour = Extract<Op, { op: 'deleteNeighbour' }>;
type SetArpTimes = Extract<Op, { op: 'setArpTimes' }>;

/** Static ARP entries. The kernel drops them when the link goes down, or changes its MAC or whether it has ARP (neigh_flush_dev). */
export function planNeighbours(context: Context): { deletes: DeleteNeighbour[]; sets: SetNeighbour[] } {
  const { seen, links } = context.world;
  const here = new Map(seen.neighbours.map((neighbour) => [keyOf(neighbour.ifindex, neighbour), neighbour]));
  const wanted = new Set<string>();
  const sets: SetNeighbour[] = [];
  for (const want of context.want.neighbours) {
    const link = links.byName.get(want.ifname);
    if (!link || context.leaving.has(link.ifindex)) continue;
    const key = keyOf(link.ifindex, want);
    wanted.add(key);
    const { owner, address, mac } = want;
    const name = `${address} dev ${want.ifname}`;
    if (here.get(key)?.mac !== mac || !here.has(key))
      sets.push({ op: 'setNeighbour', owner, name, ifindex: link.ifindex, address, mac });
  }
  const deletes = [...here]
    .filter(([key, { ifindex }]) => !wanted.has(key) && !context.leaving.has(ifindex))
    .map(([, { ifindex, address, mac }]): DeleteNeighbour => {
      const name = `${address} dev ${links.byIndex.get(ifindex)?.ifname ?? ifindex}`;
      return { op: 'deleteNeighbour', owner: '', name, ifindex, address, isProxy: mac === undefined };
    });
  return { deletes, sets: context.due(sets) };
}

function keyOf(ifindex: number, { address, mac }: Pick<WantNeighbour, 'address' | 'mac'>): string {
  return `${ifindex} ${address} ${mac === undefined ? 'published' : ''}`;
}

/** How long what ARP learned is believed, and how long a proxy hesitates; on links of ours that want neither, the system's. */
export function planArpTimes(context: Context): SetArpTimes[] {
  const { seen, links } = context.world;
  const system = seen.arpTimes.find(({ ifindex }) => ifindex === 0);
  if (!system) return [];
  const wants = new Map(context.want.arpTimes.map((want) => [want.ifname, want]));
  const times = new Map(seen.arpTimes.map((times) => [times.ifindex, times]));
  const ops = context.want.links.flatMap(({ owner, ifname }): SetArpTimes[] => {
    const ifindex = links.byName.get(ifname)?.ifindex ?? 0;
    const now = times.get(ifindex);
    const { reachable = system.reachable, proxyDelay = system.proxyDelay } = wants.get(ifname) ?? {};
    if (ifindex === 0 || !now || context.leaving.has(ifindex) || isSame(now, reachable, proxyDelay)) return [];
    return [{ op: 'setArpTimes', owner, name: ifname, ifindex, reachable, proxyDelay }];
  });
  return context.due(ops);
}

function isSame(now: SeenArpTimes, reachable: number, proxyDelay: number): boolean {
  return now.reachable === reachable && now.proxyDelay === proxyDelay;
}
