import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Server } from '../../src/broker/serve.ts';
import { UbusClient } from '../../src/ubus/client.ts';
import { encodeMessage, frameMessage, type Message, MessageReader } from '../../src/ubus/message.ts';
import { feed } from '../ubus/captures.ts';
import { World } from '../ubus/world.ts';

const path = '/ubus.sock';
const grant = JSON.stringify({ user: 'nobody', access: { test: { methods: ['m'] } } });

/** A connection whose bytes the test reads when it likes. */
class Raw {
  readonly fd: number;
  readonly #reader = new MessageReader();

  constructor(readonly world: World) {
    this.fd = world.machine.sockets.connectUnix(path);
  }

  send(bytes: Uint8Array): void {
    this.world.write(this.fd, bytes);
  }

  /** Read until nothing more comes. */
  async readAll(): Promise<Message[]> {
    const messages: Message[] = [];
    for (;;) {
      await this.world.settle();
      const bytes = this.world.readAll(this.fd);
      if (bytes.length === 0) return messages;
      messages.push(...feed(this.#reader, bytes));
    }
  }
}

async function serve(): Promise<{ world: World; server: Server }> {
  const world = new World();
  const server = new Server(world.machine, path, '/acl.d');
  return { world, server };
}

async function provider(world: World, names: readonly string[]): Promise<void> {
  const client = UbusClient.connect(world.machine, path);
  for (const name of names)
    client.publish({ path: name, methods: { m: { args: {}, call: (request) => request.finish(0) } } });
  await world.settle();
  await client.ready();
}

const Serving = suite('the sockets of the broker');

Serving('a user without a name is turned away without a word', async () => {
  const { world } = await serve();
  world.peer = { pid: 1, uid: 1234, gid: 0 };
  const raw = new Raw(world);
  await world.settle();
  assert.is(world.readAll(raw.fd).length, 0);
  assert.ok(world.isClosed(raw.fd));
});

for (const header of [3, 1048577]) {
  Serving(`a message of ${header} bytes ends the connection`, async () => {
    const { world } = await serve();
    const raw = new Raw(world);
    await world.settle();
    const bytes = frameMessage(3, 1, 0, new Uint8Array(0));
    new DataView(bytes.buffer).setUint32(8, header);
    raw.send(bytes);
    await world.settle();
    assert.ok(world.isClosed(raw.fd));
  });
}

Serving('what a slow client does not read is dropped beyond 1 MiB, and then goes on', async () => {
  const { world } = await serve();
  const raw = new Raw(world);
  await world.settle();
  const ping = frameMessage(3, 1, 0, new Uint8Array(300000));
  world.capacity = 10;
  for (let i = 0; i < 6; i++) raw.send(ping);
  await world.settle();
  world.capacity = 200000;
  const types = (await raw.readAll()).map(({ type }) => type);
  // HELLO; three answers of 300 kB with their statuses; the later answers did not fit, their statuses did.
  assert.equal(types, [0, 2, 1, 2, 1, 2, 1, 1, 1, 1]);
  raw.send(frameMessage(3, 2, 0, new Uint8Array(0)));
  assert.equal(
    (await raw.readAll()).map(({ type }) => type),
    [2, 1],
  );
});

Serving('a lookup is never cut short, however slow its client', async () => {
  const { world } = await serve();
  const long = 'x'.repeat(100000);
  const names = Array.from({ length: 12 }, (_, n) => `${long}${n}`);
  await provider(world, names);
  const raw = new Raw(world);
  await raw.readAll();
  world.capacity = 10;
  raw.send(encodeMessage(4, 1, 0, {}));
  raw.send(encodeMessage(4, 2, 0, { objpath: names[2]! }));
  await world.settle();
  world.capacity = 200000;
  const messages = await raw.readAll();
  assert.equal(
    messages.map(({ type, seq }) => `${type}/${seq}`),
    [...names.map(() => '2/1'), '1/1', '2/2', '1/2'],
  );
});

Serving('ACL files are read anew, but without any the old rules stay', async () => {
  const { world, server } = await serve();
  await provider(world, ['test']);
  world.peer = { pid: 1, uid: 65534, gid: 65534 };
  const client = UbusClient.connect(world.machine, path);
  await world.settle();
  const seen = async () => (await world.outcome(client.lookup())).length;
  assert.is(await seen(), 0);
  world.files.set('/acl.d/.hidden.json', grant);
  world.files.set('/acl.d/other.txt', grant);
  server.loadAcl();
  assert.is(await seen(), 0);
  world.files.set('/acl.d/a.json', grant);
  server.loadAcl();
  assert.is(await seen(), 1);
  world.files.delete('/acl.d/a.json');
  server.loadAcl();
  assert.is(await seen(), 1);
  world.files.set('/acl.d/b.json', '{"user": "nobody"}');
  server.loadAcl();
  assert.is(await seen(), 0);
});

const unsafe: [title: string, mode: number][] = [
  ['that others may write', 0o100646],
  ['that the group may write', 0o100664],
  ['that others may execute', 0o100645],
  ['that is a directory', 0o040644],
];
for (const [title, mode] of unsafe) {
  Serving(`an ACL file ${title} grants nothing`, async () => {
    const { world, server } = await serve();
    await provider(world, ['test']);
    world.files.set('/acl.d/a.json', grant);
    world.modes.set('/acl.d/a.json', mode);
    server.loadAcl();
    world.peer = { pid: 1, uid: 65534, gid: 65534 };
    const client = UbusClient.connect(world.machine, path);
    await world.settle();
    assert.equal(await world.outcome(client.lookup()), []);
  });
}

Serving('an ACL file that is none is told and the others are read', async () => {
  const { world, server } = await serve();
  world.files.set('/acl.d/a.json', '{');
  world.files.set('/acl.d/b.json', grant);
  server.loadAcl();
  assert.equal(world.printed, ['ubusd: /acl.d/a.json: no ACL file\n']);
});

Serving('a supplementary group counts', async () => {
  const { world, server } = await serve();
  await provider(world, ['test']);
  world.files.set('/etc/group', 'root:x:0:\nnogroup:x:65534:\ndialout:x:20:\n');
  world.files.set('/proc/77/status', 'Name:\tx\nGroups:\t4 20 \nVmPeak:\t1 kB\n');
  world.files.set(
    '/acl.d/a.json',
    grant.replace('"user": "nobody"', '"group": "dialout"').replace('"user":"nobody"', '"group":"dialout"'),
  );
  server.loadAcl();
  world.peer = { pid: 77, uid: 65534, gid: 65534 };
  const client = UbusClient.connect(world.machine, path);
  await world.settle();
  assert.is((await world.outcome(client.lookup())).length, 1);
});

Serving.run();
