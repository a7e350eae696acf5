import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { until } from '../../lab/lab.ts';
import type { Table } from '../../src/ubus/blob.ts';
import { type Age, OpenWrt } from './netifd.ts';
import { Router } from './router.ts';

const LINES = 50;

/** Two lines with leases and one with an address, on a port of netifd's. */
const CONFIG = `
config macvlan 'macvlan1'
	option interface 'ether1'

config macvlan 'macvlan2'
	option interface 'ether1'

config macvlan 'macvlan3'
	option interface 'ether1'

config dhcp_client 'one'
	option interface 'macvlan1'
	option use_peer_dns '1'

config dhcp_client 'two'
	option interface 'macvlan2'
	option default_route_distance '2'

config address 'three'
	option interface 'macvlan3'
	option address '198.51.100.20/24'
`;

for (const age of ['24.10', '25.12'] as Age[]) {
  const netifd = suite(`lines as interfaces of netifd, OpenWrt ${age}`);
  let router: Router;
  let openwrt: OpenWrt;

  netifd.before(async () => {
    router = await Router.start('qjs', CONFIG, async (started) => {
      router = started;
      openwrt = OpenWrt.at(started, age);
      await openwrt.start();
      return { path: openwrt.path };
    });
    await router.bound(2);
    await until('three interfaces', async () => (await lines()).length === 3);
  });
  netifd.after(async () => {
    await openwrt?.stop();
    router?.close();
  });

  const ip = (...args: string[]) => router.lab.in(router.lab.router, 'ip', ...args);

  /** Those that are up with what netifd knows of them. */
  async function lines(): Promise<Table[]> {
    const all = [...(await openwrt.interfaces())];
    return all.flatMap(([name, one]) => (/^macvlan\d+$/.test(name) && one.up === true ? [one] : []));
  }

  /** Its address leaves by the link. */
  async function leaves(ifname: string): Promise<void> {
    const [address] = router.addressesOf(ifname);
    const way = () => ip('route', 'get', '203.0.113.9', 'from', address!);
    await until(`a way of ${ifname}`, () => way().includes(`dev ${ifname} `));
  }

  /** Our own addresses and routes in the main table, by the marks that they bear. */
  const ours = () => ip('-4', 'route', 'show', 'proto', '109').split('\n').filter(Boolean);
  const told = () =>
    router.lab
      .log('macvland')
      .split('\n')
      .filter((line) => line.includes('netifd:'));

  netifd('each line is an interface with its address, gateway and metric, and in the zone of its port', async () => {
    const all = await openwrt.interfaces();
    assert.equal([...all.keys()].filter((name) => name !== 'wan').sort(), [
      'macvlan1',
      'macvlan1_zone',
      'macvlan2',
      'macvlan2_zone',
      'macvlan3',
      'macvlan3_zone',
    ]);
    for (const n of [1, 2, 3]) {
      assert.equal((all.get(`macvlan${n}_zone`)!.data as Table).zone, 'wan');
      assert.is(all.get(`macvlan${n}_zone`)!.device, `macvlan${n}`);
      assert.is(all.get(`macvlan${n}_zone`)!.up, false);
    }
    assert.is(Math.floor(Number(all.get('macvlan1')!.metric) / 100_000), 1);
    assert.is(Math.floor(Number(all.get('macvlan2')!.metric) / 100_000), 2);
    for (const n of [1, 2, 3]) assert.is(router.addressesOf(`macvlan${n}`).length, 1);
    assert.match(ip('-4', 'route', 'show', 'default', 'dev', 'macvlan1'), /via 198\.51\.100\.1 proto static/);
    assert.equal(ours(), []);
    // Its name servers are in netifd's file, not in ours.
    assert.not.ok(existsSync(join(router.lab.run, 'resolv.conf')));
  });

  netifd('what has the address of a line still leaves by the line', async () => {
    for (const ifname of ['macvlan1', 'macvlan2', 'macvlan3']) await leaves(ifname);
  });

  netifd('hotplug scripts need forward nothing where procd tells of links itself', async () => {
    if (age === '25.12') await until('the word for scripts', () => existsSync(join(router.lab.run, 'hotplug')));
    else assert.not.ok(existsSync(join(router.lab.run, 'hotplug')));
  });

  netifd('a daemon that is killed finds all as it was, and says nothing twice', async () => {
    const [before, ups] = [await lines(), openwrt.ups.length];
    await router.lab.stopDaemon('SIGKILL');
    await router.startDaemon({ path: openwrt.path });
    await router.bound(2);
    assert.equal(
      (await lines()).map(({ interface: name }) => name),
      before.map(({ interface: name }) => name),
    );
    assert.is(openwrt.ups.length, ups);
    assert.equal(ours(), []);
    assert.equal(told(), []);
  });

  netifd('while netifd is away we do its part, and when it is back all is told again', async () => {
    const addresses = () => ['macvlan1', 'macvlan2', 'macvlan3'].map((ifname) => router.addressesOf(ifname));
    const before = addresses();
    await openwrt.stop();
    await until('our own routes', () => ours().length === 5);
    assert.equal(addresses(), before);
    await until('our name servers', () => existsSync(join(router.lab.run, 'resolv.conf')));
    assert.match(readFileSync(join(router.lab.run, 'resolv.conf'), 'utf8'), /^nameserver 198\.51\.100\.1$/m);
    await openwrt.start();
    await until('three interfaces', async () => (await lines()).length === 3);
    await until('their addresses', () => JSON.stringify(addresses()) === JSON.stringify(before));
    await until('none of our routes', () => ours().length === 0);
    await leaves('macvlan1');
    assert.equal(told(), []);
  });

  netifd('another address: the interface has it', async () => {
    await router.call('macvlan.address', 'set', { id: 'three', address: '198.51.100.21/24' });
    await until('the new address', () => router.addressesOf('macvlan3').join() === '198.51.100.21');
    await until('the interface', async () => (await lines()).length === 3);
    await leaves('macvlan3');
  });

  netifd('netifd=no: the line is ours alone, without a gap that lasts', async () => {
    const [address] = router.addressesOf('macvlan1');
    await router.call('macvlan', 'set', { name: 'macvlan1', netifd: false });
    await until('it to be gone', async () => !(await openwrt.interfaces()).has('macvlan1'));
    await until('its address', () => router.addressesOf('macvlan1').includes(address!));
    await until('its routes', () => ours().length === 2);
    await router.call('macvlan', 'set', { name: 'macvlan1', netifd: true });
    await until('three interfaces', async () => (await lines()).length === 3);
    await until('its address', () => router.addressesOf('macvlan1').includes(address!));
  });

  netifd('zone: the one that is said, and for a link that serves never the one outside by itself', async () => {
    const zoneOf = async (name: string) => ((await openwrt.interfaces()).get(`${name}_zone`)?.data as Table)?.zone;
    await router.call('macvlan', 'set', { name: 'macvlan2', zone: 'guest' });
    await until('the zone', async () => (await zoneOf('macvlan2')) === 'guest');
    await router.call('macvlan', 'add', { name: 'inside', interface: 'ether1' });
    await router.call('macvlan.pool', 'add', { name: 'pool', ranges: '10.9.0.10-10.9.0.20' });
    await router.call('macvlan.address', 'add', { interface: 'inside', address: '10.9.0.1/24' });
    await router.call('macvlan.dhcp_server', 'add', { interface: 'inside', address_pool: 'pool' });
    await until(
      'no zone',
      async () => (await openwrt.interfaces()).has('inside') && (await zoneOf('inside')) === undefined,
    );
    const [item] = (await router.list('macvlan')).filter(({ name }) => name === 'inside');
    assert.match(String(item!.about), /^in no firewall zone/);
    if (age === '24.10') return;
    const ports = async () => {
      const { macvlan } = await router.call('service', 'get_data', { type: 'firewall' });
      return ((macvlan as Table)['*'] as Table).firewall as Table[];
    };
    await until('its ports to be open', async () => (await ports()).length === 2);
    assert.equal(
      (await ports()).map(({ device, dest_port, target }) => [device, dest_port, target]),
      [
        ['inside', '67', 'ACCEPT'],
        ['inside', '53', 'ACCEPT'],
      ],
    );
  });

  netifd('a port that loses its own interface stays up as long as lines are on it', async () => {
    ip('link', 'set', 'ether1', 'down');
    await until('it to be up', () => / state UP /.test(ip('link', 'show', 'ether1')));
    await until('the lines to be up', () => / state UP /.test(ip('link', 'show', 'macvlan1')));
  });

  netifd(`${LINES} lines that come up cost at most three loads of the firewall`, async () => {
    const before = openwrt.reloads;
    const script = Array.from({ length: LINES }, (_, n) => {
      const name = `many${n}`;
      return `/interface macvlan add interface=ether1 name=${name}\n/ip dhcp-client add interface=${name} add-default-route=no\n`;
    }).join('');
    await router.call('macvlan', 'import', { script });
    await router.bound(LINES + 2, 60_000);
    await until(
      `${LINES} interfaces`,
      () => openwrt.ups.filter((name) => name.startsWith('many')).length >= LINES,
      30_000,
    );
    // The last of them has had its time.
    await until('the firewall to be loaded', () => openwrt.reloads > before, 15_000);
    assert.ok(openwrt.reloads - before <= 3, `${openwrt.reloads - before} loads`);
    assert.is(openwrt.ups.filter((name) => name.endsWith('_zone')).length, 0);
  });

  netifd('shutdown: nothing of ours is left with netifd', async () => {
    await router.call('macvlan', 'shutdown');
    await until('none', async () => [...(await openwrt.interfaces()).keys()].join() === 'wan', 20_000);
  });

  netifd.run();
}

// No client has to say good-bye: the daemon is done at once, and may be ended then, as /etc/init.d/macvlan stop does.
const stopped = suite('a stop with nothing but addresses');
let router: Router;
let openwrt: OpenWrt;

stopped.before(async () => {
  const config =
    "config macvlan 'macvlan1'\n\toption interface 'ether1'\n\nconfig address\n\toption interface 'macvlan1'\n\toption address '198.51.100.20/24'\n";
  router = await Router.start('qjs', config, async (started) => {
    router = started;
    openwrt = OpenWrt.at(started, '24.10');
    await openwrt.start();
    return { path: openwrt.path };
  });
  await until('the interface', async () => (await openwrt.interfaces()).get('macvlan1')?.up === true);
});
stopped.after(async () => {
  await openwrt?.stop();
  router?.close();
});

stopped('netifd is told before the answer', async () => {
  await router.call('macvlan', 'shutdown');
  await router.lab.stopDaemon('SIGKILL');
  await until('none', async () => [...(await openwrt.interfaces()).keys()].join() === 'wan', 5000);
});

stopped.run();
