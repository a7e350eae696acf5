import { quoted, quotedIfNeeded } from './quote.ts';
import { type Column, type FlagColumn, type Item, type Sheet, valueIn } from './table.ts';

export const FORMS = ['table', 'brief', 'detail', 'terse', 'value-list', 'as-value', 'count-only'] as const;
export type Form = (typeof FORMS)[number];

export interface PrintOptions {
  form: Form;
  /** Names of the properties to show, in this order, in place of the form's own. */
  proplist?: readonly string[];
  /** Of the terminal; `detail` is wrapped to it. */
  width?: number;
  /** Whether a table has to fit it too: long texts are cut, and columns left out that still have no room. */
  fit?: boolean;
  /** `*1` in place of the item's number. */
  showIds?: boolean;
}

/** The items as RouterOS 7 prints them, each line ended; nothing at all for no items (but `count-only`). */
export function print(items: readonly Item[], sheet: Sheet, options: PrintOptions): string {
  if (options.form === 'count-only') return `${items.length}\n`;
  if (items.length === 0) return '';
  return PRINTERS[options.form](items, sheet, options)
    .map((line) => `${line}\n`)
    .join('');
}

/** A text is not cut to less. */
const SHORTEST = 8;

type Printer = (items: readonly Item[], sheet: Sheet, options: PrintOptions) => string[];

const PRINTERS: Readonly<Record<Exclude<Form, 'count-only'>, Printer>> = {
  table: printTable,
  brief: printTable,
  detail: printDetail,
  terse: printTerse,
  'value-list': printValueList,
  'as-value': printAsValue,
};

function printTable(items: readonly Item[], sheet: Sheet, options: PrintOptions): string[] {
  const flags = sheet.flags.filter(({ name }) => items.some((item) => item.flags[name]));
  // A column that no item has anything in is left out.
  const all = chosen(sheet.columns, sheet, options).filter(({ name }) => items.some((item) => valueIn(item, name)));
  const labels = items.map((item, i) => labelOf(item, i, options));
  const width = Math.max(...labels.map((label) => label.length));
  const lead = (label: string, letters: string) =>
    [label.padStart(width), ...(flags.length > 0 ? [letters] : [])].join(' ');
  const needed = all.map((column) => Math.max(column.name.length, ...items.map((item) => cellOf(item, column).length)));
  const least = all.map(({ name }) => Math.max(name.length, SHORTEST));
  const room = options.fit ? (options.width ?? 80) - width - flags.length - 2 : Number.POSITIVE_INFINITY;
  const widths = fitted(needed, least, room);
  const columns = all.slice(0, widths.length);
  const cells = (texts: string[]) =>
    texts
      .map((text, i) => (text.length > widths[i]! ? `${text.slice(0, widths[i]! - 2)}..` : text))
      .map((text, i) => (columns[i]!.align === 'right' ? text.padStart(widths[i]!) : text.padEnd(widths[i]!)))
      .join('  ');
  const row = (item: Item, i: number) =>
    `${lead(labels[i]!, lettersOf(item, flags))} ${cells(columns.map((column) => cellOf(item, column)))}`;
  return [
    ...legend(flags, (label) => label.toUpperCase()),
    ...columnsLine(columns, options),
    `${lead('#', ' '.repeat(flags.length))} ${cells(columns.map(({ name }) => name.toUpperCase()))}`,
    ...items.flatMap((item, i) => [...remarksOf(item, sheet), row(item, i)]),
  ];
}

/** On a terminal it goes on below. */
function columnsLine(columns: readonly Column[], { fit, width = 80 }: PrintOptions): string[] {
  const words = ['Columns:', ...columns.map(({ name }, i) => name.toUpperCase() + (i < columns.length - 1 ? ',' : ''))];
  return fit ? wrap(words, width - 2).map((line, i) => (i === 0 ? line : `  ${line}`)) : [words.join(' ')];
}

/** What columns get of the room: the widest give way first; those at the right go when that is not enough. */
function fitted(needed: readonly number[], least: readonly number[], room: number): number[] {
  const widths = [...needed];
  const excess = () => widths.reduce((sum, width) => sum + width + 2, -2) - room;
  for (let over = excess(); over > 0; over = excess()) {
    const widest = widths.reduce((best, width, i) => (width > least[i]! && width > (widths[best] ?? 0) ? i : best), -1);
    if (widest >= 0) widths[widest]!--;
    else if (widths.length > 1) widths.splice(0, widths.length, ...needed.slice(0, widths.length - 1));
    else break;
  }
  return widths;
}

