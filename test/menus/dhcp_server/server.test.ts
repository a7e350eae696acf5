import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { checked } from '../../../src/menus/checks.ts';
import { edit } from '../../../src/model/edit.ts';
import type { Arguments } from '../../../src/model/select.ts';
import { nothing } from '../../../src/model/want.ts';
import { wantAll } from '../../../src/plan/want.ts';
import { FakeKernel } from '../../helpers/kernel.ts';
import { configOf, Lab, type Sections } from '../../helpers/lab.ts';
import { menus } from '../../helpers/menus.ts';

const server = suite('/ip dhcp-server');

const M: Sections = {
  m: { type: 'macvlan', name: 'm', interface: 'ether1', mac_address: '02:00:00:00:00:01' },
  a: { type: 'address', address: '192.0.2.1/24', interface: 'm' },
  p: { type: 'pool', name: 'p', ranges: '192.0.2.100-192.0.2.110' },
};
const S = { type: 'dhcp_server', name: 'dhcp1', interface: 'm', address_pool: 'p' };
const N = { type: 'dhcp_network', address: '192.0.2.0/24', gateway: '192.0.2.1' };
const EXPLICIT: Sections = { ...M, s: S, n: N };

/** A router with a port, after a while; addresses that others set on the macvlan m. */
function lab(sections: Sections, others: string[] = []): Lab {
  const kernel = new FakeKernel();
  kernel.port('ether1', { up: true });
  kernel.port('lo', { loopback: true, ethernet: false, address: undefined });
  const one = new Lab(kernel, configOf(sections));
  one.settle(9);
  const m = [...kernel.links.values()].find(({ ifname }) => ifname === 'm')?.ifindex ?? 0;
  for (const text of others) {
    const [address, prefix] = text.split('/') as [string, string];
    kernel.addresses.push({ ifindex: m, address, prefix: Number(prefix), ours: false, at: 0 });
  }
  one.settle(9);
  return one;
}

/** The macvlan is there; nothing else of this is yet. */
function begun(sections: Sections): Lab {
  const one = lab({ m: M.m! });
  one.config = configOf(sections);
  return one;
}

/** What is said about an item of the file. */
function stateOf(one: Lab, id: string): string {
  const world = one.world;
  const item = world.config.items.find((item) => item.id === id)!;
  const { status, about } = menus.find(({ type }) => type === item.type)!.state(item, world);
  return about === undefined ? String(status) : `${status}: ${about}`;
}

function words(one: Lab): string[] {
  return wantAll(one.world, menus).children.flatMap(({ argv }) => argv);
}

const told = (one: Lab) => words(one).filter((word) => /^--dhcp-(range|option|boot)/.test(word));

server('the command line says all', () => {
  assert.equal(words(lab(EXPLICIT)), [
    'dnsmasq',
    '--keep-in-foreground',
    '--conf-file=/dev/null',
    '--bind-interfaces',
    '--interface=m',
    '--except-interface=lo',
    '--port=0',
    '--no-hosts',
    '--no-resolv',
    '-x',
    '/run/clients/s',
    '--dhcp-leasefile=/run/leases/macvlan:m',
    '--log-facility=-',
    '--quiet-dhcp',
    '--dhcp-authoritative',
    '--dhcp-range=set:n0,192.0.2.100,192.0.2.110,255.255.255.0,1800',
    '--dhcp-option=3',
    '--dhcp-option=tag:n0,3,192.0.2.1',
  ]);
});

server('leases are those of the link, whoever serves it and whatever its name', () => {
  const file = (sections: Sections) => words(lab(sections)).find((word) => word.startsWith('--dhcp-leasefile='));
  const [implied, renamed] = [
    { ...M, n: N },
    { ...EXPLICIT, m: { ...M.m!, name: 'x' } },
  ];
  const all = [EXPLICIT, implied, { ...renamed, a: { ...M.a!, interface: 'x' }, s: { ...S, interface: 'x' } }];
  assert.equal([...new Set(all.map(file))], ['--dhcp-leasefile=/run/leases/macvlan:m']);
  const port = { ...EXPLICIT, a: { ...M.a!, interface: 'ether1' }, s: { ...S, interface: 'ether1' } };
  assert.is(file(port), '--dhcp-leasefile=/run/leases/ether1');
});

