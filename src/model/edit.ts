import { type Config, freshId, type Item } from './config.ts';
import { itemsOf } from './entry.ts';
import type { CheckedMenu, Said } from './menu.ts';
import { type AnyValues, type PropertyTable, parseValue, rowOf, withDefaults } from './properties.ts';
import { NOT_FOUND, Refused } from './refused.ts';
import { type Arguments, findItem, refuseOthers, SESSION, type Write } from './select.ts';
import type { World } from './world.ts';

/** A change of the UCI file, in the order in which it is to be made. Sections are named. */
export type Change =
  | { do: 'add'; type: string; section: string }
  | { do: 'remove'; section: string }
  | { do: 'set'; section: string; option: string; value: string | readonly string[] }
  | { do: 'unset'; section: string; option: string };

/** What a write comes to: how the file changes, what the caller is told, and whose earlier trouble is forgotten. */
export interface Edit {
  readonly changes: readonly Change[];
  readonly answer: Readonly<Record<string, string>>;
  readonly touched: readonly string[];
}

/** One write of one menu. Throws Refused; nothing has been changed then. */
export function edit(write: Write, menu: CheckedMenu, args: Arguments, world: World): Edit {
  switch (write) {
    case 'add':
      return add(menu, args, world);
    case 'set':
      return set(menu, findItem(menu, args, world.config), properties(args, menu), world);
    case 'remove':
      return remove(select(menu, args, world.config));
    case 'enable':
    case 'disable':
      return set(menu, select(menu, args, world.config), { disabled: write === 'disable' ? 'yes' : 'no' }, world);
  }
}

/** The same, where nothing else may be said. */
function select(menu: CheckedMenu, args: Arguments, config: Config): Item {
  refuseOthers(args, ['id', 'name']);
  return findItem(menu, args, config);
}

/** The arguments that are properties; with `id` given, `name` is a property too, otherwise it only selects. */
function properties(args: Arguments, menu: CheckedMenu): Arguments {
  const selector = args.id !== undefined && menu.properties.name ? ['id'] : ['id', 'name'];
  return Object.fromEntries(Object.entries(args).filter(([name]) => !selector.includes(name)));
}

function add(menu: CheckedMenu, { copy_from, ...args }: Arguments, world: World): Edit {
  const copied = copy_from === undefined ? {} : copyOf(menu, copy_from, world.config);
  const { given: said, reset } = saidOf(menu, args, copied);
  const given = { ...without(copied, reset), ...said };
  const all = { ...given, ...menu.generate(given, world) };
  const missing = Object.keys(menu.properties).find(
    (name) => menu.properties[name]!.required && all[name] === undefined,
  );
  if (missing) throw new Refused(`${missing} is missing`, missing);
  const id = freshId(menu.type, world.config.ids);
  const item: Item = {
    type: menu.type,
    id,
    line: 0,
    given: all,
    values: withDefaults(menu.properties, all),
    problems: [],
  };
  menu.check(item, world, new Set(Object.keys(menu.properties)));
  const answer = { id, name: String(item.values[menu.key]) };
  return {
    changes: [{ do: 'add', type: menu.type, section: id }, ...store(menu.properties, id, all)],
    answer,
    touched: [id],
  };
}

/** What another item, by its id or name, would give to one like it: all but what only one can have. */
function copyOf(menu: CheckedMenu, from: unknown, config: Config): AnyValues {
  const items = itemsOf(menu, config);
  const item = items.find(({ id }) => id === from) ?? items.find(({ values }) => values[menu.key] === from);
  if (!item) throw new Refused(`no such item: ${menu.type} ${from}`, 'copy_from', NOT_FOUND);
  return without(
    item.given,
    menu.claims(item, config).map(([property]) => property),
  );
}

function without(values: AnyValues, names: readonly string[]): AnyValues {
  return Object.fromEntries(Object.entries(values).filter(([name]) => !names.includes(name)));
}

function set(menu: CheckedMenu, item: Item, args: Arguments, world: World): Edit {
  const { given, reset } = saidOf(menu, args, item.given);
  const needed = reset.find((name) => menu.properties[name]!.required);
  if (needed) throw new Refused(`${needed} cannot be unset`, needed);
  const all = { ...without(item.given, reset), ...given };
  // A generated value that is reset is generated anew.
  const additions = reset.length > 0 ? menu.generate(all, world) : {};
  const changed = new Set([...Object.keys(given), ...reset]);
  const after = {
    ...item,
    given: { ...all, ...additions },
    values: withDefaults(menu.properties, { ...all, ...additions }),
  };
  menu.check(after, world, changed);
  const changes: Change[] = [
    ...reset
      .filter((name) => additions[name] === undefined)
      .map((option): Change => ({ do: 'unset', section: item.id, option })),
    ...store(menu.properties, item.id, { ...given, ...pick(additions, reset) }),
    ...renamed(menu, item, after, world.config),
  ];
  return { changes, answer: {}, touched: [item.id] };
}

function remove(item: Item): Edit {
  return { changes: [{ do: 'remove', section: item.id }], answer: {}, touched: [item.id] };
}

/** Options by which others name an item, where that is no interface. */
const REFERENCES: Readonly<Record<string, readonly string[]>> = {
  pool: ['address_pool', 'next_pool'],
  dhcp_server: [],
};

/** Whoever names the item goes on doing so. */
function renamed({ type, key, properties }: CheckedMenu, before: Item, after: Item, config: Config): Change[] {
  const [old, value] = [before.values[key], after.values[key]];
  if (!properties.name || old === value || old === undefined) return [];
  return (REFERENCES[type] ?? ['interface']).flatMap((option) =>
    config.items.flatMap((other): Change[] => {
      const named = other.id === before.id ? [] : String(other.values[option] ?? '').split(',');
      if (!named.includes(String(old))) return [];
      const names = named.map((name) => (name === old ? value : name)).join(',');
      return [{ do: 'set', section: other.id, option, value: names }];
    }),
  );
}

function saidOf(menu: CheckedMenu, args: Arguments, before: AnyValues): Said {
  const said = parseArguments(menu.properties, args);
  return menu.fold ? menu.fold(before, said) : said;
}

/** Arguments through the parsers. `null` and "" ask for the default. Throws Refused. */
function parseArguments(table: PropertyTable, args: Arguments): Said {
  const given: AnyValues = {};
  const reset: string[] = [];
  for (const [name, value] of Object.entries(args)) {
    if (name === SESSION || value === undefined) continue;
    if (value !== null && value !== '') given[name] = parseValue(table, name, argumentText(table, name, value));
    else if (rowOf(table, name)) reset.push(name);
    else parseValue(table, name, '');
  }
  return { given, reset };
}

function argumentText(table: PropertyTable, name: string, value: unknown): string {
  if (Array.isArray(value) && rowOf(table, name)?.type.policy === 'Array')
    return value.map((one) => argumentText({}, name, one)).join(' ');
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint')
    return String(value);
  throw new Refused(`${name} must be one value, not a list or table`, name);
}

/** Options in the table's order, so that files read alike. */
function store(table: PropertyTable, section: string, given: AnyValues): Change[] {
  return Object.keys(table)
    .filter((name) => given[name] !== undefined)
    .map((option) => ({ do: 'set', section, option, value: table[option]!.type.store(given[option]) }));
}

function pick(values: AnyValues, names: readonly string[]): AnyValues {
  return Object.fromEntries(names.filter((name) => values[name] !== undefined).map((name) => [name, values[name]]));
}
