import { readCommand, readWord, skipBlanks, type Word } from './words.ts';

export type Command = 'package' | 'config' | 'option' | 'list';

/** One command where it stands; `words[0]` is the command's own word. */
export interface Statement {
  command: Command;
  words: Word[];
  start: number;
  end: number;
  row: Row;
}

/** A line with its line end; more than one where a value goes over lines. */
export interface Row {
  start: number;
  end: number;
  kind: 'blank' | 'comment' | 'command';
  /** Something on it was not understood. */
  broken: boolean;
  /** A section begins here, or should. */
  opens: boolean;
  statements: Statement[];
  /** The command from which on the rest of the row has no meaning. */
  fault: Fault | undefined;
}

/** `command` is undefined where it is none of ours. */
export interface Fault {
  command: Command | undefined;
  start: number;
  error: string;
}

const COMMANDS = new Map<string, Command>(
  (['package', 'config', 'option', 'list'] as const).flatMap((command) => [
    [command, command],
    [command.charAt(0), command],
  ]),
);

/** The most words that may follow a command. */
const ARGUMENTS = { package: 1, config: 2, option: 2, list: 2 };

/**
 * A text, row by row. What stands on a row is found out when somebody asks, and only who changes the file does: to note it of
 * every row takes longer than all the rest of reading.
 */
export class Rows {
  readonly #text: string;
  readonly #long: readonly Span[];
  readonly #refused: ReadonlySet<number>;
  readonly #known = new Map<number, Row>();

  /** `long` are the rows of more than one line; `refused` are the starts of those that say what cannot be. */
  constructor(text: string, long: readonly Span[], refused: ReadonlySet<number>) {
    this.#text = text;
    this.#long = long;
    this.#refused = refused;
  }

  /** The row with the character at this place; undefined before the first and behind the last. */
  at(place: number): Row | undefined {
    if (place < 0 || place >= this.#text.length) return undefined;
    const long = this.#long.find(({ start, end }) => start <= place && place < end);
    const start = long?.start ?? (place > 0 ? this.#text.lastIndexOf('\n', place - 1) + 1 : 0);
    const row = this.#known.get(start) ?? readRow(this.#text, start);
    if (this.#refused.has(start)) row.broken = true;
    this.#known.set(start, row);
    return row;
  }

  before(row: Row): Row | undefined {
    return this.at(row.start - 1);
  }

  after(row: Row): Row | undefined {
    return this.at(row.end);
  }

  get last(): Row | undefined {
    return this.at(this.#text.length - 1);
  }

  /** The first that begins at this place or behind it on the same row. */
  statement(place: number): Statement {
    return this.at(place)!.statements.find(({ start }) => start >= place)!;
  }

  statements(places: number | readonly number[] = []): Statement[] {
    return [places].flat().map((place) => this.statement(place));
  }
}

interface Span {
  readonly start: number;
  readonly end: number;
}

/** What stands on the row that begins at `start`. */
export function readRow(text: string, start: number): Row {
  const row: Row = {
    start,
    end: start,
    kind: 'command',
    broken: false,
    opens: false,
    statements: [],
    fault: undefined,
  };
  const first = skipBlanks(text, start);
  if (text[first] === '#') row.kind = 'comment';
  else if (endsAt(text, first)) row.kind = 'blank';
  const end = text.indexOf('\n', readStatements(row, text, first));
  row.end = end < 0 ? text.length : end + 1;
  return row;
}

/** Answers a place on the row's last line. */
function readStatements(row: Row, text: string, first: number): number {
  let at = first;
  while (!endsAt(text, at)) {
    if (text[at] !== ';') {
      const end = readStatement(row, text, at);
      if (end === undefined) return at;
      at = end;
    } else at++;
    at = skipBlanks(text, at);
  }
  return at;
}

/** Where the command ends. Undefined: the rest of the line has no meaning. */
function readStatement(row: Row, text: string, start: number): number | undefined {
  const keyword = readCommand(text, start);
  const command = COMMANDS.get(keyword);
  if (command === 'config') row.opens = true;
  const words = command
    ? readWords(text, start, keyword, ARGUMENTS[command])
    : `expected package, config, option or list, found "${keyword}"`;
  // A quote that was forgotten swallows the following lines; taking only its own line as wrong saves them.
  if (typeof words === 'string') {
    row.fault = { command, start, error: words };
    row.broken = true;
    return undefined;
  }
  const { end } = words.at(-1)!;
  row.statements.push({ command: command!, words, start, end, row });
  return end;
}

/** The command's own word at `start` and those behind it, `most` at the most; or what is wrong with them. */
function readWords(text: string, start: number, keyword: string, most: number): Word[] | string {
  const words: Word[] = [{ start, end: start + keyword.length, value: keyword }];
  for (;;) {
    const after = words.at(-1)!.end;
    const word = readWord(text, after);
    if (!word) return `expected a closing quote for ${lineAt(text, after).slice(0, 20).trim()}`;
    if (word.start === word.end) return words;
    if (words.length > most) return `expected the end of the command, found "${word.value}"`;
    words.push(word);
  }
}

function endsAt(text: string, at: number): boolean {
  const character = text[at];
  return character === undefined || character === '\n' || character === '#';
}

function lineAt(text: string, at: number): string {
  const end = text.indexOf('\n', at);
  return text.slice(at, end < 0 ? text.length : end);
}
