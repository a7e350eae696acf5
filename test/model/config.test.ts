import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Config, emptyConfig, freshId, type Problem, readConfig } from '../../src/model/config.ts';
import { parse } from '../../src/uci/parse.ts';
import { menus } from '../helpers/menus.ts';

const config = suite('config');

function read(text: string): Config {
  return readConfig(parse(text), menus);
}

const KNOWN =
  'name, interface, mode, source_mac, mac_address, mtu, arp, arp_timeout, loop_protect, loop_protect_disable_time, loop_protect_send_interval, isolate, bcqueuelen, ifname, zone, netifd, comment, disabled';

/** A file, and the problems that it has. */
const WRONG: [string, string, Problem[]][] = [
  [
    'a required option is missing',
    `config macvlan 'a'\n\toption mtu '1400'\n`,
    [{ section: 'a', line: 1, property: 'interface', error: 'interface is missing' }],
  ],
  [
    'an option is not known',
    `config macvlan 'a'\n\toption interface 'e'\n\toption vlan '7'\n`,
    [{ section: 'a', line: 3, property: 'vlan', error: `unknown property vlan; known are ${KNOWN}` }],
  ],
  [
    'an option has the name of something that every object has',
    `config macvlan 'a'\n\toption interface 'e'\n\toption constructor '7'\n`,
    [{ section: 'a', line: 3, property: 'constructor', error: `unknown property constructor; known are ${KNOWN}` }],
  ],
  [
    'a word is none of those that are possible',
    `config macvlan 'a'\n\toption interface 'e'\n\toption mode 'foo'\n`,
    [
      {
        section: 'a',
        line: 3,
        property: 'mode',
        error: 'mode "foo" is not valid: expected bridge | private | vepa | passthru | source',
      },
    ],
  ],
  [
    'a number is too large',
    `config macvlan 'a'\n\toption interface 'e'\n\toption mtu '70000'\n`,
    [
      {
        section: 'a',
        line: 3,
        property: 'mtu',
        error: 'mtu "70000" is not valid: expected auto | a whole number from 68 to 65535',
      },
    ],
  ],
  [
    'a MAC address is that of a group',
    `config macvlan 'a'\n\toption interface 'e'\n\n\toption mac_address '01:00:5e:00:00:01'\n`,
    [
      {
        section: 'a',
        line: 4,
        property: 'mac_address',
        error:
          'mac_address "01:00:5e:00:00:01" is not valid: it is a multicast address; the first octet must be even, such as 00:00:5E:00:00:01',
      },
    ],
  ],
  [
    'an option is a list',
    `config macvlan 'a'\n\toption interface 'e'\n\tlist mode 'bridge'\n\tlist mode 'private'\n`,
    [
      {
        section: 'a',
        line: 3,
        property: 'mode',
        error: 'mode "bridge private" is not valid: expected bridge | private | vepa | passthru | source',
      },
    ],
  ],
  [
    'a long value is cut where it is cited',
    `config dhcp_client 'c'\n\toption interface 'e'\n\toption disabled '${'x'.repeat(70)}'\n`,
    [
      {
        section: 'c',
        line: 3,
        property: 'disabled',
        error: `disabled "${'x'.repeat(60)}…" is not valid: expected yes | no`,
      },
    ],
  ],
  [
    'a port alias has no device',
    `config globals 'globals'\n\tlist port_alias 'ether1=wan'\n\tlist port_alias 'ether2'\n`,
    [
      {
        section: 'globals',
        line: 2,
        property: 'port_alias',
        error: 'port_alias "ether2" is not NAME=DEVICE, such as ether1=wan',
      },
    ],
  ],
  [
    'a global is wrong',
    `config globals 'globals'\n\toption respawn_timeout '0'\n`,
    [
      {
        section: 'globals',
        line: 2,
        property: 'respawn_timeout',
        error: 'respawn_timeout "0" is not valid: expected a whole number from 1 to 3600',
      },
    ],
  ],
];

