import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { sleep, until } from '../../lab/lab.ts';
import { Router } from '../live/router.ts';
import { inside } from './inside.ts';

inside('uml');

const VLAN = 'ether1.100';
const CONFIG = `
config macvlan 'tagged'
	option interface '${VLAN}'

config dhcp_client 'client'
	option interface 'tagged'

config macvlan 'm0'
	option interface 'ether1'
`;

const vlan = suite('802.1Q');
let router: Router;

vlan.before(async () => {
  router = await Router.start('qjs', CONFIG);
  addVlan(router.lab.isp, 'wire', 'wire.100');
  router.lab.in(router.lab.isp, 'ip', 'address', 'add', '203.0.113.1/24', 'dev', 'wire.100');
  await until('m0 to run', async () => (await macvlan('m0'))?.running === true);
});
vlan.after(() => router.close());

vlan('a macvlan waits for the VLAN that it is to lie on, and gets its lease from there', async () => {
  assert.is((await macvlan('tagged'))?.state, `waiting for ${VLAN}`);
  addVlan(router.lab.router, 'ether1', VLAN);
  await leased();
});

vlan('the VLAN deleted and made again: the same MAC, and a lease again', async () => {
  const before = await macvlan('tagged');
  deleteLink(VLAN);
  await until('the wait for it', async () => (await macvlan('tagged'))?.state === `waiting for ${VLAN}`);
  await until('the end of the lease', async () => (await router.list('dhcp_client'))[0]?.status !== 'bound');
  addVlan(router.lab.router, 'ether1', VLAN);
  await leased();
  const after = await macvlan('tagged');
  assert.is(after?.mac_address, before?.mac_address);
  const link = router.links().find(({ ifname }) => ifname === 'tagged');
  assert.is(link?.address.toUpperCase(), before?.mac_address);
});

vlan(
  'the port below set down takes the VLAN with it, and another macvlan of ours on the port brings both back',
  async () => {
    router.lab.in(router.lab.router, 'ip', 'link', 'set', 'ether1', 'down');
    await until('the links', () => ['ether1', VLAN, 'tagged'].every(isUp));
    await until('tagged to run', async () => (await macvlan('tagged'))?.running === true);
    await leased();
  },
);

vlan("the manual's limit: a VLAN of the parent takes the frames from one of the same id on the macvlan", async () => {
  addVlan(router.lab.router, 'm0', 'm0.100');
  assert.equal(await taggedFrames([VLAN, 'm0.100']), [true, false]);
});

vlan('the macvlan says so, and so does diagnose', async () => {
  await until('the sentence', async () => /VLAN 100 .* parent/.test(String((await macvlan('m0'))?.about)));
  assert.equal([(await macvlan('m0'))?.running, (await macvlan('tagged'))?.about], [true, undefined]);
  const { checks } = await router.call('macvlan', 'diagnose', { name: 'm0' });
  const found = (checks as Record<string, unknown>[]).find(({ check }) => check === 'vlan');
  assert.is(`${found?.result}: ${found?.text}`, 'cause: VLAN 100 is on parent ether1 too, which takes all its packets');
});

vlan('without the VLAN on the parent they reach the one on the macvlan', async () => {
  deleteLink(VLAN);
  assert.equal(await taggedFrames(['m0.100']), [true]);
  assert.is((await macvlan('m0'))?.about, undefined);
});

vlan.run();

async function macvlan(name: string): Promise<Record<string, unknown> | undefined> {
  return (await router.list('macvlan')).find((item) => item.name === name);
}

/** A lease of the network that is served on VLAN 100 only, given to the MAC of `tagged`. */
async function leased(): Promise<void> {
  await router.bound(1);
  const mac = String((await macvlan('tagged'))?.mac_address);
  const [client] = await router.list('dhcp_client');
  assert.match(String(client?.address), /^203\.0\.113\.\d+\/24$/);
  assert.is(`${router.leases().get(mac)}/24`, client?.address);
  assert.equal(
    router.addressesOf('tagged').map((address) => `${address}/24`),
    [client?.address],
  );
}

/** On which of these links five broadcasts arrive that the provider sends on VLAN 100. */
async function taggedFrames(names: string[]): Promise<boolean[]> {
  const before = received();
  const ping = 'ping -q -b -c 5 -i 0.05 -W 0.1 203.0.113.255 || [ $? = 1 ]'; // 1: nobody answers
  router.lab.in(router.lab.isp, 'sh', '-c', ping);
  const more = () => {
    const now = received();
    return names.map((name) => now.get(name)! - before.get(name)!);
  };
  await until('the frames', () => more().some((packets) => packets >= 5));
  // A macvlan hands on broadcasts from a queue of its own, a little later.
  await sleep(200);
  return more().map((packets) => packets > 0);
}

/** Packets that each link of the router has received. */
function received(): Map<string, number> {
  return new Map(links().map(({ ifname, stats64 }) => [ifname, stats64.rx.packets]));
}

function isUp(name: string): boolean {
  return links().some(({ ifname, operstate }) => ifname === name && operstate === 'UP');
}

function links(): { ifname: string; operstate: string; stats64: { rx: { packets: number } } }[] {
  return JSON.parse(router.lab.in(router.lab.router, 'ip', '-json', '-stats', 'link'));
}

/** VLAN 100 of a link, up; the link has to be so. */
function addVlan(ns: string, link: string, name: string): void {
  router.lab.in(ns, 'ip', 'link', 'add', 'link', link, 'name', name, 'up', 'type', 'vlan', 'id', '100');
}

function deleteLink(name: string): void {
  router.lab.in(router.lab.router, 'ip', 'link', 'delete', name);
}
