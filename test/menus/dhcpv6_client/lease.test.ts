import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { argv, duidOf } from '../../../src/menus/dhcpv6_client/client.ts';
import { type Lease, readLease } from '../../../src/menus/dhcpv6_client/lease.ts';
import type { News } from '../../../src/model/facts.ts';
import { fixture, fixtures } from '../../helpers/fixture.ts';

const leases = suite('IPv6 lease');

const AT = 5000;
const FOREVER = Number.POSITIVE_INFINITY;

/** What the script wrote, as test/fixtures/odhcp6c/record.sh keeps it. */
function recorded(name: string): News {
  const lines = fixture(`odhcp6c/${name}.env`)
    .split('\n')
    .filter((line) => line.includes('=') && !line.startsWith('#'));
  const pairs = lines.map((line): [string, string] => [line.split('=')[0]!, line.slice(line.indexOf('=') + 1)]);
  const { verb, ...env } = Object.fromEntries(pairs);
  return { verb: verb!, at: AT, env };
}

function read(env: Record<string, string>, now = AT): Lease | undefined {
  return readLease({ verb: 'bound', at: AT, env: { ADDRESSES: '2001:db8::5/128,100,200,50,80', ...env } }, now);
}

const ROUTES = [
  { destination: '::/0', gateway: 'fe80::5eff:fe00:1' },
  { destination: '2001:db8:1::/64', gateway: undefined },
];
const OWN = '2001:db8:1::5eff:fe10:1/64';
const DNS = { nameServers: ['2001:db8:1::53'], domain: 'isp.example' };

/** The addresses and prefixes in CIDR, and the rest. */
const RECORDED: Record<string, object | undefined> = {
  started: undefined,
  bound: { addresses: ['2001:db8:1::1a3/128', OWN], prefixes: [], routes: ROUTES, server: 'fe80::5eff:fe00:1', ...DNS },
  updated: {
    addresses: ['2001:db8:1::1a3/128', OWN],
    prefixes: [],
    routes: ROUTES,
    server: 'fe80::5eff:fe00:1',
    ...DNS,
  },
  announced: {
    addresses: ['2001:db8:1::1a3/128', OWN],
    prefixes: [],
    routes: ROUTES,
    server: 'fe80::5eff:fe00:1',
    ...DNS,
  },
  unbound: { addresses: [OWN], prefixes: [], routes: ROUTES, server: 'fe80::5eff:fe00:1', ...DNS },
  stopped: undefined,
  informed: { addresses: [OWN], prefixes: [], routes: ROUTES, server: 'fe80::5eff:fe00:1', ...DNS },
  delegated: {
    addresses: ['2001:db8:1::16c/128', OWN],
    prefixes: ['2001:db8:5:ff00::/56'],
    routes: ROUTES,
    server: 'fe80::5eff:fe00:1',
    ...DNS,
  },
};

const cidrs = (list: Lease['addresses']) => list.map(({ address, prefix }) => `${address}/${prefix}`);

for (const [name, expected] of Object.entries(RECORDED)) {
  leases(`as odhcp6c reports it: ${name}`, () => {
    const lease = readLease(recorded(name), AT);
    assert.equal(lease && { ...lease, addresses: cidrs(lease.addresses), prefixes: cidrs(lease.prefixes) }, expected);
  });
}

leases('every recording has its row', () => {
  const names = fixtures('odhcp6c').filter((name) => name.endsWith('.env'));
  assert.equal(names.map((name) => name.slice(0, -4)).sort(), Object.keys(RECORDED).sort());
});

leases('times are uptime: when it is renewed, no longer new, and over', () => {
  const [address] = read({})!.addresses;
  assert.equal(address, {
    address: '2001:db8::5',
    prefix: 128,
    preferred: AT + 100_000,
    valid: AT + 200_000,
    renewAt: AT + 50_000,
    rebindAt: AT + 80_000,
  });
  assert.is(read({}, AT + 200_000), undefined);
});

