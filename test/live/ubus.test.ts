import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Machine, openMachine } from '../../src/runtime/machine.ts';
import { node } from '../../src/runtime/node.ts';
import { UbusClient } from '../../src/ubus/client.ts';
import type { ObjectDefinition } from '../../src/ubus/object.ts';
import { UbusError } from '../../src/ubus/pending.ts';

/*
 * Clients and a broker in processes of their own, over real sockets. UBUSD=/sbin/ubusd takes another broker than ours:
 * it is to make no difference.
 */

const acl = {
  user: 'nobody',
  access: { 'live.*': { methods: ['whoami'] } },
  send: ['live.*'],
  listen: ['live.*'],
};

const folder = mkdtempSync(join(tmpdir(), 'ubus-live-'));
const socket = join(folder, 'ubus.sock');
const aclFolder = join(folder, 'acl.d');
let broker: ChildProcess;
let machine: Machine;
const clients: UbusClient[] = [];

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function until(condition: () => boolean, what: string, patience = 10000): Promise<void> {
  const end = Date.now() + patience;
  while (!condition()) {
    if (Date.now() > end) throw new Error(`waited in vain: ${what}`);
    await sleep(10);
  }
}

/** One that can already be connected to. */
async function startBroker(): Promise<void> {
  const command = process.env.UBUSD ? [process.env.UBUSD] : [process.execPath, '--import', 'tsx', 'test/live/ubusd.ts'];
  broker = spawn(command[0]!, [...command.slice(1), '-s', socket, '-A', aclFolder], { stdio: 'inherit' });
  await until(() => existsSync(socket), 'socket');
  const probe = UbusClient.connect(machine, socket, { reconnect: true });
  await probe.ready();
  probe.close();
}

async function stopBroker(): Promise<void> {
  const ended = new Promise((resolve) => broker.once('exit', resolve));
  broker.kill('SIGTERM');
  await ended;
}

function connect(options = {}): UbusClient {
  const client = UbusClient.connect(machine, socket, options);
  clients.push(client);
  return client;
}

const object: ObjectDefinition = {
  path: 'live.test',
  methods: {
    echo: {
      args: {},
      call(request) {
        request.reply(request.args);
        request.finish(0);
      },
    },
    whoami: {
      args: {},
      call(request) {
        request.reply({ user: request.user ?? null, group: request.group ?? null });
        request.finish(0);
      },
    },
    size: {
      args: { data: 'String' },
      call(request) {
        request.reply({ size: String(request.args.data).length });
        request.finish(0);
      },
    },
    later: {
      args: { ms: 'Integer' },
      async call(request) {
        await sleep(Number(request.args.ms));
        request.reply({ done: true });
        request.finish(0);
      },
    },
    read: {
      args: {},
      call(request) {
        const fd = request.takeFd();
        request.reply({ text: fd === undefined ? null : read(fd) });
        request.finish(0);
      },
    },
    open: {
      args: {},
      call(request) {
        request.finish(0, open(join(folder, 'secret')));
      },
    },
  },
};

function open(path: string): number {
  return machine.libc.open(path, machine.libc.constants.O_RDONLY, 0);
}

function read(fd: number): string {
  const bytes = new Uint8Array(64);
  const count = machine.libc.read(fd, bytes.buffer, 0, 64);
  machine.libc.close(fd);
  return String.fromCharCode(...bytes.subarray(0, count));
}

const Live = suite('ubus over real sockets');

Live.before(async () => {
  chmodSync(folder, 0o755);
  mkdirSync(aclFolder);
  writeFileSync(join(aclFolder, 'nobody.json'), JSON.stringify(acl), { mode: 0o644 });
  writeFileSync(join(folder, 'secret'), 'from a descriptor');
  machine = await openMachine(node);
  await startBroker();
});

Live.after(async () => {
  for (const client of clients) client.close();
  await stopBroker();
  rmSync(folder, { recursive: true });
});

Live.after.each(() => {
  for (const client of clients.splice(0)) client.close();
});

