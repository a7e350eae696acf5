import { diagnoseClient, questionsOf } from '../menus/dhcp_client/diagnose.ts';
import { clientOf, diagnose, type Probes } from '../menus/macvlan/diagnose.ts';
import { Firewall } from '../menus/macvlan/firewall.ts';
import { linkOf } from '../menus/macvlan/parent.ts';
import type { Item } from '../model/config.ts';
import { itemsOf } from '../model/entry.ts';
import type { Menu } from '../model/menu.ts';
import { type Arguments, findItem } from '../model/select.ts';
import { interfaceLink, type World } from '../model/world.ts';
import { AF_INET, RT_TABLE_MAIN } from '../netlink/constants.ts';
import type { Table } from '../ubus/blob.ts';
import type { Loop } from './loop.ts';
import type { Served } from './serve.ts';
import { type Ear, type Heard, listen } from './wire.ts';

/** The `diagnose` method. Loaded when it is first called: it is seldom wanted. */

/** Up to so many items each is looked at thoroughly. */
const FEW = 16;

/** All checks of one item, or of all. Throws Refused. */
export async function diagnosed(args: Arguments, served: Served, menu: Menu): Promise<Table> {
  const { loop, menus } = served;
  const isNamed = args.id !== undefined || args.name !== undefined;
  const items = isNamed ? [findItem(menu, args, loop.config)] : itemsOf(menu, loop.config);
  const isThorough = items.length <= FEW;
  const before = loop.world();
  const ours = new Set(before.seen.links.flatMap(({ address }) => address ?? []));
  const heard = await listen(isThorough ? earsOf(items, before, menus) : [], ours, served.machine);
  const probes = await probesOf(served, heard);
  const world = loop.world();
  const find = menu.type === 'macvlan' ? diagnose : diagnoseClient;
  const checks = items.flatMap((item) =>
    find(item, world, probes, menus, isThorough).map(
      (finding): Table => ({ item: String(item.values[menu.key]), ...finding }),
    ),
  );
  return { checks };
}

async function probesOf({ loop, machine, netlink }: Served, heard: Heard): Promise<Probes> {
  const routes = new Map<number, string[]>();
  for (const { oif, dst, dstLen } of netlink.routes({ family: AF_INET, table: RT_TABLE_MAIN })) {
    if (oif !== undefined) routes.set(oif, [...(routes.get(oif) ?? []), `${dst ?? '0.0.0.0'}/${dstLen}`]);
  }
  return {
    firewall: await firewallOf(loop),
    forwarding(ifname) {
      const text = machine.files.readText(`/proc/sys/net/ipv4/conf/${ifname}/forwarding`);
      return text === undefined ? undefined : text.trim() === '1';
    },
    ...heard,
    routesOf: (ifindex) => routes.get(ifindex) ?? [],
    lastLine: (key) => loop.lastLine(key),
  };
}

async function firewallOf(loop: Loop): Promise<Probes['firewall']> {
  try {
    const { stdout, failure } = await loop.tool(['nft', '-j', 'list', 'ruleset']);
    return failure === undefined ? new Firewall(stdout) : { failure };
  } catch (error) {
    return { failure: (error as Error).message };
  }
}

/** The links that the items are about, as far as anything passes them. A macvlan's own client has the same one. */
function earsOf(items: readonly Item[], world: World, menus: readonly Menu[]): Ear[] {
  return items.flatMap((item): Ear[] => {
    const isClient = item.type === 'dhcp_client';
    const link = isClient ? interfaceLink(String(item.values.interface), world) : linkOf(item, world);
    const wire = link?.kind === 'macvlan' ? world.links.byIndex.get(link.link ?? 0) : link;
    if (!link?.running || !link.address || !wire) return [];
    const client = isClient ? item : clientOf(item, world);
    const questions = client ? questionsOf(client, world, menus) : [];
    return [
      { ifindex: link.ifindex, wire: wire.ifindex, mac: link.address, isClient: client !== undefined, questions },
    ];
  });
}
