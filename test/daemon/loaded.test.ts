import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ConfigFile } from '../../src/daemon/configfile.ts';
import { loaded } from '../../src/daemon/loaded.ts';
import { Settings } from '../../src/daemon/settings.ts';
import { arpDescription } from '../../src/menus/arp/properties.ts';
import { menus as whenNeeded } from '../../src/menus/index.ts';
import { stubOf } from '../../src/menus/stubs.ts';
import { complete } from '../../src/model/complete.ts';
import type { Menu, WholeMenu } from '../../src/model/menu.ts';
import { menuOnDemand, NotLoaded } from '../../src/model/ondemand.ts';
import type { Parts } from '../../src/plan/parts.ts';
import { plan } from '../../src/plan/plan.ts';
import { wantAll } from '../../src/plan/want.ts';
import type { Machine } from '../../src/runtime/machine.ts';
import { FakeKernel } from '../helpers/kernel.ts';
import { configOf, Lab, type Sections } from '../helpers/lab.ts';
import { menus } from '../helpers/menus.ts';
import { parts } from '../helpers/parts.ts';
import { Disk } from '../uci/disk.ts';

const test = suite('daemon/loaded');

const ARP: Sections = {
  arp_1: { type: 'arp', address: '192.0.2.9', interface: 'ether1', mac_address: '02:00:00:00:00:99' },
};
const LINE: Sections = { a: { type: 'macvlan', interface: 'ether1', mac_address: '02:00:00:00:00:01' } };
const FILE = "config arp\n\toption address '192.0.2.9'\n";
const behaviour: WholeMenu = menus.find(({ type }) => type === 'arp')!;

/** The menus with /ip arp on demand, and how often it was loaded. */
function lazyMenus(load = async () => behaviour): { lazy: Menu[]; loads: () => number } {
  let count = 0;
  const counted = () => {
    count++;
    return load();
  };
  const lazy = menus.map((menu) => (menu.type === 'arp' ? menuOnDemand(stubOf(arpDescription), counted) : menu));
  return { lazy, loads: () => count };
}

function world() {
  return new Lab(new FakeKernel(), configOf({})).world;
}

function rejected(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'it was done',
    (error: Error) => error.message,
  );
}

test('a menu that is not loaded describes itself, and does nothing else', () => {
  const { lazy } = lazyMenus();
  const menu = lazy.find(({ type }) => type === 'arp')!;
  assert.is(menu.path, 'ip arp');
  for (const name of ['generate', 'claims', 'want', 'state', 'check'] as const)
    assert.throws(
      menu[name] as () => void,
      (error: unknown) => error instanceof NotLoaded && error.what === 'the menu arp',
      name,
    );
});

test('what needs one is done again when it is loaded, which is done once', async () => {
  const { lazy, loads } = lazyMenus();
  const completed = () => complete(configOf(ARP), lazy, new Map(), world()).config.items.length;
  assert.is(await loaded(completed), 1);
  assert.is(await loaded(completed), 1);
  assert.is(loads(), 1);
});

test('of two that need it at the same time each is done', async () => {
  const { lazy } = lazyMenus();
  const completed = () => complete(configOf(ARP), lazy, new Map(), world()).config.items.length;
  assert.equal(await Promise.all([loaded(completed), loaded(completed)]), [1, 1]);
});

test('what cannot be loaded is named, and tried again the next time', async () => {
  let isThere = false;
  const { lazy } = lazyMenus(async () => {
    if (!isThere) throw new Error('no such file');
    return behaviour;
  });
  const completed = () => complete(configOf(ARP), lazy, new Map(), world()).config.items.length;
  assert.is(await rejected(loaded(completed)), 'the menu arp cannot be loaded: no such file');
  isThere = true;
  assert.is(await loaded(completed), 1);
});

test('another error is not touched', async () => {
  const wrong = () => {
    throw new Error('wrong');
  };
  assert.is(await rejected(loaded(wrong)), 'wrong');
});

