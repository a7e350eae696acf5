import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { until } from '../../lab/lab.ts';
import { Router } from '../live/router.ts';
import { insideUml } from './uml.ts';

insideUml();

const SERVER = '10.64.0.1';
const NAMES = Array.from({ length: 6 }, (_, n) => `out${n}`);

const dialing = suite('PPPoE: groups, on demand, multilink, encryption, IPv6');
let router: Router;

dialing.before(async () => {
  // As on a router, where it is loaded at boot; else the first one waits for it.
  execFileSync('modprobe', ['pppoe']);
  writeFileSync('/etc/ppp/options', '');
  for (const file of ['chap-secrets', 'pap-secrets'])
    writeFileSync(`/etc/ppp/${file}`, 'me * secret *\n', { mode: 0o600 });
  router = await Router.start('qjs', "config globals 'globals'\n\toption respawn_timeout '1'\n");
  typed(NAMES.map((_, n) => `/interface macvlan add interface=ether1 name=m${n}`).join('\n'));
});
dialing.after(() => router.close());

dialing('a dial-group of six: all ask at the same moment, and are let in', async () => {
  const sniffer = await sniff();
  typed(
    NAMES.map(
      (name, n) =>
        `/interface pppoe-client add interface=m${n} name=${name} user=me password=secret dial-group=isp keepalive-timeout=1`,
    ).join('\n'),
  );
  // The server, on the same processor, would come between them.
  await until('all to ask', () => firstPadis(padis(sniffer)).length === 6);
  const firsts = firstPadis(padis(sniffer));
  assert.is(padis(sniffer).length, 6, 'nobody repeats its question before all have asked');
  isOneMoment(firsts);
  await startServer();
  await connected(...NAMES);
  sniffer.stop();
});

dialing('one of them is lost: it dials alone, and the others keep their sessions', async () => {
  const before = await ids();
  const { active_ac_mac } = await clientOf('out2');
  assert.ok(active_ac_mac);
  process.kill(serverPidOf(await clientOf('out2')), 'SIGTERM');
  await until('its end', async () => (await clientOf('out2')).last_error !== undefined);
  await connected(...NAMES);
  const after = await ids();
  assert.is.not(after.out2, before.out2);
  assert.equal({ ...after, out2: 0 }, { ...before, out2: 0 });
});

dialing('all are lost: they dial again at the same moment', async () => {
  stopServer();
  await until('the ends', async () => (await clients()).every(({ last_error }) => last_error !== undefined), 60_000);
  const sniffer = await sniff();
  await until('all to ask', () => firstPadis(padis(sniffer)).length === 6, 60_000);
  const firsts = firstPadis(padis(sniffer));
  assert.is(padis(sniffer).length, 6, 'nobody repeats its question before all have asked');
  isOneMoment(firsts);
  await startServer();
  await connected(...NAMES);
  sniffer.stop();
});

dialing('stagger: one second from each to the next', async () => {
  const sniffer = await sniff();
  typed('/interface pppoe-client disable [find]');
  await until('the end', async () => (await clients()).every(({ status }) => status === 'disconnected'));
  await until('the end of their pppds', () => pppds().length === 0);
  typed('/interface pppoe-client set [find] stagger=1\n/interface pppoe-client enable [find]');
  await connected(...NAMES);
  const firsts = firstPadis(padis(sniffer));
  assert.is(firsts.length, 6);
  for (let n = 1; n < 6; n++) assert.ok(firsts[n]! - firsts[n - 1]! > 0.8, `${firsts[n]! - firsts[n - 1]!} s`);
  sniffer.stop();
});

dialing('on demand: nobody dials before there is something to send, and it hangs up when nothing is', async () => {
  await serverWith();
  const sniffer = await sniff();
  typed(
    '/interface pppoe-client add interface=m0 name=out0 user=me password=secret dial-on-demand=yes idle-timeout=3s add-default-route=yes',
  );
  await until('its link', async () => (await clientOf('out0')).status === 'waiting for packets');
  assert.equal(padis(sniffer), []);
  await until('its route', () => /default dev out0 table 28022000/.test(inRouter('ip route show table all')));
  for (let round = 0; round < 2; round++) {
    await until('an answer', () => isAnswered('192.0.2.1'), 30_000);
    const client = await clientOf('out0');
    assert.equal([client.status, client.remote_address], ['connected', SERVER]);
    await until('its end', async () => (await clientOf('out0')).status === 'waiting for packets', 30_000);
    assert.is((await clientOf('out0')).last_error, 'nothing was sent or received for idle-timeout');
  }
  sniffer.stop();
});

