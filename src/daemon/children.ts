import { decodeUtf8 } from '../bytes/utf8.ts';
import type { Event } from '../model/facts.ts';
import type { SeenChild } from '../model/seen.ts';
import { check } from '../runtime/errors.ts';
import type { Machine } from '../runtime/machine.ts';
import type { Exit } from '../runtime/processes.ts';
import type { ChildLog } from './childlog.ts';
import type { Gate } from './gate.ts';

interface Child {
  readonly key: string;
  readonly pid: number;
  readonly argv: readonly string[];
  readonly ifindex: number;
  /** Where a DHCP server keeps them. */
  readonly leases: string | undefined;
  readonly secrets?: string | undefined;
  /** The FIFO at which it waits for others. */
  readonly gate?: string | undefined;
  stoppingSince?: number;
  killed?: boolean;
}

type Ended = Omit<Extract<Event, { type: 'ended' }>, 'threshold' | 'jitter'>;

export interface ChildrenOptions {
  readonly runDir: string;
  /** PATH for the children. */
  readonly path: string;
  /** Called when a child ended, or reported; never from within a call of ours. */
  onEnded(event: Ended, last: boolean): void;
  onNews(event: Event): void;
  /** A DHCP server wrote its leases. */
  onLeases(): void;
}

const KEY = 'MACVLAN_KEY';
const IFINDEX = 'MACVLAN_IFINDEX';
/** Among the names of changed files: none, for the kernel had too many to tell; and any file of leases. */
const [EVERYTHING, LEASES] = ['', '/'];

/**
 * The processes that run for our items. They outlive this daemon; the next one finds them by their command lines.
 * What they report lies in files, and what they print goes to a FIFO that they hold open themselves.
 */
export class Children {
  readonly #machine: Machine;
  readonly #options: ChildrenOptions;
  readonly #log: ChildLog;
  readonly #children = new Map<number, Child>();
  #gate: Promise<Gate> | undefined;

  constructor(machine: Machine, log: ChildLog, options: ChildrenOptions) {
    this.#machine = machine;
    this.#options = options;
    this.#log = log;
    // The resolver file is for others to read; what lies in the folders is not.
    machine.files.makeDirectory(options.runDir, 0o755);
    for (const folder of ['clients', 'events', 'gates', 'leases'])
      machine.files.makeDirectory(`${options.runDir}/${folder}`, 0o700);
  }

