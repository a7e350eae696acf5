import type { Menu } from '../model/menu.ts';
import { isIpv6, nothing, OUR_TABLES, type Want } from '../model/want.ts';
import type { World } from '../model/world.ts';

/** All that should exist, of every usable item. */
export function wantAll(world: World, menus: readonly Menu[]): Want {
  const want = nothing();
  for (const item of world.config.items) {
    if (item.problems.length === 0) menus.find((menu) => menu.type === item.type)?.want(item, world, want);
  }
  wantBalance(want);
  return want;
}

/** Lines that share a default route share it connection by connection, and not destination by destination. */
function wantBalance({ routes, settings }: Want): void {
  const first = new Map<number | undefined, string>();
  const isMultipath = routes.some(({ table, metric, ifname, destination }) => {
    if (table !== OUR_TABLES || isIpv6(destination)) return false;
    if (!first.has(metric)) first.set(metric, ifname);
    return first.get(metric) !== ifname;
  });
  if (isMultipath) settings.push({ owner: '', path: 'net/ipv4/fib_multipath_hash_policy', value: '1' });
}
