import { HOTPLUG_CALL } from '../model/want.ts';
import type { Hook } from '../plan/hooks.ts';
import type { Machine } from '../runtime/machine.ts';
import { ChildLog } from './childlog.ts';

/** How long a script may take, in ms. */
const PATIENCE = 60_000;

export interface HooksOptions {
  readonly machine: Machine;
  readonly runDir: string;
  /** PATH for the scripts. */
  readonly path: string;
  log(text: string): void;
}

/**
 * The scripts of items, run without a shell: one at a time for each item, and hotplug's for all of them, as procd does. Of
 * those of an item that wait only the last is run.
 */
export class Hooks {
  readonly #options: HooksOptions;
  readonly #log: ChildLog;
  /** What runs for an item or for hotplug, and what has to follow, in order. */
  readonly #running = new Map<string, { hook: Hook; next: Map<string, Hook> }>();

  constructor(options: HooksOptions) {
    const { machine, runDir } = options;
    this.#options = options;
    machine.files.makeDirectory(`${runDir}/hooks`, 0o700);
    this.#log = new ChildLog(machine, `${runDir}/hooks`, (owner, line) =>
      this.#say(this.#running.get(owner)!.hook, line),
    );
  }

  /** Returns at once. What goes wrong is logged, and is no trouble of the item. */
  run(hook: Hook): void {
    const running = this.#running.get(laneOf(hook));
    if (running) running.next.set(hook.key, hook);
    else this.#start(hook, new Map());
  }

  #start(hook: Hook, next: Map<string, Hook>): void {
    const { machine, path } = this.#options;
    const { script, verb, env } = hook;
    const lane = laneOf(hook);
    this.#running.set(lane, { hook, next });
    try {
      const output = this.#log.open(lane);
      const argv = [script, script === HOTPLUG_CALL ? 'macvlan' : verb];
      const pid = machine.processes.spawn({ argv, env: { PATH: path, ...env }, stdout: output, stderr: output });
      this.#await(hook, pid);
    } catch (error) {
      this.#say(hook, (error as Error).message);
      this.#ended(hook);
    }
  }

  #await(hook: Hook, pid: number): void {
    const { processes, runtime, libc } = this.#options.machine;
    const timer = runtime.setTimer(PATIENCE, () => {
      this.#say(hook, `it has run for ${PATIENCE / 1000} s and is ended`);
      // With all that it started: it leads a group of its own.
      processes.signal(-pid, libc.constants.SIGKILL);
    });
    processes.onExit(pid, (exit) => {
      runtime.clearTimer(timer);
      this.#log.drain(laneOf(hook));
      if ('code' in exit && exit.code !== 0) this.#say(hook, `exit status ${exit.code}`);
      this.#ended(hook);
    });
  }

  #ended(hook: Hook): void {
    const lane = laneOf(hook);
    const { next } = this.#running.get(lane)!;
    this.#log.close(lane);
    this.#running.delete(lane);
    const [first] = next.values();
    if (!first) return;
    next.delete(first.key);
    this.#start(first, next);
  }

  #say({ env, script }: Hook, line: string): void {
    this.#options.log(`${env.interface ?? env.INTERFACE}: ${script}: ${line}`);
  }
}

function laneOf({ owner, script }: Hook): string {
  return script === HOTPLUG_CALL ? HOTPLUG_CALL : owner;
}
