import { once } from '../model/once.ts';
import type { SeenRule } from '../model/seen.ts';
import { isIpv6, MAIN_TABLE, OUR_TABLES, type WantSource } from '../model/want.ts';
import type { Context } from './context.ts';
import { linkOfTable } from './lanes.ts';
import type { Op } from './op.ts';

type RuleOp = Extract<Op, { op: 'addRule' | 'deleteRule' }>;

/**
 * In the order in which the kernel asks them. What bears a line's address: its own subnet, then whatever else the main
 * table knows better than by a default route, then the line's gateway. These stand before mwan3's rules (1000 to 3999),
 * for an address is good on its own line only; the choice among lines stands behind those of pbr and netifd, which may
 * know better.
 */
const PRIORITY = { subnet: 801, local: 802, source: 803, mark: 804, specific: 32761, shared: 32762 } as const;

/** Policy rules. New ones come before old ones go, so that there is always one. */
export function planRules(context: Context): { adds: RuleOp[]; deletes: RuleOp[] } {
  const wanted = new Map(wantedRules(context).map(({ owner, rule }) => [printRule(rule), { owner, rule }]));
  const here = byText(context.world.seen.rules);
  const adds = [...wanted]
    .filter(([key]) => !here.has(key))
    .map(([name, { owner, rule }]): RuleOp => ({ op: 'addRule', owner, name, rule }));
  const deletes = [...here]
    .filter(([key, rule]) => !wanted.has(key) && !isHeld(rule, context))
    .map(([name, rule]): RuleOp => ({ op: 'deleteRule', owner: '', name, rule }));
  return { adds: context.due(adds), deletes };
}

/** Many looks in a row find the same. */
const byText = once((rules: readonly SeenRule[]) => new Map(rules.map((rule) => [printRule(rule), rule])));

/** A child that ends says good-bye by its own line. */
function isHeld({ table, source }: SeenRule, { ending, leaving }: Context): boolean {
  const ifindex = linkOfTable(table);
  return source !== undefined && ifindex !== undefined && ending.has(ifindex) && !leaving.has(ifindex);
}

interface Wanted {
  readonly owner: string;
  readonly rule: SeenRule;
}

function wantedRules(context: Context): Wanted[] {
  const rules = context.want.sources.flatMap((source) => sourceRules(source, context));
  for (const isV6 of [undefined, true] as const) {
    const isOpen = rules.some(({ rule }) => rule.priority === PRIORITY.source && rule.isV6 === isV6);
    if (isOpen) rules.push(main({ isV6, priority: PRIORITY.local, isLocal: true }));
    if (!isShared(isV6 ?? false, context)) continue;
    rules.push(main({ isV6, priority: PRIORITY.specific }));
    rules.push({ owner: '', rule: { isV6, priority: PRIORITY.shared, table: OUR_TABLES } });
  }
  return rules;
}

/** Whether lines have default routes to share. */
function isShared(isV6: boolean, context: Context): boolean {
  return context.want.routes.some(
    (route) => route.table === OUR_TABLES && isIpv6(route.destination) === isV6 && context.isChosen(route),
  );
}

function main(rule: Omit<SeenRule, 'table'>): Wanted {
  return { owner: '', rule: { ...rule, table: MAIN_TABLE, isSpecific: true } };
}

function sourceRules({ owner, ifname, source, isOpen }: WantSource, context: Context): Wanted[] {
  const lane = context.lanes.of(owner, ifname);
  if (!lane) return [];
  const { table, mark } = lane;
  const isV6 = isIpv6(source) || undefined;
  const text = source.includes('/') ? source : `${source}/${isV6 ? 128 : 32}`;
  const rules: SeenRule[] = [{ isV6, priority: PRIORITY.subnet, table, source: text, isSpecific: true }];
  // Hosts behind us have addresses of a prefix, and reach each other.
  if (source.includes('/'))
    rules.push({ isV6, priority: PRIORITY.local, table: MAIN_TABLE, source: text, isSpecific: true });
  if (isOpen) rules.push({ isV6, priority: PRIORITY.source, table, source: text });
  if (isOpen && mark !== 0) rules.push({ isV6, priority: PRIORITY.mark, table, fwmark: mark });
  return rules.map((rule) => ({ owner, rule }));
}

/** One text per rule, as `ip rule` prints it more or less. */
export function printRule({ isV6, priority, table, source, fwmark, isLocal, isSpecific }: SeenRule): string {
  const from = source ?? (isV6 ? 'all IPv6' : 'all');
  const mark = fwmark === undefined ? '' : ` fwmark 0x${fwmark.toString(16)}`;
  const ends = isSpecific ? ' suppress_prefixlength 0' : '';
  return `${priority}: from ${from}${mark}${isLocal ? ' iif lo' : ''} lookup ${table}${ends}`;
}
