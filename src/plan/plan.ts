import type { Want } from '../model/want.ts';
import type { World } from '../model/world.ts';
import { Context } from './context.ts';
import { planFiles } from './files.ts';
import { planLinks } from './links.ts';
import type { Op } from './op.ts';
import {
  type Parts,
  planArp,
  planChildren,
  planGateways,
  planLines,
  planNetifd,
  planProbes,
  planSlaac,
} from './parts.ts';

export interface Plan {
  readonly ops: Op[];
  /** Uptime in ms at which the world has to be looked at again though nothing may have happened. */
  readonly wakeAt: number | undefined;
}

/**
 * The only place that decides the order: all stops, all deletes, all creations, all changes, all starts. Item by item
 * would fail when two lines swap a MAC (EADDRINUSE at up) or one takes the name that another gives up.
 */
export function plan(world: World, want: Want, parts: Parts): Plan {
  const context = new Context(world, want);
  const links = planLinks(context); // first: what leaves takes the rest with it
  const netifd = planNetifd(context, parts); // what it has is not ours to do
  const children = planChildren(context, parts);
  const arp = planArp(context, parts);
  const slaac = planSlaac(context, parts);
  const { addresses, routes, rules, rulesets, settings, hooks } = planLines(context, parts);
  const { sockets, probes } = planProbes(context, parts);
  const ops: Op[] = [
    ...children.kills,
    ...rulesets, // a link must not be heard before its filter is there
    ...slaac.deletes,
    ...addresses.deletes,
    ...netifd.withdraws,
    ...netifd.announces, // before there is a link that it would take down
    ...links.deletes,
    ...links.downs,
    ...links.adds,
    ...links.sets,
    ...arp.times,
    ...settings, // before there is an address that could be answered for wrongly
    ...links.ups,
    ...slaac.tokens,
    ...arp.deletes,
    ...arp.sets,
    ...addresses.adds,
    ...routes.adds,
    ...rules.adds,
    ...rules.deletes,
    ...routes.deletes,
    ...children.signals,
    ...children.partings,
    ...children.sizes,
    ...children.spawns,
    ...sockets,
    ...probes,
    ...planGateways(context, parts),
    ...planFiles(context),
    // A script finds the lease in effect.
    ...(addresses.adds.length + routes.adds.length === 0 ? hooks : []),
  ];
  return { ops, wakeAt: context.wakeAt };
}
