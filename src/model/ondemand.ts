import type { Behaviour, Menu, MenuDescription } from './menu.ts';

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

/** Functions, by their names, that throw NotLoaded until `load` has been waited for; then they are what it answered. */
export function onDemand<T extends object>(
  what: string,
  names: readonly (keyof T)[],
  load: () => Promise<T>,
): T & OnDemand {
  const bring = async () => void Object.assign(made, await load(), { load: undefined });
  const missing = (): never => {
    throw new NotLoaded(what, bring);
  };
  const made = { ...Object.fromEntries(names.map((name) => [name, missing])), load: bring } as T & OnDemand;
  return made;
}

const BEHAVIOUR = ['generate', 'claims', 'want', 'state', 'check'] as const;

/** A menu that only describes itself until its behaviour is loaded. */
export function menuOnDemand(description: MenuDescription, load: () => Promise<Behaviour>): Menu {
  return Object.assign(onDemand<Behaviour>(`the menu ${description.type}`, BEHAVIOUR, load), description);
}

/** Throws NotLoaded when one of the sections is of a menu that is not in memory. */
export function requireLoaded(menus: readonly Menu[], sections: readonly { readonly type: string }[]): void {
  for (const { load, type } of menus)
    if (load && sections.some((section) => section.type === type)) throw new NotLoaded(`the menu ${type}`, load);
}
