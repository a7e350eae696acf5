import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { until } from '../../lab/lab.ts';
import { Router } from './router.ts';

/** check-gateway on the wire: the provider answers some of its customers no more. Under both runtimes at the same time. */
const gateway = suite('check-gateway');
let routers: Router[] = [];

/** Asked every ten seconds, a gateway is gone after twenty. */
const FAIL_OVER = 40_000;
const SHARED = '28022000';

const CONFIG = ['arp', 'ping'].map((how, n) =>
  [
    `config macvlan 'm${n + 1}'`,
    "\toption interface 'ether1'",
    `config dhcp_client 'c${n + 1}'`,
    `\toption interface 'm${n + 1}'`,
    `\toption default_route_distance '${n + 1}'`,
    `\toption check_gateway '${how}'`,
    '',
  ].join('\n'),
);

gateway.before(async () => {
  for (const runtime of ['node', 'qjs'] as const) routers.push(await Router.start(runtime, CONFIG.join('')));
  for (const router of routers) await router.bound(2);
});
gateway.after(() => {
  for (const router of routers) router.close();
  routers = [];
});

function test(title: string, fn: (router: Router) => Promise<void>): void {
  gateway(title, async () => {
    for (const result of await Promise.allSettled(routers.map(fn)))
      if (result.status === 'rejected') throw result.reason;
  });
}

async function client(router: Router, ifname: string): Promise<Record<string, unknown>> {
  return (await router.list('dhcp_client')).find((entry) => entry.interface === ifname)!;
}

async function status(router: Router, ifname: string): Promise<unknown> {
  return (await client(router, ifname)).gateway_status;
}

/** The lines that new connections leave by, the nearest first. */
function ways({ lab }: Router): (string | undefined)[] {
  // A table without a route in it does not exist.
  const text = lab.in(lab.router, 'sh', '-c', `ip route show table ${SHARED} default || true`);
  return [...text.matchAll(/dev (\S+)/g)].map(([, dev]) => dev);
}

/** From now on the gateway hears neither ARP nor IP of the line, or of none. */
async function deafTo(router: Router, ifname?: string): Promise<void> {
  const { lab } = router;
  const mac = (await router.list('macvlan')).find(({ name }) => name === ifname)?.mac_address;
  const hook = 'type filter hook ingress device "wire" priority 0';
  const chain = `chain in {\n ${hook}\n ${mac === undefined ? '' : `ether saddr ${mac} drop`}\n }`;
  lab.in(lab.isp, 'nft', `table netdev deaf {}\ndelete table netdev deaf\ntable netdev deaf {\n ${chain}\n}`);
}

test('both gateways answer, one by ARP and one by ping', async (router) => {
  await until('the routes', () => ways(router).join() === 'm1,m2');
  for (const ifname of ['m1', 'm2'])
    await until('the first question', async () => (await status(router, ifname)) === 'reachable');
});

test('asked by ARP in vain, a line gives its default route up for the other, and takes it back', async (router) => {
  await deafTo(router, 'm1');
  await until('the other line', () => ways(router).join() === 'm2', FAIL_OVER);
  const { about, gateway_status, status: lease } = await client(router, 'm1');
  assert.is(gateway_status, 'unreachable');
  assert.is(about, 'gateway 198.51.100.1 does not answer; its default route is not used');
  assert.is(lease, 'bound');
  assert.is(await status(router, 'm2'), 'reachable');
  await deafTo(router);
  await until('the way back', () => ways(router).join() === 'm1,m2', FAIL_OVER);
  assert.is(await status(router, 'm1'), 'reachable');
  const log = router.lab.log('macvland');
  assert.match(log, /m1: gateway 198\.51\.100\.1 does not answer; its default route is not used\n/);
  assert.match(log, /m1: gateway 198\.51\.100\.1 answers again\n/);
});

test('one that answers ARP but no ping: the line asked by ping leaves the route that both share', async (router) => {
  const { lab } = router;
  await router.call('macvlan.dhcp_client', 'set', { name: 'm2', default_route_distance: 1 });
  await until('the shared route', () => ways(router).sort().join() === 'm1,m2');
  lab.in(lab.isp, 'sysctl', '-qw', 'net.ipv4.icmp_echo_ignore_all=1');
  await until('the other line', () => ways(router).join() === 'm1', FAIL_OVER);
  assert.is(await status(router, 'm2'), 'unreachable');
  assert.is(await status(router, 'm1'), 'reachable');
  lab.in(lab.isp, 'sysctl', '-qw', 'net.ipv4.icmp_echo_ignore_all=0');
  await until('the way back', () => ways(router).sort().join() === 'm1,m2', FAIL_OVER);
});

test('bfd is refused; none needs no socket', async (router) => {
  const { error } = await router.refusal('macvlan.dhcp_client', 'set', { name: 'm1', check_gateway: 'bfd' });
  assert.is(error, 'check_gateway "bfd" is not valid: there is no BFD here; use arp or ping');
  for (const name of ['m1', 'm2']) await router.call('macvlan.dhcp_client', 'set', { name, check_gateway: 'none' });
  const { lab } = router;
  const rows = (path: string) => lab.in(lab.router, 'cat', path).trim().split('\n').length - 1;
  await until('the sockets to go', () => rows('/proc/net/packet') + rows('/proc/net/raw') === 0);
  assert.equal(ways(router).sort(), ['m1', 'm2']);
  assert.is(await status(router, 'm1'), undefined);
});

gateway.run();
