import { hasOwnTimes, isSlaac } from '../model/seen.ts';
import type { Context } from './context.ts';
import type { Op } from './op.ts';

/** Parts of the plan that many configurations have nothing in. They are only asked where something is wanted or was found. */
export interface Parts {
  readonly neighbours: typeof import('./neighbours.ts');
  readonly lines: typeof import('./lines.ts');
  readonly gateways: typeof import('./gateways.ts');
  readonly slaac: typeof import('./slaac.ts');
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

/** Rules, rulesets, settings and scripts. */
export function planLines(
  context: Context,
  { lines }: Parts,
): Record<'adds' | 'deletes' | 'rulesets' | 'settings' | 'hooks', Op[]> {
  if (!hasLines(context)) return { adds: [], deletes: [], rulesets: [], settings: [], hooks: [] };
  const { planHooks, planRules, planRuleset, planSettings } = lines;
  return {
    ...planRules(context),
    rulesets: planRuleset(context),
    settings: planSettings(context),
    hooks: planHooks(context),
  };
}

function hasLines({ want, world: { seen, facts } }: Context): boolean {
  const wanted = [
    want.routes,
    want.sources,
    want.settings,
    want.replyOnly,
    want.isolated,
    want.dscp,
    [...want.keeping],
  ];
  const found = [seen.rules, Object.keys(seen.rulesets), [...facts.confs], [...facts.settings], [...facts.told]];
  return [...wanted, ...found].some(({ length }) => length > 0);
}
