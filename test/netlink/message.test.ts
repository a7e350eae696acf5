import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { fromHex, toHex } from '../../src/bytes/hex.ts';
import { NetlinkError } from '../../src/netlink/error.ts';
import { addLink, deleteLink } from '../../src/netlink/link.ts';
import { readMessages, readOutcome, writePackets } from '../../src/netlink/message.ts';
import { Input } from '../../src/netlink/wire.ts';
import { fixtures } from '../helpers/fixture.ts';
import { recording, tell } from './recording.ts';

const test = suite('netlink/message');

for (const file of fixtures('netlink')) {
  const name = file.replace(/\.dump$/, '');
  // IFLA_INET_CONF is written in a form that is never read.
  if (name.startsWith('c-link-set-conf')) continue;
  test(`reads ${name}`, () => {
    const { bytes, order, protocol, messages } = recording(name);
    assert.equal(tell(bytes, order, protocol), messages);
  });
}

const header = (length: string, type = '0010') => `${length}${type}00000000000100000000`;
const malformed: [what: string, hex: string, says: RegExp][] = [
  ['a header cut off', '00000010001000', /message header: 16 bytes wanted, 7 there/],
  ['a length of 0', header('00000000'), /message of length 0/],
  ['a length less than the header', header('0000000f'), /message of length 15/],
  ['a length above what is there', header('00000014'), /message: 20 bytes wanted, 16 there/],
  ['garbage behind a message', `${header('00000010', '0003')}ff`, /message header: 16 bytes wanted, 1 there/],
  ['a link cut off in its struct', `${header('00000018')}0000000000000001`, /message body: 16 bytes wanted, 8 there/],
  ['an address without a struct', header('00000010', '0014'), /message body: 8 bytes/],
  ['a route cut off in its struct', `${header('00000014', '0018')}02000000`, /message body: 12 bytes wanted, 4 there/],
  ['a rule without a struct', header('00000010', '0020'), /message body: 12 bytes/],
  ['an error without a number', header('00000010', '0002'), /error number: 4 bytes wanted, 0 there/],
];

for (const [what, hex, says] of malformed) {
  test(`refuses ${what}`, () => assert.throws(() => tell(fromHex(hex), 'big'), isNetlinkError(says)));
}

const outcomes: [what: string, hex: string, says: RegExp][] = [
  [
    'an extended ack without the request',
    '0000001800020200' + '0000000100000000' + 'ffffffea00000000',
    /failed request/,
  ],
  [
    'a request longer than the message',
    `00000024000202000000000100000000ffffffea00000400${'00'.repeat(12)}`,
    /failed request/,
  ],
  ['an extended ack cut off', `00000026000203000000000100000000ffffffea${'00'.repeat(16)}0008`, /attribute header/],
];

for (const [what, hex, says] of outcomes) {
  test(`refuses ${what}`, () => {
    const input = new Input(fromHex(hex), 'big');
    assert.throws(() => readMessages(input).map((message) => readOutcome(input, message)), isNetlinkError(says));
  });
}

test('an NLMSG_DONE carries an error too, with its extended ack right behind it', () => {
  const input = new Input(
    fromHex('0000001c00030200' + '0000000100000000' + 'fffffffe' + '00070001' + '6e6f0000'),
    'big',
  );
  assert.equal(readOutcome(input, readMessages(input)[0]!), { errno: 2, text: 'no' });
});

test('packets are cut at 64 messages, and every request gets a number', () => {
  const packets = writePackets(
    Array.from({ length: 150 }, (_, i) => deleteLink({ index: i })),
    0,
    1000,
    'big',
  );
  assert.equal(
    packets.map(({ first, count }) => [first, count]),
    [
      [0, 64],
      [64, 64],
      [128, 22],
    ],
  );
  const seqs = packets.flatMap(({ bytes }) => readMessages(new Input(bytes, 'big')).map(({ seq }) => seq));
  assert.equal(
    seqs,
    Array.from({ length: 150 }, (_, i) => 1000 + i),
  );
});

test('packets of large messages are cut earlier', () => {
  const alias = 'x'.repeat(2000);
  const packets = writePackets(
    Array.from({ length: 40 }, () => addLink({ ifname: 'm', ifalias: alias })),
    0,
    1,
  );
  assert.equal(
    packets.map(({ count }) => count),
    [17, 17, 6],
  );
});

test('a message starts at a multiple of four', () => {
  const [packet] = writePackets([addLink({ ifname: 'm0' }), deleteLink({ index: 1 })], 0, 1, 'big');
  // nlmsghdr 16, ifinfomsg 16, IFLA_IFNAME 4 + "m0" and NUL = 7, one byte of padding
  assert.is(toHex(packet!.bytes.subarray(0, 4)), '00000028');
  assert.is(toHex(packet!.bytes.subarray(40, 44)), '00000020');
});

function isNetlinkError(says: RegExp) {
  return (error: unknown) => error instanceof NetlinkError && error.errno === 0 && says.test(error.message);
}

test.run();
