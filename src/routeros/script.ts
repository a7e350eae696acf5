import { type Place, Scanner, SyntaxFault } from './scanner.ts';
import { type CommandSyntax, complete, type MenuSyntax } from './table.ts';
import { parseWhere, type Where } from './where.ts';

/** One command of a script, with every name written out. */
export interface Statement extends Place {
  /** `interface macvlan`; empty for the root. */
  menu: string;
  /** Undefined when the line only goes to the menu. */
  command: string | undefined;
  switches: string[];
  /** Numbers, names, `*1`, `[find …]`, in the order given. */
  items: Argument[];
  named: NamedArgument[];
  where: Where | undefined;
}

/** `value` is a text, or the items that a `[find …]` answers. */
export interface Argument extends Place {
  value: string | Statement;
}

/** `name=value`; `!name` has no value. The place is the name's. */
export interface NamedArgument extends Place {
  name: string;
  value: string | Statement | undefined;
}

/** What could be read. After an error nothing more is read; the statements before it stand. */
export interface Script {
  statements: Statement[];
  /** The menu that the script ends in. */
  menu: string;
  error: SyntaxFault | undefined;
}

const PATH_WORD = /[^\s/;#=[\]{}()"$\\]+/y;
const NAME = /[A-Za-z0-9.][\w.-]*/y;
const VALUE = /[^\s;[\]{}()"\\]+/y;

/** Read a script that begins in a menu. Never throws. */
export function parseScript(text: string, menus: readonly MenuSyntax[], menu = ''): Script {
  const scanner = new Scanner(text);
  const script: Script = { statements: [], menu, error: undefined };
  try {
    for (scanner.skipToCommand(); scanner.next !== ''; scanner.skipToCommand()) {
      const statement = new Reader(scanner, menus).statement(script.menu, '');
      script.statements.push(statement);
      if (statement.command === undefined) script.menu = statement.menu;
    }
  } catch (error) {
    if (!(error instanceof SyntaxFault)) throw error;
    script.error = error;
  }
  return script;
}

class Reader {
  readonly #scanner: Scanner;
  readonly #menus: readonly MenuSyntax[];

  constructor(scanner: Scanner, menus: readonly MenuSyntax[]) {
    this.#scanner = scanner;
    this.#menus = menus;
  }

  /** One command, up to its end or to one of `closing`; nothing but `only` where that is given. */
  statement(menu: string, closing: string, only?: string): Statement {
    const start = this.#scanner.at;
    const place = this.#scanner.place();
    const target = this.#target(menu, closing);
    if (only !== undefined && target.command?.name !== only) this.#scanner.fail('syntax error', start);
    const command = target.command?.name;
    const statement: Statement = {
      ...place,
      menu: target.menu,
      command,
      switches: [],
      items: [],
      named: [],
      where: undefined,
    };
    if (target.command) this.#arguments(statement, target.command, closing);
    return statement;
  }

  /** The path and the command: menus are entered until a word names a command. */
  #target(current: string, closing: string): { menu: string; command?: CommandSyntax } {
    const scanner: Scanner = this.#scanner;
    let path = current === '' ? [] : current.split(' ');
    if (scanner.take(/\//y)) path = [];
    for (;;) {
      scanner.skipBlanks();
      if (scanner.endsHere(closing)) return { menu: path.join(' ') };
      const start = scanner.at;
      const word = scanner.take(PATH_WORD);
      if (word === '') scanner.fail('syntax error');
      if (word === '..') path.pop();
      else {
        const menu = path.join(' ');
        const submenus = this.#submenus(path);
        const commands = this.#menus.find((known) => known.path === menu)?.commands ?? [];
        const name = complete(word, [...submenus, ...commands.map((command) => command.name)]);
        if (name === undefined) scanner.fail(`bad command name ${word}`, start);
        const command = commands.find((known) => known.name === name);
        if (command && !submenus.includes(name)) return { menu, command };
        path.push(name);
      }
      scanner.skipBlanks();
      scanner.take(/\//y);
    }
  }

  #submenus(path: readonly string[]): string[] {
    const names = this.#menus
      .map((menu) => menu.path.split(' '))
      .filter((known) => known[0] !== '' && known.length > path.length && path.every((name, i) => known[i] === name))
      .map((known) => known[path.length]!);
    return [...new Set(names)];
  }

  #arguments(statement: Statement, command: CommandSyntax, closing: string): void {
    const scanner: Scanner = this.#scanner;
    for (;;) {
      const before = scanner.at;
      scanner.skipBlanks();
      if (scanner.endsHere(closing)) return;
      // Nothing may touch what stands before it: `"a"b`, `print/x`.
      if (scanner.at === before) scanner.fail('expected end of command');
      if (command.where && this.#startsWhere(command)) {
        statement.where = parseWhere(scanner, closing);
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

  #argument(statement: Statement, command: CommandSyntax): void {
    const scanner: Scanner = this.#scanner;
    const start = scanner.at;
    const place = scanner.place();
    const unset = scanner.take(/!/y) !== '';
    const word = scanner.take(NAME);
    const assigned = !unset && word !== '' && scanner.take(/=/y) !== '';
    if (unset || assigned) {
      const name = complete(word, command.properties ?? []);
      if (name === undefined) scanner.fail('expected end of command', start);
      statement.named.push({ ...place, name, value: unset ? undefined : this.#value(statement.menu) });
      return;
    }
    scanner.at = start;
    const isText = scanner.next === '"' || scanner.next === '[';
    const value = this.#value(statement.menu);
    if (value === '' && !isText) scanner.fail('syntax error');
    const name = isText || typeof value !== 'string' ? undefined : complete(value, command.switches ?? []);
    if (name !== undefined) statement.switches.push(name);
    else if (command.items) statement.items.push({ ...place, value });
    else scanner.fail('expected end of command', start);
  }

  #value(menu: string): string | Statement {
    const scanner: Scanner = this.#scanner;
    // An export breaks long lines behind the `=` and indents what follows.
    scanner.take(/(?:\\\r?\n[ \t]*)+/y);
    if (scanner.next !== '[') return scanner.word(VALUE) ?? '';
    const start = scanner.at++;
    scanner.skipBlanks();
    const find = this.statement(menu, ']', 'find');
    if (scanner.take(/\]/y) === '') scanner.fail('syntax error', start);
    return find;
  }
}
