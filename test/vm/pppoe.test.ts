import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { until } from '../../lab/lab.ts';
import { Router } from '../live/router.ts';
import { insideUml } from './uml.ts';

insideUml();

/** What a shell, an options file and UCI each would read otherwise. */
const HOSTILE = `it's "#1" \\ $(id) %s`;
const PASSWORDS = { isp_user: 'isp_password', user1: 'pass1', user2: 'pass2', mean: HOSTILE };
const SERVER = '10.64.0.1';

const pppoe = suite('PPPoE');
let router: Router;

pppoe.before(async () => {
  // Where OpenWrt's own options send the log, and with what they have to be overruled.
  writeFileSync('/etc/ppp/options', 'logfile /dev/null\nnoipdefault\nlock\nmaxfail 0\n');
  const secrets = Object.entries(PASSWORDS).map(
    ([user, password]) => `${user} * "${password.replace(/["\\]/g, '\\$&')}" *\n`,
  );
  for (const file of ['chap-secrets', 'pap-secrets'])
    writeFileSync(`/etc/ppp/${file}`, secrets.join(''), { mode: 0o600 });
  router = await Router.start('qjs', "config globals 'globals'\n\toption respawn_timeout '1'\n");
  await startServer();
});
pppoe.after(() => router.close());

pppoe("the manual's client on a macvlan, typed on the console, gets a session", async () => {
  typed(`/interface macvlan
add interface=ether1 name=macvlan1
/interface pppoe-client
add interface=macvlan1 name=pppoe-out1 user=isp_user password=isp_password`);
  await connected('pppoe-out1');
  const client = await clientOf('pppoe-out1');
  assert.is(client.about, noNftables(client));
  assert.equal([client.running, client.remote_address, client.mtu, client.mru], [true, SERVER, 1492, 1492]);
  assert.is(client.active_ac_name, 'bras');
  assert.is(client.active_ac_mac, macOf(router.lab.isp, 'wire'));
  assert.equal([client.password, client.add_default_route], [undefined, false]);
  pinged(client);
  assert.match(typed('/interface pppoe-client print'), /^ *0 +R +pppoe-out1 +macvlan1 +isp_user +connected +10\.64\./m);
  typed('/interface pppoe-client remove pppoe-out1; /interface macvlan remove macvlan1');
  await until('the end of it', () => !existsSync('/sys/class/net/pppoe-out1') && pppds().length === 0);
});

pppoe("the manual's two clients: two MACs, two sessions, and each answers by its own", async () => {
  typed(`# Create MACVLAN interfaces
/interface macvlan add interface=ether1 name=macvlan1
/interface macvlan add interface=ether1 name=macvlan2
# Configure PPPoE clients on each MACVLAN
/interface pppoe-client add interface=macvlan1 name=pppoe-out1 user=user1 password=pass1
/interface pppoe-client add interface=macvlan2 name=pppoe-out2 user=user2 password=pass2
# Verify connections
/interface pppoe-client print`);
  await connected('pppoe-out1', 'pppoe-out2');
  const macs = (await router.list('macvlan')).map(({ mac_address }) => String(mac_address));
  assert.is(new Set(macs).size, 2);
  const served = serverSessions();
  assert.equal(served.map(({ mac }) => mac).sort(), [...macs].sort());
  const clients = await Promise.all(['pppoe-out1', 'pppoe-out2'].map(clientOf));
  for (const client of clients) pinged(client);
  assert.is(new Set(clients.map(({ session_id }) => session_id)).size, 2);
  assert.is(new Set(clients.map(({ local_address }) => local_address)).size, 2);
});

pppoe('a default route is shared with a line of the same distance', async () => {
  typed('/interface pppoe-client set [find] add-default-route=yes use-peer-dns=yes keepalive-timeout=1');
  await connected('pppoe-out1', 'pppoe-out2');
  await until('the shared route', () => {
    const text = inRouter('ip route show table 28022000');
    return /dev pppoe-out1/.test(text) && /dev pppoe-out2/.test(text);
  });
  for (const name of ['pppoe-out1', 'pppoe-out2']) pinged(await clientOf(name), '192.0.2.1');
  const names = readFileSync(join(router.lab.run, 'resolv.conf'), 'utf8');
  assert.match(names, 'nameserver 10.9.9.9\nnameserver 10.9.9.8\n');
  assert.is((await clientOf('pppoe-out1')).primary_dns, '10.9.9.9');
});

