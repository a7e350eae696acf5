import { type Command, type Row, Rows, readRow, type Statement } from './rows.ts';
import { isName, isPackageName, isType } from './words.ts';

/**
 * A UCI file as a document that still knows where everything stands. The grammar is libuci's (file.c), with one
 * difference: a line that is wrong becomes a `Problem` and the rest of the file is still read.
 */
export interface Document {
  sections: Section[];
  /** Those that have a name, by it. */
  named: ReadonlyMap<string, Section>;
  problems: Problem[];
  /** The whole text, line by line. */
  rows: Rows;
}

/** From where in the text `rows.statement` finds a command; many only where there is more than one. */
export type Places = number | number[];

/** `line` is where it begins, counted from 1. Commands of one named section may stand in several places of the file. */
export interface Section {
  type: string;
  /** Undefined when anonymous. */
  name: string | undefined;
  line: number;
  options: Option[];
  headers: Places;
  /** `option` commands without a value: libuci reads past them. */
  empty: Places | undefined;
}

/**
 * An `option` has one value, a `list` one or more. Of `places` the last ones are those of the values; commands before them
 * were made ineffective by a later `option` of the same name.
 */
export interface Option {
  name: string;
  kind: 'option' | 'list';
  values: string[];
  line: number;
  places: Places;
}

/** A line that is wrong; `error` says what was expected there. */
export interface Problem {
  line: number;
  error: string;
}

/** Read a file. Never throws. */
export function parse(text: string): Document {
  return new Parser(text).read();
}

