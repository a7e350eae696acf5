import { parseCidr, parseRange } from '../../bytes/range.ts';
import { includes } from '../../bytes/subnet.ts';
import type { Item } from '../../model/config.ts';
import type { AnyValues } from '../../model/properties.ts';
import type { Want } from '../../model/want.ts';
import type { World } from '../../model/world.ts';
import { readLeases } from '../dhcp_server/leases.ts';
import { networkPlace, type Trouble } from '../dhcp_server/place.ts';
import { isService, networkService, type Service, serverService } from '../dhcp_server/service.ts';
import { verdict } from '../dhcp_server/verdict.ts';
import { wantService } from '../dhcp_server/want.ts';
import type { DhcpNetwork } from './properties.ts';

/** Nothing is made up. */
export function generate(): AnyValues {
  return {};
}

export function claims({ values }: Item): [string, string][] {
  return [['address', String(values.address)]];
}

/** Whose gateway is an address of ours needs no further command: the first of a link's networks has the server. */
export function want(item: Item, world: World, want: Want): void {
  const found = serviceOf(item, world);
  if (isService(found) && found.key === item.id) wantService(found, world, want);
}

function serviceOf(item: Item, world: World): Service | Trouble {
  const { disabled, gateway } = item.values as DhcpNetwork;
  if (disabled) return { status: 'stopped' };
  const place = networkPlace(item, world);
  if (place?.server) return serverService(place.server, world);
  if (place) return networkService(item, world);
  const about = gateway
    ? `gateway ${gateway.join()} is no address of an interface of ours, and no dhcp-server is in this network; add one of them`
    : 'no dhcp-server is in this network, and it has no gateway; add one of them';
  return { status: 'waiting', about };
}

export function state(item: Item, world: World): AnyValues {
  const invalid = item.problems.length > 0;
  if (invalid) return { status: 'error', about: item.problems[0]!.error, invalid };
  const place = networkPlace(item, world);
  const found = serviceOf(item, world);
  const key = isService(found) ? found.key : (place?.server?.id ?? item.id);
  const [status, about] = verdict(item, found, key, world);
  return {
    status,
    about,
    actual_interface: place?.ifname,
    server: place?.server?.values.name,
    leases: isService(found) ? leasesIn(item, key, world) : undefined,
    dynamic: isService(found) && !place?.server,
    invalid,
  };
}

function leasesIn({ values }: Item, key: string, { seen }: World): number {
  const network = parseCidr(String(values.address))!;
  return readLeases(seen.leases.get(key)).filter(({ address }) => includes(network, parseRange(address)!)).length;
}
