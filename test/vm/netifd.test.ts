import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { until } from '../../lab/lab.ts';
import type { Table } from '../../src/ubus/blob.ts';
import { type Age, OpenWrt } from '../live/netifd.ts';
import { inside } from './inside.ts';
import { Provider } from './provider.ts';

inside('uml');

for (const age of ['24.10', '25.12'] as Age[]) {
  const netifd = suite(`PPPoE: sessions as interfaces of netifd, OpenWrt ${age}`);
  let isp: Provider;
  let openwrt: OpenWrt;

  netifd.before(async () => {
    isp = await Provider.start({ user1: 'secret1', user2: 'secret2' });
    await isp.startServer();
    openwrt = OpenWrt.at(isp.router, age);
    await openwrt.start();
    isp.typed(
      [1, 2]
        .map(
          (n) => `/interface macvlan add interface=ether1 name=line${n}
/interface pppoe-client add interface=line${n} name=pppoe-out${n} user=user${n} password=secret${n} add-default-route=yes keepalive-timeout=1`,
        )
        .join('\n'),
    );
    await isp.connected('pppoe-out1', 'pppoe-out2');
  });
  netifd.after(async () => {
    await openwrt?.stop();
    await isp?.close();
  });

  const there = async (name: string): Promise<Table> => (await openwrt.interfaces()).get(name) ?? {};
  const isUp = async () => (await there('pppoe_out1')).up === true && (await there('pppoe_out2')).up === true;

  netifd('each session is an interface in the zone of the port below its macvlan, and is heard', async () => {
    await until('both', isUp);
    const all = await openwrt.interfaces();
    assert.equal([...all.keys()].filter((name) => name !== 'wan').sort(), [
      'pppoe_out1',
      'pppoe_out1_zone',
      'pppoe_out2',
      'pppoe_out2_zone',
    ]);
    assert.is(all.get('pppoe_out1')!.device, 'pppoe-out1');
    assert.equal(all.get('pppoe_out1_zone')!.data, { zone: 'wan' });
    const clients = await isp.clients();
    for (const { name, local_address } of clients)
      assert.equal(isp.router.addressesOf(String(name)), [String(local_address)]);
    isp.allPinged(clients);
  });

  netifd('netifd that ends takes no session along, nor does one that comes', async () => {
    const before = await isp.ids();
    await openwrt.stop();
    const clients = await isp.clients();
    await until('their addresses', () =>
      clients.every(({ name, local_address }) => isp.router.addressesOf(String(name)).join() === local_address),
    );
    isp.allPinged(clients);
    await openwrt.start();
    await until('both', isUp);
    await until('their addresses', () =>
      clients.every(({ name, local_address }) => isp.router.addressesOf(String(name)).join() === local_address),
    );
    assert.equal(await isp.ids(), before);
    isp.allPinged(clients);
  });

  netifd('a session that ends is no interface any more, and one that is dialed again is; its zone stays', async () => {
    const before = await isp.ids();
    process.kill(isp.serverSessions()[0]!.pid, 'SIGTERM');
    await until(
      'another session',
      async () => {
        const now = await isp.ids();
        return Object.keys(before).some((name) => now[name] !== undefined && now[name] !== before[name]);
      },
      60_000,
    );
    await until('both', isUp, 30_000);
    isp.allPinged(await isp.clients());
    await isp.router.call('macvlan.pppoe_client', 'disable', { name: 'pppoe-out1' });
    await until('one', async () => !(await openwrt.interfaces()).has('pppoe_out1'));
    assert.ok(await there('pppoe_out2'));
  });

  netifd.run();
}
