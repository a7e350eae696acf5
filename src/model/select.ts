import type { Config, Item } from './config.ts';
import type { Menu } from './menu.ts';
import { NOT_FOUND, Refused } from './refused.ts';

/** What a ubus method was called with. */
export type Arguments = Readonly<Record<string, unknown>>;
export const WRITES = ['add', 'set', 'remove', 'enable', 'disable'] as const;
export type Write = (typeof WRITES)[number];

/** uhttpd adds it to every call. */
export const SESSION = 'ubus_rpc_session';

/** The item that `id` or, without it, `name` means. */
export function findItem(menu: Menu, args: Arguments, config: Config): Item {
  const { id, name } = args;
  if (id === undefined && name === undefined) throw new Refused(`say which ${menu.type} by id or name`, 'id');
  const [item, another] = config.items.filter(
    (item) => item.type === menu.type && (id !== undefined ? item.id === id : item.values[menu.key] === name),
  );
  if (!item) throw new Refused(`no such item: ${menu.type} ${id ?? name}`, id !== undefined ? 'id' : 'name', NOT_FOUND);
  if (another) throw new Refused(`${menu.key} ${name} is that of ${item.id} and of others; say which by id`, 'name');
  return item;
}

/** Throws Refused for an argument that the method does not have. */
export function refuseOthers(args: Arguments, known: readonly string[]): void {
  const unknown = Object.keys(args).find((name) => name !== SESSION && !known.includes(name));
  if (unknown !== undefined)
    throw new Refused(`unknown argument ${unknown}; known are ${known.join(', ') || 'none'}`, unknown);
}
