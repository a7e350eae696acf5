import type { Config, Item } from '../../model/config.ts';
import { itemsBy, resolveInterface } from '../../model/names.ts';
import type { AnyValues } from '../../model/properties.ts';
import type { Want } from '../../model/want.ts';
import { macOn, type World } from '../../model/world.ts';
import { argv } from './argv.ts';
import { readLeases } from './leases.ts';
import type { DhcpServer } from './properties.ts';
import { isService, macvlanOf, type Service, serverService } from './service.ts';
import { verdict } from './verdict.ts';

const nameOf = (item: Item) => (item.type === 'dhcp_server' ? item.values.name : undefined);

export function serverNamed(name: string, config: Config): Item | undefined {
  return itemsBy(config, nameOf, name)[0];
}

/** The first free dhcpN. */
export function generate(given: AnyValues, { config }: World): AnyValues {
  if (given.name !== undefined) return {};
  for (let n = 1; ; n++) if (!serverNamed(`dhcp${n}`, config)) return { name: `dhcp${n}` };
}

export function claims({ values }: Item, config: Config): [string, string][] {
  const { name, interface: on } = values as DhcpServer;
  return [
    ['name', name],
    ['interface', resolveInterface(config, on).ifname],
  ];
}

export function want(item: Item, world: World, want: Want): void {
  const found = serverService(item, world);
  if (isService(found)) wantService(found, world, want);
}

/** The child, and an ARP entry of each lease where that is asked for and the user has none. */
export function wantService(service: Service, world: World, want: Want): void {
  const { key, link, ranges, settings } = service;
  const { ifname } = link;
  const macvlan = macvlanOf(ifname, world);
  if (!macvlan) want.ports.add(ifname);
  const address = macOn(link, macvlan);
  want.served.add(ifname);
  want.children.push({ key, ifname, address, argv: argv(service, world), needs: ranges[0]!.subnet.address });
  if (!settings.add_arp) return;
  for (const lease of readLeases(world.seen.leases.get(key))) {
    const neighbour = { owner: key, ifname, address: lease.address, mac: lease.mac_address };
    if (!hasEntry(neighbour, world.config)) want.neighbours.push(neighbour);
  }
}

function hasEntry({ ifname, address }: { ifname: string; address: string }, config: Config): boolean {
  return config.items.some(
    ({ type, values }) =>
      type === 'arp' &&
      values.address === address &&
      resolveInterface(config, String(values.interface)).ifname === ifname,
  );
}

export function state(item: Item, world: World): AnyValues {
  const [status, about] = verdict(item, serverService(item, world), item.id, world);
  return {
    status,
    about,
    actual_interface: resolveInterface(world.config, String(item.values.interface)).ifname,
    leases: readLeases(world.seen.leases.get(item.id)).length,
    invalid: item.problems.length > 0,
  };
}
