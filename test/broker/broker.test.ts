import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Peer } from '../../src/broker/acl.ts';
import { Broker } from '../../src/broker/broker.ts';
import type { Outgoing } from '../../src/broker/outbox.ts';
import { fromHex, toHex } from '../../src/bytes/hex.ts';
import { decodeTable } from '../../src/ubus/blob.ts';
import { type Attributes, decodeAttributes, encodeMessage } from '../../src/ubus/message.ts';
import { parse } from '../ubus/captures.ts';

const root: Peer = { uid: 0, gid: 0, groups: [], user: 'root', group: 'root' };

/** A broker whose ids count up from 1024; its answers as text: `client TYPE seq/peer attributes`. */
class Bench {
  #id = 1024;
  readonly broker = new Broker(() => this.#id++);

  connect(peer = root): number {
    return this.broker.connect(peer).id;
  }

  send(client: number, type: number, seq: number, peer: number, attributes: Attributes): string[] {
    return describe(this.broker.receive(client, parse(encodeMessage(type, seq, peer, attributes))));
  }

  /** The id of a new object. */
  add(client: number, attributes: Attributes = {}): number {
    const out = this.broker.receive(client, parse(encodeMessage(6, 1, 0, attributes)));
    const data = out.find(({ to, bytes }) => to === client && bytes[1] === 2)!;
    return decodeAttributes(data.bytes.subarray(12)).objid!;
  }
}

function describe(out: readonly Outgoing[]): string[] {
  return out.map(({ to, bytes }) => {
    const { type, seq, peer, body } = parse(bytes);
    const { data, signature, ...others } = decodeAttributes(body);
    const all = {
      ...others,
      ...(data && { data: decodeTable(data) }),
      ...(signature && { signature: toHex(signature) }),
    };
    return `${to} ${type} ${seq}/${peer} ${JSON.stringify(all)}`;
  });
}

const Brokers = suite('the broker');

Brokers('ids below 1024 and those in use are not given out', () => {
  const ids = [0, 1, 1023, 5000, 5000, 0x1_0000_0000 + 5000, 6000];
  const broker = new Broker(() => ids.shift()!);
  assert.is(broker.connect(root).id, 5000);
  assert.is(broker.connect(root).id, 6000);
});

Brokers('objects are found in the order of their bytes', () => {
  const bench = new Bench();
  const client = bench.connect();
  for (const objpath of ['b', 'a.c', 'B', 'é', 'a', 'a!']) bench.add(client, { objpath, signature: {} });
  const paths = (pattern?: string) =>
    bench.broker
      .receive(client, parse(encodeMessage(4, 1, 0, { objpath: pattern })))
      .map(({ bytes }) => decodeAttributes(bytes.subarray(12)).objpath)
      .slice(0, -1);
  assert.equal(paths(), ['B', 'a', 'a!', 'a.c', 'b', 'é']);
  assert.equal(paths('a*'), ['a', 'a!', 'a.c']);
  assert.equal(paths('é'), ['é']);
  assert.equal(paths('*').length, 6);
});

Brokers('paths that are no UTF-8 stay what they are', () => {
  const bench = new Bench();
  const client = bench.connect();
  for (const path of ['ff00', 'fe00']) {
    const body = `0200000${4 + path.length / 2} ${path}0000 06000004`;
    const bytes = fromHex(`00060001 00000000 00000010 ${body}`);
    assert.is(bench.broker.receive(client, parse(bytes)).length, 2);
  }
  const found = bench.broker.receive(client, parse(encodeMessage(4, 1, 0, {})));
  assert.equal(
    found.slice(0, 2).map(({ bytes }) => toHex(bytes.subarray(12, 20))),
    ['02000006fe000000', '02000006ff000000'],
  );
});

Brokers('an object with subscribers that goes away tells all in the order of ubusd', () => {
  const bench = new Bench();
  const [owner, first, second] = [bench.connect(), bench.connect(), bench.connect()];
  const object = bench.add(owner, { objpath: 'o', signature: {} });
  const [a, b, listener] = [bench.add(first), bench.add(second), bench.add(second)];
  bench.send(second, 5, 1, 1, { objid: 1, method: 'register', data: { object: listener, pattern: 'ubus.object.*' } });
  bench.send(first, 8, 1, 0, { objid: a, target: object });
  bench.send(second, 8, 1, 0, { objid: b, target: object });
  bench.send(first, 8, 1, 0, { objid: a, target: object });
  assert.equal(describe(bench.broker.disconnect(owner)), [
    `${first} 9 1/0 {"objid":${a},"target":${object}}`,
    `${second} 9 1/0 {"objid":${b},"target":${object}}`,
    `${first} 9 2/0 {"objid":${a},"target":${object}}`,
    `${owner} 10 2/0 {"objid":${object},"active":false}`,
    `${second} 5 1/0 {"objid":${listener},"method":"ubus.object.remove","data":{"id":${object},"path":"o"}}`,
  ]);
});

Brokers('subscribers are told the newest first', () => {
  const bench = new Bench();
  const [owner, client] = [bench.connect(), bench.connect()];
  const object = bench.add(owner);
  const [a, b] = [bench.add(client), bench.add(client)];
  bench.send(client, 8, 1, 0, { objid: a, target: object });
  bench.send(client, 8, 1, 0, { objid: b, target: object });
  const out = bench.send(owner, 10, 7, object, { objid: object, method: 'n', data: {} });
  assert.is(out[0], `${owner} 1 7/${object} {"objid":${object},"subscribers":[${b},${a}],"status":0}`);
  assert.match(out[1]!, `"objid":${b},`);
  assert.match(out[2]!, `"objid":${a},`);
});

Brokers('an event reaches each listener once, in the order of the patterns, and not its sender', () => {
  const bench = new Bench();
  const [sender, other] = [bench.connect(), bench.connect()];
  const [own, late, early] = [bench.add(sender), bench.add(other), bench.add(other)];
  const listen = (client: number, object: number, pattern: string) =>
    bench.send(client, 5, 1, 1, { objid: 1, method: 'register', data: { object, pattern } });
  listen(sender, own, '*');
  listen(other, late, 'a.b');
  listen(other, late, 'a.*');
  listen(other, early, 'a*');
  listen(other, early, 'b');
  const out = bench.send(sender, 5, 2, 1, { objid: 1, method: 'send', data: { id: 'a.b', data: { n: 1 } } });
  assert.equal(out, [
    `${other} 5 1/0 {"objid":${early},"method":"a.b","data":{"n":1}}`,
    `${other} 5 2/0 {"objid":${late},"method":"a.b","data":{"n":1}}`,
    `${sender} 1 2/1 {"status":0}`,
  ]);
});

/** Requests of a client that owns object 1027, while 1026 belongs to another and 1028 to nobody. */
const statuses: [title: string, type: number, attributes: Attributes, status: number | undefined][] = [
  ['remove a system object', 7, { objid: 1 }, 6],
  ['subscribe with a system object', 8, { objid: 2, target: 1026 }, 2],
  ['subscribe to a system object', 8, { objid: 1027, target: 1 }, 4],
  ['unsubscribe with a system object', 9, { objid: 2, target: 1026 }, 2],
  ['unsubscribe with a foreign object', 9, { objid: 1026, target: 1027 }, 2],
  ['unsubscribe with an unknown object', 9, { objid: 4000, target: 1026 }, 4],
  ['unsubscribe without a target', 9, { objid: 1027 }, 2],
  ['notify a system object', 10, { objid: 3, method: 'x' }, 6],
  ['notify an unknown object', 10, { objid: 4000, method: 'x' }, 4],
  ['notify without a method', 10, { objid: 1027 }, 2],
  ['invoke a system object that is none', 5, { objid: 4, method: 'x' }, 4],
  [
    'register an int64 for an object',
    5,
    { objid: 1, method: 'register', data: { object: 2n ** 40n, pattern: 'x' } },
    2,
  ],
  ['register an empty pattern', 5, { objid: 1, method: 'register', data: { object: 1027, pattern: '' } }, 6],
  ['register without data', 5, { objid: 1, method: 'register' }, 2],
  ['send data that are no table', 5, { objid: 1, method: 'send', data: { id: 'x', data: [] } }, 2],
  ['answer for a foreign object', 1, { objid: 1026, status: 0 }, undefined],
  ['answer data without data', 2, { objid: 1027 }, undefined],
];
for (const [title, type, attributes, status] of statuses) {
  Brokers(`${title}: ${status ?? 'nothing'}`, () => {
    const bench = new Bench();
    const [other, client] = [bench.connect(), bench.connect()];
    assert.equal([bench.add(other), bench.add(client)], [1026, 1027]);
    const expected = status === undefined ? [] : [`${client} 1 5/99 {"status":${status}}`];
    assert.equal(bench.send(client, type, 5, 99, attributes), expected);
  });
}

const signatures: [title: string, hex: string][] = [
  ['a method without a name', '82000008 00000000'],
  ['a method without a blobmsg header', '02000004'],
  ['a name longer than the method', '82000008 00096100'],
  ['an unknown type', '8f000008 00016d00'],
];
for (const [title, hex] of signatures) {
  Brokers(`a signature with ${title} gives an object without a type`, () => {
    const bench = new Bench();
    const client = bench.connect();
    const out = bench.send(client, 6, 1, 0, { objpath: 'x', signature: fromHex(hex) });
    assert.match(out[0]!, /\{"objid":\d+\}$/);
    assert.equal(bench.send(client, 4, 2, 0, { objpath: 'x' }), [`${client} 1 2/0 {"status":0}`]);
  });
}

Brokers('a call that becomes too long with user and group is refused', () => {
  const bench = new Bench();
  const [owner, client] = [bench.connect(), bench.connect()];
  const object = bench.add(owner);
  const attributes = { objid: object, method: 'm', data: new Uint8Array(1048576 - 24) };
  assert.equal(bench.send(client, 5, 1, object, attributes), [`${client} 1 1/${object} {"status":2}`]);
});

Brokers('one who is not known is not heard', () => {
  const bench = new Bench();
  assert.equal(bench.send(4711, 3, 1, 0, {}), []);
  assert.equal(bench.broker.disconnect(4711), []);
});

Brokers.run();
