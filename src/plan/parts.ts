import { hasOwnTimes, isSlaac } from '../model/seen.ts';
import type { Context } from './context.ts';
import type { Op } from './op.ts';

/** Parts of the plan that many configurations have nothing in. They are only asked where something is wanted or was found. */
export interface Parts {
  readonly children: typeof import('./children.ts');
  readonly neighbours: typeof import('./neighbours.ts');
  readonly lines: typeof import('./lines.ts');
  readonly gateways: typeof import('./gateways.ts');
  readonly slaac: typeof import('./slaac.ts');
  readonly probes: typeof import('./probes.ts');
  readonly netifd: typeof import('./netifd.ts');
}

/** Clients and servers that run for an item. */
export function planChildren(context: Context, { children }: Parts): ReturnType<Parts['children']['planChildren']> {
  const { want, world } = context;
  if (want.children.length + world.seen.children.length === 0)
    return { kills: [], signals: [], partings: [], sizes: [], spawns: [] };
  return children.planChildren(context);
}

/** Static ARP entries and the times of ARP. */
export function planArp(context: Context, { neighbours }: Parts): Record<'deletes' | 'sets' | 'times', Op[]> {
  const { want, world } = context;
  const count = want.neighbours.length + want.arpTimes.length + world.seen.neighbours.length;
  if (count === 0 && !hasOwnTimes(world.seen)) return { deletes: [], sets: [], times: [] };
  return { ...neighbours.planNeighbours(context), times: neighbours.planArpTimes(context) };
}

/** Whom check-gateway asks. */
export function planGateways(context: Context, { gateways }: Parts): Op[] {
  const { want, world } = context;
  return want.gateways.length + world.seen.asking.length === 0 ? [] : gateways.planGateways(context);
}

/** Links that make their IPv6 addresses themselves. */
export function planSlaac(context: Context, { slaac }: Parts): Record<'tokens' | 'deletes', Op[]> {
  const { want, world } = context;
  if (want.slaac.length === 0 && !world.seen.links.some(isSlaac)) return { tokens: [], deletes: [] };
  return slaac.planSlaac(context);
}

/** What OpenWrt's netifd is told. */
export function planNetifd(context: Context, { netifd }: Parts): ReturnType<Parts['netifd']['planNetifd']> {
  return context.world.facts.netifd ? netifd.planNetifd(context) : { withdraws: [], announces: [] };
}

/** Loop protect. */
export function planProbes(context: Context, { probes }: Parts): Record<'sockets' | 'probes', Op[]> {
  const { want, world } = context;
  if (want.probes.length + world.seen.listening.length === 0) return { sockets: [], probes: [] };
  return probes.planProbes(context);
}

/** Addresses, routes, rules, rulesets, settings and scripts. */
export function planLines(context: Context, { lines }: Parts): Lines {
  return hasLines(context) ? lines.planLines(context) : NO_LINES;
}

type Lines = ReturnType<Parts['lines']['planLines']>;
const NONE = { adds: [], deletes: [] };
const NO_LINES: Lines = { addresses: NONE, routes: NONE, rules: NONE, rulesets: [], settings: [], hooks: [] };

function hasLines({ want, world: { seen, facts } }: Context): boolean {
  const { addresses, routes, sources, settings, replyOnly, isolated, dscp, keeping, hooks } = want;
  const wanted = [addresses, routes, sources, settings, replyOnly, isolated, dscp, [...keeping], hooks];
  const kept = [[...facts.confs], [...facts.settings], [...facts.told]];
  const found = [seen.routes, seen.rules, Object.keys(seen.rulesets), ...kept];
  return seen.addresses.some(({ ours }) => ours) || [...wanted, ...found].some(({ length }) => length > 0);
}
