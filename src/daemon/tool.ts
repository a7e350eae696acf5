import { check } from '../runtime/errors.ts';
import type { Machine } from '../runtime/machine.ts';
import type { Exit } from '../runtime/processes.ts';

/** How long a program may take that only answers, in ms. */
const PATIENCE = 10_000;

export interface Tool {
  readonly machine: Machine;
  readonly runDir: string;
  readonly path: string;
}

export interface Output {
  readonly stdout: string;
  /** What it said and how it ended; undefined when it ended well. */
  readonly failure?: string | undefined;
}

/** Run a program to its end, without a shell; what it prints goes to files that only we can read. Throws OsError when there is none. */
export async function runTool({ machine, runDir, path }: Tool, argv: readonly string[]): Promise<Output> {
  const { files, libc, processes, runtime } = machine;
  const { O_WRONLY, O_CREAT, O_TRUNC } = libc.constants;
  const paths = ['out', 'err'].map((end) => `${runDir}/tool.${argv[0]}.${end}`);
  const fds: number[] = [];
  try {
    for (const file of paths)
      fds.push(check(libc, libc.open(file, O_WRONLY | O_CREAT | O_TRUNC, 0o600), `open ${file}`));
    const pid = processes.spawn({ argv, env: { PATH: path }, stdout: fds[0]!, stderr: fds[1]! });
    const timer = runtime.setTimer(PATIENCE, () => processes.signal(pid, libc.constants.SIGKILL));
    const exit = await new Promise<Exit>((resolve) => processes.onExit(pid, resolve));
    runtime.clearTimer(timer);
    const [stdout, stderr] = paths.map((file) => files.readText(file) ?? '');
    if ('code' in exit && exit.code === 0) return { stdout: stdout! };
    return {
      stdout: stdout!,
      failure: stderr!.trim().split('\n')[0] || `${argv[0]} ended with ${JSON.stringify(exit)}`,
    };
  } finally {
    for (const fd of fds) libc.close(fd);
    for (const file of paths) files.remove(file);
  }
}
