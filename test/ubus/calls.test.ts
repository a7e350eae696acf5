import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { UbusRequest } from '../../src/ubus/object.ts';
import { Bus, echo, hello, object, path, Scripted } from './bus.ts';

const Calls = suite('calls');

Calls('data before an error status is in the error', async () => {
  const bus = new Bus();
  await bus.provider((request) => {
    request.reply({ error: 'mtu too big', property: 'mtu' });
    request.finish(2);
  });
  const client = await bus.client();
  const failure = client.call('test', 'm').catch((error) => error);
  await bus.world.settle();
  assert.is((await failure).status, 2);
  assert.is((await failure).message, 'call test m: Invalid argument');
  assert.equal((await failure).data, { error: 'mtu too big', property: 'mtu' });
});

Calls('an answer may come later, and in another order', async () => {
  const bus = new Bus();
  const requests: UbusRequest[] = [];
  await bus.provider((request) => {
    requests.push(request);
  });
  const client = await bus.client();
  const [first, second] = [client.call('test', 'm', { n: 1 }), client.call('test', 'm', { n: 2 })];
  await bus.world.pass(20000);
  for (const request of requests.reverse()) echo(request);
  assert.equal(await bus.world.outcome(first), { n: 1 });
  assert.equal(await bus.world.outcome(second), { n: 2 });
});

Calls('a call that is not answered fails with a timeout, and a late answer harms nobody', async () => {
  const bus = new Bus();
  const requests: UbusRequest[] = [];
  await bus.provider((request) => {
    requests.push(request);
  });
  const client = await bus.client();
  const answer = client.call('test', 'm', {}, { timeoutMs: 1000 }).catch((error) => error.message);
  await bus.world.pass(999);
  assert.is(await bus.world.outcome(answer), 'nothing yet');
  await bus.world.pass(1);
  assert.is(await bus.world.outcome(answer), 'call test m: Request timed out');
  requests[0]!.finish(0);
  requests[0]!.finish(0);
  await bus.world.settle();
  requests.length = 0;
  const next = client.call('test', 'm');
  await bus.world.settle();
  echo(requests[0]!);
  assert.equal(await bus.world.outcome(next), {});
});

Calls('a caller that went away is harmless', async () => {
  const bus = new Bus();
  const requests: UbusRequest[] = [];
  const provider = await bus.provider((request) => {
    requests.push(request);
  });
  const client = await bus.client();
  const answer = client.call('test', 'm').catch((error) => error.message);
  await bus.world.settle();
  client.close();
  assert.is(await answer, 'call test m: Connection failed');
  echo(requests[0]!);
  await bus.world.settle();
  await provider.ready();
});

const broken: [title: string, call: (request: UbusRequest) => void | Promise<void>][] = [
  [
    'throws',
    () => {
      throw new Error('oops');
    },
  ],
  ['rejects', () => Promise.reject(new Error('oops'))],
  [
    'throws no Error',
    () => {
      throw 'oops';
    },
  ],
];
for (const [title, call] of broken) {
  Calls(`a method that ${title} answers 9 and is logged`, async () => {
    const bus = new Bus();
    await bus.provider(call);
    const client = await bus.client();
    assert.is(await bus.world.outcome(client.call('test', 'm')), 'call test m: Unknown error');
    assert.equal(bus.log, ['ubus: test m: oops']);
    assert.is(await bus.world.outcome(client.call('test', 'm')), 'call test m: Unknown error');
  });
}

Calls('an answer that is too long is the method’s failure', async () => {
  const bus = new Bus();
  await bus.provider((request) => request.reply({ text: 'x'.repeat(1048576) }));
  const client = await bus.client();
  assert.is(await bus.world.outcome(client.call('test', 'm')), 'call test m: Unknown error');
});

Calls('arguments that are too long are refused and nothing is sent', async () => {
  const bus = new Bus();
  let calls = 0;
  await bus.provider((request) => {
    calls++;
    echo(request);
  });
  const client = await bus.client();
  assert.is(
    await bus.world.outcome(client.call('test', 'm', { a: 'x'.repeat(1048576) })),
    'call test m: Invalid argument',
  );
  assert.equal(await bus.world.outcome(client.call('test', 'm', { a: 'y' })), { a: 'y' });
  assert.is(calls, 1);
});

