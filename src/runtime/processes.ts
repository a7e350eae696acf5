import { encodeUtf8 } from '../bytes/utf8.ts';
import { check } from './errors.ts';
import type { Poller } from './poller.ts';
import type { Libc } from './runtime.ts';

/** argv[0] is the program; without a slash it is looked for in PATH of `env`. Descriptors not given are /dev/null. */
export interface Command {
  argv: readonly string[];
  env: Readonly<Record<string, string>>;
  stdin?: number;
  stdout?: number;
  stderr?: number;
}

/** How a process ended. Of one that is not our child only the end itself can be seen. */
export type Exit = { code: number } | { signal: number } | { unknown: true };

/** Child processes, and others whose end we want to know, watched by pidfd. */
export class Processes {
  constructor(
    readonly libc: Libc,
    readonly poller: Poller,
  ) {}

  /** The pid; throws OsError (ENOENT…) when the program cannot be started. */
  spawn({ argv, env, stdin = -1, stdout = -1, stderr = -1 }: Command): number {
    const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
    const { ENOENT, ENOTDIR, EACCES, EINVAL } = this.libc.constants;
    // A NUL would make two arguments of one.
    if ([...argv, ...variables].some((text) => text.includes('\0'))) check(this.libc, -EINVAL, `start ${argv[0]}`);
    const [args, names] = [packed(argv), packed(variables)];
    let failure = -ENOENT;
    for (const path of candidates(argv[0] ?? '', env.PATH ?? '')) {
      const result = this.libc.spawn(path, args, args.byteLength, names, names.byteLength, stdin, stdout, stderr);
      if (result >= 0) return result;
      // As execvp(3): a directory of PATH without the program is nothing, a program that may not be run is remembered.
      if (path === argv[0] || (result !== -ENOENT && result !== -ENOTDIR)) failure = result;
      if (result !== -ENOENT && result !== -ENOTDIR && result !== -EACCES) break;
    }
    return check(this.libc, failure, `start ${argv[0]}`);
  }

  /** Calls `fn` once, never before this returns; a pid that is gone already counts as ended. A child of ours is reaped. */
  onExit(pid: number, fn: (exit: Exit) => void): void {
    const pidfd = this.libc.pidfdOpen(pid);
    if (pidfd === -this.libc.constants.ESRCH) {
      Promise.resolve().then(() => fn({ unknown: true }));
      return;
    }
    check(this.libc, pidfd, `pidfd_open ${pid}`);
    this.poller.watch(pidfd, () => {
      const exit = this.#reap(pid);
      if (!exit) return;
      this.poller.unwatch(pidfd);
      this.libc.close(pidfd);
      fn(exit);
    });
  }

  /** False when there is no such process any more. */
  signal(pid: number, signal: number): boolean {
    const result = this.libc.kill(pid, signal);
    if (result === -this.libc.constants.ESRCH) return false;
    check(this.libc, result, `kill ${pid}`);
    return true;
  }

  #reap(pid: number): Exit | undefined {
    const status = new Int32Array(2);
    const result = this.libc.waitpid(pid, status.buffer);
    if (result === 0) return undefined;
    if (result < 0) return { unknown: true };
    return status[1] === 0 ? { code: status[0]! } : { signal: status[1]! };
  }
}

function candidates(program: string, path: string): string[] {
  return program.includes('/') ? [program] : path.split(':').map((directory) => `${directory || '.'}/${program}`);
}

/** NUL-terminated strings one after another. */
function packed(strings: readonly string[]): ArrayBuffer {
  return encodeUtf8(strings.map((text) => `${text}\0`).join('')).buffer as ArrayBuffer;
}
