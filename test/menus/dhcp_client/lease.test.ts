import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Lease, readLease } from '../../../src/menus/dhcp_client/lease.ts';
import type { News } from '../../../src/model/facts.ts';
import { fixture, fixtures } from '../../helpers/fixture.ts';

const leases = suite('lease');

/** What the script wrote, as test/fixtures/udhcpc/record.sh keeps it. */
function recorded(name: string): News {
  const lines = fixture(`udhcpc/${name}.env`)
    .split('\n')
    .filter((line) => line.includes('=') && !line.startsWith('#'));
  const pairs = lines.map((line): [string, string] => [line.split('=')[0]!, line.slice(line.indexOf('=') + 1)]);
  const { verb, ...env } = Object.fromEntries(pairs);
  return { verb: verb!, at: 5000, env };
}

function read(env: Record<string, string>): Lease | undefined {
  return readLease({ verb: 'bound', at: 5000, env: { ip: '192.0.2.57', mask: '24', ...env } });
}

const BOUND: Lease = {
  address: '192.0.2.57',
  prefix: 24,
  network: '192.0.2.0',
  broadcast: '192.0.2.255',
  routes: [{ destination: '0.0.0.0/0', gateway: '192.0.2.1' }],
  server: '192.0.2.1',
  nameServers: ['192.0.2.1'],
  domain: undefined,
  timeServers: ['192.0.2.1'],
  seconds: 3600,
  renewAfter: 1800,
  rebindAfter: 3150,
  obtainedAt: 5000,
};

const ISP = { ...BOUND, nameServers: ['192.0.2.1', '198.51.100.53'], domain: 'isp.example' };

const RECORDED: Record<string, Lease | undefined> = {
  bound: ISP,
  renew: { ...ISP, renewAfter: 1639, rebindAfter: 2989 },
  deconfig: undefined,
  leasefail: undefined,
  nak: undefined,
  bare: {
    ...BOUND,
    address: '198.51.100.2',
    prefix: 30,
    network: '198.51.100.0',
    broadcast: '198.51.100.3',
    routes: [],
    server: '198.51.100.1',
    nameServers: [],
    timeServers: [],
    seconds: 0xffffffff,
    renewAfter: 0xffffffff / 2,
    rebindAfter: (0xffffffff * 7) / 8,
  },
  host: {
    ...BOUND,
    prefix: 32,
    network: '192.0.2.57',
    routes: [{ destination: '0.0.0.0/0', gateway: '198.51.100.1' }],
    nameServers: [],
    timeServers: [],
    seconds: 120,
    renewAfter: 60,
    rebindAfter: 105,
  },
  classless: {
    ...BOUND,
    routes: [
      { destination: '10.0.0.0/8', gateway: '192.0.2.3' },
      { destination: '0.0.0.0/0', gateway: '192.0.2.4' },
    ],
    nameServers: [],
    timeServers: [],
  },
  // busybox itself has put `bad` in place of the domain.
  hostile: { ...BOUND, nameServers: ['192.0.2.1', '192.0.2.1'], domain: 'bad', timeServers: [] },
};

leases('every recording is read', () => {
  const names = fixtures('udhcpc').filter((name) => name.endsWith('.env'));
  assert.equal(names.map((name) => name.slice(0, -4)).sort(), Object.keys(RECORDED).sort());
});

for (const [name, lease] of Object.entries(RECORDED)) {
  leases(`udhcpc/${name}.env is ${lease ? `the lease of ${lease.address}` : 'no lease'}`, () => {
    assert.equal(readLease(recorded(name)), lease);
  });
}

leases('without news there is no lease', () => {
  assert.is(readLease(undefined), undefined);
});

leases('what is no address of a host is no lease', () => {
  const rows = [
    '',
    'x',
    '0.0.0.0',
    '0.1.2.3',
    '127.0.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '192.0.2.1 ',
    '192.0.2',
    '::1',
    '$(id)',
  ];
  for (const ip of rows) assert.is(read({ ip }), undefined, ip);
  assert.is(readLease({ verb: 'bound', at: 0, env: {} }), undefined);
});

leases('a mask that cannot be is a host', () => {
  const rows: [Record<string, string>, number][] = [
    [{ mask: '33' }, 32],
    [{ mask: '0' }, 32],
    [{ mask: '-1' }, 32],
    [{ mask: '24 ' }, 32],
    [{ mask: '999999999999' }, 32],
    [{ mask: '', subnet: '255.255.255.0' }, 24],
    [{ mask: 'x', subnet: '255.0.255.0' }, 32],
    [{ mask: '33', subnet: '0.0.0.0' }, 32],
    [{ mask: '25', subnet: '255.255.255.0' }, 25],
    [{ mask: '1' }, 1],
  ];
  for (const [env, prefix] of rows) assert.is(read(env)?.prefix, prefix, JSON.stringify(env));
});

