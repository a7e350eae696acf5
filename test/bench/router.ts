import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Machine, openMachine } from '../../src/runtime/machine.ts';
import { node } from '../../src/runtime/node.ts';
import type { Table } from '../../src/ubus/blob.ts';
import { UbusClient } from '../../src/ubus/client.ts';
import { type Place, processorTime } from './place.ts';
import { program, type RuntimeName } from './programs.ts';

/** A bus, and daemons on it one after another. Files lie in `folder`. */
export class Router {
  readonly #folder: string;
  readonly #machine: Machine;
  readonly bus: UbusClient;
  #appeared: (() => void) | undefined;

  static async open(folder: string): Promise<Router> {
    const socket = join(folder, 'ubus.sock');
    const broker = spawn(process.execPath, [program('node', 'node/ubusd.mjs')[1]!, '-s', socket], { stdio: 'inherit' });
    process.on('exit', () => broker.kill());
    const machine = await openMachine(node);
    const bus = UbusClient.connect(machine, socket, { reconnect: true });
    await bus.ready();
    const router = new Router(folder, machine, bus);
    await bus.listen('ubus.object.add', (_, { path }) => path === 'macvlan' && router.#appeared?.());
    return router;
  }

  private constructor(folder: string, machine: Machine, bus: UbusClient) {
    this.#folder = folder;
    this.#machine = machine;
    this.bus = bus;
    for (const name of ['config', 'run']) mkdirSync(join(folder, name));
  }

  get configDir(): string {
    return join(this.#folder, 'config');
  }

  get runDir(): string {
    return join(this.#folder, 'run');
  }

  configure(config: string): void {
    writeFileSync(join(this.configDir, 'macvlan'), config);
  }

  /** Start a daemon with this configuration and nothing in its run directory; `onBus` resolves when it is there. */
  start(runtime: RuntimeName, place: Place, config: string): Daemon {
    this.configure(config);
    rmSync(this.runDir, { recursive: true });
    const onBus = new Promise<void>((resolve) => {
      this.#appeared = resolve;
    });
    const places = ['-s', join(this.#folder, 'ubus.sock'), '-c', this.configDir, '-r', this.runDir];
    const log = openSync(join(this.#folder, 'log'), 'a');
    const [command, ...args] = place.argv([...program(runtime, `${runtime}/macvland.mjs`), ...places]);
    const child = spawn(command!, args, { stdio: ['ignore', log, log] });
    child.on(
      'exit',
      (code) => code && process.stderr.write(readFileSync(join(this.#folder, 'log'), 'utf8').slice(-2000)),
    );
    return new Daemon(child, onBus, this.bus);
  }

  async close(): Promise<void> {
    this.bus.close();
    this.#machine.runtime.exit(0);
  }
}

export class Daemon {
  constructor(
    readonly child: ChildProcess,
    readonly onBus: Promise<void>,
    readonly bus: UbusClient,
  ) {}

  call(method: string, args: Table = {}): Promise<Table> {
    return this.bus.call('macvlan', method, args, { timeoutMs: 60_000 });
  }

  /** The longest that a call which needs nothing is not answered while something else goes on. */
  async longestWait(work: Promise<unknown>): Promise<number> {
    let longest = 0;
    let isDone = false;
    const done = work.then(() => {
      isDone = true;
    });
    while (!isDone) {
      const start = performance.now();
      await this.call('nothing').catch(() => {});
      longest = Math.max(longest, performance.now() - start);
    }
    await done;
    return longest;
  }

  async stop(): Promise<void> {
    this.child.kill('SIGTERM');
    await once(this.child, 'exit');
  }

  processor(): number {
    return processorTime(this.child.pid!);
  }

  /** Resolves when it has done nothing for half a second. */
  async quiet(): Promise<void> {
    for (let before = -1; before !== this.processor(); await sleep(500)) before = this.processor();
  }

  /** kB. */
  memory(): { rss: number; pss: number } {
    const text = this.#proc('smaps_rollup');
    const size = (name: string) => Number(new RegExp(`^${name}: *(\\d+)`, 'm').exec(text)![1]);
    return { rss: size('Rss'), pss: size('Pss') };
  }

  /** How often its main thread went to sleep so far. */
  sleeps(): number {
    return Number(/^voluntary_ctxt_switches:\s*(\d+)/m.exec(this.#proc('status'))![1]);
  }

  #proc(name: string): string {
    return readFileSync(`/proc/${this.child.pid}/${name}`, 'utf8');
  }
}
