import type { Entry, MenuDescription } from '../model/menu.ts';
import { consoleName } from '../model/properties.ts';
import { type Datum, isItems, textOf } from './evaluate.ts';
import { itemId, itemOf, methodOf, readable, sheetOf } from './menu.ts';
import { FORMS, type Form, print } from './print.ts';
import { Fault, type Place } from './scanner.ts';
import type { Argument, Missing, NamedArgument, Statement, Value, Where } from './statement.ts';
import { type Answer, type InterpreterOptions, Refusal, type Run } from './step.ts';
import { complete, type Item, valueIn } from './table.ts';
import { matches, patternFault } from './where.ts';

/** What the commands need of whoever runs the script. */
export interface Host extends InterpreterOptions {
  evaluate(value: Value): Run<Datum>;
  /** Passes over what is not there, or throws Fault. */
  pass(what: Missing, place: Place): void;
}

/** The commands of menus. The item numbers of the last print last as long as it does. Throws Fault. */
export class Commands {
  readonly #host: Host;
  /** The items of the last print by menu type. */
  readonly #numbers = new Map<string, readonly string[]>();

  constructor(host: Host) {
    this.#host = host;
  }

  /** Do it; what it answers is a value. */
  *answer(statement: Statement): Run<Datum> {
    const menu = this.#host.menus.find(({ path }) => path === statement.menu);
    if (!menu) {
      yield { do: 'other', menu, statement, ids: [] };
      return '';
    }
    switch (statement.command) {
      case 'add': {
        const { data } = yield* this.#call(menu, 'add', yield* this.#argumentsOf(menu, statement), statement);
        return { type: menu.type, ids: typeof data?.id === 'string' ? [data.id] : [] };
      }
      case 'set':
      case 'remove':
      case 'enable':
      case 'disable':
        yield* this.#each(
          menu,
          statement.command,
          statement,
          statement.items,
          yield* this.#argumentsOf(menu, statement),
        );
        return '';
      case 'comment':
        yield* this.#comment(menu, statement);
        return '';
      case 'reset':
      case 'unset':
        yield* this.#reset(menu, statement);
        return '';
      case 'find':
        return { type: menu.type, ids: (yield* this.chosen(menu, statement)).map(({ id }) => id) };
      case 'get':
        return yield* this.#get(menu, statement);
      case 'print':
        if (!isOther(statement)) return yield* this.shown(menu, statement);
    }
    yield* this.#method(menu, statement);
    return '';
  }

  /** What one of the menu's own methods does to each item, or a command of the console. */
  *#method(menu: MenuDescription, statement: Statement): Run<void> {
    const { command, items } = statement;
    const found = methodOf(menu, command!);
    if (found?.ofItems) return yield* this.#each(menu, found.method, statement, items, {});
    const ids = command === 'print' || found?.ofInterface ? [] : yield* this.#idsOf(menu, items);
    yield { do: 'other', menu, statement, ids };
  }

  /** The comment may stand as `comment=…` or, as people type it, behind the items. */
  *#comment(menu: MenuDescription, statement: Statement): Run<void> {
    const named = yield* this.#argumentsOf(menu, statement);
    const text = Object.keys(named).length > 0 || statement.items.length < 2 ? undefined : statement.items.at(-1);
    if (!text) return yield* this.#each(menu, 'set', statement, statement.items, named);
    const comment = textOf(yield* this.#host.evaluate(text.value));
    yield* this.#each(menu, 'set', statement, statement.items.slice(0, -1), { comment });
  }

  /** `reset ITEMS PROPERTY…`: back to the defaults. */
  *#reset(menu: MenuDescription, statement: Statement): Run<void> {
    const [items, ...words] = statement.items;
    const names = (yield* this.texts(words)).map(([name, place]) => [name, place] as const);
    const named = statement.named.find(({ name }) => name === 'value-name');
    if (named?.value !== undefined) names.push([textOf(yield* this.#host.evaluate(named.value)), named]);
    if (!items || names.length === 0) throw new Fault('missing value(s) of argument(s) numbers, value-name', statement);
    const known = Object.keys(menu.properties).map(consoleName);
    const args = names.map(([name, place]) => {
      const property = complete(name, known);
      if (property === undefined) throw new Fault(`no property ${name}`, place);
      return [property.replaceAll('-', '_'), null] as const;
    });
    yield* this.#each(menu, 'set', statement, [items], Object.fromEntries(args));
  }

  *#get(menu: MenuDescription, statement: Statement): Run<Datum> {
    const number = statement.named.find(({ name }) => name === 'number');
    const [item, word] = number?.value === undefined ? statement.items : [number as Argument, statement.items[0]];
    if (!item) throw new Fault('missing value(s) of argument(s) number', statement);
    const [id, ...more] = yield* this.#idsOf(menu, [item]);
    if (id === undefined || more.length > 0)
      throw new Fault(id === undefined ? 'no such item' : 'get means one item', item);
    const { entries = [] } = yield { do: 'list', menu };
    const found = itemOf(menu, entries.find((entry) => entry.id === id)!);
    const name =
      (yield* this.named(statement, 'value-name')) ?? (word && textOf(yield* this.#host.evaluate(word.value)));
    if (name === undefined) return print([found], sheetOf(menu), { form: 'as-value' });
    return read(found, menu, name, word ?? statement);
  }

  /** The text of a `name=value`; undefined when it was not given. */
  *named(statement: Statement, name: string): Run<string | undefined> {
    const value = statement.named.find((argument) => argument.name === name)?.value;
    return value === undefined ? undefined : textOf(yield* this.#host.evaluate(value));
  }

  *#each(
    menu: MenuDescription,
    method: string,
    statement: Statement,
    items: readonly Argument[],
    args: Record<string, unknown>,
  ): Run<void> {
    if (items.length === 0) throw new Fault('missing value(s) of argument(s) numbers', statement);
    const ids = yield* this.#idsOf(menu, items);
    if (ids.length > 0) yield* this.#call(menu, method, args, statement, ids);
  }

  /** The items that `0`, `macvlan1`, `*1`, `0,1` or `[find …]` mean. */
  *#idsOf(menu: MenuDescription, items: readonly Argument[]): Run<string[]> {
    const ids: string[] = [];
    for (const { value, ...place } of items) {
      const datum = yield* this.#host.evaluate(value);
      if (isItems(datum)) {
        if (datum.type !== menu.type) throw new Fault('items of another menu', place);
        ids.push(...datum.ids);
        continue;
      }
      const { entries = [] } = yield { do: 'list', menu };
      const meant = (word: string) => entries.find((entry) => isMeant(entry, menu, word, this.#numbers.get(menu.type)));
      const whole = typeof datum === 'string' ? meant(datum) : undefined;
      const words = whole ? [] : typeof datum === 'string' ? datum.split(/[,;]/) : datum;
      for (const word of words) {
        const entry = meant(word);
        if (!entry) throw new Fault('no such item', place);
        ids.push(entry.id);
      }
      if (whole) ids.push(whole.id);
    }
    return ids;
  }

  /** One call; its refusal is told at the place of the property that it is about. */
  *#call(
    menu: MenuDescription,
    method: string,
    args: Record<string, unknown>,
    at: Statement,
    ids?: readonly string[],
  ): Run<Answer> {
    try {
      return yield { do: 'call', menu, method, args, ...(ids && { ids }) };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const { message, property } = error;
      const named = property === undefined ? undefined : at.named.find(({ name }) => name === consoleName(property));
      const text = property === undefined ? message : message.replaceAll(property, consoleName(property));
      throw new Fault(`failure: ${text}`, named ?? at);
    }
  }

  /** `name=value` as the methods want it; `!name` resets. */
  *#argumentsOf(menu: MenuDescription, statement: Statement): Run<Record<string, unknown>> {
    const args: Record<string, unknown> = {};
    for (const argument of statement.named) {
      const { name, value } = argument;
      const isOurs = name === 'copy-from' || Object.hasOwn(menu.properties, name.replaceAll('-', '_'));
      if (!isOurs) this.#host.pass({ menu: `/${menu.path}`, property: name }, argument);
      else if (name === 'copy-from' && value !== undefined)
        args.copy_from = (yield* this.#idsOf(menu, [argument as Argument]))[0];
      else args[name.replaceAll('-', '_')] = value === undefined ? null : yield* this.#given(value, argument);
    }
    return args;
  }

  /** A property's value; one item stands for its name. */
  *#given(value: Value, place: NamedArgument): Run<string> {
    const datum = yield* this.#host.evaluate(value);
    if (!isItems(datum)) return typeof datum === 'string' ? datum : datum.join(',');
    const menu = this.#host.menus.find(({ type }) => type === datum.type);
    const { entries = [] } = menu && datum.ids.length === 1 ? yield { do: 'list', menu } : {};
    const entry = entries.find(({ id }) => id === datum.ids[0]);
    if (!entry) throw new Fault('a value cannot be a list of items', place);
    return String(entry[menu!.key]);
  }

  /** The texts that stand alone, each with its place. */
  *texts(items: readonly Argument[]): Run<[string, Place][]> {
    const texts: [string, Place][] = [];
    for (const { value, ...place } of items) texts.push([textOf(yield* this.#host.evaluate(value)), place]);
    return texts;
  }

  *#condition(where: Where): Run<Where> {
    switch (where.kind) {
      case 'set':
        return where;
      case 'not':
        return { kind: 'not', of: yield* this.#condition(where.of) };
      case 'compare': {
        const datum = yield* this.#host.evaluate(where.value);
        const value = isItems(datum) ? textOf(datum) : typeof datum === 'string' ? datum : datum.join(',');
        const fault = where.operator === '~' ? patternFault(value) : undefined;
        if (fault !== undefined) throw new Fault(fault, where);
        return { ...where, value };
      }
      default: {
        const terms: Where[] = [];
        for (const term of where.terms) terms.push(yield* this.#condition(term));
        return { kind: where.kind, terms };
      }
    }
  }

  /** The items of a menu that the statement names or asks for, all of them when it does neither. */
  *chosen(menu: MenuDescription, statement: Statement): Run<Entry[]> {
    const from = statement.named.find(({ name }) => name === 'from');
    const named: Argument[] = from?.value === undefined ? statement.items : [...statement.items, from as Argument];
    const ids = named.length > 0 ? new Set(yield* this.#idsOf(menu, named)) : undefined;
    const where = statement.where && (yield* this.#condition(statement.where));
    const { entries = [] } = yield { do: 'list', menu };
    return entries.filter((entry) => (!ids || ids.has(entry.id)) && (!where || matches(where, itemOf(menu, entry))));
  }

  /** What `print` shows; the numbers in it mean its items from now on. */
  *shown(menu: MenuDescription, statement: Statement): Run<string> {
    const entries = yield* this.chosen(menu, statement);
    this.#numbers.set(
      menu.type,
      entries.map(({ id }) => id),
    );
    const properties = (yield* this.named(statement, 'proplist'))?.split(',');
    return print(
      entries.map((entry) => itemOf(menu, entry)),
      sheetOf(menu, statement.switches.includes('stats')),
      {
        form: statement.switches.find(isForm) ?? 'table',
        width: this.#host.width(),
        fit: this.#host.live ?? false,
        showIds: statement.switches.includes('show-ids'),
        ...(properties && { proplist: properties }),
      },
    );
  }
}

/** A print that lasts, or goes into a file. */
export function isOther({ switches, named }: Statement): boolean {
  return switches.includes('follow') || named.some(({ name }) => name === 'interval' || name === 'file');
}

function isForm(word: string): word is Form {
  return FORMS.some((form) => form === word);
}

function read(item: Item, menu: MenuDescription, name: string, place: Place): string {
  if (name === '.id') return item.id;
  const known = complete(name, readable(menu));
  if (known === undefined) throw new Fault(`no property ${name}`, place);
  return valueIn(item, known);
}

/** A number is one of the last print, or of the list where nothing was printed yet. */
function isMeant(entry: Entry, menu: MenuDescription, word: string, printed: readonly string[] | undefined): boolean {
  if (/^\*[0-9a-f]+$/i.test(word)) return itemId(entry.id) === word.toUpperCase();
  if (entry[menu.key] === word || entry.id === word) return true;
  return /^\d+$/.test(word) && printed?.[Number(word)] === entry.id;
}
