import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { checked } from '../../src/menus/checks.ts';
import { type Edit, edit } from '../../src/model/edit.ts';
import { NOT_FOUND, Refused } from '../../src/model/refused.ts';
import type { Arguments, Write } from '../../src/model/select.ts';
import type { World } from '../../src/model/world.ts';
import { FakeKernel } from '../helpers/kernel.ts';
import { configOf, Lab, type Sections } from '../helpers/lab.ts';
import { menus } from '../helpers/menus.ts';

const edits = suite('edit');

const [macvlan, dhcpClient] = [checked(menus[0]!), checked(menus[1]!)];

const SECTIONS: Sections = {
  globals: { type: 'globals', port_alias: 'ether9=wan' },
  macvlan_1: { type: 'macvlan', name: 'macvlan1', interface: 'ether1', mac_address: '02:00:00:00:00:01', mtu: '1400' },
  second: { type: 'macvlan', interface: 'ether1', mac_address: '02:00:00:00:00:02', ifname: 'line2', comment: 'c' },
  dhcp_client_1: { type: 'dhcp_client', interface: 'macvlan1' },
};

function world(sections: Sections = SECTIONS): World {
  const kernel = new FakeKernel();
  kernel.port('lo', { loopback: true, ethernet: false, address: undefined });
  kernel.port('ether1', { address: '02:99:00:00:00:01' });
  kernel.port('ether2', { mtu: 1400 });
  kernel.port('tun0', { ethernet: false, address: undefined });
  kernel.port('lan1', { slaveKind: 'bridge' });
  kernel.port('lan2', { slaveKind: 'bond' });
  kernel.port('bond1', { slaveKind: 'bond' });
  kernel.port('wlan0', { station: true });
  kernel.port('foreign', { kind: 'macvlan', address: '02:99:00:00:00:77' });
  return { ...new Lab(kernel, configOf(sections)).world, random: () => 0.4 };
}

function write(how: Write, args: Arguments, menu = macvlan): Edit {
  return edit(how, menu, args, world());
}

/** The changes, one a line. */
function changes({ changes }: Edit): string[] {
  return changes.map((change) => Object.values(change).join(' '));
}

function refusal(how: Write, args: Arguments, menu = macvlan): Refused {
  try {
    write(how, args, menu);
  } catch (error) {
    if (error instanceof Refused) return error;
    throw error;
  }
  throw new Error(`not refused: ${JSON.stringify(args)}`);
}

edits('add answers id and name, and generates what is left out', () => {
  const { answer, touched, ...rest } = write('add', { interface: 'ether1' });
  assert.equal(answer, { id: 'macvlan_2', name: 'macvlan2' });
  assert.equal(touched, ['macvlan_2']);
  assert.equal(changes({ answer, touched, ...rest }), [
    'add macvlan macvlan_2',
    'set macvlan_2 name macvlan2',
    'set macvlan_2 interface ether1',
    'set macvlan_2 mac_address 66:66:66:66:66:66',
  ]);
});

edits('add stores what was given, in the order of the table and the spelling of UCI', () => {
  const args = {
    disabled: 'yes',
    mtu: 1300,
    mac_address: '2-0-0-0-0-a',
    interface: 'ether1',
    name: 'my line',
    mode: 'private',
  };
  assert.equal(changes(write('add', args)).slice(1), [
    'set macvlan_2 name my line',
    'set macvlan_2 interface ether1',
    'set macvlan_2 mode private',
    'set macvlan_2 mac_address 02:00:00:00:00:0A',
    'set macvlan_2 mtu 1300',
    'set macvlan_2 disabled 1',
  ]);
});

edits('an argument may be a string, a number or a boolean', () => {
  for (const disabled of [true, 1, 'yes', '1', 1n])
    assert.ok(
      changes(write('add', { interface: 'ether2', disabled }, dhcpClient)).includes('set dhcp_client_2 disabled 1'),
    );
  for (const disabled of [false, 0, 'no'])
    assert.ok(
      changes(write('add', { interface: 'ether2', disabled }, dhcpClient)).includes('set dhcp_client_2 disabled 0'),
    );
});

