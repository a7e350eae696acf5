import type { Item } from '../../model/config.ts';
import { resolveInterface } from '../../model/names.ts';
import type { AnyValues } from '../../model/properties.ts';
import { startableAt, whyEnded } from '../../model/respawn.ts';
import type { SeenLink } from '../../model/seen.ts';
import { interfaceLink, type World } from '../../model/world.ts';
import { duidOf } from './client.ts';
import { DEFAULT_ROUTE, type Lease } from './lease.ts';
import { announced, cidr } from './line.ts';
import type { Dhcpv6Client } from './properties.ts';
import { faultOf, identityOf, isMissing, leaseOf, targetOf } from './want.ts';

export function state(item: Item, world: World): AnyValues {
  const link = interfaceLink(String(item.values.interface), world);
  const mac = link && identityOf(item, link, world);
  const isActive = link && !item.values.disabled;
  const lease = isActive ? leaseOf(item, link, world) : undefined;
  const [status, about] = verdict(item, link, lease, world);
  return {
    status,
    about,
    ...(lease && leaseState(lease, world.now)),
    ...(isActive && isMissing(item, world) && slaacState(link, world)),
    duid: mac && duidOf(mac),
    actual_interface: targetOf(item, world.config),
    invalid: item.problems.length > 0,
  };
}

function leaseState({ addresses, prefixes, routes, server, nameServers }: Lease, now: number): AnyValues {
  const valid = (addresses[0] ?? prefixes[0])!.valid;
  return {
    address: addresses[0] && cidr(addresses[0]),
    prefix: prefixes[0] && cidr(prefixes[0]),
    gateway: routes.find(({ destination }) => destination === DEFAULT_ROUTE)?.gateway,
    dhcp_server: server,
    primary_dns: nameServers[0],
    secondary_dns: nameServers[1],
    expires_after: secondsUntil(valid, now),
  };
}

function slaacState(link: SeenLink, world: World): AnyValues {
  const { addresses, gateway } = announced(link, world);
  const [first] = addresses;
  return { address: first && cidr(first), gateway, expires_after: secondsUntil(first?.valid, world.now) };
}

/** For ever is no time. */
function secondsUntil(until: number | undefined, now: number): number | undefined {
  return until === undefined || until === Number.POSITIVE_INFINITY
    ? undefined
    : Math.max(0, Math.round((until - now) / 1000));
}

type Verdict = [status: string, about?: string | undefined];

function verdict(item: Item, link: SeenLink | undefined, lease: Lease | undefined, world: World): Verdict {
  const { disabled, interface: name } = item.values as Dhcpv6Client;
  if (item.problems.length > 0) return ['error', item.problems[0]!.error];
  if (disabled) return ['stopped'];
  const { item: macvlan } = resolveInterface(world.config, name);
  if (macvlan?.values.disabled) return ['stopped', `interface ${name} is disabled`];
  if (!link) return ['stopped', `interface ${name} does not exist; it is waited for`];
  const fault = faultOf(link);
  if (fault) return ['error', `interface ${name} cannot have a dhcp-client: ${fault}`];
  const failure = [...world.facts.failures.values()].find(
    (one) => one.owner === item.id && !one.isMissing && one.retryAt > world.now,
  );
  if (failure) return ['error', failure.error];
  if (isMissing(item, world)) return slaacVerdict(link, world);
  if (lease) return leaseVerdict(lease, world.now);
  return searching(item, link, world);
}

const MISSING = 'odhcp6c is not installed: addresses by SLAAC only';

function slaacVerdict(link: SeenLink, world: World): Verdict {
  if (announced(link, world).addresses.length > 0) return ['bound', MISSING];
  return ['searching', link.carrier ? `${MISSING}, and no router has announced itself yet` : noCarrier(link.ifname)];
}

function noCarrier(name: string): string {
  return `interface ${name} has no carrier`;
}

/** What routers announce is renewed whenever they like. */
function leaseVerdict({ addresses, prefixes }: Lease, now: number): Verdict {
  const { renewAt, rebindAt } = [...addresses, ...prefixes].sort((a, b) => a.renewAt - b.renewAt)[0]!;
  return [now < renewAt ? 'bound' : now < rebindAt ? 'renewing' : 'rebinding'];
}

function searching(item: Item, link: SeenLink, world: World): Verdict {
  if (world.children.has(item.id)) {
    if (!link.carrier) return ['searching', noCarrier(String(item.values.interface))];
    return ['searching', world.facts.news.has(item.id) ? 'no router and no server has answered yet' : undefined];
  }
  const run = world.facts.runs.get(item.id);
  const why = whyEnded('odhcp6c', 'the client', run, startableAt(run, world.config.respawn), world.now);
  return why === undefined ? ['searching', 'the client is being started'] : ['error', why];
}
