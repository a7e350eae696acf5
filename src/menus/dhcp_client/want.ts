import type { Config, Item } from '../../model/config.ts';
import { failureOf } from '../../model/facts.ts';
import { resolveInterface } from '../../model/names.ts';
import type { AnyValues } from '../../model/properties.ts';
import { startableAt, whyEnded } from '../../model/respawn.ts';
import { linkFault, type SeenChild, type SeenLink } from '../../model/seen.ts';
import { MAIN_TABLE, type Want } from '../../model/want.ts';
import { interfaceLink, macOn, type World } from '../../model/world.ts';
import { wantEvent } from '../event.ts';
import { checkedLine, gatewayOf, gatewayStatus, remark } from '../gateway.ts';
import { DEFAULT_ROUTE, type Line, NOT_INSTALLED, wantLine } from '../line.ts';
import { argv } from './client.ts';
import { hookEnv } from './hook.ts';
import { type Lease, leaseOf, target } from './lease.ts';
import type { DhcpClient } from './properties.ts';
import { readTable } from './types.ts';

/** Nothing is made up: a client is known by its interface. */
export function generate(): AnyValues {
  return {};
}

export function claims(item: Item, config: Config): [string, string][] {
  return [['interface', resolveInterface(config, String(item.values.interface)).ifname]];
}

/** The client itself and, while it holds a lease, the address, the routes and the name servers. */
export function want(item: Item, world: World, want: Want): void {
  const values = item.values as DhcpClient;
  if (values.disabled) return;
  const { ifname, item: macvlan } = resolveInterface(world.config, values.interface);
  const link = interfaceLink(values.interface, world);
  if (!link?.address || linkFault(link)) return;
  if (!macvlan) want.ports.add(ifname);
  const mac = macOn(link, macvlan);
  want.children.push({
    key: item.id,
    ifname,
    address: mac,
    argv: argv({ key: item.id, ifname, mac, runDir: world.runDir, scripts: world.scripts }, values),
  });
  if (values.source_routing) want.keeping.add(ifname);
  if (values.dscp > 0) want.dscp.push({ ifname, dscp: values.dscp });
  const lease = leaseOf(item, world);
  if (!lease) return;
  wantLease(item, ifname, lease, world, want);
  const { script, interface: name } = values;
  const news = world.facts.news.get(item.id)!;
  if (script !== undefined) {
    const { id } = item;
    want.hooks.push({ key: id, owner: id, script, env: hookEnv(lease, news, name, ifname) });
  }
  const gateway = lease.routes.find(({ destination }) => destination === DEFAULT_ROUTE)?.gateway;
  wantEvent(item, 'bound', { INTERFACE: name, DEVICE: ifname, ADDRESS: lease.address, GATEWAY: gateway }, world, want);
}

function wantLease({ id: owner, values: given }: Item, ifname: string, lease: Lease, world: World, want: Want): void {
  const values = given as DhcpClient;
  const { default_route_distance, default_route_weight: weight, source_routing: sourceRouting } = values;
  const { address, prefix, broadcast, routes, nameServers, domain, timeServers } = lease;
  const ways = waysOf(values);
  const line = { owner, ifname, address, prefix, broadcast, routes, ...ways, weight, sourceRouting };
  wantLine(checkedLine(line, values.check_gateway, world, want), want);
  const named = { owner, comment: values.interface, distance: default_route_distance };
  if (values.use_peer_dns && nameServers.length > 0) want.resolvers.push({ ...named, servers: nameServers, domain });
  if (values.use_peer_ntp && timeServers.length > 0) want.timeServers.push({ ...named, servers: timeServers });
}

/** Where the default route is put: into main, or into the tables that are named, main perhaps among them. */
function waysOf(values: DhcpClient): Pick<Line, 'distance' | 'tables'> {
  const { add_default_route, default_route_distance, default_route_tables } = values;
  if (add_default_route === 'no') return { distance: NOT_INSTALLED };
  if (!default_route_tables) return { distance: default_route_distance };
  const tables = default_route_tables.map((word) => {
    const { table, distance = default_route_distance } = readTable(word)!;
    return { table, distance };
  });
  const main = tables.find(({ table }) => table === MAIN_TABLE);
  return {
    distance: main?.distance ?? NOT_INSTALLED,
    tables: tables.filter(({ table, distance }) => table !== MAIN_TABLE && distance !== NOT_INSTALLED),
  };
}

function childOf(item: Item, world: World): SeenChild | undefined {
  return world.children.get(item.id);
}

export function state(item: Item, world: World): AnyValues {
  const lease = leaseOf(item, world);
  const [status, about] = verdict(item, world, lease);
  return {
    status,
    about,
    ...(lease && leaseState(lease, item, world)),
    actual_interface: target(item, world),
    invalid: item.problems.length > 0,
  };
}

function leaseState(lease: Lease, { id }: Item, { facts, now }: World): AnyValues {
  const gateway = gatewayOf(lease);
  return {
    address: `${lease.address}/${lease.prefix}`,
    gateway,
    gateway_status: gatewayStatus(id, gateway, facts),
    dhcp_server: lease.server,
    primary_dns: lease.nameServers[0],
    secondary_dns: lease.nameServers[1],
    primary_ntp: lease.timeServers[0],
    secondary_ntp: lease.timeServers[1],
    expires_after: Math.round(remaining(lease, now)),
  };
}

function remaining(lease: Lease, now: number): number {
  return Math.max(0, lease.seconds - (now - lease.obtainedAt) / 1000);
}

function verdict(item: Item, world: World, lease: Lease | undefined): [string, string?] {
  const { disabled, interface: name } = item.values as DhcpClient;
  if (item.problems.length > 0) return ['error', item.problems[0]!.error];
  if (disabled) return ['stopped'];
  const { item: macvlan } = resolveInterface(world.config, name);
  if (macvlan?.values.disabled) return ['stopped', `interface ${name} is disabled`];
  const link = interfaceLink(name, world);
  if (!link) return ['stopped', `interface ${name} does not exist; it is waited for`];
  const fault = linkFault(link);
  if (fault) return ['error', `interface ${name} cannot have a dhcp-client: ${fault}`];
  const failure = failureOf(item.id, world.facts, world.now);
  if (failure) return ['error', failure.error];
  if (lease) return [leaseStatus(lease, item, world), remark(item, gatewayOf(lease), world)];
  return childOf(item, world) ? searching(item, link, world) : waiting(item, world);
}

/** What udhcpc says, or else what it is time for. */
function leaseStatus(lease: Lease, { id }: Item, { facts, now }: World): string {
  const phase = facts.phases.get(id);
  const gone = (now - lease.obtainedAt) / 1000;
  if (phase === 'rebinding' || gone >= lease.rebindAfter) return 'rebinding';
  return phase === 'renewing' || gone >= lease.renewAfter ? 'renewing' : 'bound';
}

function searching(item: Item, link: SeenLink, world: World): [string, string?] {
  if (!link.carrier) return ['searching', `interface ${item.values.interface} has no carrier`];
  if (world.facts.phases.get(item.id) === 'requesting') return ['requesting'];
  const verb = world.facts.news.get(item.id)?.verb;
  if (verb === 'nak') return ['searching', 'the server refused the address that was asked for (NAK)'];
  return ['searching', verb === 'leasefail' ? 'no server answered yet' : undefined];
}

function waiting(item: Item, world: World): [string, string?] {
  const run = world.facts.runs.get(item.id);
  const why = whyEnded('udhcpc', 'the client', run, startableAt(run, world.config.respawn), world.now);
  return why === undefined ? ['searching', 'the client is being started'] : ['error', why];
}