edits('null and the empty string leave out what is added', () => {
  const edit = write('add', { interface: 'ether2', comment: null, mtu: '', mac_address: '02:00:00:00:00:0A' });
  assert.equal(changes(edit).slice(2), [
    'set macvlan_2 interface ether2',
    'set macvlan_2 mac_address 02:00:00:00:00:0A',
  ]);
});

edits('a client is known by its interface', () => {
  assert.equal(write('add', { interface: 'ether2' }, dhcpClient).answer, { id: 'dhcp_client_2', name: 'ether2' });
  assert.equal(changes(write('set', { name: 'macvlan1', default_route_distance: 5 }, dhcpClient)), [
    'set dhcp_client_1 default_route_distance 5',
  ]);
});

edits('an interface that is not there yet is waited for', () => {
  assert.is(write('add', { interface: 'ether7' }).answer.id, 'macvlan_2');
  assert.is(write('add', { interface: 'ether7' }, dhcpClient).answer.id, 'dhcp_client_2');
});

edits('set takes id or name, and changes only what was said', () => {
  assert.equal(changes(write('set', { id: 'second', mode: 'private' })), ['set second mode private']);
  assert.equal(changes(write('set', { name: 'second', mode: 'private' })), ['set second mode private']);
  assert.equal(changes(write('set', { id: 'second' })), []);
  assert.equal(write('set', { id: 'second', mode: 'private' }).answer, {});
});

edits('null and the empty string reset to the default', () => {
  for (const nothing of [null, '']) {
    assert.equal(changes(write('set', { id: 'macvlan_1', mtu: nothing, comment: nothing })), [
      'unset macvlan_1 mtu',
      'unset macvlan_1 comment',
    ]);
  }
});

edits('a generated value that is reset is generated anew', () => {
  assert.equal(changes(write('set', { id: 'second', mac_address: '' })), ['set second mac_address 66:66:66:66:66:66']);
});

edits('renaming an item rewrites the references to it', () => {
  assert.equal(changes(write('set', { id: 'macvlan_1', name: 'wan1' })), [
    'set macvlan_1 name wan1',
    'set dhcp_client_1 interface wan1',
  ]);
  assert.equal(changes(write('set', { id: 'macvlan_1', name: 'macvlan1' })), ['set macvlan_1 name macvlan1']);
});

edits('enable, disable and remove', () => {
  assert.equal(changes(write('disable', { name: 'second' })), ['set second disabled 1']);
  assert.equal(changes(write('enable', { id: 'second' })), ['set second disabled 0']);
  assert.equal(changes(write('remove', { id: 'second' })), ['remove second']);
  assert.equal(write('remove', { id: 'second' }).touched, ['second']);
});

edits("uhttpd's ubus_rpc_session is ignored everywhere", () => {
  const session = { ubus_rpc_session: '00000000000000000000000000000000' };
  assert.is(write('add', { interface: 'ether1', ...session }).answer.id, 'macvlan_2');
  assert.equal(changes(write('set', { id: 'second', mode: 'private', ...session })), ['set second mode private']);
  assert.equal(changes(write('remove', { id: 'second', ...session })), ['remove second']);
});

edits('what need not be judged is not: a comment can be edited on a parent that has changed', () => {
  const { links, ...rest } = world();
  const byName = new Map(links.byName).set('ether1', {
    ...links.byName.get('ether1')!,
    mtu: 1000,
    slaveKind: 'bridge',
  });
  const args = { id: 'macvlan_1', comment: 'x' };
  assert.equal(changes(edit('set', macvlan, args, { ...rest, links: { ...links, byName } })), [
    'set macvlan_1 comment x',
  ]);
});

edits('an item may keep its own name and MAC address', () => {
  const args = { id: 'macvlan_1', name: 'macvlan1', mac_address: '02:00:00:00:00:01', interface: 'ether1' };
  assert.is(changes(write('set', args)).length, 3);
});

