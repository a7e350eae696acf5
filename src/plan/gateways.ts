import type { WantGateway } from '../model/want.ts';
import type { Context } from './context.ts';
import type { Op } from './op.ts';

type Ask = Extract<Op, { op: 'askGateway' }>;
type Forget = Extract<Op, { op: 'forgetGateway' }>;

/** RouterOS asks every ten seconds. */
const INTERVAL = 10_000;
/** Who is due within so many ms is asked along with who is due now: one wake-up instead of two. */
const EARLY = 2000;
/** So many leave at once, or an eighth of them; the next do so many ms later. */
const [CROWD, SPACING] = [8, 100];

/** check-gateway: each gateway is asked every so often, as long as its line could carry something. */
export function planGateways(context: Context): (Ask | Forget)[] {
  const { seen, facts, now } = context.world;
  const askable = context.want.gateways.flatMap((want) => ask(want, context));
  const owners = new Set(askable.map(({ owner }) => owner));
  const forgets = seen.asking
    .filter((owner) => !owners.has(owner))
    .map((owner): Forget => ({ op: 'forgetGateway', owner, name: owner }));
  const due = new Map(context.due(askable).map((op) => [op, dueAt(op, context)]));
  const waiting = [...due.keys()].sort((a, b) => due.get(a)! - due.get(b)!);
  if (waiting.length === 0) return forgets;
  const last = Math.max(...[...facts.gateways.values()].map(({ askedAt }) => askedAt), now - SPACING);
  const at = Math.max(due.get(waiting[0]!)!, last + SPACING);
  if (at > now) {
    context.wake(at);
    return forgets;
  }
  const crowd = Math.max(CROWD, Math.ceil(waiting.length / 8));
  return [...forgets, ...waiting.slice(0, crowd).filter((op) => due.get(op)! <= now + EARLY)];
}

/** Not while the link is down: that there is no answer then says nothing about the gateway. */
function ask({ owner, ifname, address, source, how }: WantGateway, context: Context): Ask[] {
  const link = context.world.links.byName.get(ifname);
  if (!link?.address || !link.running || !context.isUp(link) || !context.hasAddress(link.ifindex, source)) return [];
  const { ifindex, address: mac } = link;
  return [{ op: 'askGateway', owner, name: `${address} on ${ifname}`, ifindex, ifname, mac, address, source, how }];
}

/** A line that begins, or has another gateway now, is due at once. */
function dueAt({ owner, address }: Ask, { world: { facts } }: Context): number {
  const gateway = facts.gateways.get(owner);
  return gateway?.address === address ? gateway.askedAt + INTERVAL : 0;
}