server('settings of the server', () => {
  const settings = { authoritative: '0', conflict_detection: '0', lease_time: '10m', dns: '1' };
  const argv = words(lab({ ...EXPLICIT, s: { ...S, ...settings } }));
  assert.ok(argv.includes('--no-ping') && !argv.includes('--dhcp-authoritative'));
  assert.ok(argv.includes('--port=53') && argv.includes('--resolv-file=/run/resolv.conf'));
  assert.ok(argv.includes('--dhcp-range=set:n0,192.0.2.100,192.0.2.110,255.255.255.0,600'));
});

const NETWORKS: [title: string, network: Record<string, string>, told: string[]][] = [
  ['several gateways', { gateway: '192.0.2.1 192.0.2.2' }, ['tag:n0,3,192.0.2.1,192.0.2.2']],
  ['no gateway', { gateway: '' }, []],
  ['another netmask', { netmask: '16' }, ['tag:n0,1,255.255.0.0', 'tag:n0,3,192.0.2.1']],
  ['name servers', { dns_server: '9.9.9.9,1.1.1.1' }, ['tag:n0,3,192.0.2.1', 'tag:n0,6,9.9.9.9,1.1.1.1']],
  ['none', { dns_none: 'yes' }, ['tag:n0,3,192.0.2.1', 'tag:n0,6']],
  [
    'all else',
    { domain: 'lan', ntp_server: '192.0.2.7', wins_server: '192.0.2.8', dhcp_option: '114:http://x/ 252:01:2a' },
    ['3,192.0.2.1', '15,lan', '42,192.0.2.7', '44,192.0.2.8', '114,http://x/', '252,01:2a'].map(
      (text) => `tag:n0,${text}`,
    ),
  ],
];

for (const [title, network, expected] of NETWORKS) {
  server(`a network with ${title}`, () => {
    const n = { ...N, ...network };
    const sections = Object.fromEntries(Object.entries(n).filter(([, value]) => value !== '')) as typeof n;
    const options = told(lab({ ...EXPLICIT, n: sections })).slice(2);
    assert.equal(
      options,
      expected.map((text) => `--dhcp-option=${text}`),
    );
  });
}

server('what to boot', () => {
  const one = (network: Record<string, string>) => told(lab({ ...EXPLICIT, n: { ...N, ...network } })).at(-1);
  assert.is(one({ boot_file_name: 'pxe', next_server: '192.0.2.9' }), '--dhcp-boot=tag:n0,pxe,,192.0.2.9');
  assert.is(one({ next_server: '192.0.2.9' }), '--dhcp-boot=tag:n0,,,192.0.2.9');
});

server("without any of its own, a network's name servers are those of the lines", () => {
  const one = lab(EXPLICIT);
  one.kernel.files.set(
    'resolv.conf',
    '# line\nnameserver 198.51.100.1\nsearch x\n# b\nnameserver 198.51.100.1\nnameserver ::1\n',
  );
  assert.ok(words(one).includes('--dhcp-option=tag:n0,6,198.51.100.1'));
});

