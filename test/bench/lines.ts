import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { clients, mac, macvlans } from './configs.ts';
import { heading, medians, ms, print, type Round, row, times } from './numbers.ts';
import { Place, processorTime } from './place.ts';
import type { Router } from './router.ts';

/** Fifty lines with a lease each on one port, all usable: by the daemon, and by a script of `ip` and `udhcpc` calls. */
const LINES = 50;
const FEW = 10;
const IDLE = 5000;

/** What udhcpc calls for the script: as little as makes a line usable beside others of its subnet. */
const BOUND = `#!/bin/sh
[ "$1" = bound ] || exit 0
ip address add "$ip/$mask" dev "$interface"
ip route add default via "$router" dev "$interface" table "$TABLE"
ip rule add from "$ip" lookup "$TABLE"
`;

/** All clients at once, as who wants to be quick would. */
function script(bound: string): string {
  const lines = Array.from({ length: LINES }, (_, n) => {
    const conf = (name: string, value: number) => `echo ${value} > /proc/sys/net/ipv4/conf/m${n}/${name}\n`;
    return `ip link add m${n} link ether1 address ${mac(n)} group 28022 type macvlan mode bridge
${conf('arp_ignore', 1)}${conf('arp_announce', 2)}${conf('rp_filter', 2)}ip link set m${n} up
TABLE=${1000 + n} udhcpc -f -q -i m${n} -s ${bound} >/dev/null 2>&1 &
`;
  });
  return `${lines.join('')}wait\n`;
}

export async function fiftyLines(router: Router, folder: string, rounds: number): Promise<void> {
  const bound = join(folder, 'bound');
  writeFileSync(bound, BOUND, { mode: 0o755 });
  writeFileSync(join(folder, 'script'), script(bound));
  const contenders = {
    'a shell script': (provider: Provider) => byShell(provider, folder),
    'the daemon': (provider: Provider, n: number) => byDaemon(provider, router, n === 0),
  };
  const found = Object.entries(contenders).map(([name, round]) => ({ name, round, rounds: [] as Round[] }));
  for (let n = 0; n < rounds; n++)
    for (const { round, rounds } of found) {
      const provider = await Provider.open(folder);
      rounds.push(await round(provider, n));
      await provider.close();
    }
  heading(`${LINES} lines with a lease each, from the start of the program until every address has its rule`);
  row('', 'clock', 'to script', 'processor', 'to script');
  const [shell] = found.map(({ rounds }) => medians(rounds));
  for (const { name, rounds } of found) {
    const { up, processor } = medians(rounds);
    row(name, ms(up!), times(up! / shell!.up!), ms(processor!), times(processor! / shell!.processor!));
  }
  const { sleeps } = found[1]!.rounds[0]!;
  row(`sleeps interrupted in ${IDLE / 1000} idle seconds`, `${sleeps}`);
  row(`memory (RSS) of a daemon with ${FEW} of them`, `${await memoryOf(FEW, router, folder)} kB`);
  print('  The daemon starts ten clients every 250 ms, so that a small machine and a small server can follow.');
}

async function byShell(provider: Provider, folder: string): Promise<Round> {
  const { place } = provider;
  const start = performance.now();
  const { processor } = place.run('sh', join(folder, 'script'));
  await provider.usable();
  return { up: performance.now() - start, processor };
}

async function byDaemon(provider: Provider, router: Router, idle: boolean): Promise<Round> {
  const { place } = provider;
  const start = performance.now();
  const daemon = router.start('qjs', place, `${macvlans(LINES)}\n${clients(LINES)}`);
  await daemon.onBus;
  await provider.usable();
  const up = performance.now() - start;
  const processor = daemon.processor() + processorTime(daemon.child.pid!, 'children');
  await daemon.quiet();
  const before = daemon.sleeps();
  if (idle) await sleep(IDLE);
  const sleeps = daemon.sleeps() - before;
  await daemon.call('shutdown');
  await daemon.stop();
  return { up, processor, sleeps };
}

async function memoryOf(count: number, router: Router, folder: string): Promise<number> {
  const provider = await Provider.open(folder);
  const daemon = router.start('qjs', provider.place, `${macvlans(count)}\n${clients(count)}`);
  await daemon.onBus;
  await provider.usable(count);
  await daemon.quiet();
  const { rss } = daemon.memory();
  await daemon.call('shutdown');
  await daemon.stop();
  await provider.close();
  return rss;
}

/** A DHCP server at the other end of the cable. */
class Provider {
  readonly #holder: ChildProcess;
  readonly #server: ChildProcess;

  static async open(folder: string): Promise<Provider> {
    const place = await Place.open();
    const holder = spawn('unshare', ['--net', 'sh', '-c', 'ip link set lo up; echo ready; exec cat'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    await once(holder.stdout!, 'data');
    place.run('ip', 'link', 'set', 'cable', 'netns', String(holder.pid));
    const leases = join(folder, 'leases');
    rmSync(leases, { force: true });
    const inside = ['nsenter', '--target', String(holder.pid), '--net', 'sh', '-c'];
    const dnsmasq =
      'dnsmasq --keep-in-foreground --conf-file=/dev/null --user=root --pid-file= --port=0 --interface=cable --no-ping';
    const range = `--dhcp-authoritative --dhcp-range=198.51.100.10,198.51.100.250,1h --dhcp-leasefile=${leases}`;
    const command = `ip address add 198.51.100.1/24 dev cable; ip link set cable up; exec ${dnsmasq} ${range}`;
    const server = spawn(inside[0]!, [...inside.slice(1), command], { stdio: 'ignore' });
    const provider = new Provider(place, holder, server);
    while (!/:0043 /.test(readFileSync(`/proc/${holder.pid}/net/udp`, 'utf8'))) await sleep(20);
    return provider;
  }

  private constructor(
    readonly place: Place,
    holder: ChildProcess,
    server: ChildProcess,
  ) {
    this.#holder = holder;
    this.#server = server;
  }

  /** Resolves when every line has its lease and a rule for its address. */
  async usable(count = LINES): Promise<void> {
    for (const end = performance.now() + 60_000; performance.now() < end; await sleep(20))
      if (this.#sources().size >= count) return;
    throw new Error(`${this.#sources().size} of ${count} lines are up after a minute`);
  }

  #sources(): Set<string> {
    return new Set(this.place.run('ip', 'rule').stdout.match(/from 198\S+/g) ?? []);
  }

  async close(): Promise<void> {
    this.#server.kill();
    await this.place.close();
    this.#holder.stdin!.end();
    await once(this.#holder, 'exit');
  }
}