/** A line up to its first quote, or all of it where there is none, as libuci's export writes it or as most people do. */
const PLAIN = /^[ \t]*(config|option|list)[ \t]+([A-Za-z0-9_]+)(?:[ \t]+(?:'|([\w.:/+@%-]+)[ \t\r]*)|[ \t\r]*)$/;
const NOTHING = /^[ \t\r]*(?:#|$)/;

/** What the beginning of a plain line says; without a command it says nothing. */
interface Head {
  command?: 'config' | 'option' | 'list';
  name: string;
  value: string;
}

const SAYS_NOTHING: Head = { name: '', value: '' };

class Parser {
  readonly #text: string;
  readonly #sections: Section[] = [];
  readonly #problems: Problem[] = [];
  readonly #long: Row[] = [];
  readonly #refused = new Set<number>();
  readonly #named = new Map<string, Section>();
  /** Lines begin alike: what one look of the regular expression finds serves all that do. */
  readonly #heads = new Map<string, Head>();
  /** The row to be read, its first line, and the first quote from there on or an earlier one. */
  #at = 0;
  #line = 1;
  #quote = -1;
  #section: Section | undefined;
  /** The last `config` was wrong: its options belong to nobody, least of all to the section before. */
  #lost = false;

  constructor(text: string) {
    this.#text = text;
  }

  read(): Document {
    while (this.#at < this.#text.length) {
      this.#readPlainRows();
      if (this.#at < this.#text.length) this.#readRow();
    }
    const rows = new Rows(this.#text, this.#long, this.#refused);
    return { sections: this.#sections, named: this.#named, problems: this.#problems, rows };
  }

  /**
   * As many plain rows as follow. Nearly all are, and a slow router has no time to take each to pieces: hence one long loop
   * that calls little.
   */
  #readPlainRows(): void {
    const text = this.#text;
    let [at, line, quote] = [this.#at, this.#line, this.#quote];
    for (let end = 0; at < text.length; at = end + 1, line++) {
      end = indexOf(text, '\n', at);
      if (end === at) continue;
      if (quote < at) quote = indexOf(text, "'", at);
      const isQuoted = quote < end;
      const beginning = text.slice(at, isQuoted ? quote + 1 : end);
      const head = this.#heads.get(beginning) ?? this.#headOf(beginning);
      if (!head) break;
      const { command, name } = head;
      if (!command) continue;
      let { value } = head;
      if (isQuoted) {
        const close = text.indexOf("'", quote + 1);
        if (close + 1 !== end && (close + 2 !== end || text[close + 1] !== '\r')) break;
        value = text.slice(quote + 1, close);
      }
      const section = this.#section;
      if (command === 'option' && section && value !== '') setOption(section.options, name, value, at, line);
      else this.#understand(command, name, value, at, line, at);
    }
    [this.#at, this.#line, this.#quote] = [at, line, quote];
  }

  #headOf(beginning: string): Head | undefined {
    const known = this.#heads.get(beginning);
    if (known) return known;
    if (NOTHING.test(beginning)) return SAYS_NOTHING;
    const match = PLAIN.exec(beginning);
    if (!match) return undefined;
    const head = { command: match[1] as 'config' | 'option' | 'list', name: match[2]!, value: match[3] ?? '' };
    this.#heads.set(beginning, head);
    return head;
  }

  /** Any row. */
  #readRow(): void {
    const row = readRow(this.#text, this.#at);
    for (const statement of row.statements) this.#readStatement(statement);
    if (row.fault) {
      if (row.fault.command === 'config') this.#openNothing();
      this.#refuse(row.start, this.#lineOf(row.fault.start), row.fault.error);
    }
    if (indexOf(this.#text, '\n', row.start) + 1 < row.end) this.#long.push(row);
    this.#line = this.#lineOf(row.end);
    this.#at = row.end;
  }

  #readStatement({ command, words, start }: Statement): void {
    const line = this.#lineOf(start);
    const name = words[1]?.value ?? '';
    if ((command === 'option' || command === 'list') && this.#section && !isName(name))
      this.#refuse(this.#at, line, `expected an option name of letters, digits and _, found "${name}"`);
    else this.#understand(command, name, words[2]?.value ?? '', start, line, this.#at);
  }

  #refuse(row: number, line: number, error: string): void {
    this.#refused.add(row);
    this.#problems.push({ line, error });
  }

  #openNothing(): void {
    this.#section = undefined;
    this.#lost = true;
  }

  /** Put a command into the document, where it is right. The name of an option is. */
  #understand(command: Command, name: string, value: string, place: number, line: number, row: number): void {
    const error =
      command === 'config'
        ? this.#config(name, value, place, line)
        : command === 'package'
          ? packageFault(name)
          : this.#option(command, name, value, place, line);
    if (error) this.#refuse(row, line, error);
  }

  #option(kind: Option['kind'], name: string, value: string, place: number, line: number): string | undefined {
    const section = this.#section;
    if (!section) return this.#lost ? undefined : `expected config before the first ${kind}`;
    if (kind === 'list') appendItem(section.options, name, value, place, line);
    else if (value === '') section.empty = both(section.empty, place);
    else setOption(section.options, name, value, place, line);
    return undefined;
  }

  #config(type: string, name: string, place: number, line: number): string | undefined {
    this.#openNothing();
    if (!isType(type)) return `expected a section type of printable characters, found "${type}"`;
    if (name !== '' && !isName(name)) return `expected a section name of letters, digits and _, found "${name}"`;
    const known = this.#named.get(name);
    if (known && known.type !== type)
      return `expected type ${known.type} for ${name} as on line ${known.line}, found "${type}"`;
    if (known) known.headers = both(known.headers, place);
    this.#section = known ?? this.#newSection(type, name, place, line);
    return undefined;
  }

  #newSection(type: string, name: string, place: number, line: number): Section {
    const section: Section = { type, name: name || undefined, line, options: [], headers: place, empty: undefined };
    if (name) this.#named.set(name, section);
    this.#sections.push(section);
    return section;
  }

  #lineOf(place: number): number {
    return this.#line + countLines(this.#text, this.#at, place);
  }
}

/** A second `option` takes the place of what there was. */
function setOption(options: Option[], name: string, value: string, place: number, line: number): void {
  for (let i = 0; i < options.length; i++) {
    const before = options[i]!;
    if (before.name !== name) continue;
    options[i] = { name, kind: 'option', values: [value], line, places: both(before.places, place) };
    return;
  }
  options.push({ name, kind: 'option', values: [value], line, places: place });
}

/** A `list` after an `option` of the same name makes that the first item. */
function appendItem(options: Option[], name: string, value: string, place: number, line: number): void {
  const known = options.find((option) => option.name === name);
  if (!known) {
    options.push({ name, kind: 'list', values: [value], line, places: place });
    return;
  }
  known.kind = 'list';
  known.values.push(value);
  known.places = both(known.places, place);
}

function both(places: Places | undefined, place: number): Places {
  if (places === undefined) return place;
  if (typeof places === 'number') return [places, place];
  places.push(place);
  return places;
}

function packageFault(name: string): string | undefined {
  return isPackageName(name) ? undefined : `expected a package name, found "${name}"`;
}

/** Where a character stands next; the text's end when it does not. */
function indexOf(text: string, character: string, from: number): number {
  const at = text.indexOf(character, from);
  return at < 0 ? text.length : at;
}

function countLines(text: string, from: number, to: number): number {
  let lines = 0;
  for (let at = text.indexOf('\n', from); at >= 0 && at < to; at = text.indexOf('\n', at + 1)) lines++;
  return lines;
}
