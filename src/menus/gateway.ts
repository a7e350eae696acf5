import type { Item } from '../model/config.ts';
import { type Facts, isGone } from '../model/facts.ts';
import type { CheckGateway } from '../model/types.ts';
import { rulesetKey, type Want } from '../model/want.ts';
import type { World } from '../model/world.ts';
import { DEFAULT_ROUTE, type Line, NOT_INSTALLED } from './line.ts';

/** The line with what is known of its gateway, which is asked from now on. */
export function checkedLine(line: Line, how: CheckGateway, { facts }: World, want: Want): Line {
  const { owner, ifname, address: source, distance, tables = [] } = line;
  const gateway = gatewayOf(line);
  const isUsed = distance !== NOT_INSTALLED || tables.length > 0;
  if (how === 'none' || gateway === undefined || !isUsed) return line;
  want.gateways.push({ owner, ifname, address: gateway, source, how });
  if (gatewayStatus(owner, gateway, facts) !== 'unreachable') return line;
  want.warnings.push(`${ifname}: ${absence(gateway)}`);
  return { ...line, gone: gateway };
}

/** The next hop of its default route. */
export function gatewayOf({ routes }: Pick<Line, 'routes'>): string | undefined {
  return routes.find(({ destination }) => destination === DEFAULT_ROUTE)?.gateway;
}

/** For `state`; undefined where the gateway is not asked. */
export function gatewayStatus(
  owner: string,
  gateway: string | undefined,
  { gateways }: Facts,
): 'reachable' | 'unreachable' | undefined {
  const known = gateways.get(owner);
  if (known === undefined || known.address !== gateway) return undefined;
  return isGone(known) ? 'unreachable' : 'reachable';
}

/** For `about`, of a line that leads out: what is not as it should be though it works. */
export function remark(
  { id, values }: Item,
  gateway: string | undefined,
  { facts, seen }: Pick<World, 'facts' | 'seen'>,
): string | undefined {
  if (gateway === undefined) return undefined;
  if (gatewayStatus(id, gateway, facts) === 'unreachable') return absence(gateway);
  const failure = facts.failures.get(rulesetKey('inet'));
  if (!values.source_routing || !failure || seen.rulesets.inet !== undefined) return undefined;
  return `to keep connections of hosts behind on it needs nftables: ${failure.error}; until then only what bears its address stays on it`;
}

function absence(gateway: string): string {
  return `gateway ${gateway} does not answer; its default route is not used`;
}
