import type { Entry, MenuDescription } from '../model/menu.ts';
import { consoleName } from '../model/properties.ts';
import { Interpreter } from '../routeros/interpreter.ts';
import { syntaxOf } from '../routeros/menu.ts';
import { quoted } from '../routeros/quote.ts';
import { Fault, type Place } from '../routeros/scanner.ts';
import { parseScript } from '../routeros/script.ts';
import type { Statement } from '../routeros/statement.ts';
import { Refusal, type Run, type Step, type Answer as StepAnswer } from '../routeros/step.ts';
import type { MenuSyntax } from '../routeros/table.ts';
import type { Table } from '../ubus/blob.ts';
import { commandOf } from './commands.ts';

/** How the session reaches the daemon: the data of an answer, or undefined and why not. */
export interface Bus {
  call(object: string, method: string, args: Table): Promise<Answer>;
}

/** A refused script says where. */
export type Answer = { data: Table } | ({ error: string; property?: string } & Partial<Place>);

/** What a session stands on. */
export interface SessionOptions {
  readonly bus: Bus;
  readonly menus: readonly MenuDescription[];
  /** Print what ubus answered, as JSON, in place of RouterOS's forms. */
  readonly json?: boolean;
  /** Someone looks on: what is watched may be drawn anew in its place. */
  readonly live?: boolean;
  /** Columns of the terminal. */
  width(): number;
  write(text: string): void;
  /** Wait so many ms; true when whoever looks on wants no more. */
  pause(ms: number): Promise<boolean>;
  /** Undefined when there is no such file. Throws what else is wrong. */
  readFile(path: string): string | undefined;
  writeFile(path: string, text: string): void;
}

/** A person's or a script's stay at the console: the menu it is in, and what the item numbers of the last print mean. */
export class Session {
  readonly options: SessionOptions;
  readonly interpreter: Interpreter;
  readonly syntax: readonly MenuSyntax[];
  menu = '';
  /** `/quit` was typed. */
  ended = false;

  constructor(options: SessionOptions) {
    this.options = options;
    this.syntax = syntaxOf(options.menus);
    this.interpreter = new Interpreter(options);
  }

  /** Run a script up to its first error, which is answered; what stands before it has been done. */
  async run(text: string): Promise<string | undefined> {
    const script = parseScript(text, this.syntax, { menu: this.menu });
    try {
      for (const statement of script.statements) {
        await this.drive(this.#one(statement));
        if (statement.command === undefined) this.menu = statement.menu;
        if (this.ended) return undefined;
      }
    } catch (error) {
      if (error instanceof Fault) return error.message;
      throw error;
    }
    return script.error?.message;
  }

  /** Do what the interpreter asks for, until it is through. */
  async drive<T>(run: Run<T>): Promise<T> {
    for (let next = run.next({}); ; ) {
      if (next.done) return next.value;
      try {
        const answer = await this.#do(next.value);
        next = run.next(answer);
      } catch (error) {
        next = run.throw(error);
      }
    }
  }

  /** A call whose refusal is a Fault at the statement. */
  async call(object: string, method: string, args: Table, at: Place): Promise<Table> {
    const answer = await this.options.bus.call(object, method, args);
    if ('data' in answer) return answer.data;
    throw new Fault(`failure: ${answer.error}`, at);
  }

  /** All items of a menu, however many calls that takes. */
  async list(menu: MenuDescription): Promise<Entry[]> {
    const entries: Entry[] = [];
    for (;;) {
      const answer = await this.options.bus.call(menu.object, menu.rows ?? 'list', { offset: entries.length });
      if (!('data' in answer)) throw new Refusal(answer.error);
      const part = answer.data[menu.type] as unknown as Entry[];
      entries.push(...part);
      if (part.length === 0 || entries.length >= Number(answer.data.total)) return entries;
    }
  }

  writeJson(value: unknown): void {
    const text = JSON.stringify(value, (_, one) => (typeof one === 'bigint' ? Number(one) : one), 2);
    this.options.write(`${text}\n`);
  }

  *#one(statement: Statement): Run<void> {
    const menu = this.options.menus.find(({ path }) => path === statement.menu);
    if (!this.options.json || statement.command !== 'print' || !menu) return yield* this.interpreter.run([statement]);
    const entries = yield* this.interpreter.chosen(menu, statement);
    this.writeJson({ [menu.type]: entries, total: entries.length });
  }

  /** Several items are one write of the file and one pass: a script of the daemon's. */
  async #call({ menu, method, args, ids }: Extract<Step, { do: 'call' }>): Promise<StepAnswer> {
    const { bus, json } = this.options;
    const isWrite = method === 'set' || method === 'remove' || method === 'enable' || method === 'disable';
    const calls: (readonly [object: string, method: string, args: Table])[] =
      isWrite && ids && ids.length > 1
        ? [['macvlan', 'import', { script: scriptOf(menu, method, args, ids) }]]
        : (ids?.map((id) => ({ id })) ?? [{}]).map((id) => [menu.object, method, { ...args, ...id } as Table]);
    let data: Table = {};
    for (const call of calls) {
      const answer = await bus.call(...call);
      if (!('data' in answer)) throw new Refusal(answer.error, answer.property);
      if (json) this.writeJson(answer.data);
      data = answer.data;
    }
    return { data };
  }

  async #do(step: Step): Promise<StepAnswer> {
    switch (step.do) {
      case 'write':
        this.options.write(step.text);
        return {};
      case 'list':
        return { entries: await this.list(step.menu) };
      case 'call':
        return this.#call(step);
      case 'other':
        await commandOf(step)(this, step);
        return {};
    }
  }
}

/** The same done to each of the items, as a script. */
function scriptOf(
  { path }: MenuDescription,
  method: string,
  args: Readonly<Record<string, unknown>>,
  ids: readonly string[],
): string {
  const words = Object.entries(args).map(([name, value]) =>
    value === null ? `!${consoleName(name)}` : `${consoleName(name)}=${quoted(String(value))}`,
  );
  return `/${path}\n${ids.map((id) => [method, id, ...words].join(' ')).join('\n')}\n`;
}
