import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { checked } from '../../../src/menus/checks.ts';
import { edit } from '../../../src/model/edit.ts';
import { entryOf } from '../../../src/model/entry.ts';
import { Refused } from '../../../src/model/refused.ts';
import type { Arguments, Write } from '../../../src/model/select.ts';
import { FakeKernel } from '../../helpers/kernel.ts';
import { configOf, Lab, type Sections } from '../../helpers/lab.ts';
import { menus } from '../../helpers/menus.ts';

const test = suite('/ip address');

const menu = checked(menus.find(({ type }) => type === 'address')!);
const SECTIONS: Sections = {
  m: { type: 'macvlan', interface: 'ether1', mac_address: '02:00:00:00:00:01' },
  off: { type: 'macvlan', interface: 'ether1', mac_address: '02:00:00:00:00:02', disabled: '1' },
  c: { type: 'dhcp_client', interface: 'm' },
  a: { type: 'address', address: '192.0.2.1/24', interface: 'ether1' },
  p: { type: 'address', address: '10.0.0.1', network: '10.9.9.9', interface: 'm', comment: 'x' },
  n: { type: 'address', address: '10.1.0.1', netmask: '255.255.0.0', interface: 'm', broadcast: '10.1.0.255' },
  d: { type: 'address', address: '192.0.2.7/24', interface: 'm', disabled: '1' },
};

function lab(sections: Sections = SECTIONS): Lab {
  const kernel = new FakeKernel();
  kernel.port('lo', { loopback: true, ethernet: false, address: undefined });
  kernel.port('ether1', { up: true });
  kernel.port('lan1', { slaveKind: 'bridge' });
  kernel.port('ether3', { up: true, carrier: false });
  const other = kernel.port('br-lan', { up: true });
  kernel.addresses.push({ ifindex: other, address: '192.168.1.1', prefix: 24, ours: false, at: 0 });
  return new Lab(kernel, configOf(sections));
}

function changes(how: Write, args: Arguments, one = lab()): string[] {
  return edit(how, menu, args, one.world).changes.map((change) => Object.values(change).join(' '));
}

const KEPT: [how: Write, args: Arguments, changes: string[]][] = [
  ['add', { address: '10.5.0.1/24' }, ['address 10.5.0.1/24']],
  ['add', { address: '10.5.0.1' }, ['address 10.5.0.1/32']],
  ['add', { address: '10.5.0.1', netmask: '255.255.255.0' }, ['address 10.5.0.1/24']],
  ['add', { address: '10.5.0.1/24', netmask: '255.255.255.0' }, ['address 10.5.0.1/24']],
  // What RouterOS exports.
  ['add', { address: '10.5.0.1/24', network: '10.5.0.0' }, ['address 10.5.0.1/24']],
  ['add', { address: '10.5.0.1', network: '10.5.0.1' }, ['address 10.5.0.1/32']],
  ['add', { address: '10.5.0.1', network: '10.6.0.1' }, ['address 10.5.0.1/32', 'network 10.6.0.1']],
  ['add', { address: '10.5.0.0/31' }, ['address 10.5.0.0/31']],
  ['add', { address: '10.5.0.0/31', network: '10.5.0.1' }, ['address 10.5.0.0/31', 'network 10.5.0.1']],
  ['add', { address: '10.5.0.1/24', broadcast: '10.5.0.255' }, ['address 10.5.0.1/24']],
  [
    'add',
    { address: '10.5.0.1/24', broadcast: '255.255.255.255' },
    ['address 10.5.0.1/24', 'broadcast 255.255.255.255'],
  ],
  ['add', { address: '10.5.0.1/24', gateway: '10.5.0.9' }, ['address 10.5.0.1/24', 'gateway 10.5.0.9']],
  ['set', { name: '192.0.2.1/24', netmask: '255.255.0.0' }, ['address 192.0.2.1/16']],
  ['set', { id: 'a', address: '192.0.2.9' }, ['address 192.0.2.9/32']],
  // The other end does not move with ours.
  ['set', { id: 'p', address: '10.0.0.2' }, ['address 10.0.0.2/32']],
  ['set', { id: 'p', address: '10.0.0.2/24' }, ['unset p network', 'address 10.0.0.2/24']],
  ['set', { id: 'p', network: '' }, ['unset p network']],
  ['set', { id: 'p', comment: 'y' }, ['comment y']],
  ['set', { id: 'n', comment: 'y' }, ['comment y']],
  ['set', { id: 'n', address: '10.1.0.1/24' }, ['unset n netmask', 'unset n broadcast', 'address 10.1.0.1/24']],
  ['set', { id: 'n', broadcast: '10.1.1.255' }, ['unset n netmask', 'address 10.1.0.1/16', 'broadcast 10.1.1.255']],
];

for (const [how, args, kept] of KEPT) {
  test(`${how} ${JSON.stringify(args)}: ${kept.join(', ')}`, () => {
    const said = changes(how, how === 'add' ? { interface: 'm', ...args } : args);
    const short = said.map((text) => text.replace(/^(add address address_1|set \w+ )/, '')).filter(Boolean);
    assert.equal(short.filter((text) => text !== 'interface m').sort(), [...kept].sort());
  });
}

