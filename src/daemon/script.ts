import type { Config } from '../model/config.ts';
import { itemsOf } from '../model/entry.ts';
import type { Menu } from '../model/menu.ts';
import { Refused } from '../model/refused.ts';
import type { Arguments } from '../model/select.ts';
import { yesNo } from '../model/types.ts';
import { VERSION } from '../model/version.ts';
import { exportMenu } from '../routeros/export.ts';
import type { Table } from '../ubus/blob.ts';
import { importScript } from './import.ts';
import type { Loop } from './loop.ts';

/** The ubus methods whose matter is the RouterOS language. Loaded when one is first called: it is seldom wanted. */

/** All items of all menus as a script of RouterOS's that makes them again. Throws Refused. */
export function exported(args: Arguments, config: Config, menus: readonly Menu[]): Table {
  const options = {
    verbose: flag(args, 'verbose'),
    terse: flag(args, 'terse'),
    showSensitive: flag(args, 'show_sensitive'),
  };
  // A menu that is not in memory has no item.
  const parts = menus.filter(({ load }) => !load).map((menu) => exportMenu(menu, itemsOf(menu, config), options));
  return { script: `# macvland ${VERSION}\n${parts.join('')}` };
}

/** A script of RouterOS's, done as one write. Throws Refused. */
export async function imported(args: Arguments, loop: Loop, menus: readonly Menu[]): Promise<Table> {
  const { script } = args;
  if (typeof script !== 'string') throw new Refused('script is missing; it is the text of an export', 'script');
  // It may speak of any of them.
  for (const { load } of menus) await load?.();
  return importScript(script, flag(args, 'dry_run'), loop, menus);
}

function flag(args: Arguments, name: string): boolean {
  const value = args[name];
  if (value === undefined || value === null) return false;
  const parsed = yesNo.parse(String(value));
  if (parsed === undefined) throw new Refused(`${name} ${String(value)} is not ${yesNo.expected}`, name);
  return parsed;
}
