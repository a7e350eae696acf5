import { isRouterosCommand, routerosSubmenus } from './elsewhere.ts';
import type { Scanner } from './scanner.ts';
import type { Missing } from './statement.ts';
import { type CommandSyntax, complete, type MenuSyntax, nearest } from './table.ts';

/** The language's own commands. They begin with `:` and can be given in every menu. */
export const LANGUAGE: readonly CommandSyntax[] = [
  { name: ':do', properties: ['on-error'], items: true },
  { name: ':error', items: true },
  { name: ':for', properties: ['from', 'to', 'step', 'do'], items: true },
  { name: ':foreach', properties: ['in', 'do'], items: true },
  { name: ':global', items: true },
  { name: ':if', properties: ['do', 'else'], items: true },
  { name: ':local', items: true },
  { name: ':put', items: true },
  { name: ':set', items: true },
];
const PATH_WORD = /[^\s/;#=[\]{}()"$\\]+/y;
const FOREIGN_WORD = /:?[A-Za-z0-9][\w-]*(?![\w=.:-])/y;

/** What a path leads to: a menu, one of its commands, or something of RouterOS that is not here. */
export interface Target {
  menu: string;
  command?: CommandSyntax;
  missing?: Missing;
}

/** Reads `/interface macvlan add`, `..`, `:put`: which menu and which command is meant. */
export class PathReader {
  readonly #scanner: Scanner;
  readonly #menus: readonly MenuSyntax[];
  readonly #foreign: boolean;

  /** `foreign`: any word may be a menu of RouterOS that is not known here. */
  constructor(scanner: Scanner, menus: readonly MenuSyntax[], foreign: boolean) {
    this.#scanner = scanner;
    this.#menus = menus;
    this.#foreign = foreign;
  }

  /** The path and the command: menus are entered until a word names a command. `watch` is told where a word begins. */
  read(current: string, closing: string, watch: (start: number, menu: string) => void): Target {
    const scanner: Scanner = this.#scanner;
    let path = current === '' ? [] : current.split(' ');
    if (scanner.take(/\//y)) path = [];
    for (let first = true; ; first = false) {
      scanner.skipBlanks();
      const start = scanner.at;
      if (scanner.next === '') watch(start, path.join(' '));
      // `/ip address { add …; print }`: a block that stands in the menu.
      if (scanner.endsHere(closing) || scanner.next === '{') return { menu: path.join(' ') };
      const word = scanner.take(PATH_WORD);
      watch(start, path.join(' '));
      if (word === '') scanner.fail('syntax error');
      if (word === '..') path.pop();
      else if (first && word.startsWith(':')) return this.#language(word, start, current);
      else {
        const found = this.#step(path, word, start);
        if (found) return found;
      }
      scanner.skipBlanks();
      scanner.take(/\//y);
    }
  }

  /** Into the menu that the word means, or what it is instead: a command, or something that is not there. */
  #step(path: string[], word: string, start: number): Target | undefined {
    const menu = path.join(' ');
    const ours = this.#submenus(path);
    const commands = this.#menus.find((known) => known.path === menu)?.commands ?? [];
    const submenus = [...new Set([...ours, ...routerosSubmenus(menu)])];
    const theirs = [...submenus, ...commands.filter(({ own }) => !own).map(({ name }) => name)];
    const names = [...submenus, ...commands.map(({ name }) => name)];
    const name = this.#isOurs(path) ? (complete(word, theirs) ?? complete(word, names)) : undefined;
    const command = commands.find((known) => known.name === name);
    if (command && !submenus.includes(command.name)) return { menu, command };
    if (name === undefined) return this.#unknown(path, word, start, [...ours, ...commands.map(({ name }) => name)]);
    path.push(name);
    return ours.includes(name) ? undefined : this.#missing(path);
  }

  #unknown(path: string[], word: string, start: number, known: readonly string[]): Target {
    const scanner: Scanner = this.#scanner;
    const menu = path.join(' ');
    if (!this.#isOurs(path)) {
      scanner.at = start;
      return this.#missing(path);
    }
    if (isRouterosCommand(word) && path.length > 0) return { menu, missing: { menu: `/${menu}`, command: word } };
    const isMenu = this.#menus.some((known) => known.path === menu && menu !== '' && known.commands[0]?.name === 'add');
    scanner.at = start;
    if (!this.#foreign || isMenu || scanner.take(FOREIGN_WORD) === '') {
      const near = nearest(word, known);
      scanner.fail(`bad command name ${word}${near === undefined ? '' : `; did you mean ${near}?`}`, start);
    }
    path.push(word);
    return this.#missing(path);
  }

  /** A menu that is not ours: words that can be one are its path. */
  #missing(path: string[]): Target {
    const scanner: Scanner = this.#scanner;
    for (;;) {
      scanner.take(/(?:[ \t\r]|\\\r?\n)*\/?(?:[ \t\r]|\\\r?\n)*/y);
      const start = scanner.at;
      const word = scanner.take(FOREIGN_WORD);
      if (word === '' || isRouterosCommand(word)) {
        scanner.at = start;
        const menu = path.join(' ');
        return { menu, missing: { menu: `/${menu}` } };
      }
      path.push(word);
    }
  }

  #language(word: string, start: number, menu: string): Target {
    const name = complete(
      word,
      LANGUAGE.map(({ name }) => name),
    );
    const command = LANGUAGE.find((known) => known.name === name);
    if (command) return { menu, command };
    if (/^:[a-z][\w-]*$/.test(word)) return { menu, missing: { command: word } };
    return this.#scanner.fail(`bad command name ${word}`, start);
  }

  #isOurs(path: readonly string[]): boolean {
    return path.length === 0 || this.#menus.some(({ path: known }) => `${known} `.startsWith(`${path.join(' ')} `));
  }

  #submenus(path: readonly string[]): string[] {
    const names = this.#menus
      .map((menu) => menu.path.split(' '))
      .filter((known) => known[0] !== '' && known.length > path.length && path.every((name, i) => known[i] === name))
      .map((known) => known[path.length]!);
    return [...new Set(names)];
  }
}
