import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type RuntimeName, until } from '../../lab/lab.ts';
import { Router } from './router.ts';

/** The provider's network; its router is on `wire`. */
const NET = '2001:db8:1';
const MACS = ['02:00:5E:10:00:11', '02:00:5E:10:00:12'];
const LOWER = ['5eff:fe10:11', '5eff:fe10:12'];

const CONFIG = MACS.map(
  (mac, n) => `config macvlan 'macvlan_${n + 1}'
	option name 'm${n + 1}'
	option interface 'ether1'
	option mac_address '${mac}'
`,
).join('');

/** A router that routes, on the wire of a provider that announces a network. */
async function startRouter(runtime: RuntimeName): Promise<Router> {
  const router = await Router.start(runtime, CONFIG);
  const { lab } = router;
  lab.in(lab.router, 'sysctl', '-qw', 'net.ipv6.conf.all.forwarding=1');
  lab.in(lab.isp, 'sysctl', '-qw', 'net.ipv6.conf.all.forwarding=1');
  // Its address on the link is made of its MAC when it comes up; that is the recorded one.
  for (const change of ['down', 'address 02:00:5e:00:00:01', 'up'])
    lab.in(lab.isp, 'ip', 'link', 'set', 'wire', ...change.split(' '));
  lab.in(lab.isp, 'ip', 'address', 'add', `${NET}::1/64`, 'dev', 'wire', 'nodad');
  return router;
}

/** dnsmasq that sends announcements, and with `range` gives addresses too. */
function announce(router: Router, range: string): void {
  const { lab } = router;
  lab.beside(
    lab.isp,
    ...['dnsmasq', '--keep-in-foreground', '--conf-file=/dev/null', '--user=root', '--pid-file=', '--port=0'],
    ...['--interface=wire', '--bind-dynamic', '--log-facility=-', `--dhcp-leasefile=${join(lab.folder, 'leases6')}`],
    ...[
      '--enable-ra',
      '--ra-param=wire,4,1800',
      `--dhcp-range=${range}`,
      `--dhcp-option=option6:dns-server,[${NET}::53]`,
    ],
  );
}

const lines = (text: string) => text.split('\n').filter(Boolean);

function ruleTexts({ lab }: Router): string[] {
  return lines(lab.in(lab.router, 'ip', '-6', 'rule', 'show')).map((line) => line.replace(/\s+/g, ' ').trim());
}

function routesIn({ lab }: Router, table: number): string[] {
  // Without a route there is no table.
  return lines(lab.in(lab.router, 'sh', '-c', `ip -6 route show table ${table} 2>&1 || true`)).filter(
    (line) => !/FIB|Dump/.test(line),
  );
}

function globals({ lab }: Router, ifname: string): string[] {
  const text = lab.in(lab.router, 'ip', '-6', '-json', 'address', 'show', 'dev', ifname, 'scope', 'global');
  const found = JSON.parse(text || '[]') as { addr_info?: { local?: string; tentative?: boolean }[] }[];
  const all = found.flatMap(({ addr_info = [] }) => addr_info);
  return all.flatMap(({ local, tentative }) => (local && !tentative ? [local] : []));
}

function indexOf(router: Router, ifname: string): number {
  return router.links().find((link) => link.ifname === ifname)!.ifindex;
}

/** Which MAC the provider has learned for an address after it was pinged from there. */
function heardFrom({ lab }: Router, address: string): string | undefined {
  lab.in(lab.router, 'ping', '-6', '-c', '1', '-W', '3', '-I', address, `${NET}::1`);
  const text = lab.in(lab.isp, 'ip', '-6', 'neighbour', 'show', address);
  return /lladdr (\S+)/.exec(text)?.[1]?.toUpperCase();
}

const clients = (router: Router) =>
  router.call('macvlan.dhcpv6_client', 'list').then(({ dhcpv6_client }) => dhcpv6_client as Record<string, unknown>[]);

async function bound(router: Router): Promise<void> {
  await until(
    'two lines with IPv6',
    async () => (await clients(router)).filter(({ status }) => status === 'bound').length === 2,
  );
}