const REFUSED: [how: Write, args: Arguments, error: string][] = [
  [
    'add',
    { address: '10.5.0.0/24' },
    'address 10.5.0.0/24 is the network address of its network; take one between 10.5.0.0 and 10.5.0.255',
  ],
  [
    'add',
    { address: '10.5.0.3/30' },
    'address 10.5.0.3/30 is the broadcast address of its network; take one between 10.5.0.0 and 10.5.0.3',
  ],
  ['add', { address: '0.0.0.0/24' }, 'address "0.0.0.0/24" is not valid: 0.0.0.0/8 is no address of a host'],
  ['add', { address: '127.0.0.1/8' }, 'address "127.0.0.1/8" is not valid: 127.0.0.0/8 does not leave this machine'],
  ['add', { address: '224.0.0.5/24' }, 'address "224.0.0.5/24" is not valid: it is a multicast address'],
  ['add', { address: '255.255.255.255' }, 'address "255.255.255.255" is not valid: it is reserved'],
  ['add', { address: '10.5.0.1/33' }, 'address "10.5.0.1/33" is not valid: the length of a network is 1 to 32, not 33'],
  ['add', { address: '10.5.0.1/0' }, 'address "10.5.0.1/0" is not valid: the length of a network is 1 to 32, not 0'],
  [
    'add',
    { address: '10.5.1/24' },
    'address "10.5.1/24" is not valid: expected an IPv4 address with the length of its network such as 192.0.2.1/24',
  ],
  [
    'add',
    { address: '10.5.0.1', netmask: '255.0.255.0' },
    'netmask "255.0.255.0" is not valid: expected a netmask such as 255.255.255.0',
  ],
  [
    'add',
    { address: '10.5.0.1/24', netmask: '255.255.0.0' },
    'netmask 255.255.0.0 is /16, but address is 10.5.0.1/24; leave one of them out',
  ],
  [
    'add',
    { address: '10.5.0.1/24', network: '10.6.0.0' },
    'network 10.6.0.0 is not that of address 10.5.0.1/24; leave it out, or give the address as a /32',
  ],
  [
    'add',
    { address: '10.5.0.0/31', network: '10.6.0.0' },
    'network 10.6.0.0 is not that of address 10.5.0.0/31; leave it out, or give the address as a /32',
  ],
  [
    'add',
    { address: '10.5.0.1/24', broadcast: '10.6.0.255' },
    'broadcast 10.6.0.255 is not in the network of address 10.5.0.1/24; leave it out',
  ],
  [
    'add',
    { address: '10.5.0.1/24', gateway: '10.5.0.1' },
    'gateway 10.5.0.1 is the address itself; give that of the router',
  ],
  ['add', { address: '192.0.2.1/30' }, 'already have such address: 192.0.2.1 is on ether1 (a)'],
  [
    'add',
    { address: '192.168.1.1/24' },
    'already have such address: 192.168.1.1 is on br-lan, where somebody else has set it',
  ],
  ['add', { address: '198.51.100.50/24' }, 'already have such address: 198.51.100.50 is on m (c)'],
  [
    'add',
    { address: '10.5.0.1/24', interface: 'lan1' },
    'interface lan1 cannot have an address: it is a port of a bridge; use the bridge itself',
  ],
  ['add', { address: '10.5.0.1/24', interface: 'lo' }, 'interface lo cannot have an address: it is the loopback'],
  ['add', { netmask: '255.255.255.0' }, 'address is missing'],
  [
    'set',
    { id: 'd', address: '192.0.2.1/24', disabled: 'no' },
    'already have such address: 192.0.2.1 is on ether1 (a)',
  ],
  ['set', { id: 'a', address: '' }, 'address cannot be unset'],
];

for (const [how, args, error] of REFUSED) {
  test(`${how} ${JSON.stringify(args)} is refused`, () => {
    const one = lab();
    one.settle(9);
    one.bound('c', '198.51.100.50', '198.51.100.1');
    const given = how === 'add' ? { interface: 'm', ...args } : args;
    try {
      edit(how, menu, given, one.world);
    } catch (refused) {
      assert.instance(refused, Refused);
      assert.is((refused as Refused).message, error);
      return;
    }
    assert.unreachable('it was not refused');
  });
}

test('a disabled one keeps its address from nobody, until it is enabled', () => {
  const twin = { type: 'address', address: '192.0.2.7/24', interface: 'ether1' };
  assert.ok(changes('add', { address: '192.0.2.7/24', interface: 'ether1' }).length > 0);
  const one = lab({ ...SECTIONS, t: twin });
  assert.throws(
    () => edit('enable', menu, { id: 'd' }, one.world),
    /^already have such address: 192\.0\.2\.7 is on ether1/,
  );
  assert.equal(edit('disable', menu, { id: 't' }, one.world).touched, ['t']);
});

