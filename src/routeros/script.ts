import { nameOf, routerosProperties } from './elsewhere.ts';
import { parseExpression } from './expression.ts';
import { PathReader } from './path.ts';
import { Fault, type Place, Scanner } from './scanner.ts';
import type { NamedArgument, Statement, Value } from './statement.ts';
import { type CommandSyntax, complete, type MenuSyntax, nearest } from './table.ts';
import { parseWhere } from './where.ts';

/** What could be read. After an error nothing more is read; the statements before it stand. */
export interface Script {
  statements: Statement[];
  /** The menu that the script ends in. */
  menu: string;
  error: Fault | undefined;
}

export interface ScriptOptions {
  /** The menu that the script begins in. */
  menu?: string;
  /** A script for a whole RouterOS: what is not ours is `missing`, even where it is not known by name. */
  foreign?: boolean;
}

/** What may stand at the end of a text that is being typed. */
export interface Expected {
  /** Where the word begins, and what is there of it. */
  start: number;
  word: string;
  wants: 'command' | 'argument' | 'value' | 'property';
  menu: string;
  command?: CommandSyntax;
  /** The property whose value it is. */
  property?: string;
  /** Names of properties that have been given. */
  used: readonly string[];
}

const BLOCKS = ['do', 'else', 'on-error'];