pppoe('one session killed comes back, and the other one does not notice', async () => {
  const [first, second] = [await clientOf('pppoe-out1'), await clientOf('pppoe-out2')];
  const mac = macOf(router.lab.router, 'macvlan1');
  process.kill(serverSessions().find((session) => session.mac === mac)!.pid, 'SIGTERM');
  await until('the end of the first', async () => (await clientOf('pppoe-out1')).last_error !== undefined);
  assert.match(String((await clientOf('pppoe-out1')).last_error), /^the server ended the session/);
  await connected('pppoe-out1', 'pppoe-out2');
  assert.is.not((await clientOf('pppoe-out1')).session_id, first.session_id);
  assert.equal((await clientOf('pppoe-out2')).session_id, second.session_id);
});

pppoe('a daemon that is killed leaves the sessions, and the next one takes them over', async () => {
  const before = { pppds: pppds(), clients: await router.list('pppoe_client') };
  await router.lab.stopDaemon('SIGKILL');
  for (const { local_address } of before.clients) inIsp(`ping -q -c 1 -W 5 ${local_address}`);
  await router.startDaemon();
  await connected('pppoe-out1', 'pppoe-out2');
  assert.equal(pppds(), before.pppds);
  const ids = (clients: Client[]) => clients.map(({ session_id }) => Number(session_id));
  assert.equal(ids(await router.list('pppoe_client')), ids(before.clients));
  pinged(await clientOf('pppoe-out1'));
});

pppoe('the server gone is said, and found again', async () => {
  stopServer();
  const SILENT = 'the server does not answer keepalive questions';
  await until('the ends', async () => (await router.list('pppoe_client')).every((one) => one.last_error === SILENT));
  const heard: string[] = [];
  await router.bus.subscribe('macvlan.pppoe_client', (event) => void heard.push(event));
  await startServer();
  await connected('pppoe-out1', 'pppoe-out2');
  await until('the notifications', () => heard.filter((event) => event === 'connected').length === 2);
  for (const name of ['pppoe-out1', 'pppoe-out2']) pinged(await clientOf(name));
});

pppoe("a wrong password: the server's own words, and no new try for minutes", async () => {
  typed('/interface pppoe-client set pppoe-out2 password=wrong');
  await until('the refusal', async () => (await clientOf('pppoe-out2')).last_error !== undefined);
  await until('the wait', async () => (await clientOf('pppoe-out2')).status === 'disconnected');
  const client = await clientOf('pppoe-out2');
  assert.is(client.last_error, 'authentication failed: Access denied');
  assert.ok(Number(client.next_try) > 200, String(client.next_try));
  assert.match(String(client.about), /^authentication failed: Access denied; next try in \d+ s$/);
});

pppoe('a password of all signs, by CHAP and by PAP; it is in no command line, log or list', async () => {
  const { id } = await clientOf('pppoe-out2');
  await router.call('macvlan.pppoe_client', 'set', { id: String(id), user: 'mean', password: HOSTILE });
  await connected('pppoe-out1', 'pppoe-out2');
  await router.call('macvlan.pppoe_client', 'set', { id: String(id), allow: 'pap' });
  await until('another client', () => pppds().some((pid) => argvOf(pid).includes('refuse-chap')));
  await connected('pppoe-out1', 'pppoe-out2');
  assert.match(router.lab.log('macvland'), 'pppoe-out2: PAP authentication succeeded');
  const file = join(router.lab.run, 'clients', String(id));
  assert.is(statSync(file).mode & 0o777, 0o600);
  assert.match(readFileSync(file, 'utf8'), '"it\'s \\"#1\\" \\\\ $(id) %s"');
  const open = [router.lab.log('macvland'), JSON.stringify(await router.list('pppoe_client')), ...commandLines()];
  for (const password of ['$(id)', 'pass1']) for (const text of open) assert.not.ok(text.includes(password), text);
  typed('/interface pppoe-client disable pppoe-out2');
  await until('the end', () => pppds().length === 1);
  await until('the end of the file', () => !existsSync(file));
  assert.equal((await clientOf('pppoe-out2')).status, 'disconnected');
});

