import type { Config, Item } from './config.ts';
import type { Change } from './edit.ts';
import type { Menu } from './menu.ts';
import type { AnyValues } from './properties.ts';
import { withDefaults } from './properties.ts';
import type { World } from './world.ts';

/** MACs that were generated, by the name of their macvlan: they outlast a roll-back of the UCI file. */
export type KnownMacs = ReadonlyMap<string, string>;

/**
 * The configuration with what the user left out and RouterOS makes up. `changes` would store it in the file,
 * and give its unnamed sections the names that stand for them here.
 */
export function complete(
  config: Config,
  menus: readonly Menu[],
  macs: KnownMacs,
  world: World,
): { config: Config; changes: Change[] } {
  const changes: Change[] = [];
  let completed = config;
  config.items.forEach((item, at) => {
    const menu = menus.find((menu) => menu.type === item.type)!;
    if (item.problems.length > 0) return;
    const additions = { ...menu.generate(item.given, { ...world, config: completed }), ...knownMac(item, macs) };
    if (Object.keys(additions).length === 0) return;
    completed = replaced(completed, at, extended(item, menu, additions));
    for (const [option, value] of Object.entries(additions)) {
      changes.push({ do: 'set', section: item.id, option, value: menu.properties[option]!.type.store(value) });
    }
  });
  return { config: completed, changes };
}

function knownMac(item: Item, macs: KnownMacs): AnyValues {
  const mac =
    item.type === 'macvlan' && item.given.mac_address === undefined ? macs.get(String(item.values.name)) : undefined;
  return mac === undefined ? {} : { mac_address: mac };
}

function extended(item: Item, menu: Menu, additions: AnyValues): Item {
  const given = { ...item.given, ...additions };
  return { ...item, given, values: withDefaults(menu.properties, given) };
}

function replaced(config: Config, at: number, item: Item): Config {
  return { ...config, items: config.items.with(at, item) };
}