dialing('mrru: whole packets of 1500 on an interface of 1500, and two clients of one user stay two', async () => {
  await serverWith('multilink', 'mrru 1600');
  for (const n of [0, 1])
    typed(`/interface pppoe-client add interface=m${n} name=out${n} user=me password=secret mrru=1600`);
  await connected('out0', 'out1');
  for (const name of ['out0', 'out1']) {
    await until('its size', async () => (await clientOf(name)).mtu === 1500);
    const client = await clientOf(name);
    inRouter(`ping -q -c 2 -i 0.2 -W 5 -M do -s 1472 -I ${client.local_address} ${SERVER}`);
  }
  assert.is.not((await clientOf('out0')).local_address, (await clientOf('out1')).local_address);
});

dialing('default-encryption: MPPE, which is shown; no session with a server that has none', async () => {
  await serverWith('require-mschap-v2', 'require-mppe-128');
  typed('/interface pppoe-client add interface=m0 name=out0 user=me password=secret profile=default-encryption');
  await connected('out0');
  assert.is((await clientOf('out0')).encoding, 'MPPE 128-bit stateless');
  inRouter(`ping -q -c 2 -i 0.2 -W 5 ${SERVER}`);
  stopServer();
  await startServer(['require-mschap-v2', 'nomppe']);
  await until('the reason', async () => /MPPE/.test(String((await clientOf('out0')).last_error)), 60_000);
});

dialing('IPv6: addresses of each line, used on it', async () => {
  await serverWith('+ipv6');
  for (const n of [0, 1]) {
    typed(`/interface pppoe-client add interface=m${n} name=out${n} user=me password=secret
/ipv6 dhcp-client add interface=out${n} request=address add-default-route=yes`);
  }
  await connected('out0', 'out1');
  for (const name of ['out0', 'out1']) {
    const { local_ipv6_address, remote_ipv6_address } = await clientOf(name);
    assert.match(String(local_ipv6_address), /^fe80::/);
    assert.match(String(remote_ipv6_address), /^fe80::/);
  }
  await announce();
  const six = async () => await router.list('dhcpv6_client');
  await until('both', async () => (await six()).every(({ address }) => address !== undefined), 60_000);
  for (const { address, gateway } of await six()) {
    assert.match(String(gateway), /^fe80::/);
    await until('its rule', () => inRouter('ip -6 rule').includes(String(address).split('/')[0]!));
    inRouter(`ping -6 -q -c 2 -i 0.2 -W 5 -I ${String(address).split('/')[0]} 2001:db8:ffff::1`);
  }
});

dialing.run();

type Client = Record<string, unknown>;

function typed(script: string): string {
  const { status, stdout, stderr } = router.lab.console(script);
  assert.is(stderr, '');
  assert.is(status, 0);
  return stdout;
}

function clients(): Promise<Client[]> {
  return router.list('pppoe_client');
}

async function clientOf(name: string): Promise<Client> {
  return (await clients()).find((client) => client.name === name)!;
}

async function ids(): Promise<Record<string, unknown>> {
  return Object.fromEntries((await clients()).map(({ name, session_id }) => [String(name), session_id]));
}

async function connected(...names: string[]): Promise<void> {
  const isUp = async () => {
    const up = (await clients()).filter(({ status }) => status === 'connected').map(({ name }) => name);
    return names.every((name) => up.includes(name));
  };
  await until(`${names} connected`, isUp, 60_000).catch(async (error) => {
    console.log(JSON.stringify(await clients(), null, 1), router.lab.log('macvland').slice(-3000));
    throw error;
  });
}

interface Frame {
  readonly at: number;
  readonly what: string;
  readonly mac: string;
}

type Sniffer = (() => Frame[]) & { stop(): void };

