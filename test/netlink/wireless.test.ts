import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import * as c from '../../src/netlink/constants.ts';
import type { Request } from '../../src/netlink/request.ts';
import { hostOrder } from '../../src/netlink/wire.ts';
import { genlFamily, getFamily, getInterfaces, Wireless, wirelessInterface } from '../../src/netlink/wireless.ts';
import { type Arrival, FakeKernel, outcome, told } from './fake-kernel.ts';
import { recording, saysTheSame } from './recording.ts';

const test = suite('netlink/wireless');

const questions: [recorded: string, request: Request, flags: number][] = [
  ['genl-family-request', getFamily('nl80211'), c.NLM_F_ACK],
  ['c-genl-family-request-big', getFamily('nl80211'), 0],
  ['nl80211-interfaces-request', getInterfaces(34), c.NLM_F_ACK | c.NLM_F_DUMP],
  ['c-nl80211-interfaces-request-big', getInterfaces(28), c.NLM_F_DUMP],
];

for (const [recorded, request, flags] of questions) {
  test(`asks what ${recorded} asks`, () => saysTheSame(request, recorded, {}, flags));
}

const [NEWFAMILY, NEW_INTERFACE] = [1, 7] as const;
const isFound = (seq: number, id: number) => told(c.GENL_ID_CTRL, 0, seq, { cmd: NEWFAMILY, id }, genlFamily);
const wifi = (seq: number, id: number, body: object) =>
  told(id, 2, seq, { cmd: NEW_INTERFACE, ...body }, wirelessInterface);
const done = (seq: number) => outcome(3, 2, seq, 0);
const ENOENT = 2;

/** A kernel in which nl80211 has the number `family.id`, 0 while the module is not there. */
function machine(dump: (seq: number, id: number) => Arrival[]) {
  const family = { id: 28 };
  const kernel = new FakeKernel((_, messages) => {
    const { type, seq } = messages[0]!;
    if (type === c.GENL_ID_CTRL) return [family.id ? isFound(seq, family.id) : outcome(2, 0, seq, ENOENT)];
    return type === family.id ? dump(seq, family.id) : [outcome(2, 0, seq, ENOENT)];
  });
  return { kernel, family, wireless: new Wireless(kernel.machine) };
}

const station = { index: 7, iftype: 'station', use4addr: true };

test('tells the links that are Wi-Fi, as the kernel told them to iw', () => {
  const { bytes } = recording(hostOrder === 'little' ? 'nl80211-interfaces' : 'c-nl80211-interfaces-big');
  const { family, wireless } = machine((seq) => [withSeq(bytes, seq), done(seq)]);
  family.id = hostOrder === 'little' ? 34 : 28;
  const expected = {
    little: [
      { index: 13, iftype: 'monitor', use4addr: false },
      { index: 9, iftype: 'ap', use4addr: false },
      { index: 12, iftype: 'mesh_point', use4addr: false },
      { index: 11, iftype: 'station', use4addr: true },
      { index: 8, iftype: 'station', use4addr: false },
    ],
    big: [
      { index: 258, iftype: 'station', use4addr: false },
      { index: 259, iftype: 'station', use4addr: true },
      { index: 260, iftype: 'ap', use4addr: false },
      { index: 261, iftype: 'mesh_point', use4addr: false },
    ],
  };
  assert.equal(wireless.interfaces(), expected[hostOrder]);
});

test('a P2P device, which has no index, is no link, and a mode without a name is its number', () => {
  const { wireless } = machine((seq, id) => [
    wifi(seq, id, { iftype: 'p2p_device' }),
    wifi(seq, id, { index: 8, iftype: '99' }),
    done(seq),
  ]);
  assert.equal(wireless.interfaces(), [{ index: 8, iftype: '99', use4addr: false }]);
});

test('finds the family once, in one socket that is opened when first asked', () => {
  const { kernel, wireless } = machine((seq, id) => [wifi(seq, id, station), done(seq)]);
  assert.is(kernel.open.size, 0);
  for (const _ of [1, 2]) assert.equal(wireless.interfaces(), [station]);
  assert.equal(
    kernel.sent.map(({ messages }) => messages[0]!.type),
    [c.GENL_ID_CTRL, 28, 28],
  );
  assert.is(kernel.open.size, 1);
  wireless.forget();
  assert.is(kernel.open.size, 0);
});

test('a module that comes later is found only after forget, under whatever number', () => {
  const { kernel, family, wireless } = machine((seq, id) => [wifi(seq, id, station), done(seq)]);
  family.id = 0;
  for (const _ of [1, 2]) assert.equal(wireless.interfaces(), []);
  assert.equal([kernel.sent.length, kernel.open.size], [1, 0]);
  family.id = 31;
  assert.equal(wireless.interfaces(), []);
  wireless.forget();
  assert.equal(wireless.interfaces(), [station]);
});

test('a module that is gone has no interfaces', () => {
  const { family, wireless } = machine((seq, id) => [wifi(seq, id, station), done(seq)]);
  assert.equal(wireless.interfaces(), [station]);
  family.id = 0;
  assert.equal(wireless.interfaces(), []);
});

test('where the socket is refused there are none, and it is not tried again until forget', () => {
  const { kernel, wireless } = machine((seq, id) => [wifi(seq, id, station), done(seq)]);
  kernel.noSocket = Object.assign(new Error('socket AF_NETLINK: Protocol not supported'), { name: 'OsError' });
  assert.equal(wireless.interfaces(), []);
  kernel.noSocket = undefined;
  assert.equal(wireless.interfaces(), []);
  wireless.forget();
  assert.equal(wireless.interfaces(), [station]);
});

test('a refusal for another reason is thrown, and asked again', () => {
  const kernel = new FakeKernel((_, messages) => [outcome(2, 0, messages[0]!.seq, 105)]);
  const wireless = new Wireless(kernel.machine);
  for (const _ of [1, 2]) assert.throws(() => wireless.interfaces(), /find nl80211: strerror 105/);
  assert.is(kernel.open.size, 0);
});

function withSeq(packet: Uint8Array, seq: number): Uint8Array {
  const bytes = packet.slice();
  const view = new DataView(bytes.buffer);
  const little = hostOrder === 'little';
  for (let at = 0; at < bytes.length; at += (view.getUint32(at, little) + 3) & ~3) view.setUint32(at + 8, seq, little);
  return bytes;
}

test.run();
