import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { list as listed } from '../../src/model/entry.ts';
import type { Menu } from '../../src/model/menu.ts';
import { Refused } from '../../src/model/refused.ts';
import type { Arguments } from '../../src/model/select.ts';
import type { World } from '../../src/model/world.ts';
import { FakeKernel } from '../helpers/kernel.ts';
import { configOf, Lab, type Sections } from '../helpers/lab.ts';
import { menus } from '../helpers/menus.ts';

const entries = suite('entry');

const [macvlan, dhcpClient] = [menus[0]!, menus[1]!];

function lab(sections: Sections): Lab {
  const kernel = new FakeKernel();
  kernel.port('ether1');
  return new Lab(kernel, configOf(sections));
}

function list(menu: Menu, args: Arguments, world: World) {
  return listed(menu, args, world.config, () => world);
}

function numbered(count: number): Sections {
  return Object.fromEntries(
    Array.from({ length: count }, (_, n) => [
      `macvlan_${n + 1}`,
      {
        type: 'macvlan',
        interface: 'ether7',
        mac_address: `02:00:00:00:${(n >> 8).toString(16)}:${(n & 255).toString(16)}`,
      },
    ]),
  );
}

const ONE = numbered(1);
const MANY = lab(numbered(300)).world;

entries('an item is shown with its id, its properties and its state; what has no value is left out', () => {
  const sections = { macvlan_1: { ...ONE.macvlan_1!, interface: 'ether1', name: 'macvlan1' } };
  const running = lab(sections);
  running.settle(5);
  const { entries, total } = list(macvlan, {}, running.world);
  assert.is(total, 1);
  assert.equal(entries[0], {
    id: 'macvlan_1',
    name: 'macvlan1',
    interface: 'ether1',
    mode: 'bridge',
    mac_address: '02:00:00:00:00:00',
    mtu: 1500,
    arp: 'enabled',
    arp_timeout: 'auto',
    loop_protect: 'default',
    loop_protect_disable_time: 300,
    loop_protect_send_interval: 5,
    bcqueuelen: 1000,
    netifd: true,
    disabled: false,
    running: true,
    state: 'running',
    actual_ifname: 'macvlan1',
    actual_interface: 'ether1',
    actual_mtu: 1500,
    isolated: false,
    l2mtu: 1500,
    loop_protect_status: 'off',
    invalid: false,
  });
});

entries('a list holds at most 256 items, and says how many there are', () => {
  const rows: [Arguments, number, string | undefined][] = [
    [{}, 256, 'macvlan_1'],
    [{ offset: 256 }, 44, 'macvlan_257'],
    [{ offset: '10', limit: 2 }, 2, 'macvlan_11'],
    [{ limit: 1000 }, 256, 'macvlan_1'],
    [{ limit: 0 }, 0, undefined],
    [{ offset: 300 }, 0, undefined],
    [{ offset: null, limit: null }, 256, 'macvlan_1'],
    [{ ubus_rpc_session: 'x', limit: 1 }, 1, 'macvlan_1'],
  ];
  for (const [args, count, first] of rows) {
    const { entries, total } = list(macvlan, args, MANY);
    assert.is(total, 300);
    assert.is(entries.length, count);
    assert.is(entries[0]?.id, first);
  }
});

entries('one item is listed by its id or its name', () => {
  assert.is(list(macvlan, { id: 'macvlan_7' }, MANY).entries[0]!.id, 'macvlan_7');
  assert.is(list(macvlan, { name: 'macvlan_7' }, MANY).total, 1);
  assert.equal(list(dhcpClient, {}, MANY), { entries: [], total: 0 });
});

entries('a wrong argument is refused', () => {
  const rows: [Arguments, string][] = [
    [{ offset: -1 }, 'offset -1 is not a whole number'],
    [{ offset: 1.5 }, 'offset 1.5 is not a whole number'],
    [{ limit: 'all' }, 'limit all is not a whole number'],
    [{ limit: 10_000_000 }, 'limit 10000000 is not a whole number'],
    [{ where: 'x' }, 'unknown argument where; known are id, name, offset, limit'],
    [{ id: 'macvlan_999' }, 'no such item: macvlan macvlan_999'],
  ];
  for (const [args, sentence] of rows)
    assert.throws(
      () => list(macvlan, args, MANY),
      (error: unknown) => error instanceof Refused && error.message === sentence,
    );
});

entries('a section that cannot be used is listed with its reason', () => {
  const { entries } = list(macvlan, {}, lab({ a: { type: 'macvlan', interface: 'ether1', mode: 'foo' } }).world);
  assert.is(entries[0]!.invalid, true);
  assert.is(entries[0]!.about, 'mode "foo" is not valid: expected bridge | private | vepa | passthru | source');
});

entries.run();
