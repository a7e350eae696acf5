import { ipv6NetworkOf } from '../../bytes/ipv6.ts';
import type { SeenLink } from '../../model/seen.ts';
import { isIpv6, MAIN_TABLE, OUR_TABLES, type Want } from '../../model/want.ts';
import type { World } from '../../model/world.ts';
import { NOT_INSTALLED } from '../line.ts';
import { DEFAULT_ROUTE, type Lease } from './lease.ts';
import type { Dhcpv6Client } from './properties.ts';

/** The kernel takes 0 for this (IP6_RT_PRIO_USER). */
const OWN_METRIC = 1024;
/** Behind all that people and netifd use. */
const LAST_METRIC = 28_022_000;

export interface Place {
  readonly owner: string;
  readonly ifname: string;
  readonly values: Dhcpv6Client;
}

/** All that a line has of IPv6, as menus/line.ts has it for IPv4: in its own table, in that of all lines, in main. */
export function wantLease(place: Place, lease: Lease, want: Want): void {
  const { owner, ifname } = place;
  for (const { address, prefix, preferred, valid } of lease.addresses)
    want.addresses.push({ owner, ifname, address, prefix, preferred, valid });
  for (const { address, prefix } of lease.prefixes) {
    const destination = `${address}/${prefix}`;
    // What of it nobody was given yet must not go back to the provider.
    want.routes.push({
      owner,
      ifname,
      destination,
      table: MAIN_TABLE,
      metric: undefined,
      weight: 1,
      isUnreachable: true,
    });
  }
  for (const { destination, gateway } of lease.routes) {
    const isDefault = destination === DEFAULT_ROUTE;
    const distance = isDefault && !place.values.add_default_route ? NOT_INSTALLED : place.values.default_route_distance;
    wantRoute(place, { destination, gateway, distance: gateway ? distance : undefined }, want);
  }
  const isOpen = lease.routes.some(({ destination }) => destination === DEFAULT_ROUTE);
  const sources = [...lease.addresses.map(({ address }) => address), ...lease.prefixes.map(cidr)];
  wantSources(place, sources, isOpen, want);
}

export function cidr({ address, prefix }: { address: string; prefix: number }): string {
  return `${address}/${prefix}`;
}

interface Route {
  readonly destination: string;
  readonly gateway?: string | undefined;
  /** NOT_INSTALLED: the line's own table alone; undefined: in main at a metric of the link's own. */
  readonly distance: number | undefined;
}

function wantRoute({ owner, ifname, values }: Place, { destination, gateway, distance }: Route, want: Want): void {
  const route = { owner, ifname, destination, gateway, weight: 1 };
  const isShared = destination === DEFAULT_ROUTE && values.source_routing;
  if (values.source_routing) want.routes.push({ ...route, table: undefined, metric: OWN_METRIC });
  if (distance === NOT_INSTALLED) return;
  if (isShared) want.routes.push({ ...route, table: OUR_TABLES, metric: distance });
  want.routes.push({ ...route, table: MAIN_TABLE, metric: isShared ? undefined : distance });
}

function wantSources(place: Place, sources: readonly string[], isOpen: boolean, want: Want): void {
  const { owner, ifname, values } = place;
  if (!values.source_routing || sources.length === 0) return;
  want.keeping.add(ifname);
  for (const source of sources) want.sources.push({ owner, ifname, source, isOpen });
}

/**
 * The kernel makes addresses and routes of what routers announce, though this machine is a router itself; to that come the
 * line's own table and rules. Its default route stands behind all others, for the lines share theirs elsewhere.
 */
export function wantSlaac(place: Place, link: SeenLink, world: World, want: Want): void {
  const { owner, ifname, values } = place;
  const distance = values.add_default_route ? values.default_route_distance : NOT_INSTALLED;
  const metric = values.source_routing || distance === NOT_INSTALLED ? LAST_METRIC : distance;
  want.slaac.push({ owner, ifname });
  for (const [name, value] of Object.entries({ accept_ra: 2, autoconf: 1, ra_defrtr_metric: metric }))
    want.settings.push({ owner, path: `net/ipv6/conf/${ifname}/${name}`, value: String(value) });
  if (!values.source_routing) return;
  const { addresses, gateway } = announced(link, world);
  if (addresses.length === 0) return;
  const route = { owner, ifname, weight: 1 };
  for (const destination of new Set(
    addresses.map(({ address, prefix }) => `${ipv6NetworkOf(address, prefix)}/${prefix}`),
  ))
    want.routes.push({ ...route, destination, table: undefined, metric: OWN_METRIC });
  if (gateway) {
    const way = { ...route, destination: DEFAULT_ROUTE, gateway };
    want.routes.push({ ...way, table: undefined, metric: OWN_METRIC });
    if (distance !== NOT_INSTALLED) want.routes.push({ ...way, table: OUR_TABLES, metric: distance });
  }
  const sources = addresses.map(({ address }) => address);
  wantSources(place, sources, gateway !== undefined, want);
}

/** What the kernel made of announcements on a link. */
export function announced(link: SeenLink, { seen }: World) {
  const isHere = ({ ifindex }: { ifindex: number }) => ifindex === link.ifindex;
  const addresses = seen.addresses.filter((one) => isHere(one) && isIpv6(one.address) && !one.ours);
  return { addresses, gateway: seen.routers.find(isHere)?.gateway };
}