Calls('a long message goes through small buffers in small pieces', async () => {
  const bus = new Bus();
  await bus.provider(echo);
  const client = await bus.client();
  bus.world.capacity = 4096;
  bus.world.fragment = 999;
  const args = { a: 'x'.repeat(200000) };
  assert.equal(await bus.world.outcome(client.call('test', 'm', args)), args);
});

Calls('many long calls at once go through small buffers', async () => {
  const bus = new Bus();
  await bus.provider(echo);
  const client = await bus.client();
  bus.world.capacity = 1000;
  const answers = Array.from({ length: 20 }, (_, n) => client.call('test', 'm', { n, pad: 'x'.repeat(20000) }));
  const numbers = Promise.all(answers).then((tables) => tables.map(({ n }) => n));
  assert.equal(
    await bus.world.outcome(numbers),
    Array.from({ length: 20 }, (_, n) => n),
  );
});

Calls('an object that comes back with another id is found again', async () => {
  const bus = new Bus();
  const first = await bus.provider(echo);
  const client = await bus.client();
  assert.equal(await bus.world.outcome(client.call('test', 'm', { n: 1 })), { n: 1 });
  first.close();
  await bus.world.settle();
  assert.is(await bus.world.outcome(client.call('test', 'm')), 'call test m: Not found');
  await bus.provider(echo);
  assert.equal(await bus.world.outcome(client.call('test', 'm', { n: 2 })), { n: 2 });
});

Calls('a method’s own "not found" is not asked for twice', async () => {
  const bus = new Bus();
  let calls = 0;
  await bus.provider((request) => {
    calls++;
    request.finish(4);
  });
  const client = await bus.client();
  assert.is(await bus.world.outcome(client.call('test', 'm')), 'call test m: Not found');
  assert.is(calls, 1);
});

Calls('a client that stays learns that the object it waits for is gone', async () => {
  const bus = new Bus();
  const provider = await bus.provider(() => {});
  const client = await bus.client({ reconnect: true });
  const answer = client.call('test', 'm').catch((error) => error.message);
  await bus.world.settle();
  provider.close();
  assert.is(await bus.world.outcome(answer), 'call test m: Connection failed');
});

Calls('descriptors go both ways, and none is left open', async () => {
  const bus = new Bus();
  const got: (number | undefined)[] = [];
  await bus.provider((request) => {
    got.push(request.takeFd());
    request.finish(0, bus.world.descriptor());
  });
  const client = await bus.client();
  await bus.world.outcome(client.call('test', 'm'));
  const before = new Set(bus.world.open);
  const passFd = bus.world.descriptor();
  const back: number[] = [];
  await bus.world.outcome(client.call('test', 'm', {}, { passFd, onFd: (fd) => back.push(fd) }));
  assert.is(got[0], undefined);
  assert.equal(
    [...bus.world.open].filter((fd) => !before.has(fd)),
    [got[1], back[0]],
  );
  const closers: [string, Promise<unknown>][] = [
    ['nobody takes what comes back', client.call('test', 'm')],
    ['no such object', client.call('nothing', 'm', {}, { passFd: bus.world.descriptor() })],
    ['too long', client.call('test', 'm', { a: 'x'.repeat(1048576) }, { passFd: bus.world.descriptor() })],
    ['an event', client.send('x')],
  ];
  for (const [title, promise] of closers) {
    await bus.world.outcome(promise);
    assert.equal(
      [...bus.world.open].filter((fd) => !before.has(fd)),
      [got[1], back[0]],
      title,
    );
  }
});

Calls('a descriptor that the method does not take is closed at the end of the call', async () => {
  const bus = new Bus();
  await bus.provider(echo);
  const client = await bus.client();
  await bus.world.outcome(client.call('test', 'm'));
  const before = bus.world.open.size;
  await bus.world.outcome(client.call('test', 'm', {}, { passFd: bus.world.descriptor() }));
  assert.is(bus.world.open.size, before);
});

/** A client of a scripted broker. */
async function greeted(options = {}) {
  const scripted = new Scripted();
  scripted.world.listen(path);
  const client = scripted.connect(options);
  await scripted.greet(hello);
  return { scripted, client };
}

