import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const TOP = dirname(dirname(fileURLToPath(import.meta.url)));
const CACHE = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'openwrt-macvlan');

const ENGINES: Readonly<Record<RuntimeName, { command: string[]; programs: string }>> = {
  // As a router runs it: the source text of functions would only lie about in memory.
  qjs: { command: [join(CACHE, 'qjs'), '--strip-source'], programs: 'dist/qjs' },
  node: { command: [process.execPath], programs: 'dist/node' },
  'qjs-mips': {
    command: ['qemu-mips-static', '-L', '/usr/mips-linux-gnu', join(CACHE, 'qjs-mips'), '--strip-source'],
    programs: 'dist/mips/qjs',
  },
};

/** `qjs-mips`: big-endian, under qemu-user, as far as that goes (it cannot make links). */
export type RuntimeName = 'qjs' | 'node' | 'qjs-mips';

export interface Outcome {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The provider's networks, by their first three numbers: it serves the one that a wire of its has an address of. */
const NETS = ['198.51.100', '203.0.113'];

let labs = 0;

/**
 * A provider and a router, each a network namespace, on one wire: `wire` on the provider's side, `ether1` on the
 * router's, as the manual has it. Everything that runs in them is of this lab and goes with it.
 */
export class Lab {
  readonly folder = mkdtempSync(join(tmpdir(), 'macvlan-lab-'));
  readonly #name = `mv${process.pid}-${++labs}`;
  readonly isp = `${this.#name}-isp`;
  readonly router = `${this.#name}-router`;
  readonly socket = join(this.folder, 'ubus.sock');
  readonly config = join(this.folder, 'config');
  readonly run = join(this.folder, 'run');
  readonly leases = join(this.folder, 'leases');
  readonly #namespaces = new Set<string>();
  #started = new Set<ChildProcess>();
  #daemon: ChildProcess | undefined;
  #broker: ChildProcess | undefined;
  #provider: ChildProcess | undefined;
  #closed = false;

  constructor(readonly runtime: RuntimeName) {
    // As below /var/run: dnsmasq is nobody when it reads our name servers.
    chmodSync(this.folder, 0o755);
    mkdirSync(this.config);
    process.on('exit', () => this.close());
    // By default a signal ends the process without a word: the namespaces would stay.
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      if (process.listenerCount(signal) === 0) process.on(signal, () => process.exit(1));
    }
    for (const ns of [this.isp, this.router]) this.#addNamespace(ns);
    this.plug();
    this.in(this.isp, 'ip', 'address', 'add', '198.51.100.1/24', 'dev', 'wire');
  }

  /** One more host's namespace; its name is answered. */
  namespace(name: string): string {
    const ns = `${this.#name}-${name}`;
    this.#addNamespace(ns);
    return ns;
  }

  /** With all that runs and lies in it. */
  removeNamespace(ns: string): void {
    this.#namespaces.delete(ns);
    // What the daemon started outlives it by design; only what is in our own namespaces is ended.
    const pids = spawnSync('ip', ['netns', 'pids', ns], { encoding: 'utf8' }).stdout.split('\n').filter(Boolean);
    if (pids.length > 0) spawnSync('kill', ['-9', ...pids]);
    spawnSync('ip', ['netns', 'delete', ns]);
  }

