import type { UciSection } from '../model/config.ts';
import { itemsOf } from '../model/entry.ts';
import type { Wish } from '../model/facts.ts';
import type { Menu } from '../model/menu.ts';
import { Refused } from '../model/refused.ts';
import { type Arguments, findItem } from '../model/select.ts';
import { VERSION } from '../model/version.ts';
import type { Table } from '../ubus/blob.ts';
import type { Served } from './serve.ts';

/** The ubus methods that people call now and then. Loaded when one is first called. */

export function status(_args: Arguments, { loop, menus }: Served): Table {
  const world = loop.world();
  const counts = menus.map((menu) => [menu.type, itemsOf(menu, world.config).length] as const);
  const { problems } = world.config;
  return {
    version: VERSION,
    ...Object.fromEntries(counts),
    children: world.seen.children.length,
    problems: problems.map((problem) => ({ ...problem })),
  };
}

/** What would be done now, or with other sections than the file's. */
export async function plan(args: Arguments, { loop }: Served): Promise<Table> {
  const { ops, problems } = await loop.plan(args.sections === undefined ? undefined : readSections(args.sections));
  return { ops, problems: problems.map((problem) => ({ ...problem })) };
}

export function resetCounters(args: Arguments, { loop }: Served, menu: Menu): Table {
  loop.resetCounters(findItem(menu, args, loop.world().config));
  return {};
}

export function renew(args: Arguments, served: Served, menu: Menu): Table {
  return signal(args, served, menu, ['SIGUSR1']);
}

/** RouterOS gives the address back and asks for a new one; USR2 alone would leave the client idle. */
export function release(args: Arguments, served: Served, menu: Menu): Table {
  return signal(args, served, menu, ['SIGUSR2', 'released', 'SIGUSR1']);
}

function signal(args: Arguments, { loop }: Served, menu: Menu, signals: Wish): Table {
  const world = loop.world();
  const item = findItem(menu, args, world.config);
  if (!world.seen.children.some(({ key }) => key === item.id)) {
    throw new Refused(
      `${menu.type} ${item.values[menu.key]} is not running; ${item.values.disabled ? 'enable it first' : 'see about in list'}`,
    );
  }
  loop.wish(item.id, signals);
  return {};
}

/** Sections as rpcd's `uci get` answers them: by name, the type under `.type`. */
function readSections(sections: unknown): UciSection[] {
  return Object.entries(Object(sections)).map(([name, options], at) => {
    const { '.type': type, ...rest } = Object(options) as Record<string, unknown>;
    if (typeof type !== 'string') throw new Refused(`section ${name} has no ".type"`, 'sections');
    const known = Object.entries(rest).filter(([option]) => !option.startsWith('.'));
    const values = (value: unknown) => (Array.isArray(value) ? value : [value]).map(String);
    return {
      type,
      name,
      line: at + 1,
      options: known.map(([name, value]) => ({ name, values: values(value), line: at + 1 })),
    };
  });
}