function withoutClient(runtime: RuntimeName): void {
  const test = suite(`IPv6 without odhcp6c under ${runtime}`);
  let router: Router;
  test.before(async () => {
    router = await startRouter(runtime);
    announce(router, '::,constructor:wire,ra-only');
  });
  test.after(() => router.close());

  test('two lines in one network each have an address of their own', async () => {
    for (const name of ['m1', 'm2']) await router.call('macvlan.dhcpv6_client', 'add', { interface: name });
    await bound(router);
    const [first, second] = await clients(router);
    assert.is(first?.about, 'odhcp6c is not installed: addresses by SLAAC only');
    assert.is(first?.address, `${NET}::${LOWER[0]}/64`);
    assert.is(second?.address, `${NET}::${LOWER[1]}/64`);
    assert.match(String(first?.gateway), /^fe80::/);
  });

  test('each has its own table and rules, and what it sends leaves by it', async () => {
    for (const [n, name] of ['m1', 'm2'].entries()) {
      const table = 28_022_000 + indexOf(router, name);
      await until(`the address of ${name}`, () => globals(router, name).length === 1);
      const [address] = globals(router, name);
      await until(`the rules of ${name}`, () => ruleTexts(router).some((rule) => rule.includes(`lookup ${table}`)));
      const own = routesIn(router, table);
      assert.ok(
        own.some((route) => new RegExp(`^default via fe80::\\S+ dev ${name} `).test(route)),
        own.join(),
      );
      assert.ok(
        own.some((route) => route.startsWith(`${NET}::/64 dev ${name} `)),
        own.join(),
      );
      assert.ok(ruleTexts(router).includes(`803: from ${address} lookup ${table} proto 109`), ruleTexts(router).join());
      assert.is(heardFrom(router, address!), MACS[n]);
    }
  });

  test('what has no address yet takes one of the lines', () => {
    const { lab } = router;
    assert.is(routesIn(router, 28_022_000).length > 0, true);
    lab.in(lab.router, 'ping', '-6', '-c', '1', '-W', '3', `${NET}::1`);
  });

  test('a new daemon changes nothing', async () => {
    const before = [
      ruleTexts(router),
      globals(router, 'm1'),
      routesIn(router, 28_022_000 + indexOf(router, 'm1')).length,
    ];
    await router.lab.stopDaemon('SIGKILL');
    const watch = router.lab.beside(router.lab.router, 'ip', 'monitor', 'rule');
    await router.startDaemon();
    await bound(router);
    assert.equal(
      [ruleTexts(router), globals(router, 'm1'), routesIn(router, 28_022_000 + indexOf(router, 'm1')).length],
      before,
    );
    await router.lab.stop(watch, 'SIGTERM');
    assert.not.match(router.lab.log('ip'), /lookup/);
  });

  test('the client removed, its line has no IPv6 and the system listens as before', () => removed(router));

  test('all of it goes with shutdown', async () => {
    await router.call('macvlan', 'shutdown');
    assert.not.ok(ruleTexts(router).some((rule) => rule.includes('proto 109')));
    assert.equal(routesIn(router, 28_022_000), []);
  });

  test.run();
}

/** odhcp6c as it was recorded, for machines that have none. */
const STAND_IN = resolve('test/fixtures/odhcp6c/bin');
const hasClient = spawnSync('odhcp6c', ['-h']).error === undefined;

