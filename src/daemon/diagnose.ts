import { diagnose, type Probes } from '../menus/macvlan/diagnose.ts';
import { Firewall } from '../menus/macvlan/firewall.ts';
import { linkOf } from '../menus/macvlan/parent.ts';
import type { Item } from '../model/config.ts';
import { itemsOf } from '../model/entry.ts';
import type { Menu } from '../model/menu.ts';
import { type Arguments, findItem } from '../model/select.ts';
import type { World } from '../model/world.ts';
import { AF_INET, RT_TABLE_MAIN } from '../netlink/constants.ts';
import type { Machine } from '../runtime/machine.ts';
import type { Table } from '../ubus/blob.ts';
import { ETH_P_ALL, fromSource } from './frames.ts';
import type { Loop } from './loop.ts';
import type { Served } from './serve.ts';

/** The `diagnose` method. Loaded when it is first called: it is seldom wanted. */

/** How long others on the wire are listened to, in ms. */
const LISTEN = 1000;
/** Up to so many items each is looked at thoroughly. */
const FEW = 16;

/** All checks of one item, or of all. Throws Refused. */
export async function diagnosed(args: Arguments, served: Served, menu: Menu): Promise<Table> {
  const { loop, menus } = served;
  const isNamed = args.id !== undefined || args.name !== undefined;
  const items = isNamed ? [findItem(menu, args, loop.config)] : itemsOf(menu, loop.config);
  const isThorough = items.length <= FEW;
  const heard = isThorough ? await listen(items, loop.world(), served.machine) : new Map<number, boolean>();
  const probes = await probesOf(served, heard);
  const world = loop.world();
  const checks = items.flatMap((item) =>
    diagnose(item, world, probes, menus, isThorough).map(
      (finding): Table => ({ item: String(item.values.name), ...finding }),
    ),
  );
  return { checks };
}

async function probesOf({ loop, machine, netlink }: Served, heard: ReadonlyMap<number, boolean>): Promise<Probes> {
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
    isUsedByOthers: (ifindex) => heard.get(ifindex),
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

/** By the ifindex of each running macvlan whether somebody else's frames with its MAC address came in. */
async function listen(items: readonly Item[], world: World, machine: Machine): Promise<Map<number, boolean>> {
  const { sockets, libc, runtime } = machine;
  const listeners = items.flatMap((item) => {
    const link = linkOf(item, world);
    const parent = world.links.byIndex.get(link?.link ?? 0);
    if (!link?.running || !link.address || !parent) return [];
    return [{ ifindex: link.ifindex, fd: sockets.packet(parent.ifindex, ETH_P_ALL, fromSource(link.address)) }];
  });
  if (listeners.length > 0) await new Promise<void>((resolve) => void runtime.setTimer(LISTEN, resolve));
  const buffer = new ArrayBuffer(64);
  return new Map(
    listeners.map(({ ifindex, fd }) => {
      const isHeard = libc.recv(fd, buffer, 0, buffer.byteLength, 0) > 0;
      libc.close(fd);
      return [ifindex, isHeard];
    }),
  );
}
