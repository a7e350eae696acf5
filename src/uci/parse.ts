import { isName, isPackageName, isType, readCommand, readWord, skipBlanks, type Word } from './words.ts';

/**
 * A UCI file as a document that still knows where everything stands. The grammar is libuci's (file.c), with one
 * difference: a line that is wrong becomes a `Problem` and the rest of the file is still read.
 */
export interface Document {
  sections: Section[];
  problems: Problem[];
  /** The whole text, line by line. */
  rows: Row[];
}

/** `line` is where it begins, counted from 1. Commands of one named section may stand in several places of the file. */
export interface Section {
  type: string;
  /** Undefined when anonymous. */
  name: string | undefined;
  line: number;
  options: Option[];
  headers: Statement[];
  /** `option` commands without a value: libuci reads past them. */
  empty: Statement[];
}

/** An `option` has one value, a `list` one or more; each value comes from the source of the same index. */
export interface Option {
  name: string;
  kind: 'option' | 'list';
  values: string[];
  line: number;
  sources: Statement[];
  /** Commands that a later `option` of the same name has made ineffective. */
  replaced: Statement[];
}

/** A line that is wrong; `error` says what was expected there. */
export interface Problem {
  line: number;
  error: string;
}

export type Command = 'package' | 'config' | 'option' | 'list';

/** One command where it stands; `words[0]` is the command's own word. */
export interface Statement {
  command: Command;
  words: Word[];
  line: number;
  start: number;
  end: number;
  row: Row;
}

/** A line with its line end; more than one where a value goes over lines. */
export interface Row {
  index: number;
  line: number;
  start: number;
  end: number;
  kind: 'blank' | 'comment' | 'command';
  /** Something on it was not understood. */
  broken: boolean;
  /** A section begins here, or should. */
  opens: boolean;
  statements: Statement[];
}

/** Read a file. Never throws. */
export function parse(text: string): Document {
  return new Parser(text).document;
}

const COMMANDS = new Map<string, Command>(
  (['package', 'config', 'option', 'list'] as const).flatMap((command) => [
    [command, command],
    [command.charAt(0), command],
  ]),
);

/** keyword, name, 'value', value: a line as libuci's export writes it, or as most people do. */
const PLAIN =
  /[ \t]*(config|option|list)[ \t]+([A-Za-z0-9_]+)(?:[ \t]+(?:'([^'\n]*)'|([\w.:/+@%-]+)))?[ \t\r]*(?:\n|$)/y;

/** The most words that may follow a command. */
const ARGUMENTS = { package: 1, config: 2, option: 2, list: 2 };

class Parser {
  readonly document: Document = { sections: [], problems: [], rows: [] };
  readonly #text: string;
  readonly #named = new Map<string, Section>();
  #section: Section | undefined;
  /** The last `config` was wrong: its options belong to nobody, least of all to the section before. */
  #lost = false;

  constructor(text: string) {
    this.#text = text;
    let [at, line] = [0, 1];
    while (at < text.length) {
      const row = this.#readRow(at, line);
      this.document.rows.push(row);
      line += countLines(text, at, row.end);
      at = row.end;
    }
  }

