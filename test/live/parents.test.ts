import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { sleep, until } from '../../lab/lab.ts';
import { Router } from './router.ts';

/** Parents that come, go and change, and the properties that hang on them. No hotplug here: netlink alone is enough. */
const parents = suite('parents');
let router: Router;

parents.before(async () => {
  router = await Router.start('qjs');
  for (const name of ['a', 'b']) {
    ip('link', 'add', `${name}0`, 'type', 'veth', 'peer', 'name', `${name}1`);
    ip('link', 'set', `${name}1`, 'up');
  }
  await router.call('macvlan', 'add', { interface: 'a0', name: 'on-a' });
  await router.call('macvlan', 'add', { interface: 'b0', name: 'on-b' });
});
parents.after(() => router.close());

function ip(...args: string[]): string {
  return router.lab.in(router.lab.router, 'ip', ...args);
}

async function item(name: string): Promise<Record<string, unknown>> {
  return (await router.list('macvlan')).find((entry) => entry.name === name)!;
}

async function becomes(name: string, expected: Record<string, unknown>): Promise<void> {
  const so = async () => {
    const entry = await item(name);
    return Object.entries(expected).every(([key, value]) => entry[key] === value);
  };
  await until(`${name} to be ${JSON.stringify(expected)}`, so).catch(async (error) => {
    throw new Error(`${error.message}: ${JSON.stringify(await item(name))}`);
  });
}

function ifindex(name: string): number | undefined {
  return router.links().find(({ ifname }) => ifname === name)?.ifindex;
}

parents('the MTU follows the parent down and up, for auto and for a number, and never above it', async () => {
  await router.call('macvlan', 'set', { name: 'on-a', mtu: 'auto' });
  await router.call('macvlan', 'add', { interface: 'a0', name: 'fixed', mtu: 1400 });
  const { error } = await router.refusal('macvlan', 'set', { name: 'fixed', mtu: 9000 });
  assert.is(error, 'mtu 9000 exceeds parent a0 mtu 1500');
  ip('link', 'set', 'a1', 'mtu', '9000');
  ip('link', 'set', 'a0', 'mtu', '9000');
  await becomes('on-a', { actual_mtu: 9000, l2mtu: 9000 });
  await becomes('fixed', { actual_mtu: 1400 });
  await router.call('macvlan', 'set', { name: 'fixed', mtu: 9000 });
  ip('link', 'set', 'a0', 'mtu', '1300');
  await becomes('on-a', { actual_mtu: 1300, running: true });
  await becomes('fixed', { actual_mtu: 1300, about: 'mtu 9000 is held at 1300 by parent a0 mtu 1300' });
  ip('link', 'set', 'a0', 'mtu', '9000');
  await becomes('fixed', { actual_mtu: 9000, about: undefined });
  ip('link', 'set', 'a0', 'mtu', '1500');
  await becomes('on-b', { actual_mtu: 1500 });
  await router.call('macvlan', 'remove', { name: 'fixed' });
});

parents('the least MTU is 68, and below 1280 there is no IPv6 and that is said', async () => {
  const { error } = await router.refusal('macvlan', 'set', { name: 'on-a', mtu: 67 });
  assert.is(error, 'mtu "67" is not valid: expected auto | a whole number from 68 to 65535');
  await router.call('macvlan', 'set', { name: 'on-a', mtu: 1280 });
  await becomes('on-a', { actual_mtu: 1280, about: undefined });
  await router.call('macvlan', 'set', { name: 'on-a', mtu: 68 });
  await becomes('on-a', { actual_mtu: 68, about: 'mtu 68 is below 1280: there is no IPv6 on it' });
  await router.call('macvlan', 'set', { name: 'on-a', mtu: 'auto' });
});

