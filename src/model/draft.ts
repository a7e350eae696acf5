import type { Config, Item } from './config.ts';
import type { Change } from './edit.ts';
import type { Menu } from './menu.ts';
import { carryNotes } from './names.ts';
import { type AnyValues, parseValue, withDefaults } from './properties.ts';

/** A configuration in the making: edits one after another, each against what the ones before it left. */
export class Draft {
  readonly #start: Config;
  readonly #menus: readonly Menu[];
  readonly changes: Change[] = [];
  #items: Item[];
  #ids: Set<string>;

  constructor(start: Config, menus: readonly Menu[]) {
    this.#start = start;
    this.#menus = menus;
    this.#items = [...start.items];
    this.#ids = new Set(start.ids);
  }

  /** As it stands now; good until the next `apply`. */
  get config(): Config {
    return { ...this.#start, items: this.#items, ids: this.#ids };
  }

  /** The changes of one edit. */
  apply(changes: readonly Change[]): void {
    const values = new Map<string, AnyValues>();
    const added: Item[] = [];
    for (const change of changes) {
      this.changes.push(change);
      if (change.do === 'add') added.push(this.#add(change.type, change.section, values));
      else if (change.do === 'remove') this.#remove(change.section);
      else this.#set(change, values, added);
    }
    for (const [id, given] of values) if (!added.some((item) => item.id === id)) this.#replace(id, given);
    if (added.length > 0) this.#append(added.map((item) => this.#with(item, values.get(item.id)!)));
  }

  #menu(type: string): Menu {
    return this.#menus.find((menu) => menu.type === type)!;
  }

  #add(type: string, id: string, values: Map<string, AnyValues>): Item {
    this.#ids.add(id);
    values.set(id, {});
    return { type, id, line: 0, given: {}, values: {}, problems: [] };
  }

  /** What is known of the items before stays known. */
  #append(added: readonly Item[]): void {
    const items = this.#items.concat(added);
    carryNotes(this.#items, items);
    this.#items = items;
  }

  #remove(id: string): void {
    this.#items = this.#items.filter((item) => item.id !== id);
    this.#ids = new Set(this.#ids);
    this.#ids.delete(id);
  }

  #set(change: Extract<Change, { do: 'set' | 'unset' }>, values: Map<string, AnyValues>, added: readonly Item[]): void {
    const item = added.find(({ id }) => id === change.section) ?? this.#items[this.#at(change.section)]!;
    const given = values.get(item.id) ?? { ...item.given };
    values.set(item.id, given);
    if (change.do === 'unset') delete given[change.option];
    // Through the parser, as if the file were read again.
    else given[change.option] = parseValue(this.#menu(item.type).properties, change.option, storedText(change.value));
  }

  #replace(id: string, given: AnyValues): void {
    const at = this.#at(id);
    this.#items = this.#items.with(at, this.#with(this.#items[at]!, given));
  }

  #with(item: Item, given: AnyValues): Item {
    return { ...item, given, values: withDefaults(this.#menu(item.type).properties, given), problems: [] };
  }

  #at(id: string): number {
    return this.#items.findIndex((item) => item.id === id);
  }
}

/** A list stands in UCI as several values. */
function storedText(value: string | readonly string[]): string {
  return typeof value === 'string' ? value : value.join(' ');
}
