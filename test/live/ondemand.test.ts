import { cpSync, renameSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { sleep, until } from '../../lab/lab.ts';
import { Router } from './router.ts';

const CONFIG = "config macvlan 'line'\n\toption interface 'ether1'\n\toption mac_address '02:00:00:00:00:01'\n";
const MISSING = /the menu dhcp_client cannot be loaded: /;

const test = suite('what is loaded when it is needed');
let router: Router;
/** A copy of the daemon, of which a part can be taken away. */
let programs: string;
const part = (name: string) => join(programs, `macvland.${name}.mjs`);
const hide = (name = 'dhcp_client') => renameSync(part(name), `${part(name)}.hidden`);
const show = (name = 'dhcp_client') => renameSync(`${part(name)}.hidden`, part(name));

test.before(async () => {
  router = await Router.start('qjs', CONFIG);
  await router.lab.stopDaemon('SIGTERM');
  programs = join(router.lab.folder, 'programs');
  cpSync(resolve('dist/qjs'), programs, { recursive: true });
});
test.after(() => router.close());

test('a file without clients needs nothing of them', async () => {
  hide();
  await router.startDaemon({ programs });
  await until('the line', async () => (await router.list('macvlan'))[0]?.running === true);
  assert.equal(await router.list('dhcp_client'), []);
});

test('what fails is known though the words for it cannot be loaded', async () => {
  hide('sentence');
  const mac = '02:00:00:00:00:0f';
  router.lab.in(router.lab.router, 'ip', 'link', 'add', 'theirs', 'link', 'ether1', 'address', mac, 'type', 'macvlan');
  router.lab.in(router.lab.router, 'ip', 'link', 'set', 'theirs', 'up');
  const before = router.config;
  router.config += `config macvlan 'second'\n\toption interface 'ether1'\n\toption mac_address '${mac}'\n`;
  await router.call('macvlan', 'reload', {});
  await until('its failure', async () =>
    String((await router.list('macvlan'))[1]?.about).startsWith('addLink second: '),
  );
  show('sentence');
  router.config = before;
  await router.call('macvlan', 'reload', {});
  assert.is((await router.list('macvlan'))[0]?.running, true);
});

test('an operation that needs what cannot be loaded fails alone', async () => {
  const before = router.links();
  hide('messages');
  await router.call('macvlan', 'set', { name: 'line', arp_timeout: '76s' });
  const about = async () => String((await router.list('macvlan'))[0]?.about);
  await until('its failure', async () => /^set arp times line .* cannot be loaded: /.test(await about()));
  show('messages');
  assert.equal(router.links(), before);
});

test('what was not looked at so far is seen before it is planned', async () => {
  await router.call('macvlan', 'set', { name: 'line', arp_timeout: '77s' });
  const path = '/proc/sys/net/ipv4/neigh/line/base_reachable_time_ms';
  assert.is(router.lab.in(router.lab.router, 'cat', path).trim(), '77000');
});

test('what cannot be loaded is said, and nothing is changed', async () => {
  const before = { config: router.config, links: router.links() };
  const { error } = await router.refusal('macvlan.dhcp_client', 'add', { interface: 'line' });
  assert.match(String(error), MISSING);
  router.config += "config dhcp_client 'c'\n\toption interface 'line'\n";
  assert.match(String((await router.refusal('macvlan', 'reload', {})).error), MISSING);
  router.config = before.config;
  assert.equal({ config: router.config, links: router.links() }, before);
  assert.is((await router.list('macvlan'))[0]?.running, true);
});

test('the first client that is added gets its lease', async () => {
  show();
  await router.call('macvlan.dhcp_client', 'add', { interface: 'line' });
  await router.bound(1);
});

test('killed and started again without what it needs, it leaves all as it is; with it, it takes all over', async () => {
  const now = () => ({ links: router.links(), clients: router.clients(), addresses: router.addressesOf('line') });
  const before = now();
  hide();
  await router.lab.stopDaemon('SIGKILL');
  await router.startDaemon({ programs });
  await sleep(2500);
  assert.equal(now(), before);
  assert.is(router.lab.log('macvland').match(new RegExp(`^macvland: ${MISSING.source}`, 'gm'))?.length, 1);
  show();
  await router.bound(1);
  assert.equal(now(), before);
});

test('a script and a plan find what they need', async () => {
  const { ops } = await router.call('macvlan', 'import', {
    script: '/ip arp add address=198.51.100.9 interface=line mac-address=02:00:00:00:00:99',
    dry_run: true,
  });
  assert.equal(ops, ['set neighbour 198.51.100.9 dev line 02:00:00:00:00:99']);
  const sections = {
    a: { '.type': 'arp', address: '198.51.100.9', interface: 'line', mac_address: '02:00:00:00:00:99' },
  };
  assert.ok(((await router.call('macvlan', 'plan', { sections })).ops as string[]).length > 1);
});

test.run();