Live('eight clients with 200 calls each get each their own answers', async () => {
  const provider = connect();
  provider.publish(object);
  await provider.ready();
  const callers = Array.from({ length: 8 }, () => connect());
  await Promise.all(callers.map((caller) => caller.ready()));
  const calls = callers.flatMap((caller, c) =>
    Array.from({ length: 200 }, async (_, n) => {
      const answer = await caller.call('live.test', 'echo', { c, n, text: `${c}/${n}` });
      assert.equal(answer, { c, n, text: `${c}/${n}` });
    }),
  );
  await Promise.all(calls);
  assert.is(calls.length, 1600);
});

Live('a message of 900 kB goes through, one of more than 1 MiB is refused before it is sent', async () => {
  const provider = connect();
  provider.publish(object);
  await provider.ready();
  const caller = connect();
  await caller.ready();
  assert.equal(await caller.call('live.test', 'size', { data: 'x'.repeat(900000) }), { size: 900000 });
  const big = { text: 'é'.repeat(450000) };
  assert.equal(await caller.call('live.test', 'echo', big), big);
  const refused = await caller.call('live.test', 'size', { data: 'x'.repeat(1048576) }).catch((error) => error);
  assert.instance(refused, UbusError);
  assert.is(refused.status, 2);
  assert.equal(await caller.call('live.test', 'size', { data: 'y' }), { size: 1 });
});

Live('descriptors go both ways', async () => {
  const provider = connect();
  provider.publish(object);
  await provider.ready();
  const caller = connect();
  await caller.ready();
  const passFd = open(join(folder, 'secret'));
  assert.equal(await caller.call('live.test', 'read', {}, { passFd }), { text: 'from a descriptor' });
  let text = '';
  await caller.call('live.test', 'open', {}, { onFd: (fd) => (text = read(fd)) });
  assert.is(text, 'from a descriptor');
});

Live('within a second after the broker is back, objects and subscriptions are too', async () => {
  const provider = connect({ reconnect: true });
  const publication = provider.publish(object);
  await provider.ready();
  const caller = connect({ reconnect: true });
  await caller.ready();
  const heard: string[] = [];
  const subscription = await caller.subscribe('live.test', (type) => heard.push(type));
  await until(() => publication.subscribed, 'subscriber');
  const unanswered = caller.call('live.test', 'later', { ms: 3000 }).catch((error) => error);
  await sleep(50);

  await stopBroker();
  assert.is((await unanswered).status, 10);
  assert.not(publication.subscribed);
  await sleep(1500);
  await startBroker();
  const back = Date.now();
  await provider.ready();
  await caller.ready();
  await until(() => publication.subscribed && subscription.active, 'subscriber');
  assert.ok(Date.now() - back < 1000, `${Date.now() - back} ms`);
  assert.equal(await caller.call('live.test', 'echo', { again: true }), { again: true });
  publication.notify('news', { n: 1 });
  await until(() => heard.length > 0, 'notification');
  assert.equal(heard, ['news']);
});

Live('an object that is published again is found again, and a call to one that goes away fails', async () => {
  const first = connect();
  first.publish(object);
  await first.ready();
  const caller = connect({ reconnect: true });
  await caller.ready();
  await caller.call('live.test', 'echo');
  const unanswered = caller.call('live.test', 'later', { ms: 3000 }).catch((error) => error);
  await sleep(50);
  first.close();
  assert.is((await unanswered).status, 10);
  const second = connect();
  second.publish(object);
  await second.ready();
  assert.equal(await caller.call('live.test', 'echo', { n: 2 }), { n: 2 });
});

Live('somebody who is not root may what an ACL file grants', async () => {
  if (process.getuid!() !== 0) {
    console.log('skipped: only root can run a peer as nobody');
    return;
  }
  const provider = connect();
  provider.publish(object);
  await provider.ready();
  const run = promisify(execFile);
  const peer = ['--import', 'tsx', 'test/live/ubus-peer.ts', socket];
  const { stdout } = await run(process.execPath, peer, { uid: 65534, gid: 65534, env: { HOME: folder } });
  assert.equal(JSON.parse(stdout), {
    seen: ['live.test: whoami'],
    whoami: { user: 'nobody', group: 'nogroup' },
    echo: 6,
    send: 0,
    sendOther: 6,
    listen: 0,
    listenAll: 6,
    published: 2,
  });
});

Live.run();
