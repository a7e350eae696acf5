import type { Poller } from './poller.ts';
import type { Libc } from './runtime.ts';

/** argv[0] is the program; without a slash it is looked for in PATH of `env`. Descriptors not given are /dev/null. */
export interface Command { argv: readonly string[]; env: Readonly<Record<string, string>>; stdin?: number; stdout?: number; stderr?: number }

/** How a process ended. Of one that is not our child only the end itself can be seen. */
export type Exit = { code: number } | { signal: number } | { unknown: true };

/** Child processes, and others whose end we want to know, watched by pidfd. */
export class Processes {
  constructor(readonly libc: Libc, readonly poller: Poller) {}

  /** The pid; throws OsError (ENOENT…) when the program cannot be started. */
  spawn(command: Command): number { throw new Error(`${command}`); }
  /** Calls `fn` once, never before this returns; a pid that is gone already counts as ended. A child of ours is reaped. */
  onExit(pid: number, fn: (exit: Exit) => void): void { throw new Error(`${pid}${fn}`); }
  /** False when there is no such process any more. */
  signal(pid: number, signal: number): boolean { throw new Error(`${pid}${signal}`); }
}
