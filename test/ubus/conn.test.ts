import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Server } from '../../src/broker/serve.ts';
import { fromHex, toHex } from '../../src/bytes/hex.ts';
import { UbusClient } from '../../src/ubus/client.ts';
import { Bus, echo, hello, object, path, Scripted } from './bus.ts';
import { World } from './world.ts';

const Reconnecting = suite('the connection');

Reconnecting('without reconnection the first failure is the last', async () => {
  const { world, ...scripted } = new Scripted();
  const client = UbusClient.connect(world.machine, path, { log: (text) => scripted.log.push(text) });
  const failure = await client.ready().catch((error) => error);
  assert.is(failure.status, 10);
  assert.is(failure.message, 'connect /ubus.sock: Connection failed');
  await world.pass(10000);
  assert.is(await client.call('a', 'b').catch((error) => error.message), 'call a b: Connection failed');
  assert.equal(scripted.log, ['ubus: connect /ubus.sock: Connection refused']);
});

Reconnecting('with it the broker may come later', async () => {
  const world = new World();
  const client = UbusClient.connect(world.machine, path, { reconnect: true });
  let ready = false;
  client.ready().then(() => {
    ready = true;
  });
  client.publish(object);
  await world.pass(30000);
  assert.not(ready);
  new Server(world.machine, path, '/acl.d');
  await world.pass(1000);
  assert.ok(ready);
  assert.is((await world.outcome(client.lookup())).length, 1);
});

Reconnecting('objects and subscriptions are back within a second, and nothing old is used', async () => {
  const world = new World();
  new Server(world.machine, path, '/acl.d');
  const provider = UbusClient.connect(world.machine, path, { reconnect: true });
  const publication = provider.publish(object);
  const client = UbusClient.connect(world.machine, path, { reconnect: true });
  const heard: object[] = [];
  const events: string[] = [];
  client.listen('news', (event) => events.push(event));
  const subscribing = client.subscribe('test', (type, data) => heard.push({ type, data }));
  await world.settle();
  const subscription = await subscribing;
  assert.ok(publication.subscribed && subscription.active);
  assert.equal(await world.outcome(client.call('test', 'm', { n: 1 })), { n: 1 });

  world.vanish(path);
  await world.pass(5000);
  assert.not(publication.subscribed);
  assert.not(subscription.active);
  new Server(world.machine, path, '/acl.d');
  await world.pass(1000);
  assert.ok(publication.subscribed && subscription.active);
  assert.equal(await world.outcome(client.call('test', 'm', { n: 2 })), { n: 2 });
  publication.notify('changed', { n: 3 });
  await world.outcome(provider.send('news'));
  assert.equal(heard, [{ type: 'changed', data: { n: 3 } }]);
  assert.equal(events, ['news']);
});

const malformed: [title: string, bytes: string][] = [
  ['a message of another version', '0101000100000000 00000004'],
  ['an outer blob of 3 bytes', '0001000100000000 00000003'],
  ['an outer blob of more than 1 MiB', '0001000100000000 00100001'],
];
for (const [title, bytes] of malformed) {
  Reconnecting(`${title} ends the connection, and a new one is made`, async () => {
    const scripted = new Scripted();
    scripted.world.listen(path);
    const client = scripted.connect({ reconnect: true });
    await scripted.greet(hello);
    const answer = client.call('a', 'b').catch((error) => error.message);
    await scripted.world.settle();
    scripted.world.write(scripted.fd, fromHex(bytes));
    assert.is(await scripted.world.outcome(answer), 'call a b: Connection failed');
    await scripted.world.pass(100);
    await scripted.greet(hello);
    assert.ok(toHex(scripted.world.readAll(scripted.fd)).length > 0);
  });
}

const greetings: [title: string, bytes: string][] = [
  ['a first message that is no HELLO', '0001000100000000 00000004'],
  ['a HELLO of another version', '0100000012345678 00000004'],
  ['the id of a channel', '0000000000000001 00000004'],
  ['no message at all', 'ffffffffffffffff ffffffff'],
];
for (const [title, bytes] of greetings) {
  Reconnecting(`${title} is no greeting`, async () => {
    const scripted = new Scripted();
    scripted.world.listen(path);
    const client = scripted.connect({});
    const ready = client.ready().catch((error) => error.message);
    await scripted.greet(bytes);
    assert.is(await ready, 'connect /ubus.sock: Connection failed');
    assert.ok(scripted.world.isClosed(scripted.fd));
  });
}

