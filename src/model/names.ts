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
  return itemsBy(config, interfaceName, name)[0];
}

/** Whether items of this type are interfaces, among which a name stands once. */
export function makesInterface(type: string): boolean {
  return type === 'macvlan' || type === 'pppoe_client';
}

/** The name of the item's interface, for RouterOS and in the kernel. */
export const interfaceName = (item: Item) => (makesInterface(item.type) ? item.values.name : undefined);
export const interfaceIfname = (item: Item) => (makesInterface(item.type) ? ifnameOf(item) : undefined);

type Key = (item: Item) => unknown;

/** What was worked out of the items of a configuration, and is still true of them when others have come behind. */
const notes = new WeakMap<readonly Item[], Map<unknown, unknown>>();

/** The note of this key; `make` makes it when there is none. */
export function noteOf<T>({ items }: Pick<Config, 'items'>, key: unknown, make: () => T): T {
  let known = notes.get(items);
  if (!known) {
    known = new Map();
    notes.set(items, known);
  }
  const note = known.get(key) ?? make();
  if (!known.has(key)) known.set(key, note);
  return note as T;
}

/** `after` is `before` and more behind it: its notes are carried on. Nobody asks for those of `before` any more. */
export function carryNotes(before: readonly Item[], after: readonly Item[]): void {
  const known = notes.get(before);
  notes.delete(before);
  if (known) notes.set(after, known);
}

const emptyIndex = () => ({ found: new Map<unknown, Item[]>(), count: 0 });

/**
 * The items whose `key` (always the same function) is `value`. There is an index, for of a thousand lines each would look
 * at all others.
 */
export function itemsBy(config: Config, key: Key, value: unknown): readonly Item[] {
  const index = noteOf(config, key, emptyIndex);
  for (; index.count < config.items.length; index.count++) {
    const item = config.items[index.count]!;
    const found = index.found.get(key(item));
    if (found) found.push(item);
    else index.found.set(key(item), [item]);
  }
  return value === undefined ? [] : (index.found.get(value) ?? []);
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