/** Where it is installed, the real one. */
function withClient(runtime: RuntimeName): void {
  const test = suite(`IPv6 with ${hasClient ? '' : 'the recorded '}odhcp6c under ${runtime}`);
  let router: Router;
  test.before(async () => {
    router = await startRouter(runtime);
    const { lab } = router;
    await lab.stopDaemon('SIGTERM');
    lab.startDaemon({ path: `${hasClient ? '' : `${STAND_IN}:`}/usr/sbin:/usr/bin:/sbin:/bin:${process.env.PATH}` });
    await router.served();
    announce(router, `${NET}::100,${NET}::1ff,slaac,64,600`);
  });
  test.after(() => router.close());

  test('two lines each have an address of the server, and one that they made', async () => {
    for (const name of ['m1', 'm2'])
      await router.call('macvlan.dhcpv6_client', 'add', { interface: name, request: 'address,prefix' });
    await until(
      'both addresses',
      async () => (await clients(router)).every(({ address }) => /\/128$/.test(String(address))),
      40_000,
    );
    for (const [n, client] of (await clients(router)).entries()) {
      assert.is(client.status, 'bound');
      assert.is(client.about, undefined);
      assert.is(client.duid, `00030001${MACS[n]!.replaceAll(':', '').toLowerCase()}`);
      assert.is(client.gateway, 'fe80::5eff:fe00:1');
      const own = () => globals(router, String(client.interface));
      await until('both addresses to be taken', () => own().length === 2);
      assert.ok(own().includes(`${NET}::${LOWER[n]}`), own().join());
    }
  });

  test('each has its own table and rules, and what it sends leaves by it', async () => {
    for (const [n, { interface: name, address, prefix }] of (await clients(router)).entries()) {
      const table = 28_022_000 + indexOf(router, String(name));
      const own = routesIn(router, table);
      assert.ok(
        own.some((route) => route.startsWith(`default via fe80::5eff:fe00:1 dev ${name} `)),
        own.join(),
      );
      assert.ok(
        own.some((route) => route.startsWith(`${NET}::/64 dev ${name} `)),
        own.join(),
      );
      const host = String(address).replace('/128', '');
      for (const source of [host, `${NET}::${LOWER[n]}`, ...(prefix === undefined ? [] : [prefix])])
        assert.ok(
          ruleTexts(router).includes(`803: from ${source} lookup ${table} proto 109`),
          ruleTexts(router).join(),
        );
      await until(`${host} to be taken`, () => globals(router, String(name)).includes(host));
      assert.is(heardFrom(router, host), MACS[n]);
    }
  });

  test('the kernel leaves announcements to odhcp6c, and addresses end with their time', () => {
    const { lab } = router;
    assert.is(lab.in(lab.router, 'sysctl', '-n', 'net.ipv6.conf.m1.accept_ra').trim(), '0');
    const text = lab.in(lab.router, 'ip', '-6', 'address', 'show', 'dev', 'm1', 'scope', 'global');
    assert.match(text, /128 scope global .*\n +valid_lft [1-9]\d*sec/);
    assert.not.match(text, /mngtmpaddr/);
  });

  test('name servers of server and router are in the file', () => {
    const { lab } = router;
    assert.match(lab.in(lab.router, 'cat', join(lab.run, 'resolv.conf')), /# m1\nnameserver \S+:53\n/);
  });

  // dnsmasq gives no prefixes.
  test('a prefix is unreachable as long as nobody uses it', async () => {
    if (hasClient) return;
    const { lab } = router;
    const [{ prefix } = {}] = await clients(router);
    assert.is(prefix, '2001:db8:5:f100::/56');
    assert.match(lab.in(lab.router, 'ip', '-6', 'route', 'show', 'proto', '109'), /unreachable 2001:db8:5:f100::\/56 /);
  });

  test('release gives it back and asks anew, renew asks for more time', async () => {
    await router.call('macvlan.dhcpv6_client', 'release', { name: 'm1' });
    await until('an address again', async () => /\/128$/.test(String((await clients(router))[0]?.address)), 40_000);
    await router.call('macvlan.dhcpv6_client', 'renew', { name: 'm2' });
    await until('the renewal', async () => (await clients(router))[1]?.status === 'bound');
  });

  test('the client removed, its line has no IPv6 and the system listens as before', () => removed(router));

  test.run();
}

/** What is not there any more. */
async function removed(router: Router): Promise<void> {
  const { lab } = router;
  const table = 28_022_000 + indexOf(router, 'm1');
  await router.call('macvlan.dhcpv6_client', 'remove', { name: 'm1' });
  await until('the addresses to go', () => globals(router, 'm1').length === 0);
  await until('the rules to go', () => !ruleTexts(router).some((rule) => rule.includes(String(table))));
  assert.equal(routesIn(router, table), []);
  const left = lines(lab.in(lab.router, 'ip', '-6', 'route', 'show', 'dev', 'm1'));
  assert.equal(
    left.filter((route) => !route.startsWith('fe80')),
    [],
  );
  assert.is(lab.in(lab.router, 'sysctl', '-n', 'net.ipv6.conf.m1.accept_ra').trim(), '1');
  assert.ok(globals(router, 'm2').length > 0);
}

for (const runtime of ['node', 'qjs'] as const) {
  if (!hasClient) withoutClient(runtime);
  withClient(runtime);
}
