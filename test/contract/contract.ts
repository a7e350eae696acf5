import { suite } from 'uvu';
import type { Machine } from '../../src/runtime/machine.ts';

/** What a machine is asked to do: `rows` of title and test, each with the machine as its argument. */
export type Rows = Record<string, (machine: Machine) => void | Promise<void>>;

/** Titles of tests that a surrounding cannot pass, with the reason. */
export type Gaps = Readonly<Record<string, string>>;

export function addTests(name: string, rows: Rows, machine: Machine, gaps: Gaps): void {
  const test = suite(`contract/${name}`);
  for (const [title, run] of Object.entries(rows)) {
    if (gaps[title] === undefined) test(title, () => run(machine));
    else machine.runtime.print(1, `left out: ${title}: ${gaps[title]}\n`);
  }
  test.run();
}

/** The value given to `done`, or an error that says for what it waited in vain. */
export function within<T>(
  machine: Machine,
  ms: number,
  what: string,
  start: (done: (value: T) => void) => void,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = machine.runtime.setTimer(ms, () => reject(new Error(`waited ${ms} ms in vain for ${what}`)));
    start((value) => {
      machine.runtime.clearTimer(timer);
      resolve(value);
    });
  });
}

export function sleep(machine: Machine, ms: number): Promise<void> {
  return new Promise((resolve) => {
    machine.runtime.setTimer(ms, resolve);
  });
}

/** Two connected descriptors. */
export function pair({ libc }: Machine, type = libc.constants.SOCK_STREAM): [number, number] {
  const out = new Int32Array(2);
  const result = libc.socketpair(libc.constants.AF_UNIX, type | libc.constants.SOCK_NONBLOCK, out.buffer);
  if (result < 0) throw new Error(`socketpair: ${libc.strerror(-result)}`);
  return [out[0]!, out[1]!];
}

/** A new directory under /tmp while `run` runs. */
export async function inDirectory(machine: Machine, run: (path: string) => void | Promise<void>): Promise<void> {
  const path = `/tmp/contract.${machine.libc.getpid()}.${machine.libc.uptime()}`;
  machine.files.makeDirectory(path, 0o700);
  try {
    await run(path);
  } finally {
    for (const name of machine.files.list(path)) machine.files.remove(`${path}/${name}`);
    machine.files.remove(path);
  }
}
