import { printable, wrap } from '../routeros/print.ts';
import type { Table, Value } from '../ubus/blob.ts';

/** What `diagnose` found, a line each under its item: the result, what was looked at, the sentence, and the cure below. */

const MEMBERS = ['check', 'result', 'text'];

export function areChecks(rows: readonly Value[]): rows is Table[] {
  return rows.length > 0 && rows.every((row) => MEMBERS.every((name) => typeof (row as Table)?.[name] === 'string'));
}

export function printChecks(rows: readonly Table[], width: number): string {
  const wide = (name: string) => Math.max(...rows.map((row) => String(row[name]).length));
  const lead = (row: Table) =>
    `  ${String(row.result).padEnd(wide('result'))}  ${String(row.check).padEnd(wide('check'))}  `;
  let item: Value | undefined;
  return rows
    .flatMap((row) => {
      const head = row.item === undefined || row.item === item ? [] : [String(row.item)];
      item = row.item;
      const first = lead(row);
      const cure = row.cure === undefined ? [] : lines(`-> ${row.cure}`, width - first.length);
      const texts = [...lines(String(row.text), width - first.length), ...cure];
      return [...head, ...texts.map((text, i) => (i === 0 ? first : ' '.repeat(first.length)) + text)];
    })
    .map((line) => `${line}\n`)
    .join('');
}

/** A sentence in lines of so many columns. */
export function lines(text: string, width: number): string[] {
  return wrap(printable(text).split(' '), width);
}
