import type { Entry, MenuDescription } from '../model/menu.ts';
import type { Missing, Statement } from './statement.ts';

/** What the interpreter cannot do itself. Whoever runs it does it, and answers. */
export type Step =
  /** Of each of the items `ids`, where it is a method of items. Answers `data`; a refusal is thrown in as `Refusal`. */
  | { do: 'call'; menu: MenuDescription; method: string; args: Record<string, unknown>; ids?: readonly string[] }
  /** Answers all `entries` of the menu. */
  | { do: 'list'; menu: MenuDescription }
  | { do: 'write'; text: string }
  /** A command that is the console's own business. `ids` are the items that it names. */
  | { do: 'other'; menu: MenuDescription | undefined; statement: Statement; ids: readonly string[] };

export interface Answer {
  readonly data?: Readonly<Record<string, unknown>>;
  readonly entries?: readonly Entry[];
}

export type Run<T> = Generator<Step, T, Answer>;

/** A call that was refused, and the property that it was about. */
export class Refusal extends Error {
  constructor(
    message: string,
    readonly property?: string,
  ) {
    super(message);
    this.name = 'Refusal';
  }
}

export interface InterpreterOptions {
  readonly menus: readonly MenuDescription[];
  /** Columns of the terminal. */
  width(): number;
  /** Someone looks on, to whom a table has to fit. */
  readonly live?: boolean;
  /** Told of what is not there, which is passed over then; without it that is a Fault. */
  readonly missing?: ((what: Missing) => void) | undefined;
  /** The most commands that a script may come to. */
  readonly most?: number;
}
