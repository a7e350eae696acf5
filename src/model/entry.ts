import type { Config, Item } from './config.ts';
import type { Entry, Menu } from './menu.ts';
import type { AnyValues } from './properties.ts';
import { Refused } from './refused.ts';
import { type Arguments, findItem, refuseOthers } from './select.ts';
import { integer } from './types.ts';
import type { World } from './world.ts';

/** A ubus message holds 1 MiB; of this many entries it is filled to a small part. */
const MOST = 256;

/** What is shown of one item: properties first, then its state; what has no value is left out. */
export function entryOf(menu: Menu, item: Item, world: World): Entry {
  const entry: { id: string } & AnyValues = { id: item.id };
  for (const name in menu.properties) {
    const value = item.values[name];
    if (value !== undefined && !menu.properties[name]!.secret) entry[name] = value;
  }
  const state = menu.state(item, world);
  for (const name in state) if (state[name] !== undefined) entry[name] = state[name];
  return entry;
}

/** The `list` method: one item by id or name, or a part of all; `look` gives the world to show them in. Throws Refused. */
export function list(
  menu: Menu,
  args: Arguments,
  config: Config,
  look: (items: readonly Item[]) => World,
): { entries: Entry[]; total: number } {
  refuseOthers(args, ['id', 'name', 'offset', 'limit']);
  const items = itemsOf(menu, config);
  const chosen = args.id !== undefined || args.name !== undefined ? [findItem(menu, args, config)] : items;
  const offset = whole('offset', args.offset, 0);
  const part = chosen.slice(offset, offset + Math.min(MOST, whole('limit', args.limit, MOST)));
  const world = look(part);
  return { entries: part.map((item) => entryOf(menu, item, world)), total: chosen.length };
}

export function itemsOf(menu: Menu, config: Config): Item[] {
  return config.items.filter(({ type }) => type === menu.type);
}

function whole(name: string, value: unknown, fallback: number): number {
  if (value === undefined || value === null) return fallback;
  const parsed = integer(0, 1_000_000).parse(String(value));
  if (parsed === undefined) throw new Refused(`${name} ${value} is not a whole number`, name);
  return parsed;
}
