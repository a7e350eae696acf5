import type { Entry, MenuDescription } from '../model/menu.ts';
import { consoleName, rowOf } from '../model/properties.ts';
import { printTime } from '../model/time.ts';
import { FORMS } from './print.ts';
import type { Column, CommandSyntax, FlagColumn, Item, MenuSyntax, Sheet } from './table.ts';

/** Menus as the language and `print` want them, made from the property tables. */

const REMARKS = ['comment', 'about'];

/** Methods that mean one item or several; every other one that a menu has beyond them may be asked of one or of all. */
const OF_ITEMS = ['renew', 'release', 'reset_counters'];
/** Methods that are no command of a menu: other programs' business, or given in the root. */
const NO_COMMANDS = ['status', 'reload', 'shutdown', 'event', 'export', 'import', 'leases'];

/** Methods that mean an interface, which may stand alone as an item does. */
const OF_INTERFACES = ['scan'];

/** What a counter is called in `list`, in the order of `print stats`. */
export const COUNTERS = ['byte', 'packet', 'drop', 'error'].flatMap((what) => [`rx_${what}`, `tx_${what}`]);

export const hasCounters = (menu: MenuDescription): boolean => Object.hasOwn(menu.readOnly, 'rx_byte');

const TIMES = ['interval', 'duration'];
const EXPORT: CommandSyntax = {
  name: 'export',
  switches: ['compact', 'verbose', 'terse', 'hide-sensitive', 'show-sensitive'],
  properties: ['file', 'netifd'],
};
const MONITOR_TRAFFIC: CommandSyntax = {
  name: 'monitor-traffic',
  items: true,
  switches: ['once'],
  properties: ['numbers', ...TIMES],
};
/** The root's own commands. */
const ROOT: readonly CommandSyntax[] = [
  EXPORT,
  { name: 'import', items: true, switches: ['dry-run'], properties: ['file-name', 'verbose'] },
  { name: 'quit' },
  { name: 'status', own: true },
];

/** The root, the menus, and those on the way to them. */
export function syntaxOf(menus: readonly MenuDescription[]): MenuSyntax[] {
  const known = menus.map((menu) => ({ path: menu.path, commands: commandsOf(menu) }));
  const ways = new Set(menus.flatMap(({ path }) => path.split(' ').map((_, n, names) => names.slice(0, n).join(' '))));
  const between = [...ways].filter((path) => path !== '' && !known.some((menu) => menu.path === path));
  return [
    { path: '', commands: ROOT },
    ...known,
    ...between.map((path) => ({ path, commands: [EXPORT, ...wayCommands(path, menus)] })),
  ];
}

function wayCommands(path: string, menus: readonly MenuDescription[]): CommandSyntax[] {
  const counted = menus.some((menu) => menu.path.startsWith(`${path} `) && hasCounters(menu));
  return path === 'interface' && counted ? [MONITOR_TRAFFIC] : [];
}

/** What can be asked of rows that nobody writes. */
const READING = ['get', 'print', 'find', 'monitor'];

function commandsOf(menu: MenuDescription): CommandSyntax[] {
  const commands = allCommands(menu);
  return menu.rows === undefined ? commands : commands.filter(({ name }) => READING.includes(name));
}

function allCommands(menu: MenuDescription): CommandSyntax[] {
  const properties = Object.keys(menu.properties).map(consoleName);
  const ofItems = menu.methods.filter((method) => OF_ITEMS.includes(method));
  const others = menu.methods.filter((method) => !OF_ITEMS.includes(method) && !NO_COMMANDS.includes(method));
  const plain = ['remove', 'enable', 'disable', ...ofItems];
  return [
    { name: 'add', properties: [...properties, 'copy-from'] },
    { name: 'set', properties: [...properties, 'numbers'], items: true },
    ...plain.map((name) => ({ name: consoleName(name), items: true, properties: ['numbers'] })),
    ...others.map((name) => ({
      name: consoleName(name),
      items: true,
      ...(OF_INTERFACES.includes(name)
        ? { properties: ['interface', 'duration'] }
        : { properties: ['numbers'], own: true }),
    })),
    ...['reset', 'unset'].map((name) => ({
      name,
      items: true,
      words: properties,
      properties: ['numbers', 'value-name'],
    })),
    { name: 'comment', properties: ['comment', 'numbers'], items: true },
    { name: 'get', items: true, words: readable(menu), properties: ['number', 'value-name'] },
    {
      name: 'print',
      switches: [...FORMS.slice(1), 'show-ids', 'without-paging', 'follow', ...(hasCounters(menu) ? ['stats'] : [])],
      properties: ['proplist', ...TIMES, 'file', 'from'],
      items: true,
      where: true,
    },
    { name: 'find', where: true },
    { name: 'monitor', items: true, switches: ['once'], properties: ['numbers', ...TIMES] },
    ...(hasCounters(menu) ? [MONITOR_TRAFFIC] : []),
    EXPORT,
  ];
}