for (const [title, text, problems] of WRONG) {
  config(`a problem is told when ${title}`, () => {
    assert.equal(read(text).problems, problems);
  });
}

config('a section has all of its problems, and keeps what is right in it', () => {
  const { items } = read(`config macvlan 'a'\n\toption mode 'foo'\n\toption mtu 'x'\n\toption comment 'c'\n`);
  assert.equal(
    items[0]!.problems.map(({ property, line }) => [property, line]),
    [
      ['mode', 2],
      ['mtu', 3],
      ['interface', 1],
    ],
  );
  assert.is(items[0]!.values.comment, 'c');
  assert.is(items[0]!.values.mode, 'bridge', 'the default');
});

config('what the reader of the file found is a problem too', () => {
  const { problems, items } = read(
    `config macvlan 'a'\n\toption interface 'e'\nnonsense\nconfig macvlan 'b'\n\toption interface 'e'\n`,
  );
  assert.is(problems.length, 1);
  assert.is(problems[0]!.line, 3);
  assert.equal(
    items.map(({ id }) => id),
    ['a', 'b'],
  );
});

config('what was given and the defaults are told apart', () => {
  const [item] = read(`config macvlan 'lan7'\n\toption interface 'e'\n\toption mtu 'auto'\n`).items;
  assert.equal(item!.given, { name: 'lan7', interface: 'e', mtu: 'auto' });
  assert.equal(item!.values, {
    name: 'lan7',
    interface: 'e',
    mode: 'bridge',
    source_mac: undefined,
    mac_address: undefined,
    mtu: 'auto',
    arp: 'enabled',
    arp_timeout: 'auto',
    loop_protect: 'default',
    loop_protect_disable_time: 300,
    loop_protect_send_interval: 5,
    isolate: undefined,
    bcqueuelen: 1000,
    ifname: undefined,
    zone: undefined,
    netifd: true,
    comment: undefined,
    disabled: false,
  });
});

config('anonymous sections get ids that no section has', () => {
  const text = `config macvlan\nconfig macvlan 'macvlan_2'\nconfig macvlan\nconfig other 'macvlan_1'\nconfig other\n`;
  const { items, ids, unnamed } = read(text);
  assert.equal(
    items.map(({ id }) => id),
    ['macvlan_3', 'macvlan_2', 'macvlan_4'],
  );
  assert.equal(unnamed, [
    { at: 0, id: 'macvlan_3' },
    { at: 2, id: 'macvlan_4' },
    { at: 4, id: 'other_1' },
  ]);
  assert.equal([...ids], ['macvlan_3', 'macvlan_2', 'macvlan_4', 'macvlan_1', 'other_1']);
  assert.is(freshId('x', new Set(['x_1', 'x_2', 'x_4'])), 'x_3');
});

config('an anonymous section has no name yet, a named one has its own', () => {
  const { items } = read(`config macvlan\n\toption interface 'e'\nconfig macvlan 'm'\n\toption interface 'e'\n`);
  assert.equal(
    items.map(({ values }) => values.name),
    [undefined, 'm'],
  );
});

config('the globals and their defaults', () => {
  const { portAlias, respawn } = read(
    `config globals\n\tlist port_alias 'ether1=wan'\n\tlist port_alias 'ether2=lan1'\n\toption respawn_retry '3'\n`,
  );
  assert.equal(
    [...portAlias],
    [
      ['ether1', 'wan'],
      ['ether2', 'lan1'],
    ],
  );
  assert.equal(respawn, { threshold: 60, timeout: 5, retry: 3 });
  assert.equal(emptyConfig.respawn, { threshold: 60, timeout: 5, retry: 0 });
});

config('sections of other types are none of ours', () => {
  const { items, problems } = read(`config interface 'lan'\n\toption device 'br-lan'\n`);
  assert.is(items.length + problems.length, 0);
});

config.run();
