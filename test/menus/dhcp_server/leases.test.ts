import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { leases } from '../../../src/menus/dhcp_server/handed.ts';
import { readLeases } from '../../../src/menus/dhcp_server/leases.ts';
import { FakeKernel } from '../../helpers/kernel.ts';
import { configOf, Lab } from '../../helpers/lab.ts';

const test = suite('leases that we gave');

/** As dnsmasq 2.90 writes them. */
const ROW = '1795658198 02:3b:37:72:e8:25 192.168.100.20 foo 01:02:3b:37:72:e8:25';

const ROWS: [title: string, text: string, expected: unknown[]][] = [
  [
    'a lease',
    `${ROW}\n`,
    [{ address: '192.168.100.20', mac_address: '02:3B:37:72:E8:25', host_name: 'foo', expires: 1795658198 }],
  ],
  [
    'one for ever, of a client without a name',
    '0 02:3b:37:72:e8:25 192.168.100.20 * *\n',
    [{ address: '192.168.100.20', mac_address: '02:3B:37:72:E8:25', host_name: undefined, expires: 0 }],
  ],
  ['an odd name is none', ROW.replace('foo', 'a\x1b[2J'), [{ host_name: undefined }]],
  ['nothing', '', []],
  ['a row that is being written', `${ROW.slice(0, 30)}`, []],
  ['DHCPv6', 'duid 00:01:00:01\n1795658198 12345 2001:db8::1 * 00:01\n', []],
  ['no MAC', ROW.replace('02:3b', 'xx'), []],
  ['no time', ROW.replace('1795658198', '-1'), []],
];

for (const [title, text, expected] of ROWS) {
  test(title, () => {
    const found = readLeases(text);
    assert.is(found.length, expected.length);
    for (const [n, lease] of found.entries()) assert.equal({ ...lease, ...(expected[n] as object) }, lease);
  });
}

test('the rows of all servers stand in the order of their addresses, with what is left of them', () => {
  const kernel = new FakeKernel();
  for (const key of ['s', 'n']) kernel.children.push({ key, pid: 1, argv: [], ifindex: 1 });
  kernel.leases.set('s', `1010 02:00:00:00:00:02 192.0.2.20 b *\n0 02:00:00:00:00:03 192.0.2.100 * *\n`);
  kernel.leases.set('n', `990 02:00:00:00:00:01 192.0.2.3 * *\n`);
  const sections = {
    s: { type: 'dhcp_server', name: 'dhcp1', interface: 'm' },
    n: { type: 'dhcp_network', address: '192.0.2.0/28' },
  };
  const { world } = new Lab(kernel, configOf(sections));
  const row = { status: 'bound', dynamic: true };
  const all = [
    { id: 'lease_1', address: '192.0.2.3', mac_address: '02:00:00:00:00:01', server: '192.0.2.0/28', expires_after: 0 },
    {
      id: 'lease_2',
      address: '192.0.2.20',
      mac_address: '02:00:00:00:00:02',
      host_name: 'b',
      server: 'dhcp1',
      expires_after: 10,
    },
    { id: 'lease_3', address: '192.0.2.100', mac_address: '02:00:00:00:00:03', server: 'dhcp1' },
  ].map((one) => ({ ...one, ...row }));
  assert.equal(leases({}, world, 1_000_000), { leases: all, total: 3 });
  assert.equal(leases({ offset: 1, limit: 1 }, world, 1_000_000), { leases: all.slice(1, 2), total: 3 });
  assert.is(leases({ name: 'dhcp1' }, world, 1_000_000).total, 2);
  assert.is(leases({ id: 'n' }, world, 1_000_000).total, 1);
  assert.throws(() => leases({ name: 'x' }, world, 0), 'no such item: dhcp_server x');
});

test.run();
