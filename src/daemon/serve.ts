import type { Item } from '../model/config.ts';
import { entryOf, itemsOf, list } from '../model/entry.ts';
import type { Entry, Menu } from '../model/menu.ts';
import type { PropertyTable } from '../model/properties.ts';
import { NOT_SUPPORTED, Refused } from '../model/refused.ts';
import { type Arguments, refuseOthers, WRITES, type Write } from '../model/select.ts';
import type { World } from '../model/world.ts';
import type { Netlink } from '../netlink/conn.ts';
import type { Machine } from '../runtime/machine.ts';
import { int64, type Table } from '../ubus/blob.ts';
import type { UbusClient } from '../ubus/client.ts';
import { UBUS_STATUS_OK, UBUS_STATUS_UNKNOWN_ERROR } from '../ubus/constants.ts';
import type { Method, Policy, Publication, UbusRequest } from '../ubus/object.ts';
import type { Loop } from './loop.ts';

/** What the methods work on. `closing` is set by `shutdown`: from then on nothing is changed any more. */
export interface Served {
  readonly machine: Machine;
  readonly netlink: Netlink;
  readonly loop: Loop;
  readonly menus: readonly Menu[];
  closing: boolean;
  log(text: string): void;
}

/** A method as a row: its arguments, and what it answers. Throws (or rejects with) Refused. */
interface Row {
  readonly args: Policy;
  /** It takes whatever its caller has. */
  readonly open?: true;
  readonly answer: (args: Arguments, served: Served, menu: Menu) => Table | Promise<Table>;
}

const SELECTOR: Policy = { id: 'String', name: 'String' };

/** One whose code is read at the first call. */
function seldom(name: keyof typeof import('./seldom.ts')): Row['answer'] {
  return async (...call) => (await import('./seldom.ts'))[name](...call);
}

/** Methods beyond add, set, remove, enable, disable and list; a menu names those that it has. */
const ROWS: Readonly<Record<string, Row>> = {
  status: { args: {}, answer: seldom('status') },
  // Its matter is a file of its own, read at the first call.
  diagnose: {
    args: SELECTOR,
    answer: async (args, served, menu) => (await import('./diagnose.ts')).diagnosed(args, served, menu),
  },
  plan: { args: { sections: 'Table' }, answer: seldom('plan') },
  reload: { args: {}, answer: (_args, { loop }) => loop.reload() },
  // Netlink tells us the same, but hotplug also knows what it is called for; the content is not used to decide.
  event: {
    args: { ACTION: 'String', INTERFACE: 'String', DEVICENAME: 'String' },
    open: true,
    answer: (_args, { loop }) => news(loop),
  },
  reset_counters: { args: SELECTOR, answer: seldom('resetCounters') },
  shutdown: { args: {}, answer: (_args, served) => shutdown(served) },
  // The language of scripts is a file of its own, read at the first call.
  export: {
    args: { verbose: 'Boolean', terse: 'Boolean', compact: 'Boolean', show_sensitive: 'Boolean' },
    answer: async (args, { loop, menus }) => (await import('./script.ts')).exported(args, loop.world().config, menus),
  },
  import: {
    args: { script: 'String', dry_run: 'Boolean' },
    answer: async (args, { loop, menus }) => (await import('./script.ts')).imported(args, loop, menus),
  },
  leases: {
    args: { ...SELECTOR, offset: 'Integer', limit: 'Integer' },
    answer: async (args, served) =>
      (await import('../menus/dhcp_server/served.ts')).leases(args, served.loop.world(), Date.now()),
  },
  scan: {
    args: { interface: 'String', duration: 'Integer' },
    answer: async (args, served) => (await import('./discovery.ts')).scanned(args, served),
  },
  renew: { args: SELECTOR, answer: seldom('renew') },
  release: { args: SELECTOR, answer: seldom('release') },
};

/** Put every menu on the bus. Notifications follow each pass. */
export function serve(ubus: UbusClient, served: Served): void {
  const published = served.menus.map((menu) => {
    const known = new Map<string, Entry>();
    const publication = ubus.publish({
      path: menu.object,
      methods: methodsOf(menu, served),
      onSubscribers: (active) => {
        known.clear();
        if (active) for (const entry of entries(menu, served.loop.world())) known.set(entry.id, entry);
      },
    });
    return { menu, publication, known };
  });
  served.loop.onPass = (world) => {
    for (const { menu, publication, known } of published) {
      if (publication.subscribed) notify(menu, publication, known, entries(menu, world));
    }
  };
}

function entries(menu: Menu, world: World): Entry[] {
  return itemsOf(menu, world.config).map((item) => entryOf(menu, item, world));
}

