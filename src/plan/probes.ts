import type { WantProbe } from '../model/want.ts';
import type { Context } from './context.ts';
import type { Op } from './op.ts';

type Socket = Extract<Op, { op: 'listen' | 'ignore' }>;
type Probe = Extract<Op, { op: 'probe' }>;

/** Loop protect: one socket on each parent that has a macvlan to protect, and a frame of each macvlan every so often. */
export function planProbes(context: Context): { sockets: Socket[]; probes: Probe[] } {
  const { listening } = context.world.seen;
  const parents = new Map(context.want.probes.map(({ parent, owner }) => [parent, owner]));
  const ignored = listening.filter((ifindex) => !parents.has(ifindex));
  const missing = [...parents].filter(([ifindex]) => !listening.includes(ifindex));
  const socket = (op: Socket['op'], ifindex: number, owner: string): Socket => {
    const name = context.world.links.byIndex.get(ifindex)?.ifname ?? String(ifindex);
    return { op, owner, name, ifindex };
  };
  const sockets = [
    ...ignored.map((ifindex) => socket('ignore', ifindex, '')),
    ...context.due(missing.map(([ifindex, owner]) => socket('listen', ifindex, owner))),
  ];
  return { sockets, probes: context.due(context.want.probes.flatMap((want) => probe(want, context))) };
}

/** Due when the interval is over; a line that begins is due at once. */
function probe({ owner, ifname, parent: ifindex, address, interval }: WantProbe, context: Context): Probe[] {
  const { facts, now, seen } = context.world;
  if (!seen.listening.includes(ifindex)) return [];
  const last = facts.probes.get(owner);
  const at = last === undefined ? now : last + interval * 1000;
  if (at <= now) return [{ op: 'probe', owner, name: ifname, ifindex, address }];
  context.wake(at);
  return [];
}
