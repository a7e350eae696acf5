import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type RuntimeName, until } from '../../lab/lab.ts';
import { Router } from './router.ts';

const RUNTIMES: readonly RuntimeName[] = ['node', 'qjs'];
const ONE = `config macvlan 'macvlan_1'
	option name 'm1'
	option interface 'ether1'

config dhcp_client 'c1'
	option interface 'm1'
`;

type Row = Record<string, unknown>;

async function client(router: Router): Promise<Row> {
  return (await router.list('dhcp_client'))[0]!;
}

async function set(router: Router, args: Record<string, string | number | boolean | null>): Promise<void> {
  await router.call('macvlan.dhcp_client', 'set', { id: 'c1', ...args });
}

/** Until the client's state is so. */
async function shows(router: Router, state: Row, ms?: number): Promise<Row> {
  let row: Row = {};
  const isSo = async () => {
    row = await client(router);
    return Object.entries(state).every(([name, value]) => row[name] === value);
  };
  await until(`the client to show ${JSON.stringify(state)}`, isSo, ms).catch((error: Error) => {
    const said = router.lab.log('macvland').split('\n').slice(-12).join('\n');
    throw new Error(`${error.message}; it has ${JSON.stringify(row)}; the daemon said\n${said}`);
  });
  return row;
}

async function restart(router: Router, ...options: string[]): Promise<void> {
  await router.lab.stopProvider();
  await router.lab.startProvider(120, options);
}

/** Routes of ours, those of all tables. */
function routes(router: Router, table = 'all'): string {
  return router.lab.in(router.lab.router, 'ip', '-4', 'route', 'show', 'table', table);
}

function logged(router: Router, pattern: RegExp): Promise<void> {
  return until(`the provider to log ${pattern}`, () => pattern.test(router.lab.log('provider')));
}

/** `renew` or `release`, and then there is a lease again. */
async function again(router: Router, verb: 'renew' | 'release'): Promise<void> {
  const acks = () => router.lab.log('provider').split('DHCPACK(wire)').length;
  const before = acks();
  await router.call('macvlan.dhcp_client', verb, { id: 'c1' });
  await until(`an answer after ${verb}`, () => acks() > before);
  await shows(router, { status: 'bound' });
}