Reconnecting('a broker that never greets is left after five seconds', async () => {
  const scripted = new Scripted();
  scripted.world.listen(path);
  const client = scripted.connect({});
  const ready = client.ready().catch((error) => error.message);
  await scripted.world.pass(5000);
  assert.is(await ready, 'connect /ubus.sock: Connection failed');
});

Reconnecting('a path that is taken is told, logged once, and tried again', async () => {
  const bus = new Bus();
  const first = await bus.provider(echo);
  const second = await bus.client();
  second.publish(object);
  assert.is(await bus.world.outcome(second.ready()), 'publish test: Invalid argument');
  await bus.world.pass(3000);
  assert.equal(bus.log, ['ubus: publish test: Invalid argument']);
  first.close();
  await bus.world.pass(1000);
  await second.ready();
});

Reconnecting('what was published and is removed is gone, also when the broker had not answered yet', async () => {
  const bus = new Bus();
  const client = await bus.client();
  const publication = client.publish(object);
  await bus.world.outcome(publication.remove());
  await bus.world.settle();
  assert.equal(await bus.world.outcome(client.lookup()), []);
  const again = client.publish(object);
  await bus.world.settle();
  assert.is((await bus.world.outcome(client.lookup())).length, 1);
  await bus.world.outcome(again.remove());
  assert.equal(await bus.world.outcome(client.lookup()), []);
});

Reconnecting('an object that appears later is subscribed then, once', async () => {
  const bus = new Bus();
  const client = await bus.client();
  const heard: string[] = [];
  const subscribing = client.subscribe('test', (type) => heard.push(type));
  await bus.world.settle();
  const subscription = await subscribing;
  assert.not(subscription.active);
  const provider = await bus.client();
  const publication = provider.publish(object);
  await bus.world.settle();
  assert.ok(subscription.active);
  publication.notify('a', {});
  assert.equal(await bus.world.outcome(publication.ask('b', {})), [0]);
  assert.equal(heard, ['a', 'b']);
  provider.close();
  await bus.world.settle();
  assert.not(subscription.active);
});

Reconnecting('a subscriber that throws is logged and answers 9', async () => {
  const bus = new Bus();
  const provider = await bus.client();
  const publication = provider.publish(object);
  const client = await bus.client();
  const throwing = () => {
    throw new Error('oops');
  };
  await bus.world.outcome(client.subscribe('test', throwing));
  assert.equal(await bus.world.outcome(publication.ask('a', {})), [9]);
  assert.equal(bus.log, ['ubus: a: oops']);
});

Reconnecting('a slow subscriber does not hold up others', async () => {
  const bus = new Bus();
  const provider = await bus.client();
  const publication = provider.publish(object);
  const client = await bus.client();
  const heard: number[] = [];
  await bus.world.outcome(client.subscribe('test', (_, { n }) => heard.push(n as number)));
  bus.world.capacity = 3000;
  for (let n = 0; n < 100; n++) publication.notify('a', { n, pad: 'x'.repeat(1000) });
  await bus.world.settle();
  assert.equal(
    heard,
    Array.from({ length: 100 }, (_, n) => n),
  );
});

Reconnecting('an object that appears while it is looked for is subscribed once', async () => {
  const scripted = new Scripted();
  scripted.world.listen(path);
  const client = scripted.connect({});
  const subscribing = client.subscribe('test', () => {});
  await scripted.greet(hello);
  await scripted.say(2, 1, 0, { objid: 5000 });
  await scripted.say(1, 1, 0, { status: 0 });
  await scripted.say(1, 2, 1, { status: 0 });
  const event = { objid: 5000, method: 'ubus.object.add', data: { id: 6000, path: 'test' } };
  assert.match(await scripted.say(5, 1, 0, event), /^00080004.*0001000100000000/);
  await scripted.say(2, 3, 0, { objpath: 'test', objid: 6000 });
  assert.is(await scripted.say(1, 3, 0, { status: 0 }), '');
  await scripted.say(1, 4, 0, { status: 0 });
  assert.ok((await subscribing).active);
});

Reconnecting.run();