parents('a parent that takes the MAC of its macvlan is reported, in the list and once in the log', async () => {
  const { mac_address } = await item('on-a');
  const [before] = JSON.parse(ip('-json', 'link', 'show', 'dev', 'a0'));
  ip('link', 'set', 'a0', 'address', String(mac_address));
  await becomes('on-a', { about: `parent a0 has taken the MAC address ${mac_address}; give one of them another` });
  const said = () => router.lab.log('macvland').match(/on-a: parent a0 has taken its MAC address/g)?.length;
  await until('the warning', () => said() === 1);
  ip('link', 'set', 'a0', 'mtu', '1499');
  await becomes('on-a', { actual_mtu: 1499 });
  ip('link', 'set', 'a0', 'mtu', '1500');
  ip('link', 'set', 'a0', 'address', before.address);
  await becomes('on-a', { about: undefined });
  assert.is(said(), 1);
});

parents('a MAC is taken in three notations, and refused while any link has it', async () => {
  const [lo] = JSON.parse(ip('-json', 'link', 'show', 'dev', 'b1'));
  for (const mac of ['02:5E:10:00:00:0A', '02-5e-10-00-00-0a', '02.5e.10.00.00.0a']) {
    await router.call('macvlan', 'set', { name: 'on-a', mac_address: mac });
    assert.is((await item('on-a')).mac_address, '02:5E:10:00:00:0A');
  }
  const before = router.config;
  for (const [mac, holder] of [
    [lo.address, 'link b1'],
    [String((await item('on-b')).mac_address), 'macvlan on-b'],
  ]) {
    const { error } = await router.refusal('macvlan', 'set', { name: 'on-a', mac_address: mac! });
    assert.is(error, `mac_address ${mac!.toUpperCase()} is already that of ${holder}; choose another or leave it out`);
  }
  assert.is(router.config, before);
});

parents('a parent that is renamed is missing, comes back by its name, and another one is not touched', async () => {
  const other = ifindex('on-b');
  ip('link', 'set', 'a0', 'name', 'a9');
  await becomes('on-a', { state: 'waiting for a0', running: false });
  await until('its link to go', () => ifindex('on-a') === undefined);
  ip('link', 'set', 'a9', 'name', 'a0');
  await becomes('on-a', { state: 'running' });
  assert.is(ifindex('on-b'), other);
});

parents(
  'a parent that goes down is brought up again; without its peer there is no carrier and its children are down',
  async () => {
    const [own, other] = [ifindex('on-a'), ifindex('on-b')];
    ip('link', 'set', 'a0', 'down');
    await becomes('on-a', { running: true });
    ip('link', 'set', 'a1', 'down');
    await becomes('on-a', { running: false, state: 'down', about: 'parent a0 has no carrier; check its cable' });
    assert.is((await item('on-b')).running, true);
    ip('link', 'set', 'a1', 'up');
    await becomes('on-a', { running: true });
    assert.equal([ifindex('on-a'), ifindex('on-b')], [own, other]);
  },
);

parents('a parent that is deleted and made again gets its macvlan back, with its MAC', async () => {
  const { mac_address } = await item('on-a');
  ip('link', 'delete', 'a0');
  await becomes('on-a', { state: 'waiting for a0', about: 'parent a0 does not exist; it is waited for' });
  ip('link', 'add', 'a0', 'type', 'veth', 'peer', 'name', 'a1');
  ip('link', 'set', 'a1', 'up');
  await becomes('on-a', { running: true, mac_address });
});

parents(
  'a macvlan on a macvlan is on the link below both, and says so; without the one it names it waits',
  async () => {
    await router.call('macvlan', 'add', { interface: 'on-a', name: 'above' });
    await becomes('above', { running: true, interface: 'on-a', actual_interface: 'a0' });
    await router.call('macvlan', 'disable', { name: 'on-a' });
    await becomes('above', { state: 'waiting for on-a', running: false });
    await until('its link to go', () => ifindex('above') === undefined);
    await router.call('macvlan', 'enable', { name: 'on-a' });
    await becomes('above', { running: true });
    const { error } = await router.refusal('macvlan', 'set', { name: 'on-a', interface: 'above' });
    assert.is(error, 'interface above cannot be the parent of itself');
    await router.call('macvlan', 'remove', { name: 'above' });
  },
);

