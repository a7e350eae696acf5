import type { Menu } from '../model/menu.ts';
import { nothing, type Want } from '../model/want.ts';
import type { World } from '../model/world.ts';

/** All that should exist, of every usable item. */
export function wantAll(world: World, menus: readonly Menu[]): Want {
  const want = nothing();
  for (const item of world.config.items) {
    if (item.problems.length === 0) menus.find((menu) => menu.type === item.type)?.want(item, world, want);
  }
  return want;
}
