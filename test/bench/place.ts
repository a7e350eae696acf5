import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const PREPARE = [
  'ip link set lo up',
  'ip link add ether1 type veth peer name cable',
  'ip link set ether1 up',
  'ip link set cable up',
  'echo ready',
  'exec cat',
].join('; ');

/** Milliseconds a clock tick: 100 ticks a second on every Linux that we know. */
const TICK = 10;

/** Milliseconds of the processor so far, user and system, of a process or of its children that have ended (proc(5)). */
export function processorTime(pid: number | 'self', whose: 'own' | 'children' = 'own'): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ')
    .map(Number);
  const at = whose === 'own' ? 11 : 13;
  return (fields[at]! + fields[at + 1]!) * TICK;
}

/** A network namespace with a port `ether1` that has a carrier. It ends with this process at the latest. */
export class Place {
  readonly #holder: ChildProcess;

  static async open(): Promise<Place> {
    const holder = spawn('unshare', ['--net', 'sh', '-c', PREPARE], { stdio: ['pipe', 'pipe', 'inherit'] });
    await once(holder.stdout!, 'data');
    return new Place(holder);
  }

  private constructor(holder: ChildProcess) {
    this.#holder = holder;
  }

  /** A command in here. */
  argv(command: readonly string[]): string[] {
    return ['nsenter', '--target', String(this.#holder.pid), '--net', ...command];
  }

  /** A command to its end: what it printed, how long it took with its start, and what of that was the processor's. */
  run(...command: string[]): { stdout: string; took: number; processor: number } {
    const [program, ...args] = this.argv(command);
    const before = processorTime('self', 'children');
    const start = performance.now();
    const { status, stdout, stderr } = spawnSync(program!, args, { encoding: 'utf8', maxBuffer: 1e8 });
    const took = performance.now() - start;
    if (status !== 0) throw new Error(`${command.slice(0, 4).join(' ')} ended with ${status}: ${stderr || stdout}`);
    return { stdout, took, processor: processorTime('self', 'children') - before };
  }

  /** Links of ours that are up. */
  linksUp(): number {
    return this.run('ip', '-o', 'link', 'show', 'group', '28022', 'up').stdout.split('\n').length - 1;
  }

  /** Resolves as soon as the link is there; looked at where that costs the others nothing. */
  async appeared(ifname: string): Promise<void> {
    const path = `/proc/${this.#holder.pid}/net/dev_snmp6/${ifname}`;
    for (const end = performance.now() + 60_000; !existsSync(path); await sleep(1))
      if (performance.now() > end) throw new Error(`${ifname} did not appear within a minute`);
  }

  /** The port goes first and takes its macvlans along: what the kernel cleans up later would disturb the next round. */
  async close(): Promise<void> {
    this.run('ip', 'link', 'delete', 'ether1');
    this.#holder.stdin!.end();
    await once(this.#holder, 'exit');
  }
}
