import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Broker } from '../../src/broker/broker.ts';
import { fromHex, toHex } from '../../src/bytes/hex.ts';
import { BlobError, decodeTable } from '../../src/ubus/blob.ts';
import { UbusClient } from '../../src/ubus/client.ts';
import { decodeAttributes, frameMessage, type Message, MessageReader } from '../../src/ubus/message.ts';
import { decodeSignature } from '../../src/ubus/object.ts';
import { feed, parse, scenarios } from '../ubus/captures.ts';
import { World } from '../ubus/world.ts';

/** Numbers that look random and are the same each time (mulberry32). */
function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

const recorded = scenarios
  .filter(({ name }) => !name.startsWith('raw-len-'))
  .flatMap(({ messages }) => messages.map((row) => fromHex(row[2])));

/** A recorded message with some bits flipped, a word replaced, or its end cut off. */
function damaged(random: (below: number) => number): Message {
  const bytes = recorded[random(recorded.length)]!.slice();
  const { type, seq, peer, body } = parse(bytes);
  const copy = body.slice(0, random(4) === 0 ? random(body.length + 1) : body.length);
  for (let i = random(4); i > 0 && copy.length > 0; i--) copy[random(copy.length)]! ^= 1 << random(8);
  if (random(3) === 0 && copy.length >= 4)
    new DataView(copy.buffer).setUint32(random(copy.length >> 2) * 4, random(2) * 0xffffffff);
  return { version: 0, type: random(5) === 0 ? random(14) : type, seq, peer, body: copy };
}

/** What the client does with any message that comes. */
function digest({ body }: Message): void {
  const { data, signature } = decodeAttributes(body);
  if (data) lenient(() => decodeTable(data));
  if (signature) lenient(() => decodeSignature(signature));
}

function lenient(fn: () => unknown): void {
  try {
    fn();
  } catch (error) {
    if (!(error instanceof BlobError)) throw error;
  }
}

const Fuzz = suite('messages of any kind');

Fuzz('1,500 damaged messages harm neither the broker nor the decoder', () => {
  const random = seeded(1);
  const broker = new Broker(() => random(0xffffffff));
  const peer = { uid: 0, gid: 0, groups: [], user: 'root', group: 'root' };
  const clients = Array.from({ length: 4 }, () => broker.connect(peer).id);
  for (let i = 0; i < 1500; i++) {
    const message = damaged(random);
    const hex = toHex(message.body);
    try {
      digest(message);
      for (const { bytes } of broker.receive(clients[random(4)]!, message)) digest(parse(bytes));
    } catch (error) {
      throw new Error(`${(error as Error).message}: type ${message.type}, body ${hex}`);
    }
    if (i % 500 === 0) {
      const at = random(4);
      broker.disconnect(clients[at]!);
      clients[at] = broker.connect(peer).id;
    }
  }
});

Fuzz('no damaged message makes a client throw or leave', async () => {
  const random = seeded(3);
  const world = new World();
  world.listen('/ubus.sock');
  const client = UbusClient.connect(world.machine, '/ubus.sock');
  const fd = world.accept('/ubus.sock');
  world.write(fd, fromHex('000000001234567800000004'));
  client.publish({ path: 'test', methods: { m: { args: {}, call: (request) => request.reply(request.args) } } });
  client.subscribe('test', () => {}).catch(() => {});
  await world.settle();
  for (let i = 0; i < 300; i++) {
    client.call('test', 'm').catch(() => {});
    const { type, body } = damaged(random);
    world.write(fd, frameMessage(type, random(30), 0, body));
    if (i % 10 === 0) await world.settle();
  }
  await world.settle();
  assert.not(world.isClosed(fd));
});

Fuzz('random bytes are cut into messages or refused', () => {
  const random = seeded(2);
  let messages = 0;
  for (let i = 0; i < 800; i++) {
    const bytes = Uint8Array.from({ length: 12 + random(60) }, () => random(256));
    // Lengths that can be true come up too.
    new DataView(bytes.buffer).setUint32(8, random(2) ? random(64) : random(0xffffffff));
    lenient(() => {
      for (const message of feed(new MessageReader(), bytes)) {
        messages++;
        digest(message);
      }
    });
  }
  assert.ok(messages > 20);
});

Fuzz.run();
