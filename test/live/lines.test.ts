import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type RuntimeName, until } from '../../lab/lab.ts';
import { Router } from './router.ts';
import { heard } from './wire.ts';

/** Lines of one subnet with one gateway on one parent, each of which has to be used as if it were alone. */

const GATEWAY = '198.51.100.1';
/** Somewhere behind the gateway. */
const FAR = '192.0.2.99';
/** The port's own address, which it had before. */
const OWN = '198.51.100.9';

interface Line {
  readonly name: string;
  readonly mac: string;
  readonly address: string;
}

for (const [runtime, count] of [
  ['qjs', 50],
  ['node', 10],
] as [RuntimeName, number][]) {
  const lines = suite(`${count} lines under ${runtime}`);
  let router: Router;
  const inRouter = (...command: string[]) => router.lab.in(router.lab.router, ...command);
  const inIsp = (...command: string[]) => router.lab.in(router.lab.isp, ...command);
  let all: Line[] = [];

  lines.before(async () => {
    router = await Router.start(runtime);
    for (const name of ['all', 'default', 'ether1']) inRouter('sysctl', '-qw', `net.ipv4.conf.${name}.rp_filter=1`);
    inRouter('ip', 'link', 'set', 'ether1', 'up');
    inRouter('ip', 'address', 'add', `${OWN}/24`, 'dev', 'ether1');
    inIsp('ip', 'address', 'add', `${FAR}/32`, 'dev', 'lo');
  });
  lines.after(() => router.close());

  lines(`${count} leases in one subnet`, async () => {
    const script = Array.from({ length: count }, (_, n) => [
      `/interface macvlan add interface=ether1 name=line${n + 1}`,
      `/ip dhcp-client add interface=line${n + 1}`,
    ]);
    await router.call('macvlan', 'import', { script: script.flat().join('\n') });
    await router.bound(count, 60_000);
    const macs = new Map((await router.list('macvlan')).map(({ name, mac_address }) => [name, mac_address]));
    all = (await router.list('dhcp_client')).map((client) => ({
      name: String(client.interface),
      mac: String(macs.get(client.interface)),
      address: String(client.address).replace(/\/.*/, ''),
    }));
    assert.is(new Set(all.map(({ address }) => address)).size, count);
    await until('rules', () => inRouter('ip', 'rule').split('801:').length === count + 1);
  });

  lines('each address is answered for once, and by its own MAC address', async () => {
    inIsp('ip', 'neigh', 'flush', 'all');
    const replies = await heard(router.lab, 'arp[6:2] = 2', () => {
      for (const { address } of [...all, { address: OWN }]) inIsp('ping', '-qc1', '-W2', address);
    });
    const answers = replies.map(({ from, text }) => [/ ([\d.]+) is-at/.exec(text)?.[1], from]);
    const ports = JSON.parse(inRouter('ip', '-json', 'link', 'show', 'ether1')) as { address: string }[];
    const wanted = [...all.map(({ address, mac }) => [address, mac]), [OWN, ports[0]!.address.toUpperCase()]];
    const ours = answers.filter(([address]) => address !== GATEWAY);
    assert.equal(ours.sort(), wanted.sort());
  });

  lines('a reply leaves by the line that was asked, near and far', async () => {
    for (const source of [GATEWAY, FAR]) {
      const replies = await heard(router.lab, 'icmp[icmptype] = icmp-echoreply', () => {
        for (const { address } of all) inIsp('ping', '-qc1', '-W2', '-I', source, address);
      });
      assert.equal(
        replies.map(({ from, text }) => [/: ([\d.]+) >/.exec(text)?.[1], from]).sort(),
        all.map(({ address, mac }) => [address, mac]).sort(),
      );
    }
  });

  lines('ping -I works on each, by address and by interface, near and far', async () => {
    for (const to of [GATEWAY, FAR]) {
      const requests = await heard(router.lab, 'icmp[icmptype] = icmp-echo', () => {
        for (const { name, address } of all) {
          inRouter('ping', '-qc1', '-W2', '-I', address, to);
          inRouter('ping', '-qc1', '-W2', '-I', name, to);
        }
      });
      assert.equal(
        requests.map(({ from, text }) => [/: ([\d.]+) >/.exec(text)?.[1], from]).sort(),
        all
          .flatMap(({ address, mac }) => [
            [address, mac],
            [address, mac],
          ])
          .sort(),
      );
    }
  });

  lines('a renewal leaves by its own line', async () => {
    const renewals = await heard(router.lab, 'udp dst port 67', async () => {
      for (const { name } of all) await router.call('macvlan.dhcp_client', 'renew', { name });
      await until('renewals', () => router.lab.log('provider').split('DHCPACK').length > 2 * count, 20_000);
    });
    const seen = renewals.map(({ from, text }) => [/: ([\d.]+)\.68 >/.exec(text)?.[1], from]);
    for (const { address, mac } of all) {
      const own = seen.filter(([source]) => source === address);
      assert.ok(own.length > 0 && own.every(([, from]) => from === mac), `${address} of ${mac}: ${own}`);
    }
  });

  lines("the port's own address keeps its route, and it keeps working", async () => {
    assert.match(inRouter('ip', 'route', 'show', 'proto', 'kernel'), `dev ether1 scope link src ${OWN}`);
    inRouter('ping', '-qc1', '-W2', '-I', OWN, GATEWAY);
  });

  lines('without source routing nothing of it is left', async () => {
    const [one] = all;
    await router.call('macvlan.dhcp_client', 'set', { name: one!.name, source_routing: 'no' });
    assert.not.match(inRouter('ip', 'rule'), one!.address);
    assert.match(inRouter('ip', 'route'), `default via ${GATEWAY} dev ${one!.name} proto 109 metric 1 onlink`);
    await router.call('macvlan.dhcp_client', 'set', { name: one!.name, source_routing: 'yes' });
    await until('rules again', () => inRouter('ip', 'rule').includes(one!.address));
  });

  lines('one that goes takes its table and rules along, and the others do not notice', async () => {
    const [one, two] = all;
    await router.call('macvlan.dhcp_client', 'disable', { name: one!.name });
    await until('its rules to go', () => !inRouter('ip', 'rule').includes(one!.address));
    inRouter('ping', '-qc1', '-W2', '-I', two!.address, FAR);
  });

  lines('rules that somebody flushes come back, and so do the marks', async () => {
    const [, two] = all;
    const rules = () => inRouter('ip', 'rule').split('\n').sort().join('\n');
    const before = rules();
    inRouter('ip', 'rule', 'flush');
    inRouter('ip', 'rule', 'add', 'lookup', 'main', 'priority', '32766');
    inRouter('ip', 'rule', 'add', 'lookup', 'default', 'priority', '32767');
    inRouter('nft', 'flush', 'ruleset');
    await until('the rules', () => rules() === before);
    await until('the marks', () => inRouter('nft', 'list', 'tables').includes('inet macvlan'));
    inRouter('ping', '-qc1', '-W2', '-I', two!.address, FAR);
  });

  lines('a daemon that was killed finds everything as it should be', async () => {
    const rules = inRouter('ip', 'rule');
    const table = inRouter('nft', 'list', 'ruleset');
    const clients = router.clients();
    await router.lab.stopDaemon('SIGKILL');
    await router.startDaemon();
    await router.bound(count - 1);
    assert.equal(
      [inRouter('ip', 'rule'), inRouter('nft', 'list', 'ruleset'), router.clients()],
      [rules, table, clients],
    );
  });

  lines('when all are gone the port is as it was', async () => {
    await router.call('macvlan', 'shutdown');
    assert.is(inRouter('ip', 'rule').split('\n').filter(Boolean).length, 3);
    assert.is(inRouter('ip', 'route', 'show', 'table', 'all', 'proto', '109'), '');
    const values = ['arp_ignore', 'arp_announce', 'rp_filter'].map((name) =>
      inRouter('cat', `/proc/sys/net/ipv4/conf/ether1/${name}`).trim(),
    );
    assert.equal(values, ['0', '0', '1']);
    assert.is(inRouter('cat', '/proc/sys/net/ipv4/fib_multipath_hash_policy').trim(), '0');
    assert.is(inRouter('nft', 'list', 'tables'), '');
    assert.is(readFileSync(join(router.lab.run, 'kept'), 'utf8'), '');
  });

  lines.run();
}

