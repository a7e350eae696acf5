import type { Entry, MenuDescription } from '../model/menu.ts';
import { consoleName } from '../model/properties.ts';
import { FORMS, type Form, print } from '../routeros/print.ts';
import type { Place } from '../routeros/scanner.ts';
import { type Argument, type NamedArgument, parseScript, type Statement } from '../routeros/script.ts';
import type { MenuSyntax } from '../routeros/table.ts';
import { matches } from '../routeros/where.ts';
import type { Table, Value } from '../ubus/blob.ts';
import { itemId, itemOf, sheetOf, syntaxOf } from './syntax.ts';

/** How the session reaches the daemon: the data of an answer, or undefined and why not. */
export interface Bus {
  call(object: string, method: string, args: Table): Promise<Answer>;
}

export type Answer = { data: Table } | { error: string; property?: string };

/** What a command came to when it failed: said once, on standard error. */
export class Failure extends Error {
  constructor(text: string, place: Place) {
    super(`${text} (line ${place.line} column ${place.column})`);
    this.name = 'Failure';
  }
}

export interface SessionOptions {
  readonly bus: Bus;
  readonly menus: readonly MenuDescription[];
  /** Columns of the terminal. */
  width(): number;
  write(text: string): void;
}

/** A person's or a script's stay at the console: the menu it is in, and what the item numbers of the last print mean. */
export class Session {
  readonly #options: SessionOptions;
  readonly #syntax: MenuSyntax[];
  readonly #numbers = new Map<string, string[]>();
  menu = '';
  /** `/quit` was typed. */
  ended = false;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#syntax = syntaxOf(options.menus);
  }

  /** Run a script up to its first error, which is answered; what stands before it has been done. */
  async run(text: string): Promise<string | undefined> {
    const script = parseScript(text, this.#syntax, this.menu);
    for (const statement of script.statements) {
      const failure = await this.#failureOf(statement);
      if (failure !== undefined || this.ended) return failure;
    }
    this.menu = script.menu;
    return script.error?.message;
  }

  async #failureOf(statement: Statement): Promise<string | undefined> {
    if (statement.command === undefined) this.menu = statement.menu;
    try {
      await this.#execute(statement);
    } catch (error) {
      if (error instanceof Failure) return error.message;
      throw error;
    }
    return undefined;
  }

  async #execute(statement: Statement): Promise<void> {
    const menu = this.#options.menus.find(({ path }) => path === statement.menu);
    if (statement.command === 'quit') this.ended = true;
    else if (menu && statement.command) await this.#command(menu, statement);
  }

  async #command(menu: MenuDescription, statement: Statement): Promise<void> {
    switch (statement.command) {
      case 'print':
        return this.#print(menu, statement);
      case 'find':
        return this.#options.write(`${(await this.#find(menu, statement)).map(itemId).join(';')}\n`);
      case 'add':
        await this.#call(menu, 'add', argumentsOf(statement), statement);
        return;
      case 'comment':
        return this.#comment(menu, statement);
      default:
        return this.#each(menu, statement, statement.items, argumentsOf(statement));
    }
  }

  /** The comment may stand as `comment=…` or, as people type it, behind the items. */
  #comment(menu: MenuDescription, statement: Statement): Promise<void> {
    const named = argumentsOf(statement);
    const last = statement.items.at(-1);
    if (Object.keys(named).length > 0 || statement.items.length < 2 || typeof last?.value !== 'string') {
      return this.#each(menu, { ...statement, command: 'set' }, statement.items, named);
    }
    return this.#each(menu, { ...statement, command: 'set' }, statement.items.slice(0, -1), { comment: last.value });
  }

  async #each(menu: MenuDescription, statement: Statement, items: readonly Argument[], args: Table): Promise<void> {
    if (items.length === 0) throw new Failure('missing value(s) of argument(s) numbers', statement);
    const ids: string[] = [];
    for (const item of items) ids.push(...(await this.#idsOf(menu, item)));
    for (const id of ids) await this.#call(menu, statement.command!, { ...args, id }, statement);
  }

  /** The items that `0`, `macvlan1`, `*1`, `0,1` or `[find …]` mean. */
  async #idsOf(menu: MenuDescription, argument: Argument): Promise<string[]> {
    if (typeof argument.value !== 'string') return this.#find(menu, argument.value);
    const entries = await this.#list(menu, argument);
    return argument.value.split(',').map((word) => {
      const entry = entries.find((entry) => isMeant(entry, menu, word, this.#numbers.get(menu.type)));
      if (!entry) throw new Failure('no such item', argument);
      return entry.id;
    });
  }

  async #find(menu: MenuDescription, { where, ...place }: Statement): Promise<string[]> {
    const entries = await this.#list(menu, place);
    return entries.filter((entry) => !where || matches(where, itemOf(menu, entry))).map(({ id }) => id);
  }

  async #print(menu: MenuDescription, statement: Statement): Promise<void> {
    const chosen = new Set<string>();
    for (const item of statement.items) for (const id of await this.#idsOf(menu, item)) chosen.add(id);
    const { where } = statement;
    const entries = (await this.#list(menu, statement)).filter(
      (entry) => (chosen.size === 0 || chosen.has(entry.id)) && (!where || matches(where, itemOf(menu, entry))),
    );
    this.#numbers.set(
      menu.type,
      entries.map(({ id }) => id),
    );
    const proplist = statement.named.find(({ name }) => name === 'proplist')?.value;
    const text = print(
      entries.map((entry) => itemOf(menu, entry)),
      sheetOf(menu),
      {
        form: statement.switches.find(isForm) ?? 'table',
        width: this.#options.width(),
        showIds: statement.switches.includes('show-ids'),
        ...(typeof proplist === 'string' && { proplist: proplist.split(',') }),
      },
    );
    this.#options.write(text);
  }

  /** All items, however many calls that takes. */
  async #list(menu: MenuDescription, place: Place): Promise<Entry[]> {
    const entries: Entry[] = [];
    for (;;) {
      const data = await this.#call(menu, 'list', { offset: entries.length }, { ...place, named: [] });
      const part = data[menu.type] as unknown as Entry[];
      entries.push(...part);
      if (part.length === 0 || entries.length >= Number(data.total)) return entries;
    }
  }

  /** One call; its refusal is told at the place of the property that it is about. */
  async #call(
    menu: MenuDescription,
    method: string,
    args: Table,
    at: Place & { named: readonly NamedArgument[] },
  ): Promise<Table> {
    const answer = await this.#options.bus.call(menu.object, method, args);
    if ('data' in answer) return answer.data;
    const { error, property } = answer;
    const named = property === undefined ? undefined : at.named.find(({ name }) => name === consoleName(property));
    throw new Failure(
      `failure: ${property === undefined ? error : error.replaceAll(property, consoleName(property))}`,
      named ?? at,
    );
  }
}

/** A number is one of the last print, or of the list where nothing was printed yet. */
function isMeant(entry: Entry, menu: MenuDescription, word: string, printed: readonly string[] | undefined): boolean {
  if (/^\*[0-9a-f]+$/i.test(word)) return itemId(entry.id) === word.toUpperCase();
  if (entry[menu.key] === word || entry.id === word) return true;
  return /^\d+$/.test(word) && printed?.[Number(word)] === entry.id;
}

function isForm(word: string): word is Form {
  return FORMS.some((form) => form === word);
}

/** `name=value` as the methods want it; `!name` resets. */
function argumentsOf(statement: Statement): Table {
  const value = ({ value, ...place }: NamedArgument): Value => {
    if (value === undefined) return null;
    if (typeof value !== 'string') throw new Failure('a value cannot be a list of items', place);
    return value;
  };
  return Object.fromEntries(statement.named.map((argument) => [argument.name.replaceAll('-', '_'), value(argument)]));
}
