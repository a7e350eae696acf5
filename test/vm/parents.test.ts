import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { until } from '../../lab/lab.ts';
import { Router } from '../live/router.ts';
import { inside } from './inside.ts';

inside('uml');

const CONFIG = `
config macvlan 'line'
	option interface 'bond0'

config dhcp_client 'client'
	option interface 'line'

config macvlan 'early'
	option interface 'ppp0'
`;
const REFUSED = [
  { parent: 'ether1', why: 'it is the slave of a bond; use the bond itself' },
  { parent: 'ether2', why: 'it is the slave of a bond; use the bond itself' },
  { parent: 'ppp0', why: 'it is no Ethernet link' },
];

const parents = suite('bonds and PPP as parents');
let router: Router;

parents.before(async () => {
  router = await Router.start('qjs', CONFIG);
  twoWires();
});
parents.after(() => router.close());

parents('a macvlan on a bond gets its lease', async () => {
  assert.is((await macvlan('line'))?.state, 'waiting for bond0');
  inRouter('ip link add bond0 type bond mode active-backup miimon 50');
  for (const slave of ['ether1', 'ether2']) inRouter(`ip link set ${slave} master bond0`);
  await router.bound(1);
  const line = await macvlan('line');
  assert.equal([line?.state, line?.about], ['running', undefined]);
  assert.match(router.addressesOf('line')[0]!, /^198\.51\.100\.\d+$/);
});

parents('a wire lost, the line stays: same link, same client, and it answers', async () => {
  const before = { links: router.links(), clients: router.clients() };
  const [address] = router.addressesOf('line');
  inIsp('ip link set wire down');
  await until('the other wire', () => /Currently Active Slave: ether2/.test(inRouter('cat /proc/net/bonding/bond0')));
  inIsp(`ping -q -c 3 -i 0.2 -W 5 ${address}`);
  assert.equal({ links: router.links(), clients: router.clients() }, before);
  assert.is((await macvlan('line'))?.running, true);
});

parents('one that waits for a PPP link says why it waits no longer, when that is there', async () => {
  assert.is((await macvlan('early'))?.state, 'waiting for ppp0');
  connectPpp();
  await until('the error', async () => (await macvlan('early'))?.state === 'error');
  assert.is((await macvlan('early'))?.about, 'interface ppp0 cannot carry a macvlan: it is no Ethernet link');
});

for (const { parent, why } of REFUSED)
  parents(`${parent} is refused: ${why}`, async () => {
    const { error, property } = await router.refusal('macvlan', 'add', { interface: parent });
    assert.equal([error, property], [`interface ${parent} cannot carry a macvlan: ${why}`, 'interface']);
  });

parents.run();

async function macvlan(name: string): Promise<Record<string, unknown> | undefined> {
  return (await router.list('macvlan')).find((item) => item.name === name);
}

/** A second wire, and on the provider's side a switch that both end in. */
function twoWires(): void {
  inIsp(`ip link add wire2 type veth peer name ether2 netns ${router.lab.router}`);
  inIsp('ip link add wires type bridge');
  inIsp('ip address delete 198.51.100.1/24 dev wire');
  inIsp('ip address add 198.51.100.1/24 dev wires');
  for (const port of ['wire', 'wire2']) inIsp(`ip link set ${port} up master wires`);
  inIsp('ip link set wires up');
}

/** Two pppd on the ends of a pseudo terminal; returns when they are connected. They would hold our pipes. */
function connectPpp(): void {
  const far = 'pppd notty nodetach noauth local 10.64.64.1:10.64.64.2';
  const near = `pppd pty '${far}' updetach noauth local ifname ppp0 >/run/pppd.log 2>&1`;
  router.lab.in(router.lab.router, 'sh', '-c', near);
}

function inRouter(command: string): string {
  return router.lab.in(router.lab.router, ...command.split(' '));
}

function inIsp(command: string): string {
  return router.lab.in(router.lab.isp, ...command.split(' '));
}
