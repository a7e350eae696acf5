import { networkOf } from '../../bytes/ip.ts';
import type { Item } from '../../model/config.ts';
import { failureOf } from '../../model/facts.ts';
import { resolveInterface } from '../../model/names.ts';
import { once } from '../../model/once.ts';
import type { AnyValues } from '../../model/properties.ts';
import { linkFault, type SeenAddress, type SeenLink } from '../../model/seen.ts';
import type { Want } from '../../model/want.ts';
import { interfaceLink, type World } from '../../model/world.ts';
import { leaseOf } from '../dhcp_client/lease.ts';
import { checkedLine, gatewayStatus, remark } from '../gateway.ts';
import { DEFAULT_ROUTE, NOT_INSTALLED, wantLine } from '../line.ts';
import type { StaticAddress } from './properties.ts';
import { type Subnet, subnetOf } from './subnet.ts';

/** Nothing is made up. */
export function generate(): AnyValues {
  return {};
}

/** An address that is on two interfaces works on one of them at most. */
export function claims({ values }: Item): [string, string][] {
  return values.disabled ? [] : [['address', String(values.address).split('/')[0]!]];
}

export function want(item: Item, world: World, want: Want): void {
  const values = item.values as StaticAddress;
  const link = interfaceLink(values.interface, world);
  if (values.disabled || !link || linkFault(link)) return;
  if (!resolveInterface(world.config, values.interface).item) want.ports.add(link.ifname);
  const { network: _, ...subnet } = subnetOf(values);
  const gateway = values.gateway ?? gatewayFor(subnet, link, world);
  const line = {
    owner: item.id,
    ifname: link.ifname,
    ...subnet,
    routes: gateway ? [{ destination: DEFAULT_ROUTE, gateway }] : [],
    distance: values.gateway ? values.default_route_distance : NOT_INSTALLED,
    weight: values.default_route_weight,
    sourceRouting: values.source_routing,
  };
  wantLine(checkedLine(line, values.check_gateway, world, want), want);
}

/** An address without a gateway answers by one that another line on the same wire has in its network. */
function gatewayFor({ address, peer, prefix }: Omit<Subnet, 'network'>, link: SeenLink, world: World) {
  const known = gatewaysOf(world).get(wireOf(link));
  const inside = known && networksOf(known, prefix).get(networkOf(peer ?? address, prefix));
  return inside?.find((gateway) => gateway !== address);
}

const networks = once((_: ReadonlySet<string>) => new Map<number, Map<string, string[]>>());

/** Gateways by the networks of this length that they are in: of a thousand addresses each would look at all others'. */
function networksOf(gateways: ReadonlySet<string>, prefix: number): ReadonlyMap<string, readonly string[]> {
  const known = networks(gateways).get(prefix) ?? new Map<string, string[]>();
  if (known.size > 0) return known;
  for (const gateway of gateways) {
    const network = networkOf(gateway, prefix);
    const inside = known.get(network);
    if (inside) inside.push(gateway);
    else known.set(network, [gateway]);
  }
  networks(gateways).set(prefix, known);
  return known;
}

/** The gateways that are known of each wire, our lines' and everybody else's. */
const gatewaysOf = once((world: World): ReadonlyMap<number, ReadonlySet<string>> => {
  const known = new Map<number, Set<string>>();
  const note = (link: SeenLink | undefined, gateway: string | undefined) => {
    if (link && gateway) known.set(wireOf(link), (known.get(wireOf(link)) ?? new Set()).add(gateway));
  };
  for (const item of world.config.items)
    if (item.problems.length === 0) note(interfaceLink(String(item.values.interface), world), gatewayOf(item, world));
  for (const { ifindex, gateway } of world.seen.foreignDefaults.flatMap(({ nexthops }) => nexthops))
    note(world.links.byIndex.get(ifindex), gateway);
  return known;
});

function gatewayOf(item: Item, world: World): string | undefined {
  if (item.values.disabled) return undefined;
  if (item.type === 'address') return (item.values as StaticAddress).gateway;
  const lease = item.type === 'dhcp_client' ? leaseOf(item, world) : undefined;
  return lease?.routes.find(({ destination }) => destination === DEFAULT_ROUTE)?.gateway;
}

/** ifindex of the link whose frames all macvlans on it share. */
function wireOf({ kind, link, ifindex }: SeenLink): number {
  return kind === 'macvlan' ? (link ?? ifindex) : ifindex;
}

export function state(item: Item, world: World): AnyValues {
  const values = item.values as StaticAddress;
  if (item.problems.length > 0) return { about: item.problems[0]!.error, dynamic: false, invalid: true };
  const link = interfaceLink(values.interface, world);
  const { address, prefix, network } = subnetOf(values);
  return {
    address: `${address}/${prefix}`,
    network,
    about: values.disabled ? undefined : trouble(item, link, world),
    actual_interface: link?.ifname,
    gateway_status: gatewayStatus(item.id, values.gateway, world.facts),
    dynamic: false,
    invalid: !values.disabled && !link,
  };
}

function trouble(item: Item, link: SeenLink | undefined, world: World): string | undefined {
  const values = item.values as StaticAddress;
  const { interface: name } = values;
  if (resolveInterface(world.config, name).item?.values.disabled) return `interface ${name} is disabled`;
  if (!link) return `interface ${name} does not exist; it is waited for`;
  const bar = linkFault(link);
  if (bar) return `interface ${name} cannot have an address: ${bar}`;
  const failure = failureOf(item.id, world.facts, world.now);
  if (failure) return failure.error;
  const { address } = subnetOf(values);
  const other = addressesBy(world.seen.addresses)
    .get(address)
    ?.find(({ ifindex }) => ifindex !== link.ifindex);
  if (other) return `address ${address} is on ${world.links.byIndex.get(other.ifindex)?.ifname} too; one has to go`;
  if (!link.up || !link.carrier) return `interface ${name} ${link.up ? 'has no carrier' : 'is down'}`;
  return remark(item, values.gateway, world);
}

/** Links that have an address, by it. */
const addressesBy = once((addresses: readonly SeenAddress[]): ReadonlyMap<string, readonly SeenAddress[]> => {
  const found = new Map<string, SeenAddress[]>();
  for (const seen of addresses) found.set(seen.address, [...(found.get(seen.address) ?? []), seen]);
  return found;
});
