import { fnv1a } from '../bytes/fnv.ts';
import type { Config, Item } from './config.ts';
import { ifnameFault } from './types.ts';

/** What an `interface` property means: one of our items first, then a kernel link, after `globals.port_alias`. */
export function resolveInterface(config: Config, name: string): { ifname: string; item?: Item } {
  const item = interfaceItem(config, name);
  return item ? { ifname: ifnameOf(item), item } : { ifname: config.portAlias.get(name) ?? name };
}

/** The item that makes an interface of this name. */
export function interfaceItem(config: Config, name: string): Item | undefined {
  return namedItems(config.items).get(name);
}

/** Every pass asks for the interface of every item: of a thousand lines each would look at all others. */
const indexes = new WeakMap<readonly Item[], ReadonlyMap<string, Item>>();

function namedItems(items: readonly Item[]): ReadonlyMap<string, Item> {
  const known = indexes.get(items);
  if (known) return known;
  const index = new Map<string, Item>();
  for (const item of items) {
    const { name } = item.values;
    if (item.type === 'macvlan' && typeof name === 'string' && !index.has(name)) index.set(name, item);
  }
  indexes.set(items, index);
  return index;
}

const ifnames = new WeakMap<Item, string>();

/** The kernel's name of an item's link: as configured, else its name, else one made of it that is always the same. */
export function ifnameOf(item: Item): string {
  let known = ifnames.get(item);
  if (known === undefined) {
    const { ifname, name } = item.values as { ifname?: string; name?: string };
    known = ifname ?? (ifnameFault(name ?? '') === undefined ? name! : derivedIfname(name ?? item.id));
    ifnames.set(item, known);
  }
  return known;
}

/** Ten characters to recognise it by and four hex digits of its FNV-1a hash, so that long names stay apart. */
export function derivedIfname(name: string): string {
  const readable = name.replace(/[^A-Za-z0-9_-]+/g, '-').slice(0, 10);
  return `${readable}-${(fnv1a(name) >>> 16).toString(16).padStart(4, '0')}`;
}
