import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { until } from '../../lab/lab.ts';
import type { Router } from '../live/router.ts';
import { inside } from './inside.ts';
import { argvOf, type Client, FAR, noNftables, Provider, SERVER } from './provider.ts';

inside('uml');

/** What a shell, an options file and UCI each would read otherwise. */
const HOSTILE = `it's "#1" \\ $(id) %s`;
const PASSWORDS = { isp_user: 'isp_password', user1: 'pass1', user2: 'pass2', mean: HOSTILE };
const DNS = ['ms-dns 10.9.9.9', 'ms-dns 10.9.9.8'];

const pppoe = suite('PPPoE');
let isp: Provider;
let router: Router;

pppoe.before(async () => {
  // Where OpenWrt's own options send the log, and with what they have to be overruled.
  isp = await Provider.start(PASSWORDS, 'logfile /dev/null\nnoipdefault\nlock\nmaxfail 0\n');
  router = isp.router;
  await isp.startServer(DNS);
});
pppoe.after(() => isp.close());

pppoe("the manual's client on a macvlan, typed on the console, gets a session", async () => {
  isp.typed(`/interface macvlan
add interface=ether1 name=macvlan1
/interface pppoe-client
add interface=macvlan1 name=pppoe-out1 user=isp_user password=isp_password`);
  await isp.connected('pppoe-out1');
  const client = await isp.client('pppoe-out1');
  assert.is(client.about, noNftables(client));
  assert.equal([client.running, client.remote_address, client.mtu, client.mru], [true, SERVER, 1492, 1492]);
  assert.is(client.active_ac_name, 'bras');
  assert.is(client.active_ac_mac, isp.macOf(router.lab.isp, 'wire'));
  assert.equal([client.password, client.add_default_route], [undefined, false]);
  isp.pinged(client);
  assert.match(
    isp.typed('/interface pppoe-client print'),
    /^ *0 +R +pppoe-out1 +macvlan1 +isp_user +connected +10\.64\./m,
  );
  isp.typed('/interface pppoe-client remove pppoe-out1; /interface macvlan remove macvlan1');
  await until('the end of it', () => !existsSync('/sys/class/net/pppoe-out1') && isp.pppds().length === 0);
});

pppoe("the manual's two clients: two MACs, two sessions, and each answers by its own", async () => {
  isp.typed(`# Create MACVLAN interfaces
/interface macvlan add interface=ether1 name=macvlan1
/interface macvlan add interface=ether1 name=macvlan2
# Configure PPPoE clients on each MACVLAN
/interface pppoe-client add interface=macvlan1 name=pppoe-out1 user=user1 password=pass1
/interface pppoe-client add interface=macvlan2 name=pppoe-out2 user=user2 password=pass2
# Verify connections
/interface pppoe-client print`);
  await isp.connected('pppoe-out1', 'pppoe-out2');
  const macs = (await router.list('macvlan')).map(({ mac_address }) => String(mac_address));
  assert.is(new Set(macs).size, 2);
  const served = isp.serverSessions();
  assert.equal(served.map(({ mac }) => mac).sort(), [...macs].sort());
  const clients = await Promise.all(['pppoe-out1', 'pppoe-out2'].map((name) => isp.client(name)));
  for (const client of clients) isp.pinged(client);
  assert.is(new Set(clients.map(({ session_id }) => session_id)).size, 2);
  assert.is(new Set(clients.map(({ local_address }) => local_address)).size, 2);
});

pppoe('a default route is shared with a line of the same distance', async () => {
  isp.typed('/interface pppoe-client set [find] add-default-route=yes use-peer-dns=yes keepalive-timeout=1');
  await isp.connected('pppoe-out1', 'pppoe-out2');
  await until('the shared route', () => {
    const text = isp.inRouter('ip route show table 28022000');
    return /dev pppoe-out1/.test(text) && /dev pppoe-out2/.test(text);
  });
  for (const name of ['pppoe-out1', 'pppoe-out2']) isp.pinged(await isp.client(name), FAR);
  const names = readFileSync(join(router.lab.run, 'resolv.conf'), 'utf8');
  assert.match(names, 'nameserver 10.9.9.9\nnameserver 10.9.9.8\n');
  assert.is((await isp.client('pppoe-out1')).primary_dns, '10.9.9.9');
});

pppoe('one session killed comes back, the other one does not notice, and hotplug scripts hear of it', async () => {
  const heard = listen();
  await router.call('macvlan', 'reload');
  await until('what is there', () => heard().length === 4);
  const [first, second] = [await isp.client('pppoe-out1'), await isp.client('pppoe-out2')];
  const mac = isp.macOf(router.lab.router, 'macvlan1');
  process.kill(isp.serverSessions().find((session) => session.mac === mac)!.pid, 'SIGTERM');
  await until('the end of the first', async () => (await isp.client('pppoe-out1')).last_error !== undefined);
  assert.match(String((await isp.client('pppoe-out1')).last_error), /^the server ended the session/);
  await isp.connected('pppoe-out1', 'pppoe-out2');
  assert.is.not((await isp.client('pppoe-out1')).session_id, first.session_id);
  assert.equal((await isp.client('pppoe-out2')).session_id, second.session_id);
  await until('the news', () => heard().length === 6);
  const { local_address } = await isp.client('pppoe-out1');
  assert.equal(heard().slice(4), [
    `disconnected pppoe-out1 ${first.local_address} ${SERVER}`,
    `connected pppoe-out1 ${local_address} ${SERVER}`,
  ]);
});