leases('0xffffffff is for ever, and without T1 and T2 there is nothing to renew', () => {
  const [address] = read({ ADDRESSES: '', RA_ADDRESSES: '2001:db8::5/64,4294967295,4294967295,0,0' })!.addresses;
  assert.equal([address?.preferred, address?.valid, address?.renewAt], [FOREVER, FOREVER, FOREVER]);
});

leases('a prefix that is deprecated stays until it is over, and more words behind the times do not matter', () => {
  const { prefixes } = read({ PREFIXES: '2001:db8:5::/56,0,100,0,0,class=00000002,excluded=2001:db8:5::/64' })!;
  assert.equal(cidrs(prefixes), ['2001:db8:5::/56']);
  assert.is(prefixes[0]?.preferred, 0);
  assert.equal(read({ PREFIXES: '2001:db8:5::/56,0,0,0,0' })?.prefixes, []);
});

leases('of two default routers the better one counts, and none that has gone', () => {
  const of = (text: string, now = AT) => read({ RA_ROUTES: text }, now)!.routes.map(({ gateway }) => gateway);
  assert.equal(of('::/0,fe80::1,100,512 ::/0,fe80::2,100,384'), ['fe80::2']);
  assert.equal(of('::/0,fe80::1,0,384 ::/0,fe80::2,100,512'), ['fe80::2']);
  assert.equal(of('::/0,fe80::1,100,384', AT + 100_000), []);
});

const BAD: [what: string, env: Record<string, string>][] = [
  ['an address of the link', { ADDRESSES: 'fe80::1/64,9,9,0,0' }],
  ["many machines' address", { ADDRESSES: 'ff02::1/64,9,9,0,0' }],
  ['the loopback', { ADDRESSES: '::1/128,9,9,0,0' }],
  ['IPv4', { ADDRESSES: '192.0.2.1/24,9,9,0,0' }],
  ['no length', { ADDRESSES: '2001:db8::1,9,9,0,0' }],
  ['a length beyond the address', { ADDRESSES: '2001:db8::1/129,9,9,0,0' }],
  ['a length of nothing', { ADDRESSES: '2001:db8::1/0,9,9,0,0' }],
  ['no time', { ADDRESSES: '2001:db8::1/64' }],
  ['a time that is none', { ADDRESSES: '2001:db8::1/64,x,9,0,0' }],
  ['what a shell would run', { ADDRESSES: '$(reboot)/64,9,9,0,0 `id`' }],
];

for (const [what, env] of BAD) leases(`${what} is no address`, () => assert.is(read(env), undefined));

leases('what else is sent wrongly is left out', () => {
  const { routes, nameServers, domain } = read({
    RA_ROUTES: '::/0,,100,512 ::/0,ff02::2,100,512 2001:db8::/x,,9,9 2001:db8::/200,,9,9',
    RDNSS: '2001:db8::53 :: 192.0.2.1 x ff02::fb 2001:db8::53',
    DOMAINS: '$(reboot);x y',
  })!;
  assert.equal({ routes, nameServers, domain }, { routes: [], nameServers: ['2001:db8::53'], domain: undefined });
});

const PLACE = { key: 'dhcpv6_client_1', ifname: 'm1', mac: '02:00:5E:10:00:01', runDir: '/run', scripts: '/lib' };

leases('the command line: what is asked for, and an identity made of the MAC', () => {
  const common = [
    'odhcp6c',
    '-s',
    '/lib/odhcp6c.script',
    '-p',
    '/run/clients/dhcpv6_client_1',
    '-c',
    '0003000102005e100001',
  ];
  assert.is(duidOf(PLACE.mac), '0003000102005e100001');
  assert.equal(argv({ ...PLACE, request: ['address'] }), [...common, '-N', 'try', 'm1']);
  assert.equal(argv({ ...PLACE, request: ['info'] }), [...common, '-N', 'none', 'm1']);
  assert.equal(argv({ ...PLACE, request: ['prefix'] }), [...common, '-N', 'none', '-P', '0', 'm1']);
  assert.equal(argv({ ...PLACE, request: ['address', 'prefix'], prefixHint: '::/60' }), [
    ...common,
    '-N',
    'try',
    '-P',
    '::/60',
    'm1',
  ]);
});

leases.run();