Calls('answers that are somebody else’s are not taken', async () => {
  const { scripted, client } = await greeted();
  const parts: object[] = [];
  const answer = client.call('test', 'm', {}, { onData: (data) => parts.push(data) });
  await scripted.world.settle();
  await scripted.say(2, 1, 0, { objid: 5000 });
  await scripted.say(1, 1, 0, { status: 0 });
  await scripted.say(2, 2, 6000, { objid: 6000, data: { of: 'another object' } });
  await scripted.say(2, 3, 5000, { objid: 5000, data: { of: 'another request' } });
  await scripted.say(1, 2, 6000, { objid: 6000, status: 9 });
  await scripted.say(2, 2, 5000, { objid: 5000, data: { n: 1 } });
  await scripted.say(1, 2, 5000, { objid: 5000, status: 0 });
  assert.equal(await scripted.world.outcome(answer), { n: 1 });
  assert.equal(parts, [{ n: 1 }]);
});

Calls('data that are malformed fail the call and nothing else', async () => {
  const { scripted, client } = await greeted();
  const answer = client.call('test', 'm');
  await scripted.world.settle();
  await scripted.say(2, 1, 0, { objid: 5000 });
  await scripted.say(1, 1, 0, { status: 0 });
  await scripted.say(2, 2, 5000, { objid: 5000, data: new Uint8Array(4) });
  assert.is(await scripted.world.outcome(answer), 'call test m: Parsing message data failed');
  assert.not(scripted.world.isClosed(scripted.fd));
});

Calls('ids of an earlier connection are not used', async () => {
  const { scripted, client } = await greeted({ reconnect: true });
  // 1 is the listener for removals.
  client.call('test', 'm').catch(() => {});
  await scripted.world.settle();
  await scripted.say(2, 2, 0, { objid: 5000 });
  await scripted.say(1, 2, 0, { status: 0 });
  scripted.world.vanish(path);
  scripted.world.listen(path);
  await scripted.world.pass(100);
  await scripted.greet(hello);
  scripted.world.readAll(scripted.fd);
  client.call('test', 'm').catch(() => {});
  await scripted.world.settle();
  assert.match(await scripted.say(3, 0, 0, {}), /^0004/);
});

Calls('who wants no answer gets none, and nobody gets two', async () => {
  const { scripted, client } = await greeted();
  client.publish(object);
  client.publish({
    path: 'twice',
    methods: {
      m: {
        args: {},
        call(request) {
          request.finish(0);
          request.finish(0);
          request.reply({ late: true });
        },
      },
    },
  });
  await scripted.say(2, 1, 0, { objid: 5000 });
  await scripted.say(1, 1, 0, { status: 0 });
  await scripted.say(2, 2, 0, { objid: 5001 });
  await scripted.say(1, 2, 0, { status: 0 });
  assert.is(await scripted.say(5, 7, 9999, { no_reply: true, objid: 5000, method: 'm', data: {} }), '');
  assert.match(await scripted.say(5, 8, 9999, { objid: 5001, method: 'm', data: {} }), /^00010008.{48}$/);
});

/** Calls of an object with the method `m` that never come to it. */
const refusals: [title: string, attributes: object, status: number | undefined][] = [
  ['without a method', { data: {} }, 2],
  ['of a method that is not there', { method: 'x', data: {} }, 3],
  ['of what every JavaScript object has', { method: 'constructor', data: {} }, 3],
  ['without data', { method: 'm' }, 2],
  ['with malformed data', { method: 'm', data: new Uint8Array(4) }, 2],
  ['of an unknown object', { objid: 6000, method: 'm', data: {} }, undefined],
];
for (const [title, attributes, status] of refusals) {
  Calls(`a call ${title}: ${status ?? 'nothing'}`, async () => {
    const { scripted, client } = await greeted();
    client.publish(object);
    await scripted.say(2, 1, 0, { objid: 5000 });
    await scripted.say(1, 1, 0, { status: 0 });
    const answer = await scripted.say(5, 7, 9999, { objid: 5000, ...attributes });
    assert.is(
      answer,
      status === undefined
        ? ''
        : `000100070000270f0000001401000008${status.toString(16).padStart(8, '0')}0300000800001388`,
    );
  });
}

Calls.run();
