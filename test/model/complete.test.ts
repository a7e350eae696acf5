import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { complete, type KnownMacs } from '../../src/model/complete.ts';
import { readConfig } from '../../src/model/config.ts';
import { parse } from '../../src/uci/parse.ts';
import { FakeKernel } from '../helpers/kernel.ts';
import { configOf, Lab, seeded } from '../helpers/lab.ts';
import { menus } from '../helpers/menus.ts';

const completing = suite('complete');

const ANONYMOUS = `config macvlan\n\toption interface 'ether1'\n`;

function completed(text: string, { kernel = new FakeKernel(), macs = new Map() as KnownMacs, seed = 7 } = {}) {
  const config = readConfig(parse(text), menus);
  const { world } = new Lab(kernel, configOf({}));
  return complete(config, menus, macs, { ...world, config, random: seeded(seed) });
}

function shown({ config }: ReturnType<typeof completed>): unknown[] {
  return config.items.map(({ values }) => [values.name, values.mac_address]);
}

completing('what is generated takes effect and is to be stored under the id that stands for the section', () => {
  const { config, changes } = completed(ANONYMOUS);
  const { name, mac_address } = config.items[0]!.values;
  assert.is(name, 'macvlan1');
  assert.match(String(mac_address), /^[0-9A-F][26AE](:[0-9A-F]{2}){5}$/);
  assert.equal(changes, [
    { do: 'set', section: 'macvlan_1', option: 'name', value: 'macvlan1' },
    { do: 'set', section: 'macvlan_1', option: 'mac_address', value: mac_address },
  ]);
});

completing('what is complete is left as it is', () => {
  const text = `config macvlan 'm'\n\toption interface 'e'\n\toption mac_address '02:00:00:00:00:01'\nconfig dhcp_client\n\toption interface 'm'\n`;
  assert.equal(completed(text).changes, []);
});

completing('names and MAC addresses made up in one go differ', () => {
  const result = completed(ANONYMOUS.repeat(3));
  assert.equal(
    result.config.items.map(({ values }) => values.name),
    ['macvlan1', 'macvlan2', 'macvlan3'],
  );
  assert.is(new Set(result.config.items.map(({ values }) => values.mac_address)).size, 3);
});

completing('a name that a foreign link or another item has is not made up', () => {
  const kernel = new FakeKernel();
  kernel.port('macvlan1');
  const [, first] = shown(completed(`config macvlan 'macvlan2'\n\toption interface 'e'\n${ANONYMOUS}`, { kernel })) as [
    string,
  ][];
  assert.is(first![0], 'macvlan3');
});

completing('after a roll-back of the file the same name and the same MAC address come back', () => {
  const before = completed(ANONYMOUS);
  const mac = before.config.items[0]!.values.mac_address as string;
  const kernel = new FakeKernel();
  kernel.port('macvlan1', { kind: 'macvlan', group: 28022, address: mac });
  const after = completed(ANONYMOUS, { kernel, macs: new Map([['macvlan1', mac]]), seed: 8 });
  assert.equal(shown(after), [['macvlan1', mac]]);
  assert.equal(after.changes, before.changes);
});

completing('a MAC address that was given stands before one that is known', () => {
  const text = `config macvlan 'm'\n\toption interface 'e'\n\toption mac_address '02:00:00:00:00:01'\n`;
  assert.equal(shown(completed(text, { macs: new Map([['m', '02:00:00:00:00:02']]) })), [['m', '02:00:00:00:00:01']]);
});

completing('a known MAC address that another item has now is not given twice', () => {
  const text = `config macvlan 'a'\n\toption interface 'e'\n\toption mac_address '02:00:00:00:00:01'\nconfig macvlan 'b'\n\toption interface 'e'\n`;
  const [, b] = shown(completed(text, { macs: new Map([['b', '02:00:00:00:00:01']]) })) as [unknown, string[]];
  assert.is.not(b[1], '02:00:00:00:00:01');
});

completing('a section with a problem is not completed', () => {
  assert.equal(completed(`config macvlan\n\toption interface 'e'\n\toption mode 'foo'\n`).changes, []);
});