server('what is somebody’s is left out of the pool, and each range has its own network', () => {
  const sections: Sections = {
    ...EXPLICIT,
    p: { type: 'pool', name: 'p', ranges: '192.0.2.0/28 198.51.100.0/30' },
    n: { ...N, gateway: '192.0.2.1 192.0.2.9' },
    n2: { type: 'dhcp_network', address: '198.51.100.0/30', gateway: '198.51.100.1', domain: 'two' },
  };
  assert.equal(told(lab(sections, ['192.0.2.2/24', '198.51.100.1/30'])), [
    '--dhcp-range=set:n0,192.0.2.3,192.0.2.8,255.255.255.0,1800',
    '--dhcp-range=set:n0,192.0.2.10,192.0.2.15,255.255.255.0,1800',
    '--dhcp-range=set:n1,198.51.100.2,198.51.100.2,255.255.255.252,1800',
    '--dhcp-option=3',
    '--dhcp-option=tag:n0,3,192.0.2.1,192.0.2.9',
    '--dhcp-option=tag:n1,3,198.51.100.1',
    '--dhcp-option=tag:n1,15,two',
  ]);
});

server('a network whose gateway is an address of ours has all of it served, beside others on the link', () => {
  const n2 = { type: 'dhcp_network', address: '198.51.100.0/29', gateway: '198.51.100.1' };
  const one = lab({ m: M.m!, n: N, n2 }, ['192.0.2.1/24', '198.51.100.1/29']);
  assert.equal(told(one), [
    '--dhcp-range=set:n0,192.0.2.2,192.0.2.254,255.255.255.0,1800',
    '--dhcp-range=set:n1,198.51.100.2,198.51.100.6,255.255.255.248,1800',
    '--dhcp-option=3',
    '--dhcp-option=tag:n0,3,192.0.2.1',
    '--dhcp-option=tag:n1,3,198.51.100.1',
  ]);
  assert.equal(
    one.kernel.children.map(({ key }) => key),
    ['n'],
  );
  one.kernel.leases.set('n', '0 02:00:00:00:00:02 198.51.100.2 * *\n');
  const states = ['n', 'n2'].map((id) => {
    const item = one.world.config.items.find((item) => item.id === id)!;
    const { status, leases, dynamic, actual_interface } = menus
      .find(({ type }) => type === item.type)!
      .state(item, one.world);
    return { status, leases, dynamic, actual_interface };
  });
  assert.equal(
    states,
    [0, 1].map((leases) => ({ status: 'serving', leases, dynamic: true, actual_interface: 'm' })),
  );
});

