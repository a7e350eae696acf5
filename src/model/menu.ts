import type { Config, Item } from './config.ts';
import type { OnDemand } from './ondemand.ts';
import type { AnyValues, PropertyTable } from './properties.ts';
import type { Policy } from './types.ts';
import type { Want } from './want.ts';
import type { World } from './world.ts';

/** How a read-only value is shown on the console: a duration, a flag, or as it is. A counter changes without being news. */
export type StateKind = 'text' | 'number' | 'counter' | 'time' | 'yes-no';

export interface StateColumn {
  readonly kind: StateKind;
  readonly help: string;
}

/** What `list` answers for one item: its id, its properties, its read-only state. */
export type Entry = { readonly id: string } & Readonly<AnyValues>;

export interface Flag {
  readonly letter: string;
  readonly label: string;
  /** The entry's boolean that raises it. */
  readonly value: string;
}

/** What of a menu is needed while there is no item of it: its names, and what ubus is told of its methods. */
export interface MenuStub {
  /** UCI section type; ids are made of it. */
  readonly type: string;
  /** `interface macvlan` */
  readonly path: string;
  /** ubus object */
  readonly object: string;
  /** The property that `name` in a ubus call and a bare word on the console mean. */
  readonly key: string;
  /** Methods of the ubus object beyond those that every menu has. */
  readonly methods: readonly string[];
  /** The types of its properties in their order. */
  readonly policies: Readonly<Record<string, Policy>>;
}

/** One RouterOS menu as the console, UCI, ubus and the docs see it. */
export interface MenuDescription extends Omit<MenuStub, 'policies'> {
  readonly properties: PropertyTable;
  readonly readOnly: Readonly<Record<string, StateColumn>>;
  readonly flags: readonly Flag[];
  /** The columns of a plain `print`, in order. */
  readonly columns: readonly string[];
  /** The method that answers its rows, where nothing can be written and they are no items. */
  readonly rows?: string;
}

/** What a menu means: pure functions of what is known. */
export interface Behaviour {
  /** What RouterOS makes up when the user leaves it out (a name, a MAC). Answers only the additions. */
  generate(given: AnyValues, world: World): AnyValues;
  /** What only one item can have, each as its property and value; an item of the file that comes later is wrong. */
  claims(item: Item, config: Config): readonly (readonly [property: string, value: string])[];
  /** What should exist because of this item. Only called for usable items. */
  want(item: Item, world: World, want: Want): void;
  /** The read-only values of the item's entry, `about` among them. */
  state(item: Item, world: World): AnyValues;
  /** What is wrong with an item's values, or with them beside those of items that stand before it in the file. */
  readonly fault?: (item: Item, config: Config) => Fault | undefined;
  /** Left out where only who writes has it in memory (menus/checks.ts). */
  readonly check?: Check;
  readonly fold?: Fold;
}

/** Which property does not go with what there is besides, and a sentence about it. */
export type Fault = readonly [property: string, sentence: string];

/** A menu, whole. */
export type WholeMenu = MenuDescription & Behaviour;

/** The stub is always in memory; what else there is may be loaded on demand. */
export interface Menu extends MenuDescription, Behaviour, OnDemand {
  /** Of a stub; otherwise the properties tell them. */
  readonly policies?: MenuStub['policies'];
}

/**
 * Throws Refused when the item cannot stand beside the others or in this machine. Only what was changed is judged:
 * a port whose MTU sank meanwhile must not keep anyone from editing a comment.
 */
export type Check = (item: Item, world: World, changed: ReadonlySet<string>) => void;

/** What a write gives, and what it sets back to the default. */
export interface Said {
  readonly given: AnyValues;
  readonly reset: readonly string[];
}

/** What was said in words that are not kept as those that are; `before` is what stood there. Throws Refused. */
export type Fold = (before: AnyValues, said: Said) => Said;

/** A menu for somebody who writes. */
export interface CheckedMenu extends Menu {
  readonly check: Check;
}
