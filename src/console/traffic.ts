import type { Entry, MenuDescription } from '../model/menu.ts';
import { hasCounters } from '../routeros/menu.ts';
import { print } from '../routeros/print.ts';
import { Fault } from '../routeros/scanner.ts';
import type { Item, Sheet } from '../routeros/table.ts';
import type { Other } from './commands.ts';
import { repeat, rhythmOf } from './live.ts';
import type { Session } from './session.ts';

/** What a second's difference of two counters is called. */
const RATES: readonly (readonly [counter: string, rate: string])[] = [
  ['packet', 'packets-per-second'],
  ['byte', 'bits-per-second'],
  ['drop', 'drops-per-second'],
  ['error', 'errors-per-second'],
];
const NAMES = ['rx', 'tx'].flatMap((way) => RATES.map(([, rate]) => `${way}-${rate}`));
const SHEET: Sheet = {
  columns: [],
  properties: ['name', ...NAMES].map((name) => ({ name })),
  flags: [],
  remarks: [],
};

/** Packets and bits a second, from the differences of the counters. */
export async function monitorTraffic(session: Session, other: Other): Promise<void> {
  const { statement } = other;
  const names = other.menu
    ? undefined
    : (await session.drive(session.interpreter.words(statement))).flatMap((word) => word.split(','));
  if (statement.items.length === 0) throw new Fault('missing value(s) of argument(s) numbers', statement);
  const menus = other.menu
    ? [other.menu]
    : session.options.menus.filter((menu) => menu.path.startsWith(statement.menu) && hasCounters(menu));
  const look = async () =>
    (await lines(session, menus)).filter(({ entry, name }) =>
      names ? names.includes(name) : other.ids.includes(entry.id),
    );
  const rhythm = await rhythmOf(session, statement);
  let before = await look();
  const missing = names?.find((name) => !before.some((line) => line.name === name));
  if (missing !== undefined) throw new Fault('no such item', statement.items[0]!);
  // A rate takes two looks.
  if (await session.options.pause(rhythm.interval)) return;
  await repeat(session, rhythm, async () => {
    const now = await look();
    const items = now.map(({ entry, name }) => {
      const last = before.find((line) => line.entry.id === entry.id)?.entry ?? entry;
      return itemOf(name, last, entry, rhythm.interval / 1000);
    });
    before = now;
    return print(items, SHEET, { form: session.options.live ? 'value-list' : 'terse', width: session.options.width() });
  });
}

async function lines(session: Session, menus: readonly MenuDescription[]): Promise<{ name: string; entry: Entry }[]> {
  const all: { name: string; entry: Entry }[] = [];
  for (const menu of menus)
    for (const entry of await session.list(menu)) all.push({ name: String(entry[menu.key]), entry });
  return all;
}

function itemOf(name: string, before: Entry, now: Entry, seconds: number): Item {
  const values: Record<string, string> = { name };
  for (const way of ['rx', 'tx']) {
    for (const [counter, rate] of RATES) {
      const perSecond = rateOf(before, now, `${way}_${counter}`, seconds);
      values[`${way}-${rate}`] = counter === 'byte' ? printRate(8 * perSecond) : String(Math.round(perSecond));
    }
  }
  return { id: '', flags: {}, values };
}

/** A counter that was set back counts from 0. */
export function rateOf(before: Entry, now: Entry, counter: string, seconds: number): number {
  const [from, to] = [Number(before[counter] ?? 0), Number(now[counter] ?? 0)];
  return (to >= from ? to - from : to) / seconds;
}

/** `0bps`, `12.3kbps`, `1.0Gbps` */
export function printRate(bits: number): string {
  const unit = ['', 'k', 'M', 'G'].findLast((_, i) => i === 0 || bits >= 1000 ** i)!;
  const value = bits / 1000 ** ['', 'k', 'M', 'G'].indexOf(unit);
  return `${unit === '' ? Math.round(value) : value.toFixed(1)}${unit}bps`;
}
