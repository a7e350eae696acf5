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
  const columns = chosen(sheet.columns, sheet, options).filter(({ name }) => items.some((item) => valueIn(item, name)));
  const labels = items.map((item, i) => labelOf(item, i, options));
  const width = Math.max(...labels.map((label) => label.length));
  const lead = (label: string, letters: string) =>
    [label.padStart(width), ...(flags.length > 0 ? [letters] : [])].join(' ');
  const widths = columns.map(({ name }) => Math.max(name.length, ...items.map((item) => shown(item, name).length)));
  const cells = (texts: string[]) =>
    texts
      .map((text, i) => (columns[i]!.align === 'right' ? text.padStart(widths[i]!) : text.padEnd(widths[i]!)))
      .join('  ');
  const row = (item: Item, i: number) =>
    `${lead(labels[i]!, lettersOf(item, flags))} ${cells(columns.map(({ name }) => shown(item, name)))}`;
  return [
    ...legend(flags, (label) => label.toUpperCase()),
    `Columns: ${columns.map(({ name }) => name.toUpperCase()).join(', ')}`,
    `${lead('#', ' '.repeat(flags.length))} ${cells(columns.map(({ name }) => name.toUpperCase()))}`,
    ...items.flatMap((item, i) => [...remarksOf(item, sheet), row(item, i)]),
  ];
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
          `${column.name}=${column.quoted ? quoted(valueIn(item, column.name)) : quotedIfNeeded(shown(item, column.name))}`,
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
  const widths = items.map((item) => Math.max(...properties.map(({ name }) => shown(item, name).length)));
  return properties.map(({ name }) => {
    const cells = items.map((item, i) => shown(item, name).padEnd(widths[i]!));
    return `${name.padStart(nameWidth + 2)}: ${cells.join('  ')}`.trimEnd();
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

function shown(item: Item, name: string): string {
  return printable(valueIn(item, name));
}

/** Texts come from servers too: what would steer a terminal is not let through. */
function printable(text: string): string {
  return text.replace(/[\x00-\x1f\x7f-\x9f]/g, '?');
}

/** Words in lines of at most `width`; a longer word has a line of its own. */
function wrap(words: readonly string[], width: number): string[] {
  const lines: string[] = [];
  for (const word of words) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines.length > 0 ? lines : [''];
}
