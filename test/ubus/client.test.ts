import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { fromHex, toHex } from '../../src/bytes/hex.ts';
import { UbusClient } from '../../src/ubus/client.ts';
import type { ObjectDefinition } from '../../src/ubus/object.ts';
import { UbusError } from '../../src/ubus/pending.ts';
import { scenario, side } from './captures.ts';
import { World } from './world.ts';

/*
 * The client against the recordings: it gets what libubus got from ubusd, and must send what libubus sent for the same
 * calls. Its sequence numbers are the same too, because both count from 1 on each connection.
 */

const path = '/ubus.sock';

class Conversation {
  readonly world = new World();
  readonly client: UbusClient;
  readonly fd: number;
  readonly #sent: string[];
  readonly #received: string[];

  constructor(name: string, conn: string) {
    this.world.listen(path);
    this.client = UbusClient.connect(this.world.machine, path);
    this.fd = this.world.accept(path);
    this.#sent = side(scenario(name), conn, '>');
    this.#received = side(scenario(name), conn, '<');
  }

  /** Hand over the next recorded messages. */
  async hear(count = 1): Promise<void> {
    for (const hex of this.#received.splice(0, count)) this.world.write(this.fd, fromHex(hex));
    await this.world.settle();
  }

  /** What was sent since the last time is what was recorded. */
  async said(count = 1): Promise<void> {
    await this.world.settle();
    assert.is(toHex(this.world.readAll(this.fd)), this.#sent.splice(0, count).join(''));
  }
}

/** Hello, lookup of the object, and the invocation are sent and answered; then come `parts` data messages and a status. */
async function call(name: string, conn: string, method: string, args: object, parts: number) {
  const conversation = new Conversation(name, conn);
  await conversation.hear();
  const answer = conversation.client.call('capture.test', method, { ...args }).catch((error) => error);
  await conversation.said();
  await conversation.hear(2);
  await conversation.said();
  await conversation.hear(parts + 1);
  return answer;
}

const everything = {
  s: 'hello',
  i32: -5,
  i64: 9999999999,
  b: true,
  b0: false,
  d: 2.25,
  a: [1, 'two', false, { k: 'v' }, [3]],
  t: { n: { m: 1 } },
  u: null,
  empty: '',
  ea: [],
  et: {},
};

const Calls = suite('calls as libubus makes them');

Calls('arguments and answers of all types', async () => {
  assert.equal(await call('call-json-types', 'cli', 'echo', everything, 1), everything);
});

Calls('an answer without data is an empty table', async () => {
  assert.equal(await call('call-noop', 'cli', 'noop', {}, 0), {});
});

Calls('of several data messages all are told, and they are merged', async () => {
  assert.equal(await call('call-multi', 'cli', 'multi', {}, 3), { part: 2 });
});

const failures: [conn: string, method: string, args: object, status: number, text: string][] = [
  ['cli-fail{"code":6}', 'fail', { code: 6 }, 6, 'call capture.test fail: Permission denied'],
  ['cli-fail{"code":9}', 'fail', { code: 9 }, 9, 'call capture.test fail: Unknown error'],
  ['cli-nosuch', 'nosuch', {}, 3, 'call capture.test nosuch: Method not found'],
];
for (const [conn, method, args, status, text] of failures) {
  Calls(`status ${status} becomes an error that says what was tried`, async () => {
    const error = await call('errors-cli', conn, method, args, 0);
    assert.instance(error, UbusError);
    assert.is(error.status, status);
    assert.is(error.message, text);
  });
}

Calls('an object that is not there', async () => {
  const conversation = new Conversation('errors-cli', 'cli-noobj');
  await conversation.hear();
  const answer = conversation.client.call('no.such.object', 'x').catch((error) => error);
  await conversation.said();
  await conversation.hear();
  assert.is((await answer).message, 'call no.such.object x: Not found');
});

Calls('an object that an ACL hides is not found either', async () => {
  const conversation = new Conversation('acl-nobody-none', 'nobody');
  await conversation.hear();
  const answer = conversation.client.call('capture.test', 'noop').catch((error) => error);
  await conversation.world.settle();
  await conversation.hear();
  assert.is((await answer).status, 4);
});

Calls('lookups and what they tell of methods', async () => {
  const conversation = new Conversation('list', 'cli-list-v');
  await conversation.hear();
  const answer = conversation.client.lookup();
  await conversation.said();
  await conversation.hear(2);
  const [object] = await answer;
  assert.is(object?.path, 'capture.test');
  assert.is(object?.id, 0xf87f1fdd);
  assert.equal(object?.methods.notify, { type: 'String', reply: 'Boolean' });
  assert.equal(object?.methods.noop, {});
});

Calls('events are sent', async () => {
  const conversation = new Conversation('events', 'sender');
  await conversation.hear();
  const answer = conversation.client.send('foo.bar', { a: 1, s: 'x' });
  await conversation.said();
  await conversation.hear();
  await answer;
});

Calls('events are heard', async () => {
  const conversation = new Conversation('events', 'listener2');
  const heard: [string, object][] = [];
  const listening = conversation.client.listen(['foo.*', 'bar'], (event, data) => heard.push([event, data]));
  await conversation.hear();
  await conversation.said();
  await conversation.hear(2);
  await conversation.said();
  await conversation.hear();
  await conversation.said();
  await conversation.hear();
  await listening;
  await conversation.hear(2);
  await conversation.said(2);
  assert.equal(heard, [
    ['foo.bar', { a: 1, s: 'x' }],
    ['bar', {}],
  ]);
});

Calls.run();

/** The object of the recordings, as far as the tests use it. */
const testobj: ObjectDefinition = {
  path: 'capture.test',
  methods: {
    noop: { args: {}, call: (request) => request.finish(0) },
    echo: {
      args: {
        s: 'String',
        i32: 'Integer',
        i64: 'Int64',
        i16: 'Int16',
        b: 'Boolean',
        d: 'Double',
        a: 'Array',
        t: 'Table',
        u: 'Any',
      },
      call(request) {
        request.reply(request.args);
        request.finish(0);
      },
    },
    types: { args: {}, call: () => {} },
    fail: { args: { code: 'Integer' }, call: (request) => request.finish(Number(request.args.code ?? 2)) },
    deferred: { args: { ms: 'Integer' }, call: () => {} },
    multi: {
      args: {},
      call(request) {
        for (const part of [0, 1, 2]) request.reply({ part });
        request.finish(0);
      },
    },
    fd: { args: {}, call: () => {} },
    takefd: { args: {}, call: () => {} },
    notify: { args: { type: 'String', reply: 'Boolean' }, call: () => {} },
    whoami: {
      args: {},
      call(request) {
        request.reply({ user: request.user ?? null, group: request.group ?? null, object: 'capture.test' });
        request.finish(0);
      },
    },
    remove: { args: {}, call: () => {} },
  },
};

const Serving = suite('objects as libubus serves them');

const served: [scenario: string, invocations: number, answers: number][] = [
  ['server-add-object', 0, 0],
  ['call-json-types', 1, 2],
  ['call-noop', 1, 1],
  ['call-multi', 1, 4],
  ['whoami', 1, 2],
  ['errors-cli', 1, 1],
];
for (const [name, invocations, answers] of served) {
  Serving(`${name}: published, called and answered`, async () => {
    const conversation = new Conversation(name, 'server');
    const { client } = conversation;
    client.publish(testobj);
    await conversation.hear();
    await conversation.said();
    await conversation.hear(2);
    await client.ready();
    await conversation.hear(invocations);
    await conversation.said(answers);
  });
}

Serving('statuses of all the failed calls, one after another', async () => {
  const conversation = new Conversation('errors-cli', 'server');
  conversation.client.publish(testobj);
  await conversation.hear(3);
  await conversation.said();
  for (let call = 0; call < 4; call++) {
    await conversation.hear();
    await conversation.said();
  }
});

Serving('notifications without and with an answer', async () => {
  const conversation = new Conversation('subscribe-notify', 'server');
  const { client } = conversation;
  const told: (boolean | number[])[] = [];
  let answers = Promise.resolve<number[]>([]);
  const publication = client.publish({
    ...testobj,
    onSubscribers: (active) => told.push(active),
    methods: {
      ...testobj.methods,
      notify: {
        args: { type: 'String', reply: 'Boolean' },
        call(request) {
          if (request.args.reply) answers = publication.ask('changed', { hello: 'subscribers' });
          else publication.notify('changed', { hello: 'subscribers' });
          request.finish(0);
        },
      },
    },
  });
  await conversation.hear();
  await conversation.said();
  await conversation.hear(3);
  assert.equal(told, [true]);
  await conversation.hear();
  await conversation.said(2);
  await conversation.hear();
  await conversation.said(2);
  await conversation.hear(2);
  assert.equal(await answers, [0]);
  await conversation.hear();
  assert.equal(told, [true, false]);
});

Serving.run();

const Subscribing = suite('subscriptions as libubus makes them');

/** libubus registers for ubus.object.add too when a subscriber asks for objects to come; the ubus command does not. */
Subscribing('notifications come, and are answered where that is asked', async () => {
  const world = new World();
  world.listen(path);
  const client = UbusClient.connect(world.machine, path);
  const fd = world.accept(path);
  const received = side(scenario('subscribe-notify'), 'subscriber', '<').map(fromHex);
  const sent = side(scenario('subscribe-notify'), 'subscriber', '>');
  const heard: [string, object][] = [];
  const hear = async (...messages: Uint8Array[]) => {
    for (const message of messages) world.write(fd, message);
    await world.settle();
    return toHex(world.readAll(fd));
  };
  /** The same message with another sequence number. */
  const renumbered = (hex: string, seq: number) =>
    `${hex.slice(0, 4)}${seq.toString(16).padStart(4, '0')}${hex.slice(8)}`;
  const [hello, added, addedStatus, found, foundStatus, subscribed, silent, asked] = received as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ];
  const subscribing = client.subscribe('capture.test', (type, data) => heard.push([type, data]));
  assert.is(await hear(hello), sent[0]);
  const register = await hear(added, addedStatus);
  assert.match(register, /^00050002000000010000/);
  assert.is(await hear(fromHex('00010002000000010000000c0100000800000000')), renumbered(sent[1]!, 3));
  assert.is(
    await hear(fromHex(renumbered(toHex(found), 3)), fromHex(renumbered(toHex(foundStatus), 3))),
    renumbered(sent[2]!, 4),
  );
  await hear(fromHex(renumbered(toHex(subscribed), 4)));
  assert.ok((await subscribing).active);
  assert.is(await hear(silent), '');
  assert.is(await hear(asked), sent[3]);
  assert.equal(heard, [
    ['changed', { hello: 'subscribers' }],
    ['changed', { hello: 'subscribers' }],
  ]);
});

Subscribing.run();