leases('a time that cannot be read is for ever', () => {
  const rows: [string, number][] = [
    ['3600', 3600],
    ['0', 0],
    ['4294967295', 4294967295],
    ['', 4294967295],
    ['-1', 4294967295],
    ['1e9', 4294967295],
    ['99999999999999999999', 4294967295],
    ['infinite', 4294967295],
  ];
  for (const [lease, seconds] of rows) assert.is(read({ lease })?.seconds, seconds, lease);
});

leases('a domain is a domain or nothing', () => {
  for (const domain of ['isp.example', 'a', 'x_y-z.example.', 'X'.repeat(253)])
    assert.is(read({ domain })?.domain, domain);
  const rows = ['', '$(reboot)', '`id`', 'a b', 'a;b', 'a\nnameserver 192.0.2.66', 'a/b', 'é', "'", 'x'.repeat(254)];
  for (const domain of rows) assert.is(read({ domain })?.domain, undefined, domain);
});

leases('name servers and routers that are none are left out', () => {
  const dns = '0.0.0.0 junk 127.0.0.1 192.0.2.1 255.255.255.255 192.0.2.2\n192.0.2.3 1.2.3';
  assert.equal(read({ dns })?.nameServers, ['192.0.2.1', '192.0.2.2', '192.0.2.3']);
  const router = '0.0.0.0 junk 224.0.0.1 192.0.2.9 192.0.2.8';
  assert.equal(read({ router })?.routes, [{ destination: '0.0.0.0/0', gateway: '192.0.2.9' }]);
  assert.equal(read({ router: ' ' })?.routes, []);
  assert.is(read({ broadcast: 'x', serverid: '1.2.3.256' })?.broadcast, undefined);
});

leases('classless routes stand for the router, and those that cannot be are left out', () => {
  const router = '192.0.2.1';
  const byRouter = [{ destination: '0.0.0.0/0', gateway: router }];
  const rows: [string, Lease['routes']][] = [
    ['', byRouter],
    ['junk', byRouter],
    ['10.0.0.0/8', byRouter],
    ['10.0.0.0/33 192.0.2.3', byRouter],
    ['10.0.0.0 192.0.2.3', byRouter],
    ['10.0.0.0/8 224.0.0.1', byRouter],
    ['10.1.2.3/8 192.0.2.3', [{ destination: '10.0.0.0/8', gateway: '192.0.2.3' }]],
    ['198.51.100.0/24 0.0.0.0', [{ destination: '198.51.100.0/24', gateway: undefined }]],
    [
      '0.0.0.0/0 192.0.2.4 10.0.0.0/8 192.0.2.3 10.9.0.0/16',
      [
        { destination: '0.0.0.0/0', gateway: '192.0.2.4' },
        { destination: '10.0.0.0/8', gateway: '192.0.2.3' },
      ],
    ],
  ];
  for (const [staticroutes, routes] of rows) assert.equal(read({ staticroutes, router })?.routes, routes, staticroutes);
});

leases('special-classless takes the router beside classless routes, unless they have a default one', () => {
  const router = '192.0.2.1';
  const byRouter = { destination: '0.0.0.0/0', gateway: router };
  const ten = { destination: '10.0.0.0/8', gateway: '192.0.2.3' };
  const rows: [string, Lease['routes']][] = [
    ['', [byRouter]],
    ['10.0.0.0/8 192.0.2.3', [ten, byRouter]],
    ['10.0.0.0/8 192.0.2.3 0.0.0.0/0 192.0.2.4', [ten, { destination: '0.0.0.0/0', gateway: '192.0.2.4' }]],
  ];
  const news = (staticroutes: string) => ({ verb: 'bound', at: 0, env: { ip: '192.0.2.57', staticroutes, router } });
  for (const [text, routes] of rows) assert.equal(readLease(news(text), true)?.routes, routes, text);
});

leases("the times for a renewal are the server's, or those of the RFC where its own cannot be", () => {
  const rows: [Record<string, string>, number, number][] = [
    [{}, 1800, 3150],
    [{ opt58: '00000064', opt59: '000000c8' }, 100, 200],
    [{ opt58: '00000064' }, 1800, 3150],
    [{ opt58: '000000c8', opt59: '00000064' }, 1800, 3150],
    [{ opt58: '00000064', opt59: '00000e10' }, 1800, 3150],
    [{ opt58: '00000000', opt59: '00000064' }, 1800, 3150],
    [{ opt58: '64', opt59: 'xxxxxxxx' }, 1800, 3150],
  ];
  for (const [env, renewAfter, rebindAfter] of rows) {
    const lease = read({ lease: '3600', ...env });
    assert.equal([lease?.renewAfter, lease?.rebindAfter], [renewAfter, rebindAfter], JSON.stringify(env));
  }
});

leases.run();