  #readRow(start: number, line: number): Row {
    const index = this.document.rows.length;
    const row: Row = { index, line, start, end: start, kind: 'command', broken: false, opens: false, statements: [] };
    if (this.#readPlain(row)) return row;
    const first = skipBlanks(this.#text, start);
    if (this.#text[first] === '#') row.kind = 'comment';
    else if (this.#endsAt(first)) row.kind = 'blank';
    row.end = this.#lineEnd(this.#readStatements(row, first));
    return row;
  }

  /** Most lines are plain: one look of the regular expression is then all that they cost. */
  #readPlain(row: Row): boolean {
    PLAIN.lastIndex = row.start;
    const match = PLAIN.exec(this.#text);
    if (!match) return false;
    row.end = PLAIN.lastIndex;
    const command = match[1] as Command;
    if (command === 'config') this.#openNothing(row);
    const statement = new PlainStatement(command, row, this.#text);
    row.statements.push(statement);
    const error = this.#understand(statement, match[2]!, match[3] ?? match[4] ?? '');
    if (error) this.#refuse(row, row.start, error);
    return true;
  }

  /** Read what is on the row; answers a place on its last line. */
  #readStatements(row: Row, first: number): number {
    let at = first;
    while (!this.#endsAt(at)) {
      if (this.#text[at] !== ';') {
        const end = this.#readStatement(row, at);
        if (end === undefined) return at;
        at = end;
      } else at++;
      at = skipBlanks(this.#text, at);
    }
    return at;
  }

  /** Where the command ends. Undefined: the rest of the line has no meaning. */
  #readStatement(row: Row, start: number): number | undefined {
    const keyword = readCommand(this.#text, start);
    const command = COMMANDS.get(keyword);
    if (!command) return this.#refuse(row, start, `expected package, config, option or list, found "${keyword}"`);
    if (command === 'config') this.#openNothing(row);
    const words = readWords(this.#text, start, keyword, ARGUMENTS[command]);
    // A quote that was forgotten swallows the following lines; taking only its own line as wrong saves them.
    if (typeof words === 'string') return this.#refuse(row, start, words);
    const statement: Statement = { command, words, line: this.#lineOf(row, start), start, end: words.at(-1)!.end, row };
    row.statements.push(statement);
    const error = this.#understand(statement, words[1]?.value ?? '', words[2]?.value ?? '');
    if (error) this.#refuse(row, start, error);
    return statement.end;
  }

  #refuse(row: Row, at: number, error: string): undefined {
    row.broken = true;
    this.document.problems.push({ line: this.#lineOf(row, at), error });
  }

  #openNothing(row: Row): void {
    row.opens = true;
    this.#section = undefined;
    this.#lost = true;
  }

  /** Put a command into the document; answers what is wrong with it. */
  #understand(statement: Statement, name: string, value: string): string | undefined {
    if (statement.command === 'config') return this.#config(statement, name, value);
    if (statement.command === 'package')
      return isPackageName(name) ? undefined : `expected a package name, found "${name}"`;
    if (!this.#section) return this.#lost ? undefined : `expected config before the first ${statement.command}`;
    if (!isName(name)) return `expected an option name of letters, digits and _, found "${name}"`;
    if (statement.command === 'list') appendItem(this.#section, statement, name, value);
    else if (value === '') this.#section.empty.push(statement);
    else setOption(this.#section, statement, name, value);
    return undefined;
  }

  #config(statement: Statement, type: string, name: string): string | undefined {
    if (!isType(type)) return `expected a section type of printable characters, found "${type}"`;
    if (name !== '' && !isName(name)) return `expected a section name of letters, digits and _, found "${name}"`;
    const known = this.#named.get(name);
    if (known && known.type !== type)
      return `expected type ${known.type} for ${name} as on line ${known.line}, found "${type}"`;
    this.#section = known ?? this.#newSection(type, name, statement.line);
    this.#section.headers.push(statement);
    return undefined;
  }

  #newSection(type: string, name: string, line: number): Section {
    const section: Section = { type, name: name || undefined, line, options: [], headers: [], empty: [] };
    if (name) this.#named.set(name, section);
    this.document.sections.push(section);
    return section;
  }

  #lineOf(row: Row, at: number): number {
    return row.line + countLines(this.#text, row.start, at);
  }

  #endsAt(at: number): boolean {
    const character = this.#text[at];
    return character === undefined || character === '\n' || character === '#';
  }

  #lineEnd(at: number): number {
    return this.#text.indexOf('\n', at) + 1 || this.#text.length;
  }
}

/** A second `option` takes the place of what there was. */
function setOption(section: Section, statement: Statement, name: string, value: string): void {
  const known = section.options.findIndex((option) => option.name === name);
  const before = section.options[known];
  const replaced = before ? [...before.replaced, ...before.sources] : [];
  const { line } = statement;
  const option: Option = { name, kind: 'option', values: [value], line, sources: [statement], replaced };
  if (before) section.options[known] = option;
  else section.options.push(option);
}

/** A `list` after an `option` of the same name makes that the first item. */
function appendItem(section: Section, statement: Statement, name: string, value: string): void {
  const known = section.options.find((option) => option.name === name);
  if (!known) {
    const { line } = statement;
    section.options.push({ name, kind: 'list', values: [value], line, sources: [statement], replaced: [] });
    return;
  }
  known.kind = 'list';
  known.values.push(value);
  known.sources.push(statement);
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

function lineAt(text: string, at: number): string {
  const end = text.indexOf('\n', at);
  return text.slice(at, end < 0 ? text.length : end);
}

/** A command alone on its line. Where its words stand is found out when somebody wants to change it, which is seldom. */
class PlainStatement implements Statement {
  readonly #text: string;
  #words: Word[] | undefined;

  constructor(
    readonly command: Command,
    readonly row: Row,
    text: string,
  ) {
    this.#text = text;
  }

  get words(): Word[] {
    this.#words ??= readWords(this.#text, skipBlanks(this.#text, this.row.start), this.command, 2) as Word[];
    return this.#words;
  }

  get line(): number {
    return this.row.line;
  }

  get start(): number {
    return this.words[0]!.start;
  }

  get end(): number {
    return this.words.at(-1)!.end;
  }
}

function countLines(text: string, from: number, to: number): number {
  let lines = 0;
  for (let at = text.indexOf('\n', from); at >= 0 && at < to; at = text.indexOf('\n', at + 1)) lines++;
  return lines;
}