edits('a list comes as an array or as a text, and is stored as a list', () => {
  for (const source_mac of [['02:00:00:00:00:0A', '02-00-00-00-00-0B'], '02:00:00:00:00:0A,02:00:00:00:00:0B']) {
    const { changes } = write('set', { id: 'second', mode: 'source', source_mac });
    const value = ['02:00:00:00:00:0A', '02:00:00:00:00:0B'];
    assert.equal(changes[1], { do: 'set', section: 'second', option: 'source_mac', value });
  }
  assert.equal(changes(write('set', { id: 'second', source_mac: null })), ['unset second source_mac']);
});

edits('copy_from takes over all but what only one can have', () => {
  const third = {
    type: 'macvlan',
    name: 'third',
    interface: 'ether2',
    mac_address: '02:00:00:00:00:03',
    ifname: 'm3',
    mtu: '1300',
    arp: 'disabled',
    comment: 'of the third',
  };
  const copied = (args: Arguments) => changes(edit('add', macvlan, args, world({ ...SECTIONS, third }))).slice(1);
  assert.equal(copied({ copy_from: 'third', name: 'x' }), [
    'set macvlan_2 name x',
    'set macvlan_2 interface ether2',
    'set macvlan_2 mac_address 66:66:66:66:66:66',
    'set macvlan_2 mtu 1300',
    'set macvlan_2 arp disabled',
    'set macvlan_2 comment of the third',
  ]);
  assert.equal(copied({ copy_from: 'third', interface: 'ether1', mtu: '', comment: 'mine' }), [
    'set macvlan_2 name macvlan2',
    'set macvlan_2 interface ether1',
    'set macvlan_2 mac_address 66:66:66:66:66:66',
    'set macvlan_2 arp disabled',
    'set macvlan_2 comment mine',
  ]);
  assert.is(refusal('add', { copy_from: 'nobody' }).message, 'no such item: macvlan nobody');
  assert.is(refusal('add', { copy_from: 'nobody' }).status, 4);
});

edits('a name that several items have does not say which', () => {
  const arp = checked(menus.find(({ type }) => type === 'arp')!);
  const entry = { type: 'arp', address: '192.0.2.1', mac_address: '02:00:00:00:00:21' };
  const two = world({ ...SECTIONS, a: { ...entry, interface: 'ether1' }, b: { ...entry, interface: 'ether2' } });
  const removed = (args: Arguments) => changes(edit('remove', arp, args, two));
  assert.equal(removed({ id: 'b' }), ['remove b']);
  assert.throws(
    () => removed({ name: '192.0.2.1' }),
    (error: Error) => error.message === 'address 192.0.2.1 is that of a and of others; say which by id',
  );
});

const KNOWN =
  'name, interface, mode, source_mac, mac_address, mtu, arp, arp_timeout, loop_protect, loop_protect_disable_time, loop_protect_send_interval, isolate, bcqueuelen, ifname, zone, netifd, comment, disabled';