/** A lease of one address alone, and a gateway that lies in no subnet of the line. */
for (const runtime of ['qjs', 'node'] as RuntimeName[]) {
  const hosts = suite(`/32 leases under ${runtime}`);
  const OUTSIDE = '10.255.255.1';
  let router: Router;
  const inRouter = (...command: string[]) => router.lab.in(router.lab.router, ...command);

  hosts.before(async () => {
    router = await Router.start(runtime);
    const { lab } = router;
    await lab.stopProvider();
    lab.in(lab.isp, 'ip', 'address', 'add', `${OUTSIDE}/32`, 'dev', 'wire');
    lab.in(lab.isp, 'ip', 'address', 'add', `${FAR}/32`, 'dev', 'lo');
    await lab.startProvider(120, ['--dhcp-option-force=1,255.255.255.255', `--dhcp-option-force=3,${OUTSIDE}`]);
    for (const name of ['m1', 'm2']) {
      await router.call('macvlan', 'add', { interface: 'ether1', name });
      await router.call('macvlan.dhcp_client', 'add', { interface: name });
    }
    await router.bound(2, 30_000);
  });
  hosts.after(() => router.close());

  hosts('each reaches the gateway and what is behind it by its own line', async () => {
    const clients = await router.list('dhcp_client');
    assert.ok(clients.every(({ address, gateway }) => String(address).endsWith('/32') && gateway === OUTSIDE));
    const macs = new Map((await router.list('macvlan')).map(({ name, mac_address }) => [name, mac_address]));
    for (const { interface: name, address } of clients) {
      const source = String(address).replace('/32', '');
      const requests = await heard(router.lab, 'icmp[icmptype] = icmp-echo', () => {
        for (const to of [OUTSIDE, FAR]) inRouter('ping', '-qc1', '-W2', '-I', source, to);
      });
      assert.equal([...new Set(requests.map(({ from }) => from))], [macs.get(name)]);
      assert.is(requests.length, 2);
      router.lab.in(router.lab.isp, 'ping', '-qc1', '-W2', '-I', FAR, source);
    }
  });

  hosts.run();
}