/** PPPoE's discovery as the provider's port sees it. */
async function sniff(): Promise<Sniffer> {
  const file = `/run/sniffed-${Date.now()}`;
  writeFileSync(`${file}.err`, '');
  const child = router.lab.beside(
    router.lab.isp,
    ...['sh', '-c', `exec tcpdump -i wire -l -n -e -tt pppoed >${file} 2>${file}.err`],
  );
  await until('tcpdump', () => /listening on/.test(readFileSync(`${file}.err`, 'utf8')));
  const frames = () =>
    readFileSync(file, 'utf8')
      .split('\n')
      .flatMap((line): Frame[] => {
        const [, at, mac, what] = /^(\d+\.\d+) (\S+) > .* PPPoE (PAD[IORST])/.exec(line) ?? [];
        return what ? [{ at: Number(at), what, mac: mac! }] : [];
      });
  return Object.assign(frames, { stop: () => void child.kill() });
}

function padis(sniffer: Sniffer): Frame[] {
  return sniffer().filter(({ what }) => what === 'PADI');
}

/** When each asked first, in order. */
function firstPadis(frames: readonly Frame[]): number[] {
  const first = new Map<string, number>();
  for (const { mac, at } of frames) if (!first.has(mac)) first.set(mac, at);
  return [...first.values()].sort((a, b) => a - b);
}

/** What providers take as asked at once. */
function isOneMoment(times: readonly number[]): void {
  const seconds = times.at(-1)! - times[0]!;
  console.log(`  ${times.length} PADIs within ${Math.round(1000 * seconds)} ms`);
  assert.ok(seconds < 0.05, `${seconds} s`);
}

/** No client, and a server with these options of pppd. */
async function serverWith(...options: string[]): Promise<void> {
  typed('/interface pppoe-client remove [find]');
  stopServer();
  await until('the end of the clients', () => pppds().length === 0);
  await startServer(options);
}

async function startServer(more: string[] = []): Promise<void> {
  const options = '/run/server-options';
  writeFileSync(options, ['auth', 'lcp-echo-interval 10', 'lcp-echo-failure 3', ...more, ''].join('\n'));
  inIsp('ip address replace 192.0.2.1/32 dev lo');
  const server = ['pppoe-server', '-F', '-I', 'wire', '-L', SERVER, '-R', '10.64.0.10', '-C', 'bras', '-O', options];
  router.lab.beside(router.lab.isp, ...server);
  await until('the server', () => serverPids('pppoe-server').length === 1);
}

/** Without a word to anybody. */
function stopServer(): void {
  for (const name of ['pppoe-server', 'pppoe', 'pppd']) for (const pid of serverPids(name)) end(pid);
}

/** The end of one may have been that of another. */
function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {}
}

/** A subnet for each of the provider's PPP links, announced on it. */
async function announce(): Promise<void> {
  inIsp('ip -6 address replace 2001:db8:ffff::1/128 dev lo');
  inIsp('sysctl -qw net.ipv6.conf.all.forwarding=1');
  const links = JSON.parse(inIsp('ip -json link show type ppp')).filter(({ ifname }: { ifname?: string }) => ifname);
  for (const { ifname } of links) inIsp(`ip -6 address add 2001:db8:${ifname.slice(3)}1::1/64 dev ${ifname}`);
  router.lab.beside(
    router.lab.isp,
    ...['dnsmasq', '--keep-in-foreground', '--conf-file=/dev/null', '--user=root', '--pid-file=', '--port=0'],
    ...['--bind-dynamic', '--enable-ra', '--ra-param=*,4,600'],
    ...links.flatMap(({ ifname }: { ifname: string }) => [
      `--interface=${ifname}`,
      `--dhcp-range=::,constructor:${ifname},ra-only`,
    ]),
  );
}

function isAnswered(address: string): boolean {
  try {
    inRouter(`ping -q -c 1 -W 5 ${address}`);
    return true;
  } catch {
    return false;
  }
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

function serverPidOf({ local_address }: Client): number {
  return serverPids('pppd').find((pid) => argvOf(pid).join(' ').includes(`:${local_address}`))!;
}

function pppds(): number[] {
  return pidsIn(router.lab.router).filter((pid) => argvOf(pid)[0] === 'pppd');
}

function inRouter(command: string): string {
  return router.lab.in(router.lab.router, ...command.split(' '));
}

function inIsp(command: string): string {
  return router.lab.in(router.lab.isp, ...command.split(' '));
}