  seen(): SeenChild[] {
    return [...this.#children.values()].map((child) => ({ ...child }));
  }

  /** What the DHCP servers among them have handed out. */
  leases(): Map<string, string> {
    const texts = [...this.#children.values()].flatMap(({ key, leases: path }) =>
      path === undefined ? [] : [[key, this.#machine.files.readText(path) ?? ''] as const],
    );
    return new Map(texts);
  }

  /** Take over what an earlier daemon left running; answers its last news. */
  adopt(): Event[] {
    const { files } = this.#machine;
    const keys = new Set<string>();
    for (const name of files.list('/proc')) {
      const child = /^\d+$/.test(name) ? this.#recognise(Number(name)) : undefined;
      if (!child) continue;
      keys.add(child.key);
      this.#watch(child);
      this.#log.open(child.key);
      if (child.gate) this.#hold(child.gate);
    }
    return [...keys].flatMap((key) => this.#readNews(key));
  }

  /** Hear of news from now on, and of what came since `adopt`. What nobody lives to report any more is swept out. */
  listen(): void {
    const { libc, poller, files } = this.#machine;
    const keys = new Set([...this.#children.values()].map(({ key }) => key));
    for (const name of files.list(this.#events)) {
      // A name with a dot is being written this moment.
      if (!keys.has(name) && !name.startsWith('.')) files.remove(`${this.#events}/${name}`);
    }
    for (const name of files.list(this.#clients)) {
      if (!keys.has(name) && !name.includes('.')) files.remove(`${this.#clients}/${name}`);
    }
    const fd = libc.inotifyInit();
    libc.inotifyAdd(fd, this.#events, libc.constants.IN_MOVED_TO);
    // dnsmasq writes over what it has open.
    const leases = libc.inotifyAdd(fd, this.#leases, libc.constants.IN_MODIFY);
    const buffer = new ArrayBuffer(4096);
    poller.watch(fd, () => {
      const names = new Set<string>();
      for (;;) {
        const length = libc.read(fd, buffer, 0, buffer.byteLength);
        if (length <= 0) break;
        for (const { wd, name } of changesIn(buffer, length)) names.add(wd === leases ? LEASES : name);
      }
      this.#hear(names);
    });
    this.#hear(new Set([EVERYTHING]));
  }

  /** Each file holds the latest state. */
  #hear(names: ReadonlySet<string>): void {
    const isAll = names.has(EVERYTHING);
    const children = [...this.#children.values()];
    if ((isAll || names.has(LEASES)) && children.some(({ leases }) => leases)) this.#options.onLeases();
    for (const { key } of children)
      if (isAll || names.has(key)) for (const event of this.#readNews(key)) this.#options.onNews(event);
  }

  get #leases(): string {
    return `${this.#options.runDir}/leases`;
  }

  /** Pid files, and files with secrets. */
  get #clients(): string {
    return `${this.#options.runDir}/clients`;
  }

  get #events(): string {
    return `${this.#options.runDir}/events`;
  }

  /** Throws OsError when the program cannot be started. `secrets` are in the file that argv names as long as it runs. */
  spawn(key: string, argv: readonly string[], ifindex: number, secrets?: string): void {
    const { files, processes } = this.#machine;
    files.remove(`${this.#events}/${key}`);
    if (secrets !== undefined) files.replace(`${this.#clients}/${key}`, secrets, 0o600);
    const output = this.#log.open(key);
    const gate = this.#gateOf(argv);
    if (gate) this.#makeGate(gate);
    const env = {
      PATH: this.#options.path,
      MACVLAN_EVENTS: this.#events,
      [KEY]: key,
      [IFINDEX]: String(ifindex),
    };
    try {
      const pid = processes.spawn({ argv, env, stdout: output, stderr: output });
      this.#watch({ key, pid, argv, ifindex, leases: leaseFile(argv), secrets, gate });
    } catch (error) {
      this.#forget({ key, secrets, gate });
      throw error;
    }
    if (gate) this.#hold(gate);
  }

  #gateOf(argv: readonly string[]): string | undefined {
    return argv.find((word) => word.startsWith(`${this.#options.runDir}/gates/`));
  }

  #makeGate(path: string): void {
    const { libc } = this.#machine;
    const made = libc.mkfifo(path, 0o600);
    if (made !== -libc.constants.EEXIST) check(libc, made, `mkfifo ${path}`);
  }

  /** With all that start in the same pass. */
  #hold(path: string): void {
    this.#gate ??= import('./gate.ts').then(({ Gate }) => new Gate(this.#machine));
    this.#gate.then((gate) => gate.hold(path));
  }

  stop(pid: number, signal: 'SIGTERM' | 'SIGKILL', now: number): void {
    const child = this.#children.get(pid);
    if (!child) return;
    child.stoppingSince ??= now;
    child.killed = signal === 'SIGKILL';
    this.signal(pid, signal);
  }

  signal(pid: number, signal: 'SIGTERM' | 'SIGKILL' | 'SIGUSR1' | 'SIGUSR2'): void {
    this.#machine.processes.signal(pid, this.#machine.libc.constants[signal]);
  }

  #watch(child: Child): void {
    this.#children.set(child.pid, child);
    this.#machine.processes.onExit(child.pid, (exit) => {
      // Its last words come before the news of its end.
      this.#log.drain(child.key);
      const said = this.#log.last(child.key);
      this.#children.delete(child.pid);
      const last = ![...this.#children.values()].some(({ key }) => key === child.key);
      if (last) this.#log.close(child.key);
      if (last) this.#forget(child);
      const expected = child.stoppingSince !== undefined;
      const { key } = child;
      const at = this.#machine.libc.uptime();
      this.#options.onEnded({ type: 'ended', key, at, exit: printExit(exit, said), expected }, last);
    });
  }

  #forget({ key, secrets, gate }: Pick<Child, 'key' | 'secrets' | 'gate'>): void {
    if (gate) this.#machine.files.remove(gate);
    if (gate) this.#gate?.then((one) => one.drop(gate));
    if (secrets !== undefined) this.#machine.files.remove(`${this.#clients}/${key}`);
  }

  /** A child of ours names its key in our run directory on its command line, and has it in its environment. */
  #recognise(pid: number): Child | undefined {
    const { files } = this.#machine;
    try {
      const argv = (files.readText(`/proc/${pid}/cmdline`) ?? '').split('\0').slice(0, -1);
      const prefix = `${this.#clients}/`;
      const key = argv.find((word) => word.startsWith(prefix))?.slice(prefix.length);
      if (!key || !/^\w+$/.test(key)) return undefined;
      const env = readPairs(files.readText(`/proc/${pid}/environ`) ?? '');
      // Somebody who looks at the pid file is no child.
      if (env[KEY] !== key) return undefined;
      const secrets = argv[1] === 'file' ? files.readText(`${prefix}${key}`) : undefined;
      return {
        key,
        pid,
        argv,
        ifindex: Number(env[IFINDEX] ?? 0),
        leases: leaseFile(argv),
        secrets,
        gate: this.#gateOf(argv),
      };
    } catch {
      return undefined; // it ended while we looked
    }
  }

  #readNews(key: string): Event[] {
    const text = this.#machine.files.readText(`${this.#events}/${key}`) ?? '';
    const { verb, uptime, ...env } = readPairs(text);
    return verb && uptime ? [{ type: 'news', key, news: { verb, at: Number(uptime) * 1000, env } }] : [];
  }
}

/** struct inotify_event (linux/inotify.h): wd, mask, cookie, and the length of the name, which is filled up with NUL. */
function changesIn(buffer: ArrayBuffer, length: number): { wd: number; name: string }[] {
  const changes: { wd: number; name: string }[] = [];
  const words = new Int32Array(buffer);
  for (let at = 0; at < length; ) {
    const [wd, , , size = 0] = words.subarray(at >> 2);
    const name = decodeUtf8(new Uint8Array(buffer, at + 16, size)).replace(/\0+$/, '');
    changes.push({ wd: wd!, name });
    at += 16 + size;
  }
  return changes;
}

/** Of a DHCP server. */
function leaseFile(argv: readonly string[]): string | undefined {
  const option = '--dhcp-leasefile=';
  return argv.find((word) => word.startsWith(option))?.slice(option.length);
}

/** `NAME=value` strings, each ended by NUL. The first of a name counts: ours stand before what a server sent. */
function readPairs(text: string): Record<string, string> {
  const pairs: Record<string, string> = {};
  for (const pair of text.split('\0')) {
    const at = pair.indexOf('=');
    if (at > 0 && !Object.hasOwn(pairs, pair.slice(0, at))) pairs[pair.slice(0, at)] = pair.slice(at + 1);
  }
  return pairs;
}

/** A program that gives up says why before. */
function printExit(exit: Exit, said: string | undefined): string {
  if ('code' in exit) return `exit status ${exit.code}${exit.code > 0 && said !== undefined ? `: ${said}` : ''}`;
  if ('signal' in exit) return `signal ${exit.signal}`;
  return said === undefined ? 'ended' : `ended: ${said}`;
}
