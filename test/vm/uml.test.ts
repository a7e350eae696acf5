import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Outcome, until } from '../../lab/lab.ts';
import { UML } from './inside.ts';

/** The harness itself, from outside: this file runs on the machine. */
const uml = suite('User-Mode Linux');
const folder = mkdtempSync(join(tmpdir(), 'macvlan-uml-'));
const home = join(folder, 'home');
const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
const SLEEP = ['sh', '-c', 'echo asleep; sleep 1000 & wait'];
const running = new Set<ChildProcess>();
const output = new WeakMap<ChildProcess, { stdout: string; stderr: string }>();

mkdirSync(home);
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
  rmSync(folder, { recursive: true });
});

uml('a command sees folder, environment and files of the machine, and its status and output are ours', async () => {
  const file = join(folder, 'below-tmp');
  writeFileSync(file, 'seen\n');
  const script = 'echo "$1|$PWD|$WORDS"; cat "$2"; touch "$2.new" "$HOME/new"; echo complaint >&2; exit 7';
  const { status, stdout } = await run(['sh', '-c', script, 'sh', 'a  "b" $c', file]);
  assert.is(stdout, `a  "b" $c|${process.cwd()}|two words\nseen\ncomplaint\n`);
  assert.is(status, 7);
  nothingLeft();
});

uml('what nobody has read yet when the command ends is not lost', async () => {
  // A pipe takes 64 KiB; the rest is still in the kernel that is about to end.
  const reader = ['sh', '-c', 'bash "$@" | { dd bs=1 count=1 status=none; sleep 1; wc -c; }', 'sh'];
  const child = start(['sh', '-c', 'head -c 67000 /dev/zero | tr "\\0" x'], {}, reader);
  assert.is((await outcome(child)).stdout, 'x66999\n');
});

const ENDS: { what: string; start?: () => ChildProcess; end?: NodeJS.Signals; status?: number }[] = [
  { what: 'SIGTERM', end: 'SIGTERM', status: 143 },
  { what: 'SIGKILL', end: 'SIGKILL' },
  { what: 'the limit', start: () => start(['--limit', '2', ...SLEEP]), status: 124 },
  {
    what: 'the end of who started it',
    start: () => start(SLEEP, {}, ['sh', '-c', 'bash "$@"; true', 'sh']),
    end: 'SIGKILL',
  },
];
uml('whatever ends it, all of it ends, and nothing is left', async () => {
  await Promise.all(
    ENDS.map(async ({ what, start: begin = () => start(SLEEP), end, status = -1 }) => {
      const child = begin();
      await until(`the kernel (${what})`, () => descendants(child.pid!).length > 6);
      if (end) await until(`the command (${what})`, () => output.get(child)!.stdout === 'asleep\n');
      const processes = descendants(child.pid!);
      if (end) child.kill(end);
      await until(`their end (${what})`, () => processes.every((pid) => !existsSync(`/proc/${pid}`)));
      assert.is((await outcome(child)).status, status, what);
    }),
  );
  nothingLeft();
});

uml('a kernel that crashes is a failure', async () => {
  const { status, stderr } = await run(['sh', '-c', 'echo c >/proc/sysrq-trigger']);
  assert.is(status, 1);
  assert.match(stderr, /^uml: the kernel ended before the command did$/m);
});

uml('a CPU with AMX: it does not start there, and does with what set-up builds for it', async () => {
  const fake = compile('test/vm/amx.c');
  const cure = compile('lab/uml/xstate.c');
  const print = [process.execPath, '-p', '2 ** 0.5'];
  // Where the CPU has AMX indeed, the cure is always there.
  if (!existsSync(join(cache, 'openwrt-macvlan/uml-xstate.so'))) {
    const { status, stderr } = await run(print, { LD_PRELOAD: fake });
    assert.match(stderr, /^uml: the kernel did not get as far as its first program$/m);
    assert.is(status, 125);
  }
  const { status, stdout } = await run(print, { LD_PRELOAD: `${cure}:${fake}` });
  assert.is(stdout, `${2 ** 0.5}\n`);
  assert.is(status, 0);
});

uml.run();

function start(args: string[], more: Record<string, string> = {}, by: string[] = ['bash']): ChildProcess {
  const env = { ...process.env, XDG_CACHE_HOME: cache, HOME: home, WORDS: 'two words', ...more };
  const [program, ...before] = by;
  const child = spawn(program!, [...before, UML, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const texts = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) child[name]!.on('data', (chunk) => (texts[name] += chunk));
  output.set(child, texts);
  running.add(child);
  child.on('close', () => running.delete(child));
  return child;
}

async function outcome(child: ChildProcess): Promise<Outcome> {
  if (running.has(child)) await new Promise((resolve) => child.on('close', resolve));
  return { status: child.exitCode ?? -1, ...output.get(child)! };
}

function run(command: string[], more?: Record<string, string>): Promise<Outcome> {
  return outcome(start(command, more));
}

function nothingLeft(): void {
  assert.equal(readdirSync(join(cache, 'openwrt-macvlan/uml')), []);
  assert.equal(readdirSync(home), []);
  assert.equal(readdirSync(folder), ['below-tmp', 'home']);
}

/** Process ids below one, by what /proc says now. */
function descendants(pid: number): number[] {
  const parents = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => [Number(name), parentOf(name)] as const);
  const below = (of: number): number[] =>
    parents.filter(([, parent]) => parent === of).flatMap(([child]) => [child, ...below(child)]);
  return below(pid);
}

function parentOf(pid: string): number {
  try {
    return Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
  } catch {
    return 0; // it has ended
  }
}

/** A C file as a library to be preloaded, made as set-up makes it. */
function compile(source: string): string {
  const made = join(folder, `${source.replaceAll('/', '-')}.so`);
  execFileSync('gcc', ['-Wall', '-Wextra', '-Werror', '-O2', '-fPIC', '-shared', '-o', made, source]);
  return made;
}