const NAME = /[A-Za-z0-9.][\w.-]*/y;
const VALUE = /[^\s;[\]{}()"\\]+/y;
/** What a person nests by hand; more would only be there to exhaust the stack. */
const DEEPEST = 40;

/** Read a script. Never throws. */
export function parseScript(text: string, menus: readonly MenuSyntax[], options: ScriptOptions = {}): Script {
  const script: Script = { statements: [], menu: options.menu ?? '', error: undefined };
  try {
    const reader = new Reader(new Scanner(text), menus, options.foreign ?? false);
    for (const statement of reader.statements(script.menu, '')) {
      script.statements.push(statement);
      if (statement.command === undefined) script.menu = statement.menu;
    }
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    script.error = error;
  }
  return script;
}

/** What could stand where the text ends; undefined where only an end can, or where the text is wrong before. */
export function expectedAt(text: string, menus: readonly MenuSyntax[], menu: string): Expected | undefined {
  try {
    const reader = new Reader(new Scanner(text), menus, false, true);
    // To its end, for what it comes upon there.
    Array.from(reader.statements(menu, ''));
  } catch (error) {
    if (error instanceof Expectation) return error.expected;
    if (!(error instanceof Fault)) throw error;
  }
  return undefined;
}

class Expectation extends Error {
  constructor(readonly expected: Expected) {
    super(expected.wants);
  }
}

class Reader {
  readonly #scanner: Scanner;
  readonly #path: PathReader;
  readonly #foreign: boolean;
  readonly #watching: boolean;
  #depth = 0;

  constructor(scanner: Scanner, menus: readonly MenuSyntax[], foreign: boolean, watching = false) {
    this.#scanner = scanner;
    this.#path = new PathReader(scanner, menus, foreign);
    this.#foreign = foreign;
    this.#watching = watching;
  }

  /** Commands up to the end of the text or to `closing`; a menu on a line of its own holds for those behind it. */
  *statements(menu: string, closing: string): Generator<Statement> {
    let current = menu;
    for (;;) {
      this.#scanner.skipToCommand();
      if (this.#scanner.next === '') this.#watch(this.#scanner.at, { wants: 'command', menu: current });
      if (this.#scanner.next === '' || closing.includes(this.#scanner.next)) return;
      const statement = this.#statement(current, closing);
      if (statement.command === undefined) current = statement.menu;
      yield statement;
    }
  }

  /** One command, up to its end or to one of `closing`. */
  #statement(menu: string, closing: string): Statement {
    const place = this.#scanner.place();
    const empty = { kind: 'statement', ...place, menu, switches: [], items: [], named: [], where: undefined } as const;
    const {
      command,
      missing,
      menu: target,
    } = this.#path.read(menu, closing, (start, menu) => this.#watch(start, { wants: 'command', menu }));
    const statement: Statement = {
      ...empty,
      menu: target,
      command: command?.name,
      ...(missing !== undefined && { missing }),
      switches: [],
      items: [],
      named: [],
    };
    if (missing === undefined && command === undefined && this.#scanner.next === '{') {
      return { ...statement, command: '{', statements: this.#block(target).statements };
    }
    // The menu alone is gone to; what stands behind it is a command.
    if (missing !== undefined && this.#skipArguments(closing)) statement.command = missing.command ?? 'missing';
    else if (command) this.#arguments(statement, command, closing);
    return statement;
  }

  #block(menu: string): { kind: 'block'; statements: Statement[] } {
    const start = this.#scanner.at++;
    this.#deeper(start);
    const statements = [...this.statements(menu, '}')];
    if (this.#scanner.take(/\}/y) === '') this.#scanner.fail('syntax error', start);
    this.#depth--;
    return { kind: 'block', statements };
  }

  #arguments(statement: Statement, command: CommandSyntax, closing: string): void {
    const scanner: Scanner = this.#scanner;
    for (;;) {
      const before = scanner.at;
      scanner.skipBlanks();
      if (scanner.next === '' && scanner.at > before) this.#watchArgument(scanner.at, statement, command);
      if (scanner.endsHere(closing)) return;
      // Nothing may touch what stands before it: `"a"b`, `print/x`.
      if (scanner.at === before) scanner.fail('expected end of command');
      if (command.where && this.#startsWhere(command)) {
        statement.where = this.#where(statement, closing);
        if (!scanner.endsHere(closing)) scanner.fail('expected end of command');
        return;
      }
      this.#argument(statement, command);
    }
  }

  /** `find` takes a condition with or without the word, unless items are named. */
  #startsWhere(command: CommandSyntax): boolean {
    return this.#scanner.take(/where(?![\w=-])/y) !== '' || command.name === 'find';
  }

  #where(statement: Statement, closing: string): Statement['where'] {
    const scanner: Scanner = this.#scanner;
    let property = '';
    return parseWhere(scanner, closing, {
      property: () => {
        const start = scanner.at;
        property = scanner.bare(/[^\s=!<>~()[\]{};"&|\\]+/y) ?? '';
        this.#watch(start, { wants: 'property', menu: statement.menu });
        return property === '' ? scanner.fail('syntax error') : property;
      },
      value: (pattern) => this.#value(statement.menu, pattern, property),
    });
  }

  #argument(statement: Statement, command: CommandSyntax): void {
    const scanner: Scanner = this.#scanner;
    const start = scanner.at;
    const place = scanner.place();
    const unset = scanner.take(/!/y) !== '';
    const word = scanner.take(NAME);
    if (scanner.next === '') this.#watchArgument(unset ? start + 1 : start, statement, command);
    const assigned = !unset && word !== '' && scanner.take(/=/y) !== '';
    if (unset || assigned) {
      const name = this.#property(word, start, statement, command);
      const value = unset ? undefined : this.#assigned(statement.menu, name);
      addNamed(statement, command, { ...place, name, value });
      return;
    }
    scanner.at = start;
    const isWord = !'"[({$'.includes(scanner.next);
    const isBody = command.name === ':do' && scanner.next === '{';
    const value = isBody ? this.#block(statement.menu) : this.#value(statement.menu, VALUE);
    if (value === undefined) scanner.fail('syntax error');
    const name = isWord && typeof value === 'string' ? complete(value, command.switches ?? []) : undefined;
    if (name !== undefined) statement.switches.push(name);
    else if (command.items) statement.items.push({ ...place, value });
    else this.#noProperty(typeof value === 'string' ? value : '', start, statement.menu, command);
  }

  #property(word: string, start: number, { menu }: Statement, command: CommandSyntax): string {
    const known = command.properties ?? [];
    const name = complete(word, known);
    return name ?? this.#noProperty(word, start, menu, command);
  }

  /** What is no property of ours: one of RouterOS's, which a script for a whole RouterOS may have, or a slip. */
  #noProperty(
    word: string,
    start: number,
    menu: string,
    { name: command, properties = [] }: CommandSyntax,
  ): string | never {
    if ((command === 'add' || command === 'set') && routerosProperties(menu).includes(word)) {
      if (this.#foreign) return word;
      this.#scanner.fail(`${nameOf({ menu: `/${menu}`, property: word })} is not available in this version`, start);
    }
    const near = nearest(word, properties);
    return this.#scanner.fail(`expected end of command${near === undefined ? '' : `; did you mean ${near}=?`}`, start);
  }

  /** The value behind a `=`; there may be none. */
  #assigned(menu: string, property: string): Value {
    // An export breaks long lines behind the `=` and indents what follows.
    this.#scanner.take(/(?:\\\r?\n[ \t]*)+/y);
    if (BLOCKS.includes(property) && this.#scanner.next === '{') return this.#block(menu);
    return this.#value(menu, VALUE, property) ?? '';
  }

  /** One value, its bare words of the characters in `pattern`. Undefined when there is none. */
  #value(menu: string, pattern: RegExp, property?: string): Value | undefined {
    const scanner: Scanner = this.#scanner;
    const start = scanner.at;
    switch (scanner.next) {
      case '"': {
        const parts = scanner.quoted();
        return parts.length === 1 ? parts[0] : { kind: 'joined', parts };
      }
      case '[':
        return this.#nested(start, menu);
      case '(':
        this.#deeper(start);
        scanner.at++;
        return this.#shallower(parseExpression(scanner, () => this.#value(menu, pattern)!));
      case '{':
        return this.#list(start, menu);
      case '$': {
        const variable = scanner.variable();
        if (variable) return variable;
      }
    }
    const word = scanner.bare(pattern);
    if (scanner.next === '' && property !== undefined) this.#watch(start, { wants: 'value', menu, property });
    return word;
  }

  /** `[find …]`, `[get …]`: what a command answers. */
  #nested(start: number, menu: string): Statement {
    const scanner: Scanner = this.#scanner;
    this.#deeper(start);
    scanner.at++;
    scanner.skipBlanks();
    const statement = this.#statement(menu, ']');
    if (scanner.take(/\]/y) === '') scanner.fail('syntax error', start);
    if (statement.command === undefined && statement.missing === undefined) scanner.fail('syntax error', start + 1);
    return this.#shallower(statement);
  }

  #list(start: number, menu: string): Value {
    const scanner: Scanner = this.#scanner;
    this.#deeper(start);
    scanner.at++;
    const values: Value[] = [];
    for (;;) {
      scanner.skipToCommand();
      if (scanner.take(/\}/y) !== '') return this.#shallower<Value>({ kind: 'list', values });
      values.push(
        this.#value(menu, /[^\s;[\]{}()"\\=]+/y) ??
          scanner.fail('syntax error', scanner.next === '' ? start : scanner.at),
      );
    }
  }

  /** Past the arguments of what is not ours: only where they end has to be known. Answers whether there were any. */
  #skipArguments(closing: string): boolean {
    const scanner: Scanner = this.#scanner;
    scanner.skipBlanks();
    const start = scanner.at;
    const open: string[] = [];
    for (;;) {
      const before = scanner.at;
      scanner.take(/(?:[^"[\](){};\n\\$#]|\\\r?\n|\\.|\$)+/y);
      const { next } = scanner;
      if (next === '' || (open.length === 0 && (next === ';' || next === '\n' || closing.includes(next))))
        return scanner.at > start;
      // Behind a blank a # begins a comment; inside of a word it does not.
      if (next === '#' && (scanner.at === before || /\s$/.test(scanner.since(before)))) scanner.take(/[^\n]*/y);
      else if (next === '"') scanner.quoted();
      else {
        if ('[({'.includes(next)) open.push(next);
        else if ('])}'.includes(next)) open.pop();
        scanner.at++;
      }
    }
  }

  #deeper(at: number): void {
    if (++this.#depth > DEEPEST) this.#scanner.fail('syntax error', at);
  }

  #shallower<T>(value: T): T {
    this.#depth--;
    return value;
  }

  #watchArgument(start: number, { menu, named }: Statement, command: CommandSyntax): void {
    this.#watch(start, { wants: 'argument', menu, command, used: named.map(({ name }) => name) });
  }

  #watch(start: number, expected: Pick<Expected, 'wants' | 'menu'> & Partial<Expected>): void {
    const scanner: Scanner = this.#scanner;
    if (!this.#watching || scanner.next !== '') return;
    throw new Expectation({ used: [], ...expected, start, word: scanner.since(start) });
  }
}

/** `numbers=` says the same as a word that stands alone. */
function addNamed(statement: Statement, command: CommandSyntax, argument: NamedArgument & Place): void {
  const { name, value, ...place } = argument;
  if (name === 'numbers' && command.items && value !== undefined) statement.items.push({ ...place, value });
  else statement.named.push(argument);
}
