import type { Config, Item } from '../../model/config.ts';
import { resolveInterface } from '../../model/names.ts';
import type { AnyValues } from '../../model/properties.ts';
import { isSlaac, linkFault, type SeenLink } from '../../model/seen.ts';
import type { Want } from '../../model/want.ts';
import { interfaceLink, macOn, type World } from '../../model/world.ts';
import { wantEvent } from '../event.ts';
import { argv } from './client.ts';
import { DEFAULT_ROUTE, type Lease, readLease } from './lease.ts';
import { wantLease, wantSlaac } from './line.ts';
import type { Dhcpv6Client } from './properties.ts';

/** Nothing is made up: a client is known by its interface. */
export function generate(): AnyValues {
  return {};
}

export function claims(item: Item, config: Config): [string, string][] {
  return [['interface', targetOf(item, config)]];
}

/** Kernel name of the interface that the client is for. */
export function targetOf(item: Item, config: Config): string {
  return resolveInterface(config, String(item.values.interface)).ifname;
}

/** odhcp6c and what it was given; where it is not installed, what the kernel can do by itself. */
export function want(item: Item, world: World, want: Want): void {
  const values = item.values as Dhcpv6Client;
  if (values.disabled) return;
  const { ifname, item: below } = resolveInterface(world.config, values.interface);
  const link = interfaceLink(values.interface, world);
  if (!link || faultOf(link) || identityOf(item, link, world) === undefined) return;
  if (!below) want.ports.add(ifname);
  const place = { owner: item.id, ifname, values };
  const child = world.children.get(item.id);
  // A new daemon does not know yet whether it is installed, and takes nothing away before it does.
  if (isMissing(item, world) || (!child && isSlaac(link))) wantSlaac(place, link, world, want);
  // odhcp6c hears the routers itself.
  else want.settings.push({ owner: item.id, path: `net/ipv6/conf/${ifname}/accept_ra`, value: '0' });
  if (isMissing(item, world)) return;
  wantChild(item, link, world, want);
  const lease = leaseOf(item, link, world);
  if (!lease) return;
  wantLease(place, lease, want);
  const ADDRESS = [...lease.addresses, ...lease.prefixes].map(({ address, prefix }) => `${address}/${prefix}`)[0];
  const GATEWAY = lease.routes.find(({ destination }) => destination === DEFAULT_ROUTE)?.gateway;
  wantEvent(item, 'bound', { INTERFACE: values.interface, DEVICE: ifname, ADDRESS, GATEWAY }, world, want);
  if (!values.use_peer_dns || lease.nameServers.length === 0) return;
  const { interface: comment, default_route_distance: distance } = values;
  want.resolvers.push({ owner: item.id, comment, distance, servers: lease.nameServers, domain: lease.domain });
}

function wantChild(item: Item, link: SeenLink, world: World, want: Want): void {
  const { request, prefix_hint: prefixHint, interface: name } = item.values as Dhcpv6Client;
  const { runDir, scripts } = world;
  const { ifname, item: below } = resolveInterface(world.config, name);
  const mac = identityOf(item, link, world)!;
  const key = item.id;
  want.children.push({
    key,
    ifname,
    address: link.address && macOn(link, below),
    argv: argv({ key, ifname, mac, runDir, scripts, request, prefixHint }),
  });
}

/** The MAC address by which servers know the client: a PPP link has that of the link that it was dialed on. */
export function identityOf({ values }: Item, link: SeenLink, world: World): string | undefined {
  const { item: below } = resolveInterface(world.config, String(values.interface));
  if (link.address) return macOn(link, below);
  const [name = ''] = String(below?.values.interface ?? '').split(',');
  const dialed = interfaceLink(name, world);
  return dialed?.address && macOn(dialed, resolveInterface(world.config, name).item);
}

/** Why there can be no client on the link. PPP speaks IPv6, too. */
export function faultOf(link: SeenLink): string | undefined {
  return link.kind === 'ppp' ? undefined : linkFault(link);
}

/** odhcp6c could not be started because there is none. */
export function isMissing(item: Item, world: World): boolean {
  return world.facts.failures.get(`spawn ${item.id}`)?.isMissing ?? false;
}

/** Only a living client has a lease, and only on the incarnation of the link on which it got it. */
export function leaseOf(item: Item, link: SeenLink, world: World): Lease | undefined {
  if (world.children.get(item.id)?.ifindex !== link.ifindex) return undefined;
  return readLease(world.facts.news.get(item.id), world.now);
}