/** Method, arguments, the sentence, and the property that it is about. */
const REFUSED: [Write, Arguments, string, string][] = [
  ['add', { interface: 'ether1', mtu: 9000 }, 'mtu 9000 exceeds parent ether1 mtu 1500', 'mtu'],
  ['set', { id: 'macvlan_1', mtu: 1501 }, 'mtu 1501 exceeds parent ether1 mtu 1500', 'mtu'],
  ['set', { id: 'macvlan_1', mtu: 1500, interface: 'ether2' }, 'mtu 1500 exceeds parent ether2 mtu 1400', 'mtu'],
  [
    'add',
    { interface: 'ether1', mtu: 67 },
    'mtu "67" is not valid: expected auto | a whole number from 68 to 65535',
    'mtu',
  ],
  ['add', {}, 'interface is missing', 'interface'],
  ['add', { interface: '' }, 'interface is missing', 'interface'],
  ['set', { id: 'second', interface: null }, 'interface cannot be unset', 'interface'],
  [
    'add',
    { interface: 'ether1', mode: 'foo' },
    'mode "foo" is not valid: expected bridge | private | vepa | passthru | source',
    'mode',
  ],
  ['add', { interface: 'ether1', vlan: 7 }, `unknown property vlan; known are ${KNOWN}`, 'vlan'],
  ['add', { interface: 'ether1', vlan: null }, `unknown property vlan; known are ${KNOWN}`, 'vlan'],
  ['add', { interface: 'ether1', id: 'x' }, `unknown property id; known are ${KNOWN}`, 'id'],
  ['add', { interface: 'ether1', constructor: 'x' }, `unknown property constructor; known are ${KNOWN}`, 'constructor'],
  ['set', { id: 'second', toString: null }, `unknown property toString; known are ${KNOWN}`, 'toString'],
  [
    'add',
    { interface: 'ether1', source_mac: [['02:00:00:00:00:01']] },
    'source_mac must be one value, not a list or table',
    'source_mac',
  ],
  [
    'add',
    { interface: 'ether1', source_mac: ['02:00:00:00:00:0A', 'x'] },
    'source_mac "02:00:00:00:00:0A x" is not valid: x: expected a MAC address such as 02:00:5E:10:00:01',
    'source_mac',
  ],
  [
    'add',
    { interface: 'ether1', mode: 'passthru' },
    'mode passthru would take interface ether1 for itself, but it carries macvlan macvlan1; disable or remove that first',
    'mode',
  ],
  [
    'add',
    { interface: 'wlan0' },
    'interface wlan0 cannot carry a macvlan: it is a Wi-Fi client, of which the access point knows one MAC address only; use a wired port, or WDS (4addr)',
    'interface',
  ],
  ['set', { id: 'macvlan_1', interface: 'macvlan1' }, 'interface macvlan1 cannot be the parent of itself', 'interface'],
  [
    'add',
    { interface: 'ether1', arp_timeout: '2d' },
    'arp_timeout "2d" is not valid: expected auto | a time from 1s to 1d',
    'arp_timeout',
  ],
  [
    'add',
    { interface: 'ether1', loop_protect_send_interval: 0 },
    'loop_protect_send_interval "0" is not valid: expected a time from 1s to 1h',
    'loop_protect_send_interval',
  ],
  ['add', { interface: ['ether1'] }, 'interface must be one value, not a list or table', 'interface'],
  ['add', { interface: { a: 1 } }, 'interface must be one value, not a list or table', 'interface'],
  [
    'add',
    { interface: 'ether1', ifname: 'sixteen-letters-' },
    'ifname "sixteen-letters-" is not valid: it has 16 characters, the kernel takes at most 15',
    'ifname',
  ],
  [
    'add',
    { interface: 'ether1', mac_address: '01:00:5E:00:00:01' },
    'mac_address "01:00:5E:00:00:01" is not valid: it is a multicast address; the first octet must be even, such as 00:00:5E:00:00:01',
    'mac_address',
  ],
  [
    'add',
    { interface: 'ether1', mac_address: '02-00-00-00-00-01' },
    'mac_address 02:00:00:00:00:01 is already that of macvlan macvlan1; choose another or leave it out',
    'mac_address',
  ],
  [
    'set',
    { id: 'second', mac_address: '02:99:00:00:00:01' },
    'mac_address 02:99:00:00:00:01 is already that of link ether1; choose another or leave it out',
    'mac_address',
  ],
  [
    'set',
    { id: 'second', mac_address: '02:99:00:00:00:77' },
    'mac_address 02:99:00:00:00:77 is already that of link foreign; choose another or leave it out',
    'mac_address',
  ],
  ['add', { interface: 'ether1', name: 'macvlan1' }, 'already have interface with such name: macvlan1', 'name'],
  [
    'add',
    { interface: 'ether1', name: 'foreign' },
    'already have interface with such name: foreign is a link that is not ours',
    'name',
  ],
  [
    'set',
    { id: 'macvlan_1', name: 'ether9' },
    'already have interface with such name: ether9 is the port alias of wan',
    'name',
  ],
  ['add', { interface: 'ether1', name: 'line2' }, 'ifname line2 is already that of macvlan second', 'ifname'],
  [
    'add',
    { interface: 'ether1', ifname: 'ether2' },
    'already have interface with such name: ether2 is a link that is not ours',
    'ifname',
  ],
  ['add', { interface: 'x', name: 'x' }, 'interface x cannot be the parent of itself', 'interface'],
  ['add', { interface: 'lo' }, 'interface lo cannot carry a macvlan: it is the loopback', 'interface'],
  ['add', { interface: 'tun0' }, 'interface tun0 cannot carry a macvlan: it is no Ethernet link', 'interface'],
  [
    'add',
    { interface: 'lan1' },
    'interface lan1 cannot carry a macvlan: it is a port of a bridge; use the bridge itself',
    'interface',
  ],
  [
    'add',
    { interface: 'bond1' },
    'interface bond1 cannot carry a macvlan: it is the slave of a bond; use the bond itself',
    'interface',
  ],
  ['set', {}, 'say which macvlan by id or name', 'id'],
  ['remove', { id: 'second', comment: 'x' }, 'unknown argument comment; known are id, name', 'comment'],
  ['enable', { ids: 'second' }, 'unknown argument ids; known are id, name', 'ids'],
];