pppoe('a daemon that is killed leaves the sessions, and the next one takes them over', async () => {
  const before = { pppds: isp.pppds(), clients: await router.list('pppoe_client') };
  await router.lab.stopDaemon('SIGKILL');
  for (const { local_address } of before.clients) isp.inIsp(`ping -q -c 1 -W 5 ${local_address}`);
  await router.startDaemon();
  await isp.connected('pppoe-out1', 'pppoe-out2');
  assert.equal(isp.pppds(), before.pppds);
  const ids = (clients: Client[]) => clients.map(({ session_id }) => Number(session_id));
  assert.equal(ids(await router.list('pppoe_client')), ids(before.clients));
  isp.pinged(await isp.client('pppoe-out1'));
});

pppoe('the server gone is said, and found again', async () => {
  isp.stopServer();
  const SILENT = 'the server does not answer keepalive questions';
  await until('the ends', async () => (await router.list('pppoe_client')).every((one) => one.last_error === SILENT));
  const heard: string[] = [];
  await router.bus.subscribe('macvlan.pppoe_client', (event) => void heard.push(event));
  await isp.startServer(DNS);
  await isp.connected('pppoe-out1', 'pppoe-out2');
  await until('the notifications', () => heard.filter((event) => event === 'connected').length === 2);
  for (const name of ['pppoe-out1', 'pppoe-out2']) isp.pinged(await isp.client(name));
});

pppoe("a wrong password: the server's own words, and no new try for minutes", async () => {
  isp.typed('/interface pppoe-client set pppoe-out2 password=wrong');
  await until('the refusal', async () => (await isp.client('pppoe-out2')).last_error !== undefined);
  await until('the wait', async () => (await isp.client('pppoe-out2')).status === 'disconnected');
  const client = await isp.client('pppoe-out2');
  assert.is(client.last_error, 'authentication failed: Access denied');
  assert.ok(Number(client.next_try) > 200, String(client.next_try));
  assert.match(String(client.about), /^authentication failed: Access denied; next try in \d+ s$/);
});

pppoe('a password of all signs, by CHAP and by PAP; it is in no command line, log or list', async () => {
  const { id } = await isp.client('pppoe-out2');
  await router.call('macvlan.pppoe_client', 'set', { id: String(id), user: 'mean', password: HOSTILE });
  await isp.connected('pppoe-out1', 'pppoe-out2');
  await router.call('macvlan.pppoe_client', 'set', { id: String(id), allow: 'pap' });
  await until('another client', () => isp.pppds().some((pid) => argvOf(pid).includes('refuse-chap')));
  await isp.connected('pppoe-out1', 'pppoe-out2');
  assert.match(router.lab.log('macvland'), 'pppoe-out2: PAP authentication succeeded');
  const file = join(router.lab.run, 'clients', String(id));
  assert.is(statSync(file).mode & 0o777, 0o600);
  assert.match(readFileSync(file, 'utf8'), '"it\'s \\"#1\\" \\\\ $(id) %s"');
  const open = [router.lab.log('macvland'), JSON.stringify(await router.list('pppoe_client')), ...commandLines()];
  for (const password of ['$(id)', 'pass1']) for (const text of open) assert.not.ok(text.includes(password), text);
  isp.typed('/interface pppoe-client disable pppoe-out2');
  await until('the end', () => isp.pppds().length === 1);
  await until('the end of the file', () => !existsSync(file));
  assert.equal((await isp.client('pppoe-out2')).status, 'disconnected');
});

pppoe('what the rest of the system reads is as it was', () => {
  const defaults = isp.inRouter('ip route show default').split('\n').filter(Boolean);
  assert.ok(defaults.length > 0 && defaults.every((route) => / proto 109 /.test(route)));
});

pppoe('shutdown ends the sessions and takes all away', async () => {
  await router.call('macvlan', 'shutdown');
  assert.equal(isp.pppds(), []);
  assert.equal(isp.inRouter('ip -o link').match(/pppoe|macvlan/g), null);
  assert.is(isp.inRouter('ip route show table 28022000'), '');
});

pppoe.run();

/** What a script of /etc/hotplug.d/macvlan hears, called as OpenWrt does. */
function listen(): () => string[] {
  const [folder, file] = [join(router.lab.config, '../hotplug.d/macvlan'), join(router.lab.folder, 'heard')];
  const call = `#!/bin/sh\nfor script in ${folder}/*; do (. "$script"); done\n`;
  writeFileSync('/usr/sbin/hotplug-call', call, { mode: 0o755 });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, '50-test'), `echo "$ACTION $INTERFACE $ADDRESS $GATEWAY" >> ${file}\n`);
  return () => (existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : []);
}

function commandLines(): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => argvOf(Number(pid)).join(' '));
}
