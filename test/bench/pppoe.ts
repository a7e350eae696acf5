import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Provider } from '../vm/provider.ts';
import { heading, medians, ms, print, type Round, row, times } from './numbers.ts';

/** Twenty PPPoE sessions on one port: by the daemon, and by a loop of pppd calls. Under User-Mode Linux, which has PPP. */
const NUMBERS = Array.from({ length: 20 }, (_, n) => n + 1);

const [rounds = '3'] = process.argv.slice(2);
const isp = await Provider.start(Object.fromEntries(NUMBERS.map((n) => [`user${n}`, `secret${n}`])));
isp.typed(NUMBERS.map((n) => `/interface macvlan add interface=ether1 name=line${n}`).join('\n'));
await isp.startServer();

const found = { 'a loop of pppd calls': [] as Round[], 'the daemon': [] as Round[] };
for (let n = 0; n < Number(rounds); n++) {
  found['a loop of pppd calls'].push(await byShell());
  found['the daemon'].push(await byDaemon());
}
heading(`${NUMBERS.length} PPPoE sessions, from the first add to the last address (User-Mode Linux, one processor)`);
row('', 'clock', 'to loop', 'a pppd');
const shell = medians(found['a loop of pppd calls']);
for (const [name, all] of Object.entries(found)) {
  const { up, pppd } = medians(all);
  row(name, ms(up!), times(up! / shell.up!), `${pppd} kB`);
}
const { before, after } = medians(found['the daemon']);
row('memory of the daemon without, with them', `${before} kB`, `${after} kB`);
print(
  `  A session: ${Math.round((after! - before!) / NUMBERS.length)} kB of the daemon, and its pppd (PSS, shared pages in parts).`,
);
await isp.close();

async function byShell(): Promise<Round> {
  const loop = NUMBERS.map(
    (n) =>
      `pppd plugin pppoe.so line${n} user user${n} password secret${n} ifname out${n} nodetach noauth noipdefault nodefaultroute ` +
      'mtu 1492 mru 1492 maxfail 1 >/dev/null 2>&1 &',
  );
  const start = performance.now();
  const { router } = isp.router.lab;
  const child = spawn('ip', ['netns', 'exec', router, 'sh', '-c', `${loop.join('\n')}\nwait`], { stdio: 'ignore' });
  await usable();
  const up = performance.now() - start;
  const pppd = memoryOfPppds();
  for (const pid of isp.pppds()) process.kill(pid, 'SIGTERM');
  await once(child, 'exit');
  await gone();
  return { up, pppd };
}

async function byDaemon(): Promise<Round> {
  const before = rss();
  const start = performance.now();
  isp.typed(
    NUMBERS.map(
      (n) => `/interface pppoe-client add interface=line${n} name=out${n} user=user${n} password=secret${n}`,
    ).join('\n'),
  );
  await usable();
  const up = performance.now() - start;
  await isp.connected(...NUMBERS.map((n) => `out${n}`));
  const round = { up, pppd: memoryOfPppds(), before, after: rss() };
  isp.typed('/interface pppoe-client remove [find]');
  await gone();
  return round;
}

/** Both are looked at from outside in the same way, and so seldom that it costs neither much. */
async function usable(): Promise<void> {
  const addresses = () => isp.inRouter('ip -oneline -4 address show').match(/inet 10\.64\.\S+ peer/g)?.length ?? 0;
  for (const end = performance.now() + 120_000; performance.now() < end; await sleep(200))
    if (addresses() === NUMBERS.length) return;
  throw new Error(`${addresses()} of ${NUMBERS.length} sessions are up after two minutes`);
}

/** The server, too, has ended the sessions. */
async function gone(): Promise<void> {
  while (isp.pppds().length > 0 || isp.serverPids('pppd').length > 0) await sleep(200);
}

/** In kB, of one of them. */
function memoryOfPppds(): number {
  const sizes = isp.pppds().map((pid) => kBOf(`/proc/${pid}/smaps_rollup`, 'Pss'));
  return Math.round(sizes.reduce((sum, size) => sum + size, 0) / sizes.length);
}

function rss(): number {
  return kBOf(`/proc/${isp.router.lab.daemonPid}/status`, 'VmRSS');
}

function kBOf(file: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(readFileSync(file, 'utf8'))![1]);
}
