import type { Item } from '../model/config.ts';
import type { Event, Failure } from '../model/facts.ts';

/** What people read in the log: whom it is about, and each thing once while it stands. */
export class Reports {
  readonly #log: (text: string) => void;
  readonly #items: () => readonly Item[];
  readonly #lastLines = new Map<string, string>();
  #warned: readonly string[] = [];
  #trouble = '';

  constructor(log: (text: string) => void, items: () => readonly Item[]) {
    this.#log = log;
    this.#items = items;
  }

  /** Of an item, by the name that people know. */
  of(key: string, text: string): void {
    const item = this.#items().find(({ id }) => id === key);
    this.#log(`${item?.values.name ?? item?.values.interface ?? key}: ${text}`);
  }

  /** A child printed a line. */
  printed(key: string, line: string): void {
    this.#lastLines.set(key, line);
    this.of(key, line);
  }

  /** What the item's child printed last. */
  lastLine(key: string): string | undefined {
    return this.#lastLines.get(key);
  }

  /** Each of those that stand now is said when it comes up. */
  warn(warnings: readonly string[]): void {
    for (const text of warnings) if (!this.#warned.includes(text)) this.#log(text);
    this.#warned = warnings;
  }

  /** What the kernel refuses is said when it is refused first, and not at each try. */
  refused(events: readonly Event[], failures: ReadonlyMap<string, Failure>): void {
    for (const event of events) {
      if (event.type !== 'failed' || failures.has(event.op)) continue;
      // What is done for all lines at once has no owner.
      if (event.owner === '') this.#log(event.error);
      else this.of(event.owner, event.error);
    }
  }

  /** What a pass failed of; '' for one that did not. */
  trouble(message: string): void {
    if (message !== '' && message !== this.#trouble) this.#log(message);
    this.#trouble = message;
  }
}