/** Everything that an item shows. */
export function readable(menu: MenuDescription): string[] {
  return [...Object.keys(menu.properties), ...Object.keys(menu.readOnly)].map(consoleName);
}

/** The method behind a command that is none of the language's own. */
export function methodOf(menu: MenuDescription, command: string): Method | undefined {
  const method = menu.methods.find((name) => consoleName(name) === command && !NO_COMMANDS.includes(name));
  if (method === undefined) return undefined;
  return { method, ofItems: OF_ITEMS.includes(method), ofInterface: OF_INTERFACES.includes(method) };
}

export interface Method {
  readonly method: string;
  readonly ofItems: boolean;
  readonly ofInterface: boolean;
}

export function sheetOf(menu: MenuDescription, stats = false): Sheet {
  const names = [...Object.keys(menu.properties), ...Object.keys(menu.readOnly)].filter(
    (name) => !isFlag(menu, name) && (stats || !COUNTERS.includes(name)),
  );
  return {
    columns: (stats ? [menu.key, ...COUNTERS] : menu.columns).map((name) => columnOf(menu, name)),
    properties: names.map((name) => columnOf(menu, name)),
    flags: menu.flags.map(({ letter, label, value }): FlagColumn => ({ letter, label, name: consoleName(value) })),
    remarks: REMARKS,
  };
}

export function isFlag(menu: MenuDescription, name: string): boolean {
  return menu.flags.some(({ value }) => value === name);
}

function columnOf(menu: MenuDescription, name: string): Column {
  const isNumber =
    name === 'mtu' ||
    menu.properties[name]?.type.policy === 'Integer' ||
    /number|counter/.test(menu.readOnly[name]?.kind ?? '');
  const quoted = name === 'name' || name === 'comment';
  const grouped = COUNTERS.includes(name);
  return {
    name: consoleName(name),
    ...(isNumber && { align: 'right' as const }),
    ...(quoted && { quoted }),
    ...(grouped && { grouped }),
  };
}

const items = new WeakMap<Entry, Item>();

/** One entry of `list` as it is printed and asked for with `where`. */
export function itemOf(menu: MenuDescription, entry: Entry): Item {
  const known = items.get(entry);
  if (known) return known;
  const values = Object.entries(entry).map(([name, value]) => [consoleName(name), printValue(menu, name, value)]);
  const flags = menu.flags.map(({ value }) => [consoleName(value), entry[value] === true]);
  const item = { id: itemId(entry.id), values: Object.fromEntries(values), flags: Object.fromEntries(flags) };
  items.set(entry, item);
  return item;
}

function printValue(menu: MenuDescription, name: string, value: unknown): string {
  if (Array.isArray(value)) return value.join(',');
  if (name === 'about') return inConsoleWords(menu, String(value));
  const row = rowOf(menu.properties, name);
  if (row) return row.type.print(value);
  if (menu.readOnly[name]?.kind === 'time') return printTime(Number(value));
  return typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value);
}

/** The daemon names properties as ubus and UCI do. */
function inConsoleWords(menu: MenuDescription, text: string): string {
  const names = Object.keys(menu.properties).filter((name) => name.includes('_'));
  return names.reduce((said, name) => said.replaceAll(name, consoleName(name)), text);
}

/** `*1` for `macvlan_1`: RouterOS counts in hex. A section that a person named gets a number made of its name. */
export function itemId(id: string): string {
  const number = /_(\d{1,6})$/.exec(id)?.[1];
  if (number !== undefined) return `*${Number(number).toString(16).toUpperCase()}`;
  let hash = 0;
  for (let i = 0; i < id.length; i++) hash = (Math.imul(hash, 31) + id.charCodeAt(i)) & 0xffffff;
  return `*${(0x1000000 + hash).toString(16).toUpperCase()}`;
}