parents('a bridge carries macvlans; its port does not, and one that becomes a port is told', async () => {
  ip('link', 'add', 'br0', 'type', 'bridge');
  ip('link', 'set', 'br0', 'up');
  ip('link', 'set', 'b1', 'master', 'br0');
  await router.call('macvlan', 'add', { interface: 'br0', name: 'on-br' });
  await becomes('on-br', { running: true, actual_interface: 'br0' });
  const { error } = await router.refusal('macvlan', 'add', { interface: 'b1' });
  assert.is(error, 'interface b1 cannot carry a macvlan: it is a port of a bridge; use the bridge itself');
  await router.call('macvlan', 'remove', { name: 'on-br' });
  ip('link', 'delete', 'br0');
});

parents('what is no Ethernet is refused', async () => {
  ip('tuntap', 'add', 'dev', 'tun0', 'mode', 'tun');
  const { error } = await router.refusal('macvlan', 'add', { interface: 'tun0' });
  assert.is(error, 'interface tun0 cannot carry a macvlan: it is no Ethernet link');
  ip('link', 'delete', 'tun0');
});

parents('counters count, are reset by what they had, and count anew on a new link', async () => {
  ip('address', 'add', '192.0.2.1/24', 'dev', 'on-b');
  const far = router.lab.namespace('far');
  ip('link', 'set', 'b1', 'netns', far);
  router.lab.in(far, 'ip', 'address', 'add', '192.0.2.2/24', 'dev', 'b1');
  router.lab.in(far, 'ip', 'link', 'set', 'b1', 'up');
  await becomes('on-b', { running: true });
  // The parent would answer for the address too, and might be believed.
  router.lab.in(router.lab.router, 'sysctl', '-qw', 'net.ipv4.conf.all.arp_ignore=1');
  const ping = () => router.lab.in(far, 'ping', '-q', '-c', '5', '-i', '0.05', '192.0.2.1');
  const count = async () => {
    const entry = await item('on-b');
    return [Number(entry.rx_packet), Number(entry.rx_byte), Number(entry.tx_packet)];
  };
  ping();
  const [packets, bytes] = await count();
  const stats = JSON.parse(ip('-json', '-s', 'link', 'show', 'dev', 'on-b'))[0].stats64.rx;
  assert.ok(packets! >= 5 && packets! <= stats.packets && bytes! >= 5 * 84, `${packets} ${bytes}`);
  await router.call('macvlan', 'reset_counters', { name: 'on-b' });
  await sleep(100);
  const [left] = await count();
  assert.ok(left! < 5, `${left} right after`);
  ping();
  const [again] = await count();
  assert.ok(again! >= 5 && again! < packets! + 5, `${again} again`);
  await router.lab.stopDaemon('SIGKILL');
  await router.startDaemon();
  assert.ok((await count())[0]! <= again! + 5, 'a new daemon goes on from there');
  ip('link', 'delete', 'on-b');
  await becomes('on-b', { running: true });
  assert.ok((await count())[0]! < 5, 'a new link has its own');
  router.lab.removeNamespace(far);
  await becomes('on-b', { state: 'waiting for b0' });
});

parents('copy-from, reset and comment by the console', async () => {
  await router.call('macvlan', 'set', { name: 'on-a', arp: 'disabled', bcqueuelen: 500, comment: 'the first' });
  await router.call('macvlan', 'add', { copy_from: 'on-a', name: 'copy', comment: '' });
  await becomes('copy', { running: true, arp: 'disabled', bcqueuelen: 500, comment: undefined, interface: 'a0' });
  assert.match(ip('-details', 'link', 'show', 'dev', 'copy'), /NOARP[\s\S]*bcqueuelen 500 /);
  await router.call('macvlan', 'set', { name: 'copy', arp: null, bcqueuelen: null });
  await becomes('copy', { arp: 'enabled', bcqueuelen: 1000 });
  assert.match(ip('-details', 'link', 'show', 'dev', 'copy'), /bcqueuelen 1000 /);
});

parents.run();