function runFile(router: Router, name: string): string {
  const path = join(router.lab.run, name);
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

for (const runtime of RUNTIMES) {
  const lease = suite(`leases under ${runtime}`);
  let router: Router;

  lease.before(async () => {
    router = await Router.start(runtime, ONE);
    await router.bound(1);
  });
  lease.after(() => router.close());

  lease('name, identity, vendor class and other options reach the server as they are', async () => {
    const nasty = "60:'-x;$(id)&\"'";
    const options = ['hostname', 'clientid', nasty, '77:0x616263'].join(' ');
    await set(router, { host_name: 'box-1', client_id: '0x0102AABB', dhcp_options: options, use_broadcast: 'always' });
    await logged(router, /client provides name: box-1/);
    await logged(router, /vendor class: -x;\$\(id\)&"/);
    await logged(router, /user class: abc/);
    await shows(router, { status: 'bound' });
    await until('the identity', () => / box-1 01:02:aa:bb\n/.test(readFileSync(router.lab.leases, 'utf8')));
    const asked = router.lab.log('provider').replace(/^.*requested options/gm, '');
    for (const code of [1, 3, 6, 15, 33, 42, 43, 121, 138]) assert.match(asked, new RegExp(`[:,] ${code}\\b`));
    await set(router, { host_name: null, client_id: null, dhcp_options: null, use_broadcast: 'both' });
    await until('the identity of before', () => !/01:02:aa:bb/.test(readFileSync(router.lab.leases, 'utf8')));
    await until('another client', () => router.clients().length === 1);
    await shows(router, { status: 'bound' });
  });

  lease(
    'classless routes stand for the router, with special-classless beside it, and other tables have it',
    async () => {
      await restart(router, '--dhcp-option=121,10.9.0.0/16,198.51.100.9', '--dhcp-option=42,198.51.100.7,198.51.100.8');
      await router.call('macvlan.dhcp_client', 'renew', { id: 'c1' });
      const { gateway } = await shows(router, { primary_ntp: '198.51.100.7', secondary_ntp: '198.51.100.8' });
      assert.is(gateway, undefined);
      await until('the route', () => /^10\.9\.0\.0\/16 via 198\.51\.100\.9 /m.test(routes(router)));
      assert.not.match(routes(router), /^default /m);
      assert.is(runFile(router, 'ntp'), '# m1\n198.51.100.7\n198.51.100.8\n');
      await set(router, { add_default_route: 'special-classless', default_route_tables: '100:7' });
      await shows(router, { gateway: '198.51.100.1' });
      await until('the route in table 100', () =>
        /^default via 198\.51\.100\.1 .*metric 7/.test(routes(router, '100')),
      );
      assert.match(routes(router), /^10\.9\.0\.0\/16 /m);
      await set(router, { add_default_route: 'no', use_peer_ntp: false });
      await until('no route in table 100', () => !/default/.test(routes(router)) || !/table 100/.test(routes(router)));
      assert.is(runFile(router, 'ntp'), '');
      await set(router, { add_default_route: null, default_route_tables: null, use_peer_ntp: null });
      await restart(router);
    },
  );

  lease('requests bear the mark', async () => {
    const { lab } = router;
    const counted = () => Number(/counter packets (\d+)/.exec(lab.in(lab.isp, 'nft', 'list', 'ruleset'))?.[1]);
    const rules = join(lab.folder, 'seen.nft');
    writeFileSync(
      rules,
      'table ip seen {\nchain input {\ntype filter hook input priority 0\nudp dport 67 ip dscp 46 counter\n}\n}\n',
    );
    lab.in(lab.isp, 'nft', '-f', rules);
    await set(router, { dscp: 46 });
    await until('our table', () => /table netdev macvlan/.test(lab.in(lab.router, 'nft', 'list', 'ruleset')));
    await router.call('macvlan.dhcp_client', 'release', { id: 'c1' });
    await until('marked requests', () => counted() >= 2);
    // A link made anew is marked too.
    const old = router.links()[0]?.ifindex;
    await router.call('macvlan', 'set', { name: 'm1', mode: 'passthru' });
    await until('another link', () => router.links().length === 1 && router.links()[0]?.ifindex !== old);
    await shows(router, { status: 'bound' });
    const before = counted();
    await router.call('macvlan.dhcp_client', 'release', { id: 'c1' });
    await until('more of them', () => counted() >= before + 2);
    await router.call('macvlan', 'set', { name: 'm1', mode: 'bridge' });
    await set(router, { dscp: null });
    await until('no table', () => !/table netdev macvlan/.test(lab.in(lab.router, 'nft', 'list', 'ruleset')));
    lab.in(lab.isp, 'nft', 'delete', 'table', 'ip', 'seen');
    await shows(router, { status: 'bound' });
  });

  lease('a script hears of each change, and only of changes', async () => {
    const { lab } = router;
    const [script, heard] = [join(lab.folder, 'hook'), join(lab.folder, 'heard')];
    writeFileSync(
      script,
      `#!/bin/sh\necho "$1 $bound $interface $lease_address $server_address $gateway_address" >> ${heard}\necho "says $1"\n`,
    );
    const lines = () => (existsSync(heard) ? readFileSync(heard, 'utf8').split('\n').slice(0, -1) : []);
    assert.equal(await router.refusal('macvlan.dhcp_client', 'set', { id: 'c1', script }), {
      error: `script ${script} is no executable file; make it one with chmod +x`,
      property: 'script',
      status: 2,
    });
    chmodSync(script, 0o755);
    await set(router, { script });
    const { address } = await shows(router, { status: 'bound' });
    const told = `1 m1 ${String(address).split('/')[0]} 198.51.100.1 198.51.100.1`;
    await until('the first', () => lines().length === 1 && runFile(router, 'kept').includes(script));
    await router.lab.stopDaemon('SIGKILL');
    await router.startDaemon();
    await again(router, 'renew');
    await again(router, 'release');
    await until('the second and the third', () => lines().length >= 3);
    assert.equal(lines(), [`bound ${told}`, `lost 0${told.slice(1)}`, `bound ${told}`]);
    await until('its words', () => lab.log('macvland').includes(`m1: ${script}: says lost`));
    await set(router, { script: null });
    await until('the last', () => lines().length === 4);
  });

  lease('release gives the lease back, and address and routes go before there is another', async () => {
    const { lab } = router;
    lab.beside(lab.router, 'ip', '-4', 'monitor', 'address', 'route', 'dev', 'm1');
    await until('the monitor', () => existsSync(join(lab.folder, 'ip.log')));
    const { address } = await shows(router, { status: 'bound' });
    const releases = () => lab.log('provider').match(/DHCPRELEASE\(wire\)/g)?.length ?? 0;
    const before = releases();
    // The monitor may not listen yet: what is deleted and made is seen in the end.
    await until('the address to go', async () => {
      await again(router, 'release');
      return lab.log('ip').includes('Deleted');
    });
    assert.ok(releases() > before);
    assert.match(lab.log('ip'), new RegExp(`^Deleted .*inet ${String(address)} `, 'm'));
  });

  lease('a server that has other addresses now says NAK, and gives one', async () => {
    await router.lab.stopProvider();
    await router.lab.startProvider(120, [], [10, 40]);
    await router.call('macvlan.dhcp_client', 'renew', { id: 'c1' });
    await logged(router, /DHCPNAK/);
    await until(
      'the new address',
      async () => Number(/\.(\d+)\//.exec(String((await client(router)).address))?.[1]) <= 40,
    );
    await until('only that', () => router.addressesOf('m1').length === 1);
  });

  lease('a renewal with another address: addresses, rules and routes change over', async () => {
    const { lab } = router;
    const before = String((await shows(router, { status: 'bound' })).address).split('/')[0]!;
    await lab.stopProvider();
    const server = lab.beside(
      lab.isp,
      process.execPath,
      '--import',
      'tsx',
      'test/live/renumber.ts',
      '198.51.100.1',
      '198.51.100.60',
    );
    await until('the server', () => lab.log('node').includes('ready'));
    await router.call('macvlan.dhcp_client', 'renew', { id: 'c1' });
    await shows(router, { address: '198.51.100.60/24', status: 'bound' });
    await until('only the new address', () => router.addressesOf('m1').join() === '198.51.100.60');
    await until('the new rules', () => {
      const rules = lab.in(lab.router, 'ip', 'rule', 'show');
      return rules.includes('from 198.51.100.60 ') && !rules.includes(`from ${before} `);
    });
    await until('the new routes', () => /default via 198\.51\.100\.1 /m.test(routes(router)));
    assert.not.match(routes(router), new RegExp(`src ${before.replaceAll('.', '\\.')} `));
    assert.match(lab.in(lab.router, 'ping', '-c', '1', '-W', '2', '198.51.100.1'), / 0% packet loss/);
    await lab.stop(server, 'SIGTERM');
    await lab.startProvider();
  });

  lease('on the console: detail shows the lease, renew and release take numbers, names and find', async () => {
    await router.call('macvlan.dhcp_client', 'renew', { id: 'c1' });
    await shows(router, { status: 'bound', primary_dns: '198.51.100.1' });
    const { stdout } = router.lab.console('/ip dhcp-client print detail\n');
    const text = stdout.replace(/\s+/g, ' ');
    for (const part of [
      'interface=m1',
      'dhcp-options=hostname,clientid',
      'add-default-route=yes',
      'status=bound',
      'use-peer-ntp=yes',
    ])
      assert.ok(text.includes(part), `${part} in ${text}`);
    assert.match(
      text,
      / address=198\.51\.100\.\d+\/24 gateway=198\.51\.100\.1 dhcp-server=198\.51\.100\.1 primary-dns=198\.51\.100\.1 .*expires-after=\d/,
    );
    const asked = (what: string) => router.lab.log('provider').split(`${what}(wire)`).length;
    for (const items of ['0', 'm1', '[find interface=m1]']) {
      for (const [verb, what] of [
        ['renew', 'DHCPREQUEST'],
        ['release', 'DHCPRELEASE'],
      ] as const) {
        await shows(router, { status: 'bound' });
        const [before, acks] = [asked(what), asked('DHCPACK')];
        assert.is(
          router.lab.console(`/ip dhcp-client print count-only\n/ip dhcp-client ${verb} ${items}\n`).stderr,
          '',
        );
        await until(what, () => asked(what) > before);
        if (verb === 'release') await until('a new lease', () => asked('DHCPACK') > acks);
      }
    }
  });

  lease.run();
}

/** Statuses one after the other, each once. */
async function watch(router: Router, end: (seen: readonly string[]) => boolean, ms: number): Promise<string[]> {
  const seen: string[] = [];
  await until(
    'the last status',
    async () => {
      const status = String((await client(router)).status);
      if (seen.at(-1) !== status) seen.push(status);
      return end(seen);
    },
    ms,
  );
  return seen;
}

const times = suite('leases in time');

/** Both at once: it is waiting that takes the time. */
times('a server that is gone until the lease is over, and one that is back; renew in vain begins anew', async () => {
  await Promise.all(
    RUNTIMES.map(async (runtime) => {
      const router = await Router.start(runtime);
      const { lab } = router;
      try {
        await lab.stopProvider();
        await lab.startQuickProvider(16);
        await router.call('macvlan', 'add', { interface: 'ether1', name: 'm1' });
        await router.call('macvlan.dhcp_client', 'add', { interface: 'm1' });
        await shows(router, { status: 'bound' });
        await lab.stopProvider();
        const seen = await watch(router, (seen) => seen.at(-1) === 'searching', 40_000);
        assert.equal(seen.slice(0, 4), ['bound', 'renewing', 'rebinding', 'searching']);
        await until('the address to go', () => router.addressesOf('m1').length === 0);
        assert.is(routes(router).includes('m1'), false, 'no routes are left');
        assert.is(runFile(router, 'resolv.conf'), '');
        await lab.startQuickProvider(600);
        await shows(router, { status: 'bound' }, 30_000);
        await lab.stopProvider();
        await router.call('macvlan.dhcp_client', 'renew', { name: 'm1' });
        // A renewal that the server's host refuses is over at once: whoever asks now and then may miss it.
        await watch(router, (seen) => seen.at(-1) === 'searching', 30_000);
        await lab.startQuickProvider(600);
        await shows(router, { status: 'bound' }, 30_000);
      } finally {
        router.close();
      }
    }),
  );
});

times.run();
