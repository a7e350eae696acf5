import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { until } from '../../lab/lab.ts';
import { Router } from './router.ts';

/**
 * Modes, as seen from outside: a ping between two links of one namespace never leaves it and proves nothing, so the
 * links are moved to namespaces of their own while the daemon is stopped. That it makes them anew afterwards is a test too.
 */
const modes = suite('modes');
let router: Router;
const [A, B] = ['192.0.2.1', '192.0.2.2'];

modes.before(async () => {
  router = await Router.start('qjs');
  for (const name of ['m1', 'm2']) await router.call('macvlan', 'add', { interface: 'ether1', name });
});
modes.after(() => router.close());

async function set(name: string, args: Record<string, string | string[]>): Promise<void> {
  await router.call('macvlan', 'set', { name, ...args });
}

function ifindexes(): Record<string, number> {
  return Object.fromEntries(router.links().map(({ ifname, ifindex }) => [ifname, ifindex]));
}

/** Undefined while there is no such link. */
function modeOf(ifname: string): string | undefined {
  const text = router.lab.in(router.lab.router, 'ip', '-json', '-details', 'link', 'show', 'type', 'macvlan');
  const links = JSON.parse(text || '[]') as { ifname: string; linkinfo: { info_data: { mode: string } } }[];
  return links.find((link) => link.ifname === ifname)?.linkinfo.info_data.mode;
}

/** Do something with m1 and m2 in namespaces of their own, in which they have the addresses A and B. */
async function apart<T>(work: (ns: { m1: string; m2: string }) => T): Promise<T> {
  const { lab } = router;
  const ns = { m1: lab.namespace('m1'), m2: lab.namespace('m2') };
  process.kill(lab.daemonPid, 'SIGSTOP');
  try {
    for (const [name, address] of [
      ['m1', A],
      ['m2', B],
    ] as const) {
      lab.in(lab.router, 'ip', 'link', 'set', name, 'netns', ns[name]);
      lab.in(ns[name], 'ip', 'address', 'add', `${address}/24`, 'dev', name);
      lab.in(ns[name], 'ip', 'link', 'set', name, 'up');
    }
    return work(ns);
  } finally {
    for (const name of ['m1', 'm2'] as const) lab.removeNamespace(ns[name]);
    process.kill(lab.daemonPid, 'SIGCONT');
    await until('the links to be made anew', () => router.links().length === 2);
  }
}

function pings(ns: string, address: string): boolean {
  try {
    router.lab.in(ns, 'ping', '-q', '-c', '3', '-i', '0.1', '-W', '1', address);
    return true;
  } catch {
    return false;
  }
}

const ROWS: [mode: string, siblingsTalk: boolean][] = [
  ['bridge', true],
  ['private', false],
  ['vepa', false],
  ['bridge', true],
];

for (const [mode, talk] of ROWS) {
  modes(`${mode}: siblings ${talk ? 'reach each other' : 'do not'}, the wire does, the parent never`, async () => {
    const before = ifindexes();
    for (const name of ['m1', 'm2']) await set(name, { mode });
    assert.equal(ifindexes(), before, 'the mode changes on the living link');
    assert.is(modeOf('m1'), mode);
    const { lab } = router;
    lab.in(lab.isp, 'ip', 'address', 'add', '192.0.2.9/24', 'dev', 'wire');
    lab.in(lab.router, 'ip', 'address', 'add', '192.0.2.8/24', 'dev', 'ether1');
    const reached = await apart((ns) => ({
      sibling: pings(ns.m1, B),
      wire: pings(ns.m1, '192.0.2.9'),
      parent: pings(ns.m1, '192.0.2.8'),
      child: pings(lab.router, A),
    }));
    assert.equal(reached, { sibling: talk, wire: true, parent: false, child: false });
    lab.in(lab.isp, 'ip', 'address', 'delete', '192.0.2.9/24', 'dev', 'wire');
    lab.in(lab.router, 'ip', 'address', 'delete', '192.0.2.8/24', 'dev', 'ether1');
  });
}

modes('one bridge and one private do not reach each other: both must be bridge', async () => {
  await set('m2', { mode: 'private' });
  assert.is(await apart((ns) => pings(ns.m1, B)), false);
});

modes('source: who is listed is heard, and nobody else; the list changes live', async () => {
  const { lab } = router;
  const [{ address }] = JSON.parse(lab.in(lab.isp, 'ip', '-json', 'link', 'show', 'dev', 'wire'));
  lab.in(lab.isp, 'ip', 'address', 'add', '192.0.2.9/24', 'dev', 'wire');
  const before = ifindexes();
  await set('m1', { mode: 'source', source_mac: ['02:00:00:00:00:77'] });
  assert.is(await apart((ns) => pings(ns.m1, '192.0.2.9')), false);
  const between = ifindexes();
  await set('m1', { source_mac: [address, '02:00:00:00:00:77'] });
  assert.equal(ifindexes(), between);
  assert.is(await apart((ns) => pings(ns.m1, '192.0.2.9')), true);
  assert.match(router.config, `\tlist source_mac '${address.toUpperCase()}'\n\tlist source_mac '02:00:00:00:00:77'\n`);
  assert.is.not(before.m1, undefined);
  const [a] = await router.list('macvlan');
  assert.equal(a?.source_mac, [address.toUpperCase(), '02:00:00:00:00:77']);
  await set('m1', { mode: 'bridge', source_mac: '' });
  lab.in(lab.isp, 'ip', 'address', 'delete', '192.0.2.9/24', 'dev', 'wire');
});

modes(
  'passthru: refused beside others; alone it is made anew with the MAC of the parent, and back with its own',
  async () => {
    const { error, property } = await router.refusal('macvlan', 'set', { name: 'm1', mode: 'passthru' });
    assert.is(
      error,
      'mode passthru would take interface ether1 for itself, but it carries macvlan m2; disable or remove that first',
    );
    assert.is(property, 'mode');
    await router.call('macvlan', 'disable', { name: 'm2' });
    const [a] = await router.list('macvlan');
    const own = a?.mac_address;
    await router.call('macvlan.dhcp_client', 'add', { interface: 'm1' });
    await router.bound(1);
    await set('m1', { mode: 'passthru' });
    await until('the link in mode passthru', () => router.links().length === 1 && modeOf('m1') === 'passthru');
    const [parent] = JSON.parse(router.lab.in(router.lab.router, 'ip', '-json', 'link', 'show', 'dev', 'ether1'));
    assert.is(router.links()[0]?.address, parent.address);
    await router.bound(1);
    const [through] = await router.list('macvlan');
    assert.is(through?.mac_address, own);
    assert.is(through?.actual_mac_address, parent.address.toUpperCase());
    const beside = await router.refusal('macvlan', 'enable', { name: 'm2' });
    assert.match(String(beside.error), /interface ether1 is taken by macvlan m1 in mode passthru/);
    await set('m1', { mode: 'private' });
    await until('its own MAC address', () => router.links()[0]?.address.toUpperCase() === own);
    await router.bound(1);
    assert.is(router.leases().get(String(own)) !== undefined, true);
  },
);

modes.run();