pppoe('what the rest of the system reads is as it was', () => {
  const defaults = inRouter('ip route show default').split('\n').filter(Boolean);
  assert.ok(defaults.length > 0 && defaults.every((route) => / proto 109 /.test(route)));
});

pppoe('shutdown ends the sessions and takes all away', async () => {
  await router.call('macvlan', 'shutdown');
  assert.equal(pppds(), []);
  assert.equal(inRouter('ip -o link').match(/pppoe|macvlan/g), null);
  assert.is(inRouter('ip route show table 28022000'), '');
});

pppoe.run();

function typed(script: string): string {
  const { status, stdout, stderr } = router.lab.console(script);
  assert.is(stderr, '');
  assert.is(status, 0);
  return stdout;
}

type Client = Record<string, unknown>;

async function clientOf(name: string): Promise<Client> {
  return (await router.list('pppoe_client')).find((client) => client.name === name)!;
}

async function connected(...names: string[]): Promise<void> {
  const isUp = async (name: string) => (await clientOf(name)).status === 'connected';
  await until(`${names} connected`, async () => (await Promise.all(names.map(isUp))).every(Boolean), 60_000);
}

/** There is no nftables here, which `about` says. */
function noNftables(client: Client): unknown {
  return /^what comes in by it may go back by another line: .*nft/.test(String(client.about))
    ? client.about
    : undefined;
}

function pinged({ local_address }: Client, to = SERVER): void {
  inRouter(`ping -q -c 2 -i 0.2 -W 5 -I ${local_address} ${to}`);
}

/** CHAP first, PAP for who refuses that; an address of its own that is reached by a default route only. */
async function startServer(): Promise<void> {
  const options = '/run/server-options';
  writeFileSync(options, 'auth\nms-dns 10.9.9.9\nms-dns 10.9.9.8\nlcp-echo-interval 10\nlcp-echo-failure 3\n');
  inIsp('ip address replace 192.0.2.1/32 dev lo');
  const server = ['pppoe-server', '-F', '-I', 'wire', '-L', SERVER, '-R', '10.64.0.10', '-C', 'bras', '-O', options];
  router.lab.beside(router.lab.isp, ...server);
  await until('the server', () => serverPids('pppoe-server').length === 1);
}

/** Without a word to anybody. */
function stopServer(): void {
  for (const name of ['pppoe-server', 'pppoe', 'pppd'])
    for (const pid of serverPids(name)) process.kill(pid, 'SIGKILL');
}

function pidsIn(ns: string): number[] {
  return router.lab.in(ns, 'ip', 'netns', 'pids', ns).split('\n').filter(Boolean).map(Number);
}

function argvOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1);
  } catch {
    return []; // it has ended
  }
}

function serverPids(name: string): number[] {
  return pidsIn(router.lab.isp).filter((pid) => argvOf(pid)[0]?.split('/').pop() === name);
}

/** The clients' pppds. */
function pppds(): number[] {
  return pidsIn(router.lab.router)
    .filter((pid) => argvOf(pid)[0] === 'pppd')
    .sort();
}

function commandLines(): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => argvOf(Number(pid)).join(' '));
}

/** The server's pppds: to whom, and with which address. */
function serverSessions(): { pid: number; mac: string; ip: string }[] {
  return serverPids('pppd').flatMap((pid) => {
    const line = argvOf(pid).join(' ');
    const mac = /(?:[\da-f]{2}:){5}[\da-f]{2}/i.exec(line)?.[0].toUpperCase();
    const ip = /:(10\.64\.\d+\.\d+)/.exec(line)?.[1];
    return mac && ip ? [{ pid, mac, ip }] : [];
  });
}

function macOf(ns: string, ifname: string): string {
  const [link] = JSON.parse(router.lab.in(ns, 'ip', '-json', 'link', 'show', 'dev', ifname));
  return String(link.address).toUpperCase();
}

function inRouter(command: string): string {
  return router.lab.in(router.lab.router, ...command.split(' '));
}

function inIsp(command: string): string {
  return router.lab.in(router.lab.isp, ...command.split(' '));
}
