import type { Menu, MenuStub, WholeMenu } from './menu.ts';

/** Thrown where something is needed that is not in memory. Nothing was done: `load` it and ask again. */
export class NotLoaded extends Error {
  /** What it is, for people. */
  readonly what: string;
  readonly load: () => Promise<void>;

  constructor(what: string, load: () => Promise<void>) {
    super(`${what} is not loaded`);
    this.what = what;
    this.load = load;
  }
}

/** While it is not in memory it has a `load`, which brings it there. */
export interface OnDemand {
  readonly load?: (() => Promise<void>) | undefined;
}

/** Functions and values, by their names, that throw NotLoaded until `load` has been waited for; then they are what it answered. */
export function onDemand<T extends object>(
  what: string,
  functions: readonly (keyof T)[],
  load: () => Promise<T>,
  values: readonly (keyof T)[] = [],
): T & OnDemand {
  const bring = async () => {
    for (const [name, value] of Object.entries({ ...(await load()), load: undefined }))
      Object.defineProperty(made, name, { value, enumerable: true, configurable: true, writable: true });
  };
  const missing = (): never => {
    throw new NotLoaded(what, bring);
  };
  const made = { ...Object.fromEntries(functions.map((name) => [name, missing])), load: bring } as T & OnDemand;
  for (const name of values) Object.defineProperty(made, name, { get: missing, enumerable: true, configurable: true });
  return made;
}

const BEHAVIOUR = ['generate', 'claims', 'want', 'state', 'check'] as const;
const TABLES = ['properties', 'readOnly', 'flags', 'columns'] as const;

/** A menu that has but its names until the rest of it is loaded. */
export function menuOnDemand(stub: MenuStub, load: () => Promise<WholeMenu>): Menu {
  return Object.assign(onDemand<WholeMenu>(`the menu ${stub.type}`, BEHAVIOUR, load, TABLES), stub);
}

/** Throws NotLoaded when one of the sections is of a menu that is not in memory. */
export function requireLoaded(menus: readonly Menu[], sections: readonly { readonly type: string }[]): void {
  for (const { load, type } of menus)
    if (load && sections.some((section) => section.type === type)) throw new NotLoaded(`the menu ${type}`, load);
}
