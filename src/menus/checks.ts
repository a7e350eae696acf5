import type { CheckedMenu, Menu } from '../model/menu.ts';
import { check } from './macvlan/check.ts';

/** The menu as `edit` wants it. The one that is always in memory is so without its check. */
export function checked(menu: Menu): CheckedMenu {
  return { ...menu, check: menu.check ?? check };
}