const TWINS: { what: string; text: string; error: string; line: number }[] = [
  {
    what: 'a name',
    text: "config macvlan 'a'\n\toption name 'm'\n\toption interface 'e'\nconfig macvlan 'm'\n\toption interface 'e'\n",
    error: 'name m is already that of section a',
    line: 4,
  },
  {
    what: 'a static ARP entry',
    text: "config macvlan 'm'\n\toption interface 'e'\nconfig arp 'a'\n\toption address '192.0.2.1'\n\toption interface 'm'\nconfig arp 'b'\n\toption address '192.0.2.1'\n\toption interface 'm'\n",
    error: 'address 192.0.2.1 on m is already that of section a',
    line: 6,
  },
  {
    what: 'a client of an interface, both without a name',
    text: "config macvlan 'm'\n\toption interface 'e'\nconfig dhcp_client\n\toption interface 'e'\nconfig dhcp_client\n\toption interface 'e'\n",
    error: 'interface e is already that of section dhcp_client_1',
    line: 5,
  },
  {
    what: 'the name of a link',
    text: "config macvlan 'a'\n\toption interface 'ether1'\n\toption ifname 'b'\nconfig macvlan 'b'\n\toption interface 'ether1'\n",
    error: 'ifname b is already that of section a',
    line: 4,
  },
  {
    what: 'a MAC',
    text: "config macvlan 'a'\n\toption interface 'ether1'\n\toption mac_address '02:00:00:00:00:01'\nconfig macvlan 'b'\n\toption interface 'ether1'\n\toption mac_address '02-00-00-00-00-01'\n",
    error: 'mac_address 02:00:00:00:00:01 is already that of section a',
    line: 4,
  },
  {
    what: 'a client of a port, by its alias',
    text: "config globals 'globals'\n\tlist port_alias 'wan=ether1'\nconfig dhcp_client 'a'\n\toption interface 'wan'\nconfig dhcp_client 'b'\n\toption interface 'ether1'\n",
    error: 'interface ether1 is already that of section a',
    line: 5,
  },
];

for (const { what, text, error, line } of TWINS) {
  completing(`the second section that claims ${what} is wrong, and the first is not`, () => {
    const { config } = completed(text);
    const { problems } = config;
    assert.equal(
      problems.map(({ error, line }) => [error, line]),
      [[error, line]],
    );
    assert.equal(
      config.items.filter((item) => item.problems.length > 0).map((item) => item.problems),
      [problems],
    );
  });
}

const section = (type: string, options: Record<string, string>) =>
  `config ${type}\n${Object.entries(options)
    .map(([name, value]) => `\toption ${name} '${value}'\n`)
    .join('')}`;
const A = section('dhcp_network', { address: '192.0.2.0/24' });

const FAULTS: [text: string, property: string, error: string, line?: number][] = [
  [
    section('address', { address: '192.0.2.0/24', interface: 'e' }),
    'address',
    'address 192.0.2.0/24 is the network address of its network; take one between 192.0.2.0 and 192.0.2.255',
  ],
  [
    section('address', { address: '192.0.2.1/24', interface: 'e', gateway: '192.0.2.1' }),
    'gateway',
    'gateway 192.0.2.1 is the address itself; give that of the router',
  ],
  [section('pool', { name: 'a', ranges: '10.0.0.1', next_pool: 'a' }), 'next_pool', 'next_pool a is the pool itself'],
  [
    section('pool', { ranges: '10.0.0.9 10.0.0.1-10.0.0.20' }),
    'ranges',
    'ranges 10.0.0.1-10.0.0.20 and 10.0.0.9 overlap',
  ],
  [
    section('dhcp_network', { address: '192.0.2.0/24', gateway: '192.0.3.1' }),
    'gateway',
    'gateway 192.0.3.1 is not in network 192.0.2.0/24',
  ],
  [
    A + section('dhcp_network', { address: '192.0.2.128/25' }),
    'address',
    'address 192.0.2.128/25 overlaps with network 192.0.2.0/24 (dhcp_network_1)',
    3,
  ],
  [
    A + section('dhcp_network', { address: '192.0.0.0/16' }),
    'address',
    'address 192.0.0.0/16 overlaps with network 192.0.2.0/24 (dhcp_network_1)',
    3,
  ],
];

for (const [text, property, error, line = 1] of FAULTS) {
  completing(`what a section means is judged: ${error}`, () => {
    const { config } = completed(text);
    const { id, problems } = config.items.at(-1)!;
    assert.equal(problems, [{ section: id, line, property, error }]);
    assert.equal(config.problems, problems);
  });
}

completing('a section that is wrong keeps nothing from another', () => {
  const wrong = section('address', { address: '192.0.2.1/24', interface: 'e', gateway: '192.0.2.1' });
  const { config } = completed(wrong + section('address', { address: '192.0.2.1/24', interface: 'f' }));
  assert.equal(
    config.problems.map(({ section }) => section),
    ['address_1'],
  );
});

completing.run();
