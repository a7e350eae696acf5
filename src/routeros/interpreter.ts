import type { Entry, MenuDescription } from '../model/menu.ts';
import { Commands, isOther } from './commands.ts';
import { nameOf } from './elsewhere.ts';
import { type Datum, type Items, isItems, isTrue, operate, textOf } from './evaluate.ts';
import { Fault, type Place } from './scanner.ts';
import type { Argument, Missing, Statement, Value } from './statement.ts';
import type { InterpreterOptions, Run } from './step.ts';

/** More commands than a person writes in a script: the loop in it would not end. */
const MOST = 100_000;
/** What one value may come to, in characters: texts that a loop doubles would fill the memory. */
const LONGEST = 65_536;

/** Does what a script says, step by step; variables and item numbers last as long as it does. Throws Fault. */
export class Interpreter {
  readonly #options: InterpreterOptions;
  readonly #commands: Commands;
  readonly #variables = new Map<string, Datum>();
  #left = 0;

  constructor(options: InterpreterOptions) {
    this.#options = options;
    this.#commands = new Commands({
      menus: options.menus,
      width: () => options.width(),
      live: options.live ?? false,
      evaluate: (value) => this.#evaluate(value),
      pass: (what, place) => this.#missing(what, place),
    });
  }

  /** Commands, one after another. */
  *run(statements: readonly Statement[]): Run<void> {
    this.#left = this.#options.most ?? MOST;
    yield* this.#block(statements);
  }

  *#block(statements: readonly Statement[]): Run<void> {
    for (const statement of statements) yield* this.#one(statement);
  }

  /** One command; what it answers is written only by commands that print. */
  *#one(statement: Statement): Run<void> {
    this.#spend(statement);
    const { command } = statement;
    const isAlone = command === undefined && this.#options.missing !== undefined;
    if (statement.missing !== undefined && !isAlone) return this.#missing(statement.missing, statement);
    if (command === undefined) return;
    if (command === '{') return yield* this.#block(statement.statements!);
    if (command.startsWith(':')) return yield* this.#language(statement);
    if (PRINTING.includes(command) && !isOther(statement)) {
      const text = textOf(yield* this.#commands.answer(statement));
      if (text !== '') yield { do: 'write', text: text.endsWith('\n') ? text : `${text}\n` };
      return;
    }
    yield* this.#commands.answer(statement);
  }

  /** The items of a menu that the statement names or asks for, all of them when it does neither. */
  chosen(menu: MenuDescription, statement: Statement): Run<Entry[]> {
    return this.#commands.chosen(menu, statement);
  }

  /** What `print` shows; the numbers in it mean its items from now on. */
  shown(menu: MenuDescription, statement: Statement): Run<string> {
    return this.#commands.shown(menu, statement);
  }

  /** The text of a `name=value`; undefined when it was not given. */
  named(statement: Statement, name: string): Run<string | undefined> {
    return this.#commands.named(statement, name);
  }

  /** The texts that stand alone. */
  *words(statement: Statement): Run<string[]> {
    return (yield* this.#commands.texts(statement.items)).map(([text]) => text);
  }

  #missing(what: Missing, place: Place): void {
    if (this.#options.missing === undefined) throw new Fault(`${nameOf(what)} is not available in this version`, place);
    this.#options.missing(what);
  }

  #spend(place: Place): void {
    if (--this.#left < 0)
      throw new Fault(`more than ${this.#options.most ?? MOST} commands; is there a loop that does not end?`, place);
  }

  *#evaluate(value: Value): Run<Datum> {
    if (typeof value === 'string') return value;
    switch (value.kind) {
      case 'variable':
        return this.#variable(value.name, value);
      case 'joined':
        return (yield* this.#all(value.parts)).join('');
      case 'list':
        return yield* this.#all(value.values);
      case 'operation':
        return operate(value, yield* this.#all(value.operands));
      case 'statement':
        this.#spend(value);
        if (value.missing !== undefined)
          throw new Fault(`${nameOf(value.missing)} is not available in this version`, value);
        return yield* this.#commands.answer(value);
      case 'block':
        return '';
    }
  }

  *#all(values: readonly Value[]): Run<string[]> {
    const texts: string[] = [];
    let left = LONGEST;
    for (const value of values) {
      const text = textOf(yield* this.#evaluate(value));
      left -= text.length;
      if (left < 0) throw new Fault(`a value of more than ${LONGEST} characters`, placeOf(value));
      texts.push(text);
    }
    return texts;
  }

  #variable(name: string, place: Place): Datum {
    const datum = this.#variables.get(name);
    if (datum === undefined) throw new Fault(`no variable ${name}; \\$ in quotes is a dollar sign`, place);
    return datum;
  }

  *#language(statement: Statement): Run<void> {
    const [first, second] = statement.items;
    switch (statement.command) {
      case ':put':
        for (const { value } of statement.items)
          yield { do: 'write', text: `${textOf(yield* this.#evaluate(value)).trimEnd()}\n` };
        return;
      case ':local':
      case ':global':
      case ':set': {
        const name = nameIn(first, statement);
        if (statement.command === ':set') this.#variable(name, first!);
        if (second || !this.#variables.has(name))
          this.#variables.set(name, second ? yield* this.#evaluate(second.value) : '');
        return;
      }
      case ':error':
        throw new Fault(first ? textOf(yield* this.#evaluate(first.value)) : 'error', statement);
      case ':if':
        if (!first) throw new Fault('missing condition', statement);
        return yield* this.#named(statement, isTrue(yield* this.#evaluate(first.value)) ? 'do' : 'else');
      case ':do':
        return yield* this.#attempt(statement, first);
      case ':for':
        return yield* this.#for(statement, nameIn(first, statement));
      default:
        return yield* this.#foreach(statement, nameIn(first, statement));
    }
  }

  /** The block behind `do=`, `else=`, `on-error=`, where there is one. */
  *#named(statement: Statement, name: string): Run<void> {
    const block = statement.named.find((argument) => argument.name === name)?.value;
    if (typeof block === 'object' && block.kind === 'block') yield* this.#block(block.statements);
  }

  *#attempt(statement: Statement, body: Argument | undefined): Run<void> {
    if (typeof body?.value !== 'object' || body.value.kind !== 'block') throw new Fault('missing { … }', statement);
    try {
      yield* this.#block(body.value.statements);
    } catch (error) {
      if (!(error instanceof Fault) || !statement.named.some(({ name }) => name === 'on-error')) throw error;
      yield* this.#named(statement, 'on-error');
    }
  }

  *#for(statement: Statement, name: string): Run<void> {
    const [from, to, step = 1] = [
      yield* this.#number(statement, 'from'),
      yield* this.#number(statement, 'to'),
      yield* this.#number(statement, 'step'),
    ];
    if (from === undefined || to === undefined || step === 0)
      throw new Fault('from= and to= are whole numbers', statement);
    const down = step < 0 || from > to;
    const stride = down ? -Math.abs(step) : step;
    for (let i = from; down ? i >= to : i <= to; i += stride) {
      this.#spend(statement);
      this.#variables.set(name, String(i));
      yield* this.#named(statement, 'do');
    }
  }

  *#number(statement: Statement, name: string): Run<number | undefined> {
    const text = yield* this.named(statement, name);
    return text !== undefined && /^-?\d{1,9}$/.test(text) ? Number(text) : undefined;
  }

  *#foreach(statement: Statement, name: string): Run<void> {
    const given = statement.named.find((argument) => argument.name === 'in')?.value;
    if (given === undefined) throw new Fault('in= is missing', statement);
    const datum = yield* this.#evaluate(given);
    const each: readonly Datum[] = isItems(datum)
      ? datum.ids.map((id): Items => ({ type: datum.type, ids: [id] }))
      : typeof datum === 'string'
        ? [datum]
        : datum;
    for (const one of each) {
      this.#spend(statement);
      this.#variables.set(name, one);
      yield* this.#named(statement, 'do');
    }
  }
}

/** Commands whose answer is written where nobody else takes it. */
const PRINTING = ['print', 'find', 'get'];

/** Where a value stands, as far as it knows. */
function placeOf(value: Value): Place {
  return typeof value === 'object' && 'line' in value ? value : { line: 1, column: 1 };
}

function nameIn(argument: Argument | undefined, statement: Statement): string {
  if (typeof argument?.value !== 'string' || !/^[A-Za-z]\w*$/.test(argument.value))
    throw new Fault('missing name of a variable', argument ?? statement);
  return argument.value;
}
