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

/** The scripts of items, run without a shell: one at a time for each item, and of those that wait only the last. */
export class Hooks {
  readonly #options: HooksOptions;
  readonly #log: ChildLog;
  /** What runs for an item, and what has to follow. */
  readonly #running = new Map<string, { hook: Hook; next?: Hook }>();

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
    const running = this.#running.get(hook.owner);
    if (running) running.next = hook;
    else this.#start(hook);
  }

  #start(hook: Hook): void {
    const { machine, path } = this.#options;
    const { owner, script, verb, env } = hook;
    this.#running.set(owner, { hook });
    try {
      const output = this.#log.open(owner);
      const argv = [script, verb];
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
      this.#log.drain(hook.owner);
      if ('code' in exit && exit.code !== 0) this.#say(hook, `exit status ${exit.code}`);
      this.#ended(hook);
    });
  }

  #ended({ owner }: Hook): void {
    const next = this.#running.get(owner)?.next;
    this.#log.close(owner);
    this.#running.delete(owner);
    if (next) this.#start(next);
  }

  #say({ env, script }: Hook, line: string): void {
    this.#options.log(`${env.interface}: ${script}: ${line}`);
  }
}
