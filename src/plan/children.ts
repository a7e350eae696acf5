import { holdsLease } from '../model/facts.ts';
import { startableAt } from '../model/respawn.ts';
import type { SeenChild, SeenLink } from '../model/seen.ts';
import type { WantChild } from '../model/want.ts';
import type { Context } from './context.ts';
import { commandOf, type Op } from './op.ts';

type Kill = Extract<Op, { op: 'kill' }>;
type Spawn = Extract<Op, { op: 'spawn' }>;
type Signal = Extract<Op, { op: 'signal' }>;
type SetLink = Extract<Op, { op: 'setLink' }>;
type Parting = Extract<Op, { op: 'endSession' }>;

/** How long a child may take to say good-bye, in ms. */
const PATIENCE = 3000;
/** Starts are spaced: a small machine forks, and small DHCP servers answer, only so many at once. */
const STARTS_AT_ONCE = 10;
const START_SPACING = 250;

export interface ChildOps {
  readonly kills: Kill[];
  readonly signals: Signal[];
  /** Before a client of the same item starts: some servers take no second session. */
  readonly partings: Parting[];
  readonly sizes: SetLink[];
  readonly spawns: Spawn[];
}

/** Children: those that are wanted run once each, with the wanted command line, on the link that is there now. */
export function planChildren(context: Context): ChildOps {
  const { children } = context.world.seen;
  const wanted = new Map(context.want.children.map((want) => [want.key, want]));
  const running = new Set<string>();
  const kills: Kill[] = [];
  for (const child of children) {
    if (!running.has(child.key) && fits(child, wanted.get(child.key), context)) running.add(child.key);
    else {
      context.ending.add(child.ifindex);
      kills.push(...kill(child, context));
    }
  }
  const busy = new Set(children.map((child) => child.key));
  const spawns = [...wanted.values()].filter((want) => !busy.has(want.key)).flatMap((want) => spawn(want, context));
  const started = spaced(context.due(spawns), wanted, context);
  const told = signals(children, running, context);
  return { kills, signals: told, partings: partings(context), sizes: sizes(context), spawns: started };
}

function sizes(context: Context): SetLink[] {
  const ops = context.want.sizes.flatMap(({ owner, ifname: name, mtu }): SetLink[] => {
    const link = context.world.links.byName.get(name);
    return link && link.mtu < mtu ? [{ op: 'setLink', owner, name, ifindex: link.ifindex, change: { mtu } }] : [];
  });
  return context.due(ops);
}

function partings(context: Context): Parting[] {
  const ops = context.want.partings.flatMap(({ owner, ifname, acMac, session }): Parting[] => {
    const link = context.world.links.byName.get(ifname);
    if (!link?.address || !context.isUp(link)) return [];
    return [{ op: 'endSession', owner, name: ifname, ifindex: link.ifindex, mac: link.address, acMac, session }];
  });
  return context.due(ops);
}

function fits(child: SeenChild, want: WantChild | undefined, context: Context): boolean {
  if (!want || child.stoppingSince !== undefined) return false;
  const isSame = want.argv.join('\0') === child.argv.join('\0') && want.secrets === child.secrets;
  return isSame && place(want, context)?.ifindex === child.ifindex;
}

function kill({ key, pid, stoppingSince, killed }: SeenChild, context: Context): Kill[] {
  if (killed) return [];
  if (stoppingSince === undefined) return [{ op: 'kill', owner: key, name: key, pid, signal: 'SIGTERM' }];
  if (context.world.now >= stoppingSince + PATIENCE)
    return [{ op: 'kill', owner: key, name: key, pid, signal: 'SIGKILL' }];
  context.wake(stoppingSince + PATIENCE);
  return [];
}

/** The link that the child belongs on, if it is there to stay and has the right MAC. */
function place({ ifname, address }: WantChild, { world: { links }, leaving }: Context): SeenLink | undefined {
  const link = links.byName.get(ifname);
  return link && link.address === address && !leaving.has(link.ifindex) ? link : undefined;
}

function spawn(want: WantChild, context: Context): Spawn[] {
  const { key, ifname, argv, needs, secrets } = want;
  const link = place(want, context);
  if (!link || !context.isUp(link) || context.fresh.has(ifname)) return [];
  if (needs !== undefined && !context.hasAddress(link.ifindex, needs)) return [];
  const { facts, config, now } = context.world;
  const run = facts.runs.get(key);
  const isSame = (run?.command ?? commandOf(argv)) === commandOf(argv);
  const at = want.startableAt ?? (isSame ? startableAt(run, config.respawn) : 0);
  if (at > now) {
    context.wake(at);
    return [];
  }
  return [{ op: 'spawn', owner: key, name: key, ifindex: link.ifindex, ifname, argv, secrets }];
}

/**
 * Passes follow each other at once while there is something to do, so what was started just now counts too. With one
 * that has its turn start all that belong together.
 */
function spaced(spawns: Spawn[], wanted: ReadonlyMap<string, WantChild>, context: Context): Spawn[] {
  const { facts, now } = context.world;
  const recent = [...facts.runs.values()].filter(({ startedAt }) => startedAt > now - START_SPACING).length;
  const free = Math.max(0, STARTS_AT_ONCE - recent);
  if (spawns.length <= free) return spawns;
  const groupOf = ({ owner }: Spawn) => wanted.get(owner)?.together;
  const first = spawns.slice(0, free);
  const rest = spawns.slice(free).filter((spawn) => {
    const group = groupOf(spawn);
    return group !== undefined && first.some((other) => groupOf(other) === group);
  });
  if (first.length + rest.length < spawns.length) context.wake(now + START_SPACING);
  return [...first, ...rest];
}

function signals(
  children: readonly SeenChild[],
  running: ReadonlySet<string>,
  { world: { facts } }: Context,
): Signal[] {
  return children.flatMap(({ key, pid }) => {
    const [first, next] = facts.wishes.get(key) ?? [];
    const isReleasing = first === 'released';
    if (isReleasing && holdsLease(facts.news.get(key))) return [];
    const signal = isReleasing ? next : first;
    return signal && running.has(key) ? [{ op: 'signal', owner: key, name: key, pid, signal }] : [];
  });
}
