import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { until } from '../../lab/lab.ts';
import { endSession } from '../../src/daemon/discovery.ts';
import { linkNamed, machine } from './namespace.ts';

/** A session of a client that is gone without a word, at a real access concentrator, which needs no PPP for that. */
const test = suite('live/discovery');
const folder = mkdtempSync(join(tmpdir(), 'discovery-'));
const started: ChildProcess[] = [];

test.after(() => {
  for (const child of started) child.kill('SIGKILL');
  if (existsSync(pidFile())) kill(pidOf());
  rmSync(folder, { recursive: true });
});

function start(program: string, ...args: string[]): ChildProcess {
  // Its standard input stays open: at the end of it the client would say goodbye.
  const child = spawn(program, args, { stdio: ['pipe', 'ignore', 'ignore'] });
  started.push(child);
  return child;
}

const pidFile = () => join(folder, 'pppd.pid');
const pidOf = () => Number(readFileSync(pidFile(), 'utf8'));
const isAlive = (pid: number) => existsSync(`/proc/${pid}`);

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {} // it has ended
}

test('it is ended by a word to the access concentrator, and another one is not', async () => {
  // What the server starts for each session, as long as that lasts.
  const pppd = join(folder, 'pppd');
  writeFileSync(pppd, `#!/bin/sh\necho $$ >${pidFile()}.new && mv ${pidFile()}.new ${pidFile()}\nexec sleep 600\n`, {
    mode: 0o755,
  });
  start('pppoe-server', '-F', '-I', 'p1', '-C', 'ac-one', '-o', '257', '-q', pppd);
  await until('the server', () => readFileSync('/proc/net/packet', 'utf8').includes(' 8863 '));
  const client = start('pppoe', '-I', 'p0', '-U');
  await until('a session', () => existsSync(pidFile()));
  const pid = pidOf();
  const { index, address } = linkNamed('p0');
  const op = { op: 'endSession', owner: 'pppoe_client_1', name: 'pppoe-out1', ifindex: index } as const;
  const ours = { ...op, mac: address!, acMac: linkNamed('p1').address! };
  client.kill('SIGKILL');
  await new Promise((resolve) => client.on('exit', resolve));

  endSession({ ...ours, session: 257 }, machine);
  endSession({ ...ours, session: 258, mac: '02:00:00:00:00:99' }, machine);
  assert.ok(isAlive(pid));
  endSession({ ...ours, session: 258 }, machine);
  await until('its end', () => !isAlive(pid));
  assert.throws(() => endSession({ ...ours, ifindex: 4711, session: 258 }, machine), /No such device/);
});

test.run();