for (const [how, args, sentence, property] of REFUSED) {
  const text = JSON.stringify(args, (_, value) => value);
  edits(`${how} ${text} is refused`, () => {
    const refused = refusal(how, args);
    assert.is(refused.message, sentence);
    assert.is(refused.property, property);
    assert.is(refused.status, 2);
  });
}

const REFUSED_CLIENTS: [Write, Arguments, string][] = [
  ['add', { interface: 'macvlan1' }, 'interface macvlan1 already has a dhcp-client (dhcp_client_1)'],
  ['add', { interface: 'lo' }, 'interface lo cannot have a dhcp-client: it is the loopback'],
  ['add', { interface: 'tun0' }, 'interface tun0 cannot have a dhcp-client: it is no Ethernet link'],
  [
    'add',
    { interface: 'lan1' },
    'interface lan1 cannot have a dhcp-client: it is a port of a bridge; use the bridge itself',
  ],
  [
    'add',
    { interface: 'lan2' },
    'interface lan2 cannot have a dhcp-client: it is the slave of a bond; use the bond itself',
  ],
  [
    'set',
    { id: 'dhcp_client_1', default_route_distance: 256 },
    'default_route_distance "256" is not valid: expected a whole number from 0 to 255',
  ],
];

for (const [how, args, sentence] of REFUSED_CLIENTS) {
  edits(`${how} dhcp-client ${JSON.stringify(args)} is refused`, () => {
    assert.is(refusal(how, args, dhcpClient).message, sentence);
  });
}

edits('what does not exist is not found', () => {
  const rows: [Write, Arguments, string, string][] = [
    ['set', { id: 'macvlan_9', mtu: 1400 }, 'no such item: macvlan macvlan_9', 'id'],
    ['remove', { name: 'nobody' }, 'no such item: macvlan nobody', 'name'],
    ['remove', { id: 'dhcp_client_1' }, 'no such item: macvlan dhcp_client_1', 'id'],
    // An id is no name, and a name no id.
    ['remove', { id: 'macvlan1' }, 'no such item: macvlan macvlan1', 'id'],
    ['remove', { name: 'macvlan_1' }, 'no such item: macvlan macvlan_1', 'name'],
  ];
  for (const [how, args, sentence, property] of rows) {
    const refused = refusal(how, args);
    assert.is(refused.message, sentence);
    assert.is(refused.property, property);
    assert.is(refused.status, NOT_FOUND);
  }
});

edits.run();