const STATES: [title: string, sections: Sections, states: Record<string, string>][] = [
  ['it serves', EXPLICIT, { s: 'serving', n: 'serving' }],
  [
    'it is disabled, and so nothing is implied',
    { ...EXPLICIT, s: { ...S, disabled: '1' } },
    { s: 'stopped', n: 'stopped' },
  ],
  ['a disabled network', { ...M, n: { ...N, disabled: '1' } }, { n: 'stopped' }],
  [
    'no address',
    { m: M.m!, p: M.p!, s: S, n: N },
    {
      s: 'waiting: interface m has no address; add one to it',
      n: 'waiting: gateway 192.0.2.1 is no address of an interface of ours, and no dhcp-server is in this network; add one of them',
    },
  ],
  [
    'its interface is disabled',
    { ...EXPLICIT, m: { ...M.m!, disabled: '1' } },
    { s: 'stopped: interface m is disabled', n: 'stopped: interface m is disabled' },
  ],
  [
    'its interface is missing',
    { ...M, s: { ...S, interface: 'x' } },
    { s: 'waiting: interface x does not exist; it is waited for' },
  ],
  [
    'the loopback',
    { ...M, s: { ...S, interface: 'lo' } },
    { s: 'error: interface lo cannot have a dhcp-server: it is the loopback' },
  ],
  [
    'no pool',
    { ...EXPLICIT, s: { ...S, address_pool: 'static-only' } },
    { s: 'waiting: address_pool is static-only, so nobody gets an address; name a pool' },
  ],
  [
    'a missing pool',
    { ...EXPLICIT, s: { ...S, address_pool: 'q' } },
    { s: 'error: address_pool q does not exist; add it to /ip pool' },
  ],
  ['another subnet', { ...EXPLICIT, b: { ...M.a!, address: '10.0.0.1/24' } }, { s: 'serving' }],
  [
    'a pool in no subnet',
    { ...EXPLICIT, p: { ...M.p!, ranges: '10.0.0.1-10.0.0.9' } },
    { s: 'error: 10.0.0.1-10.0.0.9 is in no subnet of interface m' },
  ],
  [
    'a disabled pool',
    { ...EXPLICIT, p: { ...M.p!, disabled: '1' } },
    { s: 'error: there is no address to hand out; give the pool more' },
  ],
  [
    'no network',
    { ...M, s: S },
    { s: 'serving: no dhcp-server network has 192.0.2.100-192.0.2.110 in it, so its clients get no gateway' },
  ],
  [
    'a client of its own on the interface',
    { ...EXPLICIT, c: { type: 'dhcp_client', interface: 'm' } },
    {
      s: 'error: interface m cannot have a dhcp-server: it has a dhcp-client, which would be answered by it; remove or disable that first',
    },
  ],
  [
    'a client of its own that cannot be used',
    { ...EXPLICIT, c: { type: 'dhcp_client', interface: 'm', dscp: '99' } },
    { s: 'serving' },
  ],
  [
    'an interface whose name would be two for dnsmasq',
    { ...EXPLICIT, s: { ...S, interface: 'm,1' }, m: { ...M.m!, ifname: 'm,1' } },
    {
      s: 'error: interface m,1 cannot have a dhcp-server: its name has "," in it, which dnsmasq reads otherwise; rename it',
    },
  ],
  [
    'a client of its own beside it',
    {
      ...EXPLICIT,
      o: { type: 'macvlan', name: 'o', interface: 'ether1', mac_address: '02:00:00:00:00:02' },
      c: { type: 'dhcp_client', interface: 'o' },
    },
    { s: 'serving: the dhcp-client on o may be answered by it, as both are in mode bridge on one port' },
  ],
  [
    'a client beside it that cannot hear it',
    {
      ...EXPLICIT,
      o: { type: 'macvlan', name: 'o', interface: 'ether1', mac_address: '02:00:00:00:00:02', mode: 'private' },
      c: { type: 'dhcp_client', interface: 'o' },
    },
    { s: 'serving' },
  ],
  [
    'a wrong section',
    { ...EXPLICIT, s: { ...S, lease_time: '1m' } },
    { s: 'error: lease_time "1m" is not valid: expected a time from 2m to 521w3d' },
  ],
];

for (const [title, sections, states] of STATES) {
  server(title, () => {
    const one = lab(sections);
    assert.equal(Object.fromEntries(Object.keys(states).map((id) => [id, stateOf(one, id)])), states);
  });
}

server('its address is configured and not there yet', () => {
  assert.is(stateOf(begun(EXPLICIT), 's'), 'waiting: address 192.0.2.1 is not there yet');
});

server('a gateway on a link of others implies nothing, unless its address is configured here', () => {
  const kernel = new FakeKernel();
  const lan = kernel.port('lan', { up: true });
  kernel.addresses.push({ ifindex: lan, address: '192.0.2.1', prefix: 24, ours: false, at: 0 });
  assert.equal(words(new Lab(kernel, configOf({ n: N }))), []);
  const a = { type: 'address', address: '192.0.2.1/24', interface: 'lan' };
  const server = { ...S, interface: 'lan' };
  assert.ok(
    words(new Lab(kernel, configOf({ n: N, s: server, p: M.p! }))).includes('--interface=lan'),
    'a server may be there',
  );
  assert.ok(words(new Lab(kernel, configOf({ n: N, a }))).includes('--interface=lan'));
});

server('without dnsmasq that is said', () => {
  const one = begun(EXPLICIT);
  const failed = {
    type: 'failed',
    op: 'spawn s',
    owner: 's',
    error: 'start dnsmasq: No such file or directory',
    isMissing: true,
    at: one.now,
  } as const;
  const { facts, ...world } = one.world;
  (facts.failures as Map<string, unknown>).set(failed.op, { ...failed, tries: 1, retryAt: one.now + 1000 });
  const item = world.config.items.find(({ id }) => id === 's')!;
  assert.is(
    menus.find(({ type }) => type === 'dhcp_server')!.state(item, { ...world, facts }).about,
    'dnsmasq is not installed',
  );
});

