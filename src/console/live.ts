import type { MenuDescription } from '../model/menu.ts';
import { consoleName } from '../model/properties.ts';
import { parseTime } from '../model/time.ts';
import { COUNTERS, isFlag, itemOf, sheetOf } from '../routeros/menu.ts';
import { print } from '../routeros/print.ts';
import { Fault } from '../routeros/scanner.ts';
import type { Statement } from '../routeros/statement.ts';
import type { Sheet } from '../routeros/table.ts';
import type { Other } from './commands.ts';
import { withEnding, writeTo } from './files.ts';
import type { Session } from './session.ts';

/** How often `monitor` and `print follow` look, in ms, unless the command says otherwise. */
const INTERVAL = 1000;
/** RouterOS takes no less. */
const SHORTEST = 200;

/** How long a command goes on looking. */
export interface Rhythm {
  readonly once: boolean;
  readonly interval: number;
  /** In ms; endless where it is not said. */
  readonly duration: number;
}

export async function rhythmOf(session: Session, statement: Statement): Promise<Rhythm> {
  const milliseconds = async (name: string, fallback: number) => {
    const text = await session.drive(session.interpreter.named(statement, name));
    if (text === undefined) return fallback;
    const short =
      /^(\d{1,6})ms$/.exec(text)?.[1] ?? (/^\d{0,4}\.\d{1,3}$/.test(text) ? Number(text) * 1000 : undefined);
    const time = short === undefined ? (parseTime(text) ?? Number.NaN) * 1000 : Number(short);
    if (!(time >= SHORTEST)) throw new Fault(`${name} ${text} is not a time of 200ms or more`, statement);
    return time;
  };
  const interval = await milliseconds('interval', INTERVAL);
  return { interval, once: statement.switches.includes('once'), duration: await milliseconds('duration', Infinity) };
}

/** Show what `look` answers again and again, in place on a terminal; lines below one another elsewhere, when they are new. */
export async function repeat(session: Session, rhythm: Rhythm, look: () => Promise<string>): Promise<void> {
  const { live, write, width, pause } = session.options;
  let before = '';
  for (let spent = 0; ; spent += rhythm.interval) {
    const text = live ? cut(await look(), width()) : await look();
    // Up to where the last one began, and away with it.
    const rows = before.split('\n').length - 1;
    if (live && spent > 0) write(`${rows > 0 ? `\x1b[${rows}A` : ''}\r\x1b[J${text}`);
    else if (text !== before) write(text);
    before = text;
    if (rhythm.once || spent + rhythm.interval > rhythm.duration) return;
    if (await pause(rhythm.interval)) return;
  }
}

/** A line that wraps would not be found again. */
function cut(text: string, width: number): string {
  return text.replace(/[^\n]+/g, (line) => (line.length > width ? line.slice(0, width) : line));
}

/** `print` into a file, or one that goes on. */
export async function printOn(session: Session, { menu, statement }: Other): Promise<void> {
  const look = () => session.drive(session.interpreter.shown(menu!, statement));
  const file = await session.drive(session.interpreter.named(statement, 'file'));
  if (file !== undefined) writeTo(session, withEnding(file, '.txt'), await look(), statement);
  else await repeat(session, await rhythmOf(session, statement), look);
}

/** What the items are like now. */
export async function monitor(session: Session, { menu, statement, ids }: Other): Promise<void> {
  if (statement.items.length === 0) throw new Fault('missing value(s) of argument(s) numbers', statement);
  const sheet = stateSheet(menu!);
  await repeat(session, await rhythmOf(session, statement), async () => {
    const entries = (await session.list(menu!)).filter(({ id }) => ids.includes(id));
    return print(
      entries.map((entry) => itemOf(menu!, entry)),
      sheet,
      { form: session.options.live ? 'value-list' : 'terse', width: session.options.width() },
    );
  });
}

/** The key, and everything that is only read. */
function stateSheet(menu: MenuDescription): Sheet {
  const shown = Object.keys(menu.readOnly).filter((name) => !isFlag(menu, name) && !COUNTERS.includes(name));
  const names = [menu.key, ...shown].map(consoleName);
  return { ...sheetOf(menu), properties: names.map((name) => ({ name })), flags: [] };
}