test('a file with an item of a menu that is not loaded is no configuration, however wrong the item; with it, it is', async () => {
  const { lazy, loads } = lazyMenus();
  const disk = new Disk();
  const file = new ConfigFile(disk.machine as Machine, '/etc/config', '/run', lazy);
  disk.put('/etc/config/macvlan', "config macvlan 'a'\n\toption interface 'ether1'\n");
  assert.is(file.read().items.length, 1);
  assert.is(loads(), 0);
  disk.put('/etc/config/macvlan', FILE);
  assert.throws(
    () => file.read(),
    (error: unknown) => error instanceof NotLoaded,
  );
  assert.is((await loaded(() => file.read())).items[0]?.problems.length, 1);
});

test('a write is made once, though somebody wrote of a menu that is not loaded meanwhile, and followed when it is', async () => {
  const { lazy } = lazyMenus();
  const disk = new Disk();
  const { libc, files } = disk.machine;
  const machine = { libc, files: { ...files, readText: () => undefined } } as unknown as Machine;
  const file = new ConfigFile(machine, '/etc/config', '/run', lazy);
  const settings = new Settings({ file, menus: lazy, log: () => {} });
  settings.follow(world());
  await file.prepare();
  settings.write(() => ({ changes: [{ do: 'add', type: 'arp', section: 'ours' }], answer: {}, touched: [] }), world());
  disk.put('/etc/config/macvlan', `${disk.text('/etc/config/macvlan')}\n${FILE}`);
  assert.throws(
    () => settings.follow(world()),
    (error: unknown) => error instanceof NotLoaded,
  );
  assert.equal(settings.config.items, []);
  await loaded(() => settings.follow(world()));
  assert.equal(
    settings.config.items.map(({ id }) => id),
    ['ours', 'arp_1'],
  );
});

test('a part of the plan is asked only where something is wanted of it, or was left', () => {
  const counts = { neighbours: 0, lines: 0 };
  const counted = (name: keyof typeof counts) =>
    new Proxy(parts[name], {
      get(part, key) {
        counts[name]++;
        return Reflect.get(part, key);
      },
    });
  const counting = { neighbours: counted('neighbours'), lines: counted('lines') } as Parts;
  const kernel = new FakeKernel();
  const ifindex = kernel.port('ether1');
  const ops = () => {
    const { world } = new Lab(kernel, configOf(LINE));
    return plan(world, wantAll(world, menus), counting).ops.map(({ op }) => op);
  };
  assert.equal(ops(), ['addLink', 'setLink']);
  assert.equal(counts, { neighbours: 0, lines: 0 });
  kernel.neighbours.push({ ifindex, address: '192.0.2.9', mac: '02:00:00:00:00:99' });
  assert.ok(ops().includes('deleteNeighbour'));
  kernel.addresses.push({ ifindex, address: '192.0.2.1', prefix: 24, ours: false, at: 0 });
  assert.not.ok(ops().includes('deleteAddress'));
  assert.ok(counts.neighbours > 0 && counts.lines === 0);
});

test('whatever an earlier daemon left of a line is found by the plan of lines', () => {
  const nexthops = [{ ifindex: 1, weight: 1 }];
  const left: [op: string, leave: (kernel: FakeKernel) => void][] = [
    [
      'deleteAddress',
      ({ addresses }) => addresses.push({ ifindex: 1, address: '192.0.2.1', prefix: 24, ours: true, at: 0 }),
    ],
    [
      'deleteRoute',
      ({ routes }) =>
        routes.push({ table: 254, destination: '192.0.2.0/24', metric: 1, nexthops, dead: new Set<number>() }),
    ],
    ['deleteRule', ({ rules }) => rules.push({ priority: 803, table: 28022, source: '192.0.2.1/32' })],
  ];
  for (const [op, leave] of left) {
    const kernel = new FakeKernel();
    kernel.port('ether1');
    leave(kernel);
    const { world } = new Lab(kernel, configOf({}));
    assert.equal(
      plan(world, wantAll(world, menus), parts).ops.map(({ op }) => op),
      [op],
    );
  }
});

test('the daemon has every menu, and all but the first on demand', () => {
  assert.equal(
    whenNeeded.map(({ type, load }) => [type, load !== undefined]),
    menus.map(({ type }) => [type, type !== 'macvlan']),
  );
});

test.run();
