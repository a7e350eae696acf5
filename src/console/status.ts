import type { Entry, MenuDescription } from '../model/menu.ts';
import { hasCounters } from '../routeros/menu.ts';
import { print } from '../routeros/print.ts';
import type { Item, Sheet } from '../routeros/table.ts';
import { lines } from './checks.ts';
import type { Other } from './commands.ts';
import type { Session } from './session.ts';
import { printRate, rateOf } from './traffic.ts';

/** How long rates are measured, in ms. */
const MEASURED = 1000;
const SHEET: Sheet = {
  columns: ['line', 'state', 'address', 'rx', 'tx', 'about'].map((name) => ({ name })),
  properties: [],
  flags: [],
  remarks: [],
};

/** One line as the overview shows it. */
interface Line {
  state: string;
  addresses: string[];
  about: string[];
  rates: Record<string, string>;
}

/** Everything on one screen: each line with its state, its addresses, its rates, and why it is not running. */
export async function status(session: Session, { statement }: Other): Promise<void> {
  const data = await session.call('macvlan', 'status', {}, statement);
  if (session.options.json) return session.writeJson(data);
  const all = await linesOf(session);
  const { write, width } = session.options;
  const used = session.options.menus.filter(({ type }) => data[type]);
  const counts = used.map(({ type, path }) => `/${path}: ${data[type]}`).join(', ');
  const head = `macvland ${data.version}; ${counts || 'nothing configured'}; children: ${data.children}`;
  write(`${lines(head, width()).join('\n')}\n`);
  for (const { section, line, error } of (data.problems ?? []) as { section?: string; line?: number; error: string }[])
    write(`;;; config/macvlan:${line ?? '?'}: ${section ?? ''}: ${error}\n`);
  write(fitted(print([...all].map(itemOf), SHEET, { form: 'table', width: width() }), width()));
}

/** The reason of what is down may be long: it goes on below. */
function fitted(table: string, width: number): string {
  const rows = table.split('\n').slice(1);
  const start = rows[0]?.indexOf('ABOUT') ?? -1;
  const room = width - start;
  if (start < 0 || room < 20) return rows.join('\n');
  const wrapped = rows.map((row) => [row.slice(0, start), ...lines(row.slice(start).trimEnd(), room)]);
  return wrapped
    .map(([lead, first = '', ...more]) =>
      [`${lead}${first}`, ...more.map((piece) => ' '.repeat(start) + piece)].map((row) => row.trimEnd()).join('\n'),
    )
    .join('\n');
}

function itemOf([line, { state, addresses, about, rates }]: [string, Line]): Item {
  return {
    id: '',
    flags: {},
    values: { line, state, address: addresses.join(' '), about: about.join('; '), ...rates },
  };
}

/** Interfaces of ours, and ports that something of ours is on. */
async function linesOf(session: Session): Promise<Map<string, Line>> {
  const { menus } = session.options;
  const lines = new Map<string, Line>();
  const line = (name: string) => {
    if (!lines.has(name)) lines.set(name, { state: '', addresses: [], about: [], rates: {} });
    return lines.get(name)!;
  };
  const before = new Map<string, Entry>();
  const counted = menus.filter(hasCounters);
  for (const menu of counted) for (const entry of await session.list(menu)) before.set(entry.id, entry);
  if (before.size > 0) await session.options.pause(MEASURED);
  /** What people call the links that are ours. */
  const names = new Map<unknown, string>();
  for (const menu of menus) {
    const isInterface = menu.path.startsWith('interface ');
    const key = isInterface ? 'name' : menu.properties.interface ? 'interface' : 'actual_interface';
    if (!menu.properties[key] && !menu.readOnly[key]) continue;
    for (const entry of await session.list(menu)) {
      if (isInterface) names.set(entry.actual_ifname, String(entry.name));
      // Only a network has no other name of its place.
      const place = key === 'actual_interface' ? (names.get(entry[key]) ?? entry[key]) : entry[key];
      if (place !== undefined) describe(line(String(place)), entry, menu, before.get(entry.id));
    }
  }
  return lines;
}

/** What runs on an interface and needs no attention. */
const WELL = ['bound', 'serving'];
/** Whose addresses are the interface's own: those of an ARP entry or a network are others'. */
const OWN = ['dhcp_client', 'dhcpv6_client', 'address', 'pppoe_client'];

/** An interface says its own state; what is on it says its addresses, what it serves, and its trouble. */
function describe(line: Line, entry: Entry, { type, path }: MenuDescription, before: Entry | undefined): void {
  const state = entry.state ?? entry.status;
  if (path.startsWith('interface ') || line.state === '')
    line.state = String(state ?? (entry.disabled ? 'disabled' : ''));
  else if (entry.disabled) return;
  else if (state !== undefined && !WELL.includes(String(state))) say(line, String(state));
  const address = entry.address ?? entry.local_address;
  if (OWN.includes(type) && !entry.disabled && typeof address === 'string') line.addresses.push(address);
  if (type === 'dhcp_network' && state === 'serving') say(line, `serves ${entry.address} (leases: ${entry.leases})`);
  if (typeof entry.about === 'string') say(line, entry.about);
  if (!before) return;
  for (const way of ['rx', 'tx'])
    line.rates[way] = printRate(8 * rateOf(before, entry, `${way}_byte`, MEASURED / 1000));
}

function say({ about }: Line, sentence: string): void {
  if (!about.includes(sentence)) about.push(sentence);
}
