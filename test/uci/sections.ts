import * as assert from 'uvu/assert';
import type { Document } from '../../src/uci/parse.ts';
import type { Row, Rows } from '../../src/uci/rows.ts';

/** What a document means, in the form of `uci export`. */
export function exported(document: Document, name = 'x'): string {
  const quoted = (value: string) => `'${value.split("'").join("'\\''")}'`;
  const sections = document.sections.map((section) => {
    const options = section.options.flatMap(({ kind, name, values }) =>
      values.map((value) => `\t${kind} ${name} ${quoted(value)}\n`),
    );
    return `\nconfig ${section.type}${section.name ? ` ${quoted(section.name)}` : ''}\n${options.join('')}`;
  });
  return `package ${name}\n${sections.join('')}\n`;
}

/** One line a section: `macvlan a: mtu=1500 dns=[1 2]`. */
export function brief(document: Document): string[] {
  return document.sections.map((section) => {
    const options = section.options.map(({ kind, name, values }) =>
      kind === 'list' ? ` ${name}=[${values.join(' ')}]` : ` ${name}=${values[0]}`,
    );
    return `${section.type} ${section.name ?? '-'}:${options.join('')}`;
  });
}

/** All rows, gone through forwards; backwards they must be the same. */
export function rowsOf(rows: Rows): Row[] {
  const forwards: Row[] = [];
  for (let row = rows.at(0); row; row = rows.after(row)) forwards.push(row);
  const backwards: Row[] = [];
  for (let row = rows.last; row; row = rows.before(row)) backwards.unshift(row);
  assert.ok(backwards.length === forwards.length && backwards.every((row, i) => row === forwards[i]));
  return forwards;
}

/** What the rows hold together. */
export function textOf(rows: Rows, text: string): string {
  const parts = rowsOf(rows).map(({ start, end }) => text.slice(start, end));
  return parts.join('');
}