server('add_arp keeps an entry of each lease, but for what the user has', () => {
  const arp = { type: 'arp', address: '192.0.2.101', interface: 'm', mac_address: '02:00:00:00:00:99' };
  const one = lab({ ...EXPLICIT, s: { ...S, add_arp: '1' }, arp });
  one.kernel.leases.set('s', '0 02:00:00:00:00:02 192.0.2.100 * *\n0 02:00:00:00:00:03 192.0.2.101 * *\n');
  const want = nothing();
  const item = one.world.config.items.find(({ id }) => id === 's')!;
  menus.find(({ type }) => type === 'dhcp_server')!.want(item, one.world, want);
  assert.equal(want.neighbours, [{ owner: 's', ifname: 'm', address: '192.0.2.100', mac: '02:00:00:00:00:02' }]);
});

const REFUSED: [type: string, args: Arguments, error: string][] = [
  ['dhcp_server', { interface: 'm' }, 'interface m already has a dhcp-server: dhcp1'],
  ['dhcp_server', { interface: 'x', name: 'dhcp1' }, 'name dhcp1 is already that of another dhcp-server (s)'],
  ['dhcp_server', { interface: 'x', address_pool: 'q' }, 'address_pool q does not exist; add it to /ip pool first'],
  ['dhcp_server', { interface: 'lo' }, 'interface lo cannot have a dhcp-server: it is the loopback'],
  ['dhcp_network', { address: '192.0.2.128/25' }, 'address 192.0.2.128/25 overlaps with network 192.0.2.0/24 (n)'],
  ['dhcp_network', { address: '10.0.0.0/24', gateway: '10.0.1.1' }, 'gateway 10.0.1.1 is not in network 10.0.0.0/24'],
  ['dhcp_network', { address: '10.0.0.0' }, 'address "10.0.0.0" is not valid: expected a network such as 192.0.2.0/24'],
  [
    'dhcp_network',
    { address: '10.0.0.0/24', boot_file_name: 'a,b' },
    'boot_file_name "a,b" is not valid: expected a path',
  ],
  [
    'dhcp_network',
    { address: '10.0.0.0/24', boot_file_name: 'tag:a' },
    'boot_file_name "tag:a" is not valid: expected a path',
  ],
  [
    'dhcp_network',
    { address: '10.0.0.0/24', dhcp_option: '300:x' },
    'dhcp_option "300:x" is not valid: 300:x: expected CODE:VALUE such as 114:http://192.0.2.1/',
  ],
  [
    'dhcp_network',
    { address: '10.0.0.0/24', dhcp_option: '114:a 6:foo' },
    'dhcp_option "114:a 6:foo" is not valid: 6:foo: foo is no IPv4 address',
  ],
  [
    'dhcp_network',
    { address: '10.0.0.0/24', dhcp_option: '43:5' },
    'dhcp_option "43:5" is not valid: 43:5: option 43 is no number; write it as hex such as 01:2a',
  ],
];

for (const [type, args, error] of REFUSED) {
  server(`${type} ${JSON.stringify(args)} is refused`, () => {
    const menu = checked(menus.find((menu) => menu.type === type)!);
    assert.throws(
      () => edit('add', menu, args, lab(EXPLICIT).world),
      (refused: Error) => refused.message === error || assert.is(refused.message, error),
    );
  });
}

server('the address of a network is that of the whole', () => {
  const menu = checked(menus.find(({ type }) => type === 'dhcp_network')!);
  assert.is(edit('add', menu, { address: '10.0.0.77/24' }, lab({}).world).answer.name, '10.0.0.0/24');
});

server.run();
