import * as assert from 'uvu/assert';
import type { OsError } from '../../src/runtime/errors.ts';
import type { Machine } from '../../src/runtime/machine.ts';
import type { Command, Exit } from '../../src/runtime/processes.ts';
import { inDirectory, type Rows, within } from './contract.ts';

const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' };

export function run(machine: Machine, command: Omit<Command, 'env'>, meanwhile?: (pid: number) => void): Promise<Exit> {
  return within<Exit>(machine, 20000, `the end of ${command.argv.join(' ')}`, (done) => {
    const pid = machine.processes.spawn({ env, ...command });
    machine.processes.onExit(pid, done);
    meanwhile?.(pid);
  });
}

/** What a shell script writes to its standard output. */
async function output(machine: Machine, script: string): Promise<string> {
  let text = '';
  await inDirectory(machine, async (folder) => {
    const { O_WRONLY, O_CREAT } = machine.libc.constants;
    const stdout = machine.libc.open(`${folder}/out`, O_WRONLY | O_CREAT, 0o600);
    assert.equal(await run(machine, { argv: ['/bin/sh', '-c', script], stdout }), { code: 0 });
    machine.libc.close(stdout);
    text = machine.files.readText(`${folder}/out`) ?? '';
  });
  return text;
}

function errnoOf(fn: () => unknown): number {
  try {
    fn();
    return 0;
  } catch (error) {
    return (error as OsError).errno;
  }
}

export const children: Rows = {
  async '1,000 children end, each with its own exit code'(machine) {
    for (let batch = 0; batch < 20; batch++) {
      const codes = Array.from({ length: 50 }, (_, i) => (50 * batch + i) % 256);
      const exits = await Promise.all(codes.map((code) => run(machine, { argv: ['/bin/sh', '-c', `exit ${code}`] })));
      assert.equal(
        exits,
        codes.map((code) => ({ code })),
      );
    }
  },

  async 'a killed child ends with the signal'(machine) {
    for (const name of ['SIGTERM', 'SIGKILL', 'SIGHUP', 'SIGUSR1'] as const) {
      const signal = machine.libc.constants[name];
      const exit = await run(machine, { argv: ['/bin/sleep', '60'] }, (pid) => machine.processes.signal(pid, signal));
      assert.equal(exit, { signal }, name);
    }
  },

  async 'a program that has ended can no longer be signalled'(machine) {
    let pid = 0;
    await run(machine, { argv: ['/bin/true'] }, (started) => {
      pid = started;
    });
    assert.is(machine.processes.signal(pid, machine.libc.constants.SIGTERM), false);
  },

  'a missing program is ENOENT, one that may not be run EACCES'(machine) {
    const { ENOENT, EACCES } = machine.libc.constants;
    const rows: [string[], number][] = [
      [['/no/such/program'], ENOENT],
      [['no-such-program'], ENOENT],
      [['/etc/passwd'], EACCES],
      [['/etc/passwd/program'], machine.libc.constants.ENOTDIR],
    ];
    for (const [argv, errno] of rows)
      assert.is(
        errnoOf(() => machine.processes.spawn({ argv, env })),
        errno,
        argv[0],
      );
  },

  async 'a program without a slash is looked for in PATH'(machine) {
    assert.equal(await run(machine, { argv: ['true'] }), { code: 0 });
  },

  async 'arguments and environment arrive as they are, empty ones too'(machine) {
    const argv = [
      'sh',
      '-c',
      'test "$1" = "" && test "$2" = "a  b" && test "$3" = "ü€😀" && test "$X" = "1=2" && exit 9',
      'sh',
      '',
      'a  b',
      'ü€😀',
    ];
    assert.equal(await run(machine, { argv: ['/bin/env', 'X=1=2', ...argv] }), { code: 9 });
    const bare = machine.processes.spawn({ argv: ['/bin/true'], env: {} });
    assert.equal(await within<Exit>(machine, 5000, 'true', (done) => machine.processes.onExit(bare, done)), {
      code: 0,
    });
    assert.is(
      errnoOf(() => machine.processes.spawn({ argv: ['/bin/true', 'a\0b'], env })),
      machine.libc.constants.EINVAL,
    );
  },

  async 'a child leads a session, with no stray descriptor and no signal blocked or ignored'(machine) {
    machine.runtime.onSignal('SIGHUP', () => undefined);
    const script = [
      'cut -d" " -f1,6 /proc/$$/stat',
      'ls /proc/$$/fd',
      'readlink /proc/$$/fd/0',
      'sed -n "s/^Sig\\(Blk\\|Ign\\):.//p" /proc/self/status',
    ];
    const [ids, ...rest] = (await output(machine, script.join('; '))).trim().split('\n');
    const [pid, session] = ids!.split(' ');
    assert.is(session, pid);
    assert.equal(rest.slice(0, -2), ['0', '1', '2', '/dev/null']);
    // Beyond 31 lie the real-time signals, the first of which glibc keeps for itself and ignores in children.
    for (const mask of rest.slice(-2)) assert.is(Number.parseInt(mask.slice(-8), 16) & 0x7fffffff, 0);
  },

  async 'descriptors given to a child may overlap with 0, 1 and 2'(machine) {
    const { O_WRONLY, O_CREAT } = machine.libc.constants;
    await inDirectory(machine, async (folder) => {
      const out = machine.libc.open(`${folder}/out`, O_WRONLY | O_CREAT, 0o600);
      const exit = await run(machine, {
        argv: ['/bin/sh', '-c', 'echo "$(readlink /proc/$$/fd/0) $(readlink /proc/$$/fd/1)" >&2'],
        stdin: 1,
        stdout: 0,
        stderr: out,
      });
      machine.libc.close(out);
      assert.equal(exit, { code: 0 });
      const links = [1, 0].map((fd) => readlink(machine, `/proc/self/fd/${fd}`));
      assert.equal(machine.files.readText(`${folder}/out`)?.trim().split(' '), links);
    });
  },

  async 'the end of a process that is no child of ours is seen, and of one that has ended before'(machine) {
    const pid = Number(await output(machine, 'sleep 0.2 >/dev/null & echo $!'));
    const wait = (what: string) => within<Exit>(machine, 5000, what, (done) => machine.processes.onExit(pid, done));
    assert.equal(await wait('the grandchild'), { unknown: true });
    assert.equal(await wait('the grandchild again'), { unknown: true });
  },
};

function readlink({ libc }: Machine, path: string): string {
  const out = new ArrayBuffer(256);
  const used = libc.readlink(path, out);
  return String.fromCharCode(...new Uint8Array(out, 0, Math.max(0, used)));
}