/** ` 0  R name="macvlan1" mtu=1500 …`, wrapped, and indented to where the first property stands. */
function printDetail(items: readonly Item[], sheet: Sheet, options: PrintOptions): string[] {
  const properties = chosen(sheet.properties, sheet, options).filter(({ name }) => !isRemark(sheet, options, name));
  const labels = items.map((item, i) => labelOf(item, i, options));
  const labelWidth = Math.max(2, ...labels.map((label) => label.length));
  const blocks = items.map((item, i) => {
    const first = `${labels[i]!.padStart(labelWidth)} ${lettersOf(item, sheet.flags)} `;
    const indent = ' '.repeat(first.length);
    const words = properties
      .filter(({ name }) => valueIn(item, name))
      .map(
        (column) =>
          `${column.name}=${column.quoted ? quoted(valueIn(item, column.name)) : quotedIfNeeded(cellOf(item, column))}`,
      );
    const remarks = options.proplist ? [] : remarksOf(item, sheet);
    const lines = [...remarks, ...wrap(words, (options.width ?? 80) - indent.length)];
    return lines.map((line, n) => (n === 0 ? first : indent) + line);
  });
  return [
    ...legend(sheet.flags, (label) => label),
    ...blocks.flatMap((lines, i) => (i === 0 ? lines : ['', ...lines])),
  ];
}

function printTerse(items: readonly Item[], sheet: Sheet, options: PrintOptions): string[] {
  const properties = chosen(sheet.properties, sheet, options);
  return items.map((item, i) => {
    const words = properties
      .filter(({ name }) => valueIn(item, name))
      .map(({ name }) => `${name}=${quotedIfNeeded(valueIn(item, name))}`);
    return [labelOf(item, i, options), lettersOf(item, sheet.flags), ...words].join(' ');
  });
}

/** A line for a property, a column for an item. */
function printValueList(items: readonly Item[], sheet: Sheet, options: PrintOptions): string[] {
  const properties = chosen(sheet.properties, sheet, options).filter(({ name }) =>
    items.some((item) => valueIn(item, name)),
  );
  const nameWidth = Math.max(0, ...properties.map(({ name }) => name.length));
  const widths = items.map((item) => Math.max(...properties.map((column) => cellOf(item, column).length)));
  return properties.map((column) => {
    const cells = items.map((item, i) => cellOf(item, column).padEnd(widths[i]!));
    return `${column.name.padStart(nameWidth + 2)}: ${cells.join('  ')}`.trimEnd();
  });
}

/** What `print as-value` gives to a script: one line, items one behind another, each beginning with its `.id`. */
function printAsValue(items: readonly Item[], sheet: Sheet, options: PrintOptions): string[] {
  const properties = chosen(sheet.properties, sheet, options);
  const pairs = items.flatMap((item) => [
    `.id=${item.id}`,
    ...properties.filter(({ name }) => valueIn(item, name)).map(({ name }) => `${name}=${shown(item, name)}`),
  ]);
  return [pairs.join(';')];
}

function chosen(own: readonly Column[], sheet: Sheet, { proplist }: PrintOptions): readonly Column[] {
  if (!proplist) return own;
  const known = [...sheet.columns, ...sheet.properties];
  return proplist.map((name) => known.find((column) => column.name === name) ?? { name });
}

/** A remark is shown as a property only where it is asked for by name. */
function isRemark(sheet: Sheet, { proplist }: PrintOptions, name: string): boolean {
  return !proplist && sheet.remarks.includes(name);
}

function remarksOf(item: Item, sheet: Sheet): string[] {
  const texts = sheet.remarks.map((name) => valueIn(item, name)).filter((text) => text !== '');
  return texts.flatMap((text) => text.split(/\r?\n/).map((line) => `;;; ${printable(line)}`));
}

function legend(flags: readonly FlagColumn[], write: (label: string) => string): string[] {
  if (flags.length === 0) return [];
  return [`Flags: ${flags.map(({ letter, label }) => `${letter} - ${write(label)}`).join('; ')}`];
}

function lettersOf(item: Item, flags: readonly FlagColumn[]): string {
  return flags.map(({ name, letter }) => (item.flags[name] ? letter : ' ')).join('');
}

function labelOf(item: Item, index: number, { showIds }: PrintOptions): string {
  return showIds ? item.id : `${index}`;
}

/** For people's eyes; what other programs read is left as it is. */
function cellOf(item: Item, { name, grouped }: Column): string {
  const text = shown(item, name);
  return grouped ? text.replace(/\B(?=(\d{3})+$)/g, ' ') : text;
}

function shown(item: Item, name: string): string {
  return printable(valueIn(item, name));
}

/** Texts come from servers too: what would steer a terminal is not let through. */
export function printable(text: string): string {
  return text.replace(/[\x00-\x1f\x7f-\x9f]/g, '?');
}

/** Words in lines of at most `width`; a longer word has a line of its own. */
export function wrap(words: readonly string[], width: number): string[] {
  const lines: string[] = [];
  for (const word of words) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines.length > 0 ? lines : [''];
}