function methodsOf(menu: Menu, served: Served): Record<string, Method> {
  const rows: Record<string, Row> = {
    list: {
      args: { ...SELECTOR, offset: 'Integer', limit: 'Integer' },
      answer: (args, { loop }, menu) => listed(menu, args, loop),
    },
  };
  for (const write of WRITES) rows[write] = writeRow(write, menu);
  for (const name of menu.methods) rows[name] = ROWS[name]!;
  const method = (name: string, row: Row): Method => ({
    args: row.args,
    call: (request) => call(name, row, request, menu, served),
  });
  return Object.fromEntries(Object.entries(rows).map(([name, row]) => [name, method(name, row)]));
}

function writeRow(write: Write, menu: Menu): Row {
  const all = menu.policies ?? policies(menu.properties);
  const args = write === 'add' ? all : write === 'set' ? { ...SELECTOR, ...all } : SELECTOR;
  return { args, answer: (args, { loop }, menu) => loop.write(write, menu, args) };
}

function policies(properties: PropertyTable): Policy {
  return Object.fromEntries(Object.entries(properties).map(([name, { type }]) => [name, type.policy]));
}

const READS = new Set(['list', 'leases', 'status', 'plan', 'diagnose', 'export', 'shutdown']);

/** One call: its answer, or a data message that says what was wrong and then the status. */
async function call(name: string, row: Row, request: UbusRequest, menu: Menu, served: Served): Promise<void> {
  try {
    if (served.closing && !READS.has(name)) throw new Refused('macvland is shutting down', undefined, NOT_SUPPORTED);
    if (!row.open && !WRITES.some((write) => write === name)) refuseOthers(request.args, Object.keys(row.args));
    request.reply(await row.answer(request.args, served, menu));
    request.finish(UBUS_STATUS_OK);
  } catch (error) {
    fail(request, error as Error, served);
  }
}

function fail(request: UbusRequest, error: Error, served: Served): void {
  const refused = error instanceof Refused ? error : undefined;
  if (!refused) served.log(`${request.method}: ${error.message}`);
  request.reply({ error: error.message, property: refused?.property, ...refused?.place });
  request.finish(refused?.status ?? UBUS_STATUS_UNKNOWN_ERROR);
}

function listed(menu: Menu, args: Arguments, loop: Loop): Table {
  // A menu that is not in memory has no item.
  const readOnly = menu.load ? {} : menu.readOnly;
  const counters = Object.keys(readOnly).filter((name) => readOnly[name]!.kind === 'counter');
  const look = (items: readonly Item[]) => (counters.length > 0 ? loop.countedWorld(items) : loop.world());
  const { entries, total } = list(menu, args, loop.config, look);
  return { [menu.type]: entries.map((entry) => withCounters(entry, counters)), total };
}

/** Counters are of one type however small they are. The entry has just been made for this. */
function withCounters(entry: Entry, counters: readonly string[]): Table {
  const wide = entry as Record<string, Table[string]>;
  for (const name of counters) if (wide[name] !== undefined) wide[name] = int64(wide[name] as number);
  return wide;
}

function news(loop: Loop): Table {
  loop.news();
  return {};
}

async function shutdown(served: Served): Promise<Table> {
  served.closing = true;
  await served.loop.shutdown();
  return {};
}

/** The address of a line, and what subscribers are told when it has one, and when it has none any more. */
const TOLD: Readonly<Record<string, readonly string[]>> = {
  dhcp_client: ['address', 'bound', 'lost'],
  dhcpv6_client: ['address', 'bound', 'lost'],
  pppoe_client: ['local_address', 'connected', 'disconnected'],
};

/** What subscribers are told: `added`, `changed`, `removed` with the item, and what TOLD has. */
function notify(menu: Menu, publication: Publication, known: Map<string, Entry>, now: readonly Entry[]): void {
  const gone = new Map(known);
  for (const entry of now) {
    const before = known.get(entry.id);
    gone.delete(entry.id);
    known.set(entry.id, entry);
    if (!before) publication.notify('added', entry);
    else if (steady(menu, before) !== steady(menu, entry)) publication.notify('changed', entry);
    const [address, came, went] = TOLD[menu.type] ?? [];
    if (address !== undefined && before?.[address] !== entry[address])
      publication.notify(entry[address] === undefined ? went! : came!, entry);
  }
  for (const [id, entry] of gone) {
    known.delete(id);
    publication.notify('removed', entry);
  }
}

/** What changes by itself with time. */
const PASSING = new Set(['time', 'counter']);

function steady(menu: Menu, entry: Entry): string {
  return JSON.stringify(Object.entries(entry).filter(([name]) => !PASSING.has(menu.readOnly[name]?.kind ?? '')));
}
