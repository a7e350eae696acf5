import { prefixOfNetmask } from '../../bytes/ip.ts';
import { type Cidr, ipv4Number, parseCidr } from '../../bytes/range.ts';
import { includes } from '../../bytes/subnet.ts';
import type { Config, Item } from '../../model/config.ts';
import { resolveInterface } from '../../model/names.ts';
import { once } from '../../model/once.ts';
import { isOurs, linkFault, type SeenLink } from '../../model/seen.ts';
import { interfaceLink, type World } from '../../model/world.ts';
import type { DhcpNetwork } from '../dhcp_network/properties.ts';

/** An address of this machine, on a link with this name in the kernel. */
export interface Own extends Cidr {
  readonly ifname: string;
  readonly number: number;
  /** It is configured here, or its link is ours. */
  readonly ours: boolean;
}

/** Why nothing is served, in the words of `list`. */
export interface Trouble {
  readonly status: 'stopped' | 'waiting' | 'error';
  readonly about?: string;
}

/** What /ip address has, and what others set; not what leases brought, for their subnets are others' to serve. */
export const ownAddresses = once((world: World): readonly Own[] => [...configured(world.config), ...foreign(world)]);

function configured(config: Config): Own[] {
  return config.items.flatMap(({ type, problems, values }) => {
    if (type !== 'address' || values.disabled || problems.length > 0) return [];
    const { address, netmask = '255.255.255.255' } = values as { address: string; netmask?: string };
    const text = address.includes('/') ? address : `${address}/${prefixOfNetmask(netmask)}`;
    return own(text, resolveInterface(config, String(values.interface)).ifname, true);
  });
}

function foreign({ seen, links }: World): Own[] {
  return seen.addresses.flatMap(({ ours, ifindex, address, prefix }) => {
    const link = links.byIndex.get(ifindex);
    return ours || !link || link.loopback ? [] : own(`${address}/${prefix}`, link.ifname, isOurs(link));
  });
}

function own(text: string, ifname: string, ours: boolean): Own[] {
  const cidr = parseCidr(text);
  return cidr ? [{ ...cidr, ifname, ours, number: ipv4Number(cidr.address)! }] : [];
}

/** The link to serve on, or why not. */
export function servedLink(name: string, world: World): SeenLink | Trouble {
  const { ifname, item } = resolveInterface(world.config, name);
  if (item?.values.disabled) return { status: 'stopped', about: `interface ${name} is disabled` };
  const link = interfaceLink(name, world);
  if (!link) return { status: 'waiting', about: `interface ${name} does not exist; it is waited for` };
  const about = linkFault(link) ?? nameFault(ifname) ?? (clientOn(ifname, world) && CLIENT);
  return about ? { status: 'error', about: `interface ${name} cannot have a dhcp-server: ${about}` } : link;
}

/** dnsmasq reads a list where there is a comma, and a pattern where there is an asterisk. */
export function nameFault(ifname: string): string | undefined {
  const sign = /[,*]/.exec(ifname)?.[0];
  return sign && `its name has "${sign}" in it, which dnsmasq reads otherwise; rename it`;
}

export const CLIENT = 'it has a dhcp-client, which would be answered by it; remove or disable that first';

/** The enabled dhcp-client on a link. */
export function clientOn(ifname: string, { config }: World): Item | undefined {
  return config.items.find(
    ({ type, problems, values }) =>
      type === 'dhcp_client' &&
      problems.length === 0 &&
      !values.disabled &&
      resolveInterface(config, String(values.interface)).ifname === ifname,
  );
}

/** Clients of ours that hear what is sent on this link: those on macvlans beside it, when both are in mode bridge. */
export function besideClients(link: SeenLink, world: World): string[] {
  if (link.macvlanMode !== 'bridge') return [];
  return world.config.items.flatMap(({ type, values }) => {
    const other = type === 'dhcp_client' && !values.disabled && interfaceLink(String(values.interface), world);
    const isBeside = other && other.macvlanMode === 'bridge' && other.link === link.link && other !== link;
    return isBeside ? [String(values.interface)] : [];
  });
}

/** The dhcp-server that a user put on a link, enabled or not. */
export function serverOn(ifname: string, { config }: World): Item | undefined {
  return config.items.find(
    ({ type, problems, values }) =>
      type === 'dhcp_server' &&
      problems.length === 0 &&
      resolveInterface(config, String(values.interface)).ifname === ifname,
  );
}

/** The networks that count. */
export function networksOf({ config }: World): Item[] {
  return config.items.filter(
    ({ type, problems, values }) => type === 'dhcp_network' && problems.length === 0 && !values.disabled,
  );
}

/** Where a network is served: where its gateway is, else where a server has an address in it; a server of the user's rules. */
export function networkPlace(item: Item, world: World): { ifname: string; server?: Item | undefined } | undefined {
  const { address, gateway = [] } = item.values as DhcpNetwork;
  const network = parseCidr(address)!;
  const inside = ownAddresses(world).filter(({ number }) => includes(network, { first: number, last: number }));
  const isGateway = (own: Own) => gateway.includes(own.address);
  for (const own of [...inside.filter(isGateway), ...inside]) {
    const { ifname } = own;
    const server = serverOn(ifname, world);
    if (server || (own.ours && isGateway(own))) return { ifname, server };
  }
  return undefined;
}

/** The networks that are served on a link though it has no dhcp-server; the first one gives its id to the server. */
export function impliedOn(ifname: string, world: World): Item[] {
  return networksOf(world).filter((network) => {
    const place = networkPlace(network, world);
    return place?.ifname === ifname && !place.server;
  });
}
