import type { Config, Item, Problem } from './config.ts';
import type { Change } from './edit.ts';
import type { Menu } from './menu.ts';
import { itemsBy, makesInterface } from './names.ts';
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
  const items = [...config.items];
  const menuOf = ({ type }: Item) => menus.find((menu) => menu.type === type)!;
  // Nearly always nothing was left out.
  const here = { ...world, config };
  const isWhole = (item: Item) =>
    item.problems.length > 0 || Object.keys(menuOf(item).generate(item.given, here)).length === 0;
  const incomplete = new Set(items.flatMap((item, at) => (isWhole(item) ? [] : [at])));
  if (incomplete.size === 0) return { config: judged(config, menus), changes };
  // What one is given, the next must not be: those that are whole, and behind them each that has become so (see itemsBy).
  const whole = { ...config, items: items.filter((_, at) => !incomplete.has(at)) };
  for (const at of incomplete) {
    const item = items[at]!;
    const menu = menuOf(item);
    const generated = menu.generate(item.given, { ...world, config: whole });
    const additions = { ...generated, ...knownMac(generated, item, macs, whole) };
    items[at] = extended(item, menu, additions);
    whole.items.push(items[at]);
    for (const [option, value] of Object.entries(additions)) {
      changes.push({ do: 'set', section: item.id, option, value: menu.properties[option]!.type.store(value) });
    }
  }
  return { config: judged({ ...config, items }, menus), changes };
}

/** A write is refused when it means nothing, or claims what another item has; in a file written by hand it may stand all the same. */
function judged(config: Config, menus: readonly Menu[]): Config {
  const holders: Holders = new Map();
  const problems: Problem[] = [];
  const items = config.items.map((item) => {
    const menu = menus.find((menu) => menu.type === item.type)!;
    if (item.problems.length > 0) return item;
    const problem = faultOf(menu, item, config) ?? takenClaim(menu, item, config, holders);
    if (problem) problems.push(problem);
    return problem ? { ...item, problems: [problem] } : item;
  });
  return problems.length > 0 ? { ...config, items, problems: [...config.problems, ...problems] } : config;
}

function faultOf(menu: Menu, item: Item, config: Config): Problem | undefined {
  const fault = menu.fault?.(item, config);
  return fault && { section: item.id, line: item.line, property: fault[0], error: fault[1] };
}

/** Whose a value is, by the menu of the items (interfaces are of one) and the property. */
type Holders = Map<string, Map<string, Map<string, string>>>;

function takenClaim(menu: Menu, item: Item, config: Config, all: Holders): Problem | undefined {
  const { id, line } = item;
  const kind = makesInterface(menu.type) ? '' : menu.type;
  const holders = all.get(kind) ?? new Map<string, Map<string, string>>();
  all.set(kind, holders);
  const claims = menu.claims(item, config);
  for (const [property, value] of claims) {
    const holder = holders.get(property)?.get(value);
    if (holder)
      return { section: id, line, property, error: `${property} ${value} is already that of section ${holder}` };
  }
  for (const [property, value] of claims) {
    const known = holders.get(property);
    if (known) known.set(value, id);
    else holders.set(property, new Map([[value, id]]));
  }
  return undefined;
}

const macOf = ({ values }: Item) => values.mac_address;

/** In place of a MAC made up now, the one that was made up when the name last had none, unless another has it now. */
function knownMac(generated: AnyValues, item: Item, macs: KnownMacs, config: Config): AnyValues {
  const mac = generated.mac_address && macs.get(String(generated.name ?? item.values.name));
  const free = mac && itemsBy(config, macOf, mac).length === 0;
  return free ? { mac_address: mac } : {};
}

function extended(item: Item, menu: Menu, additions: AnyValues): Item {
  const given = { ...item.given, ...additions };
  return { ...item, given, values: withDefaults(menu.properties, given) };
}
