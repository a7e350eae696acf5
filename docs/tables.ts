import { descriptions } from '../src/menus/descriptions.ts';
import { globals } from '../src/model/config.ts';
import type { MenuDescription } from '../src/model/menu.ts';
import { consoleName, type Property, type PropertyTable } from '../src/model/properties.ts';

/** The documents that hold tables. */
export const DOCUMENTS = ['docs/uci.md', 'docs/ubus.md', 'docs/console.md'];

/** What stands between `<!-- table NAME -->` and `<!-- end -->`, by name. */
const TABLES: Readonly<Record<string, () => string>> = {
  ...Object.fromEntries(
    descriptions.flatMap((menu) => [
      [`uci ${menu.type}`, () => options(menu.properties)],
      [`ubus ${menu.type}`, () => members(menu)],
      [`console ${menu.type}`, () => commands(menu)],
    ]),
  ),
  'uci globals': () => options(globals),
  menus: () => menus(),
};

const MARKED = /(<!-- table ([\w ]+) -->\n)[\s\S]*?(<!-- end -->)/g;

/** The document with its tables as they have to be now. Throws when it asks for one that there is not. */
export function filled(text: string): string {
  return text.replace(MARKED, (_, begin: string, name: string, end: string) => {
    const table = TABLES[name];
    if (!table) throw new Error(`no table "${name}"; there are ${Object.keys(TABLES).join(', ')}`);
    return `${begin}\n${table()}\n${end}`;
  });
}

/** Names of tables that no document has. */
export function missing(texts: readonly string[]): string[] {
  return Object.keys(TABLES).filter((name) => !texts.some((text) => text.includes(`<!-- table ${name} -->`)));
}

function menus(): string {
  const row = ({ path, type, object }: MenuDescription) => [`/${path}`, code(type), code(object)];
  return table(['RouterOS menu', 'UCI section type', 'ubus object'], descriptions.map(row));
}

function options(properties: PropertyTable): string {
  const row = ([name, row]: [string, Property<unknown>]) => [
    code(name),
    row.type.expected,
    row.required ? 'required' : code(row.default === undefined ? '' : [row.type.store(row.default)].flat().join(' ')),
    row.cost,
    row.help,
  ];
  return table(['option', 'value', 'default', 'a change is', 'meaning'], Object.entries(properties).map(row));
}

function members({ properties, readOnly }: MenuDescription): string {
  const given = Object.entries(properties).map(([name, { type, help }]) => [code(name), type.policy, 'yes', help]);
  const shown = Object.entries(readOnly).map(([name, { kind, help }]) => [code(name), KINDS[kind], 'no', help]);
  return table(['member', 'type', 'can be given', 'meaning'], [...given, ...shown]);
}

/** What a read-only value is in a ubus answer. */
const KINDS = {
  text: 'String',
  number: 'Integer',
  counter: 'Int64',
  time: 'Integer (seconds)',
  'yes-no': 'Boolean',
} as const;

function commands({ properties, readOnly, flags, columns }: MenuDescription): string {
  const row = ([name, { type, required, default: value, help }]: [string, Property<unknown>]) => [
    code(consoleName(name)),
    type.expected,
    required ? 'required' : code(value === undefined ? '' : type.print(value)),
    help,
  ];
  const letters = flags.map(({ letter, label }) => `${letter} - ${label}`).join(', ');
  return [
    table(['property', 'value', 'default', 'meaning'], Object.entries(properties).map(row)),
    `Columns of \`print\`: ${columns.map(consoleName).join(', ')}. Flags: ${letters}.`,
    `Shown besides by \`print detail\`: ${Object.keys(readOnly)
      .filter((name) => !flags.some(({ value }) => value === name))
      .map(consoleName)
      .join(', ')}.\n`,
  ].join('\n');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('');
}

function code(text: string): string {
  return text === '' ? '' : `\`${text}\``;
}
