import type { Entry, MenuDescription } from '../model/menu.ts';
import { consoleName } from '../model/properties.ts';
import { printTime } from '../model/time.ts';
import { FORMS } from '../routeros/print.ts';
import type { Column, CommandSyntax, FlagColumn, Item, MenuSyntax, Sheet } from '../routeros/table.ts';

/** Menus as the language and `print` want them, made from the property tables. */

const REMARKS = ['comment', 'about'];

export function syntaxOf(menus: readonly MenuDescription[]): MenuSyntax[] {
  return [
    { path: '', commands: [{ name: 'quit' }] },
    ...menus.map((menu) => ({ path: menu.path, commands: commandsOf(menu) })),
  ];
}

function commandsOf(menu: MenuDescription): CommandSyntax[] {
  const properties = Object.keys(menu.properties).map(consoleName);
  const plain = [
    'remove',
    'enable',
    'disable',
    ...menu.methods.filter((method) => method === 'renew' || method === 'release'),
  ];
  return [
    { name: 'add', properties },
    { name: 'set', properties, items: true },
    ...plain.map((name) => ({ name, items: true })),
    { name: 'comment', properties: ['comment'], items: true },
    {
      name: 'print',
      switches: [...FORMS.slice(1), 'show-ids', 'without-paging'],
      properties: ['proplist'],
      items: true,
      where: true,
    },
    { name: 'find', where: true },
  ];
}

export function sheetOf(menu: MenuDescription): Sheet {
  const names = [...Object.keys(menu.properties), ...Object.keys(menu.readOnly)].filter((name) => !isFlag(menu, name));
  return {
    columns: menu.columns.map((name) => columnOf(menu, name)),
    properties: names.map((name) => columnOf(menu, name)),
    flags: menu.flags.map(({ letter, label, value }): FlagColumn => ({ letter, label, name: consoleName(value) })),
    remarks: REMARKS,
  };
}

function isFlag(menu: MenuDescription, name: string): boolean {
  return menu.flags.some(({ value }) => value === name);
}

function columnOf(menu: MenuDescription, name: string): Column {
  const isNumber =
    name === 'mtu' || menu.properties[name]?.type.policy === 'Integer' || menu.readOnly[name]?.kind === 'number';
  const quoted = name === 'name' || name === 'comment';
  return { name: consoleName(name), ...(isNumber && { align: 'right' as const }), ...(quoted && { quoted }) };
}

/** One entry of `list` as it is printed and asked for with `where`. */
export function itemOf(menu: MenuDescription, entry: Entry): Item {
  const values = Object.entries(entry).map(([name, value]) => [consoleName(name), printValue(menu, name, value)]);
  const flags = menu.flags.map(({ value }) => [consoleName(value), entry[value] === true]);
  return { id: itemId(entry.id), values: Object.fromEntries(values), flags: Object.fromEntries(flags) };
}

function printValue(menu: MenuDescription, name: string, value: Entry[string]): string {
  const row = menu.properties[name];
  if (row) return row.type.print(value);
  if (menu.readOnly[name]?.kind === 'time') return printTime(Number(value));
  return typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value);
}

/** `*1` for `macvlan_1`: RouterOS counts in hex. A section that a person named gets a number made of its name. */
export function itemId(id: string): string {
  const number = /_(\d{1,6})$/.exec(id)?.[1];
  if (number !== undefined) return `*${Number(number).toString(16).toUpperCase()}`;
  let hash = 0;
  for (let i = 0; i < id.length; i++) hash = (Math.imul(hash, 31) + id.charCodeAt(i)) & 0xffffff;
  return `*${(0x1000000 + hash).toString(16).toUpperCase()}`;
}
