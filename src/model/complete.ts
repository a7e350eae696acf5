import type { Config, Item, Problem } from './config.ts';
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
  let completed = { ...world, config };
  config.items.forEach((item, at) => {
    const menu = menus.find((menu) => menu.type === item.type)!;
    if (item.problems.length > 0) return;
    const generated = menu.generate(item.given, completed);
    // Nearly always nothing was left out.
    if (Object.keys(generated).length === 0) return;
    const additions = { ...generated, ...knownMac(generated, item, macs, completed.config) };
    completed = { ...completed, config: replaced(completed.config, at, extended(item, menu, additions)) };
    for (const [option, value] of Object.entries(additions)) {
      changes.push({ do: 'set', section: item.id, option, value: menu.properties[option]!.type.store(value) });
    }
  });
  return { config: withoutTwins(completed.config, menus), changes };
}

/** Writes are refused when they claim what another item has; in a file written by hand it may stand all the same. */
function withoutTwins(config: Config, menus: readonly Menu[]): Config {
  const holders = new Map<string, string>();
  const problems: Problem[] = [];
  const items = config.items.map((item) => {
    const menu = menus.find((menu) => menu.type === item.type)!;
    const twin = item.problems.length > 0 ? undefined : takenClaim(menu, item, config, holders);
    if (twin) problems.push(twin);
    return twin ? { ...item, problems: [twin] } : item;
  });
  return problems.length > 0 ? { ...config, items, problems: [...config.problems, ...problems] } : config;
}

function takenClaim(menu: Menu, item: Item, config: Config, holders: Map<string, string>): Problem | undefined {
  const { id, line, type } = item;
  const claims = menu.claims(item, config);
  for (const [property, value] of claims) {
    const holder = holders.get(`${type} ${property} ${value}`);
    if (holder)
      return { section: id, line, property, error: `${property} ${value} is already that of section ${holder}` };
  }
  for (const [property, value] of claims) holders.set(`${type} ${property} ${value}`, id);
  return undefined;
}

/** In place of a MAC made up now, the one that was made up when the name last had none, unless another has it now. */
function knownMac(generated: AnyValues, item: Item, macs: KnownMacs, config: Config): AnyValues {
  const mac = generated.mac_address && macs.get(String(generated.name ?? item.values.name));
  const free = mac && !config.items.some((other) => other.values.mac_address === mac);
  return free ? { mac_address: mac } : {};
}

function extended(item: Item, menu: Menu, additions: AnyValues): Item {
  const given = { ...item.given, ...additions };
  return { ...item, given, values: withDefaults(menu.properties, given) };
}

function replaced(config: Config, at: number, item: Item): Config {
  return { ...config, items: config.items.with(at, item) };
}
