import type { Behaviour, Menu, MenuDescription } from './menu.ts';

/** Thrown where a menu is needed whose behaviour is not in memory. Nothing was done: `load` it and ask again. */
export class NotLoaded extends Error {
  readonly menu: Menu;

  constructor(menu: Menu) {
    super(`the menu ${menu.type} is not loaded`);
    this.menu = menu;
  }
}

/** A menu that only describes itself until its `load` has been waited for; whoever asks it for more is thrown NotLoaded. */
export function onDemand(description: MenuDescription, load: () => Promise<Behaviour>): Menu {
  const missing = (): never => {
    throw new NotLoaded(menu);
  };
  const menu: Menu = {
    ...description,
    ...{ generate: missing, claims: missing, want: missing, state: missing, check: missing },
    load: async () => void Object.assign(menu, await load(), { load: undefined }),
  };
  return menu;
}

/** Throws NotLoaded when one of the sections is of a menu that is not in memory. */
export function requireLoaded(menus: readonly Menu[], sections: readonly { readonly type: string }[]): void {
  const missing = menus.find((menu) => menu.load && sections.some(({ type }) => type === menu.type));
  if (missing) throw new NotLoaded(missing);
}