const STATES: [title: string, section: Record<string, string>, shown: Record<string, unknown>][] = [
  ['it is there', {}, { address: '10.5.0.1/24', network: '10.5.0.0', invalid: false, about: undefined }],
  [
    'the other end is its network',
    { address: '10.5.0.1', network: '10.6.0.1' },
    { address: '10.5.0.1/32', network: '10.6.0.1' },
  ],
  [
    'its length is a netmask',
    { address: '10.5.0.1', netmask: '255.255.0.0' },
    { address: '10.5.0.1/16', network: '10.5.0.0' },
  ],
  ['it is one host', { address: '10.5.0.1' }, { address: '10.5.0.1/32', network: '10.5.0.1' }],
  [
    'it is disabled',
    { disabled: '1', interface: 'ether9' },
    { invalid: false, about: undefined, actual_interface: undefined },
  ],
  [
    'its interface is missing',
    { interface: 'ether9' },
    { invalid: true, about: 'interface ether9 does not exist; it is waited for' },
  ],
  ['its interface is disabled', { interface: 'off' }, { invalid: true, about: 'interface off is disabled' }],
  [
    'its interface has no carrier',
    { interface: 'ether3' },
    { invalid: false, about: 'interface ether3 has no carrier' },
  ],
  [
    'its interface is a port of a bridge',
    { interface: 'lan1' },
    { about: 'interface lan1 cannot have an address: it is a port of a bridge; use the bridge itself' },
  ],
  [
    'it is that of the network',
    { address: '10.5.0.0', netmask: '255.255.255.0' },
    {
      invalid: true,
      about: 'address 10.5.0.0/24 is the network address of its network; take one between 10.5.0.0 and 10.5.0.255',
    },
  ],
  [
    'somebody else has it',
    { address: '192.168.1.1/24' },
    { invalid: false, about: 'address 192.168.1.1 is on br-lan too; one has to go' },
  ],
  [
    'its section is wrong',
    { address: '10.5.0.1/40' },
    {
      invalid: true,
      about: 'address "10.5.0.1/40" is not valid: the length of a network is 1 to 32, not 40',
      network: undefined,
    },
  ],
  [
    'another section has it',
    { address: '192.0.2.1/25' },
    { invalid: true, about: 'address 192.0.2.1 is already that of section a' },
  ],
];

for (const [title, section, shown] of STATES) {
  test(`${title}: ${JSON.stringify(shown)}`, () => {
    const one = lab({ ...SECTIONS, z: { type: 'address', address: '10.5.0.1/24', interface: 'ether1', ...section } });
    one.settle(9);
    const { world } = one;
    const entry = entryOf(menu, world.config.items.find(({ id }) => id === 'z')!, world) as Record<string, unknown>;
    for (const [name, value] of Object.entries(shown)) assert.equal(entry[name], value, name);
    assert.is(entry.dynamic, false);
  });
}

test('what the kernel refuses is told', () => {
  const one = lab({ a: { type: 'address', address: '192.0.2.1/24', interface: 'ether1' } });
  one.facts.failures instanceof Map &&
    one.facts.failures.set('addAddress x', { owner: 'a', error: 'add address: no', tries: 1, retryAt: one.now + 1 });
  assert.is(menu.state(one.world.config.items[0]!, one.world).about, 'add address: no');
});

test('a link that bears the name of a disabled macvlan is none of ours', () => {
  const one = lab({ ...SECTIONS, z: { type: 'address', address: '10.5.0.1/24', interface: 'off' } });
  one.kernel.port('off', { up: true });
  one.settle(9);
  assert.not(one.kernel.addresses.some(({ address }) => address === '10.5.0.1'));
});

test('the gateway of a lease serves an address of the same network on the same wire', () => {
  const one = lab({ ...SECTIONS, z: { type: 'address', address: '198.51.100.9/24', interface: 'ether1' } });
  one.settle(9);
  const ways = () =>
    one.kernel.routes.filter(({ source, destination }) => source === '198.51.100.9' && destination === '0.0.0.0/0');
  assert.is(ways().length, 0);
  one.bound('c', '198.51.100.50', '198.51.100.1');
  one.settle(9);
  assert.equal(
    ways().map(({ nexthops }) => nexthops[0]?.gateway),
    ['198.51.100.1'],
  );
});

test('two addresses of one network on one link share its ways', () => {
  const gateway = '192.0.2.254';
  const one = lab({
    a: { type: 'address', address: '192.0.2.1/24', interface: 'ether1', gateway },
    b: { type: 'address', address: '192.0.2.2/24', interface: 'ether1', gateway },
  });
  one.settle(9);
  assert.ok(one.kernel.routes.every(({ nexthops }) => nexthops.length === 1));
  one.config = configOf({ b: { type: 'address', address: '192.0.2.2/24', interface: 'ether1', gateway } });
  one.settle(9);
  assert.ok(one.kernel.routes.every(({ source }) => source === undefined || source === '192.0.2.2'));
});

test.run();