  #addNamespace(ns: string): void {
    this.#namespaces.add(ns);
    ip('netns', 'add', ns);
    this.in(ns, 'ip', 'link', 'set', 'lo', 'up');
  }

  /** The wire, new. */
  plug(): void {
    ip('link', 'add', 'wire', 'netns', this.isp, 'type', 'veth', 'peer', 'name', 'ether1', 'netns', this.router);
    this.in(this.isp, 'ip', 'link', 'set', 'wire', 'up');
  }

  /** A command in a namespace, to its end; throws when it fails. */
  in(ns: string, ...command: string[]): string {
    return execFileSync('ip', ['netns', 'exec', ns, ...command], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }

  /**
   * A real DHCP server that hands out addresses for `seconds` (dnsmasq takes no less than 120), with more of its options;
   * the last numbers of the addresses are `from` … `to`.
   */
  async startProvider(seconds = 120, options: readonly string[] = [], [from, to] = [50, 250]): Promise<void> {
    this.#provider = this.#start(this.isp, 'provider', [
      'dnsmasq',
      '--keep-in-foreground',
      '--conf-file=/dev/null',
      '--user=root',
      '--pid-file=',
      '--port=0',
      // The second is any longer name, not this one.
      '--interface=wire',
      '--interface=wire*',
      '--bind-dynamic',
      '--dhcp-authoritative',
      '--no-ping',
      '--log-dhcp',
      '--log-facility=-',
      ...NETS.map((net) => `--dhcp-range=${net}.${from},${net}.${to},255.255.255.0,${seconds}`),
      '--dhcp-option=option:dns-server,198.51.100.1',
      '--dhcp-option=option:domain-name,isp.example',
      `--dhcp-leasefile=${this.leases}`,
      ...options,
    ]);
    // dnsmasq's router option is its own address.
    await this.#listens();
  }

  /** Another one in its place, busybox's, whose leases may be as short as 16 seconds. */
  async startQuickProvider(seconds: number): Promise<void> {
    const lines = [
      ...['start 198.51.100.50', 'end 198.51.100.99', 'interface wire', 'option subnet 255.255.255.0'],
      ...['option router 198.51.100.1', `option lease ${seconds}`, 'min_lease 16'],
      ...[`lease_file ${this.leases}.quick`, `pidfile ${this.folder}/udhcpd.pid`],
    ];
    writeFileSync(`${this.leases}.quick`, '');
    writeFileSync(join(this.folder, 'udhcpd.conf'), lines.map((line) => `${line}\n`).join(''));
    this.#provider = this.#start(this.isp, 'provider', ['busybox', 'udhcpd', '-f', join(this.folder, 'udhcpd.conf')]);
    await this.#listens();
  }

  async #listens(): Promise<void> {
    await until('the provider to listen', () => /:0043 /.test(this.in(this.isp, 'cat', '/proc/net/udp')));
  }

  async stopProvider(): Promise<void> {
    await this.stop(this.#provider, 'SIGTERM');
  }

  /** A program in a namespace, beside what follows; it goes with the lab. */
  beside(ns: string, ...command: string[]): ChildProcess {
    return this.#start(ns, basename(command[0]!), command);
  }

  async startBroker(): Promise<void> {
    rmSync(this.socket, { force: true });
    this.#broker = this.#start(undefined, 'ubusd', [
      process.execPath,
      join(TOP, 'dist/node/ubusd.mjs'),
      '-s',
      this.socket,
    ]);
    await until('the broker to listen', () => existsSync(this.socket));
  }

  async stopBroker(): Promise<void> {
    await this.stop(this.#broker, 'SIGTERM');
  }

  /** The daemon; it needs not be ready when this returns. Its children are found in `path`; it lies in `programs`. */
  startDaemon({ path, programs }: { path?: string; programs?: string } = {}): ChildProcess {
    const program = this.#program('macvland', programs);
    const command = [...(path ? ['env', `PATH=${path}`] : []), ...program, ...this.#places()];
    this.#daemon = this.#start(this.router, 'macvland', command);
    return this.#daemon;
  }

  async stopDaemon(signal: NodeJS.Signals): Promise<void> {
    await this.stop(this.#daemon, signal);
  }

  get daemonPid(): number {
    return this.#daemon?.pid ?? 0;
  }

  /** macvland to its end, such as with --plan or --down. */
  daemonOnce(...args: string[]): Outcome {
    return this.#runIn(this.router, [...this.#program('macvland'), ...this.#places(), ...args]);
  }

  /** The console with a script on its standard input, or with a command. */
  console(script: string, ...command: string[]): Outcome {
    return this.#runIn(this.router, [...this.#program('macvlan'), '-s', this.socket, ...command], script);
  }

  /** The same without waiting: for what is to happen at the same moment. */
  consoleBeside(script: string): Promise<Outcome> {
    const [program, ...args] = ['ip', 'netns', 'exec', this.router, ...this.#program('macvlan'), '-s', this.socket];
    const child = spawn(program!, args);
    const texts = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const) child[name].on('data', (chunk) => (texts[name] += chunk));
    child.stdin.end(script);
    return new Promise((resolve) => child.on('close', (status) => resolve({ status: status ?? -1, ...texts })));
  }

  /** The console as a person has it, on this terminal, to its end. */
  async interactive(): Promise<void> {
    const [program, ...args] = ['ip', 'netns', 'exec', this.router, ...this.#program('macvlan'), '-s', this.socket];
    const child = spawn(program!, args, { stdio: 'inherit' });
    await new Promise((resolve) => child.on('exit', resolve));
  }

  log(name: string): string {
    return readFileSync(join(this.folder, `${name}.log`), 'utf8');
  }

  async stop(child: ChildProcess | undefined, signal: NodeJS.Signals): Promise<void> {
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.on('exit', resolve));
    child.kill(signal);
    await ended;
  }

  /** Take everything down; also called when the process exits for whatever reason. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const child of this.#started) child.kill('SIGKILL');
    for (const ns of [...this.#namespaces].reverse()) this.removeNamespace(ns);
    rmSync(this.folder, { recursive: true, force: true });
  }

  #program(name: string, programs = join(TOP, ENGINES[this.runtime].programs)): string[] {
    return [...ENGINES[this.runtime].command, join(programs, `${name}.mjs`)];
  }

  #places(): string[] {
    return ['-s', this.socket, '-c', this.config, '-r', this.run];
  }

  #start(ns: string | undefined, name: string, command: string[]): ChildProcess {
    const log = openSync(join(this.folder, `${name}.log`), 'a');
    const [program, ...args] = ns ? ['ip', 'netns', 'exec', ns, ...command] : command;
    // A router's path first: under qemu-user only its first folder is searched, as an exec that failed is not seen there.
    const env = { ...process.env, PATH: `/usr/sbin:/usr/bin:/sbin:/bin:${process.env.PATH}` };
    const child = spawn(program!, args, { stdio: ['ignore', log, log], env });
    this.#started.add(child);
    child.on('exit', () => this.#started.delete(child));
    return child;
  }

  #runIn(ns: string, command: string[], input = ''): Outcome {
    const done = spawnSync('ip', ['netns', 'exec', ns, ...command], { encoding: 'utf8', input, timeout: 60_000 });
    return { status: done.status ?? -1, stdout: done.stdout, stderr: done.stderr };
  }
}

/** In an emulated machine all takes longer. */
const SLOWNESS = process.env.MACVLAN_VM === undefined ? 1 : 6;

/** Poll until it is so; throws with what was waited for. */
export async function until(what: string, so: () => boolean | Promise<boolean>, ms = 15_000): Promise<void> {
  for (const end = Date.now() + ms * SLOWNESS; Date.now() < end; ) {
    if (await so()) return;
    await sleep(40);
  }
  throw new Error(`waited ${(ms * SLOWNESS) / 1000} s in vain for ${what}`);
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function ip(...args: string[]): void {
  execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] });
}
