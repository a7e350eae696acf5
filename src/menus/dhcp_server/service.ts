import { type Cidr, ipv4Number, parseCidr, type Range } from '../../bytes/range.ts';
import { includes, printRange, without } from '../../bytes/subnet.ts';
import type { Item } from '../../model/config.ts';
import { ifnameOf } from '../../model/names.ts';
import { withDefaults } from '../../model/properties.ts';
import type { SeenLink } from '../../model/seen.ts';
import type { World } from '../../model/world.ts';
import type { DhcpNetwork } from '../dhcp_network/properties.ts';
import { poolOf, rangesOf } from '../pool/want.ts';
import { besideClients, impliedOn, networkPlace, networksOf, ownAddresses, servedLink, type Trouble } from './place.ts';
import { type DhcpServer, dhcpServerProperties, STATIC_ONLY } from './properties.ts';

/** Addresses to hand out, all in one subnet of the link, and what is told along with them. */
export interface ServedRange extends Range {
  readonly subnet: Cidr;
  readonly network: Item | undefined;
}

/** What one dnsmasq serves, on one link. */
export interface Service {
  /** The id of the item whose child it is. */
  readonly key: string;
  readonly link: SeenLink;
  readonly ranges: readonly ServedRange[];
  readonly settings: DhcpServer;
  /** What is wrong though it can be done. */
  readonly remark: string | undefined;
}

export function isService(found: Service | Trouble): found is Service {
  return 'key' in found;
}

/** What a dhcp-server of the user's comes to. */
export function serverService({ id, values }: Item, world: World): Service | Trouble {
  const settings = values as DhcpServer;
  if (settings.disabled) return { status: 'stopped' };
  const { interface: name, address_pool: pool } = settings;
  const link = servedLink(name, world);
  if ('status' in link) return link;
  if (pool === STATIC_ONLY)
    return { status: 'waiting', about: `address_pool is ${STATIC_ONLY}, so nobody gets an address; name a pool` };
  if (!poolOf(world.config, pool))
    return { status: 'error', about: `address_pool ${pool} does not exist; add it to /ip pool` };
  return service(id, link, rangesOf(world.config, pool), settings, world);
}

/** What a network with a gateway of ours comes to: all of it is served, beside the others on its link. */
export function networkService(item: Item, world: World): Service | Trouble {
  const ifname = networkPlace(item, world)?.ifname ?? '';
  const link = servedLink(interfaceName(ifname, world), world);
  if ('status' in link) return link;
  const group = impliedOn(ifname, world);
  const ranges = group.map(({ values }) => parseCidr(String(values.address))!);
  const settings = withDefaults(dhcpServerProperties, {}) as DhcpServer;
  return service(group[0]?.id ?? item.id, link, ranges, settings, world);
}

/** How people know a link. */
export function interfaceName(ifname: string, world: World): string {
  return String(macvlanOf(ifname, world)?.values.name ?? ifname);
}

/** The item that makes a link. */
export function macvlanOf(ifname: string, { config }: World): Item | undefined {
  return config.items.find((item) => item.type === 'macvlan' && ifnameOf(item) === ifname);
}

function service(
  key: string,
  link: SeenLink,
  pool: readonly Range[],
  settings: DhcpServer,
  world: World,
): Service | Trouble {
  const name = interfaceName(link.ifname, world);
  const subnets = ownAddresses(world).filter(({ ifname }) => ifname === link.ifname);
  if (subnets.length === 0) return { status: 'waiting', about: `interface ${name} has no address; add one to it` };
  const fits = pool.filter((range) => subnets.some((subnet) => includes(subnet, range)));
  const ranges = fits.flatMap((range) => served(range, subnets, world));
  const stray = pool.find((range) => !fits.includes(range));
  const strayed = stray && `${printRange(stray)} is in no subnet of interface ${name}`;
  if (ranges.length === 0)
    return { status: 'error', about: strayed ?? 'there is no address to hand out; give the pool more' };
  const clients = besideClients(link, world);
  const bare = ranges.find(({ network }) => !network);
  const remarks = [
    strayed,
    clients.length > 0 &&
      `the dhcp-client on ${clients.join(', ')} may be answered by it, as both are in mode bridge on one port`,
    bare && `no dhcp-server network has ${printRange(bare)} in it, so its clients get no gateway`,
  ].filter(Boolean);
  return { key, link, ranges, settings, remark: remarks.join('; ') || undefined };
}

/** Without what is somebody's already: ours, the gateways', and the first and last address of the subnet. */
function served(range: Range, subnets: readonly Cidr[], world: World): ServedRange[] {
  const subnet = subnets.find((subnet) => includes(subnet, range))!;
  const networks = networksOf(world).filter(({ values }) => includes(parseCidr(String(values.address))!, range));
  const network = networks.sort((a, b) => prefixOf(b) - prefixOf(a))[0];
  const { gateway = [] } = (network?.values ?? {}) as Partial<DhcpNetwork>;
  const ends = subnet.prefix < 31 ? [subnet.first, subnet.last] : [];
  const taken = [
    ...ends,
    ...ownAddresses(world).map(({ number }) => number),
    ...gateway.map((text) => ipv4Number(text)!),
  ];
  return without(range, taken).map((left) => ({ ...left, subnet, network }));
}

function prefixOf({ values }: Item): number {
  return parseCidr(String(values.address))!.prefix;
}
