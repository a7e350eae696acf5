import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { fromHex, toHex } from '../../src/bytes/hex.ts';
import { BlobError } from '../../src/ubus/blob.ts';
import { UBUS_MSG_MONITOR } from '../../src/ubus/constants.ts';
import {
  type Attributes,
  decodeAttributes,
  encodeMessage,
  frameMessage,
  MessageReader,
} from '../../src/ubus/message.ts';
import { feed, parse, scenarios } from './captures.ts';

/** All that was recorded but the two that are no messages. */
const recorded = scenarios
  .filter(({ name }) => !name.startsWith('raw-len-'))
  .flatMap(({ messages }) => messages.map((row) => row[2]));

const Messages = suite('ubus messages');

Messages('every recorded message is the same after decoding and encoding', () => {
  assert.ok(recorded.length > 600);
  for (const hex of recorded) {
    const { version, type, seq, peer, body } = parse(hex);
    assert.is(toHex(frameMessage(type, seq, peer, body)).slice(2), hex.slice(2));
    const attributes = decodeAttributes(body);
    // Monitor messages number their attributes differently.
    if (type === UBUS_MSG_MONITOR || version !== 0) continue;
    assert.is(toHex(encodeMessage(type, seq, peer, attributes)), hex);
  }
});

Messages('a stream in pieces of any size gives the same messages', () => {
  const some = recorded.slice(100, 150);
  const stream = fromHex(some.join(''));
  for (const size of [1, 2, 3, 7, 11, 12, 13, 64, 1000, stream.length]) {
    const reader = new MessageReader();
    const messages = [];
    for (let at = 0; at < stream.length; at += size) messages.push(...feed(reader, stream.subarray(at, at + size)));
    assert.equal(
      messages.map(({ type, seq, peer, body }) => toHex(frameMessage(type, seq, peer, body))),
      some,
    );
  }
});

Messages('the reader never asks for bytes of the next message', () => {
  const reader = new MessageReader();
  assert.is(reader.wanted, 12);
  feed(reader, fromHex('00010001 00000000 0000000c'));
  assert.is(reader.wanted, 8);
});

const limits: [title: string, header: string, ok: boolean][] = [
  ['an outer blob of 0 bytes', '000300010000000000000000', false],
  ['an outer blob of 3 bytes', '000300010000000000000003', false],
  ['an outer blob of 4 bytes', '000300010000000000000004', true],
  ['the largest message', '000300010000000000100000', true],
  ['one byte more', '000300010000000000100001', false],
  ['the largest length there can be', '000300010000000000ffffff', false],
];
for (const [title, header, ok] of limits) {
  Messages(`${title} is ${ok ? 'taken' : 'refused with its header'}`, () => {
    const read = () => feed(new MessageReader(), fromHex(header));
    if (ok) read();
    else assert.throws(read, (error: Error) => error instanceof BlobError);
  });
}

// As blob_parse_untrusted() of libubox has it.
const attributes: [title: string, body: string, expected: Attributes][] = [
  ['an id is unsigned, a status is signed', '03000008 ffffffff 01000008 ffffffff', { objid: 4294967295, status: -1 }],
  ['the later of two counts', '03000008 00000001 03000008 00000002', { objid: 2 }],
  ['the extended flag does not matter', '83000008 00000001', { objid: 1 }],
  ['unknown ids are ignored', '7f000008 00000001 0e000008 00000001 03000008 00000001', { objid: 1 }],
  ['an int32 of the wrong size is absent', '03000006 00010000 01000008 00000000', { status: 0 }],
  ['an int8 of the wrong size is absent', '09000008 00000001', {}],
  ['a string without NUL is absent', '04000006 61620000', {}],
  ['an empty string without NUL is absent', '04000004', {}],
  ['a string of one NUL is empty', '04000005 00000000', { method: '' }],
  ['a length below 4 ends it', '03000008 00000001 01000003 01000008 00000000', { objid: 1 }],
  ['a length beyond the end ends it', '03000008 00000001 01000010 00000000', { objid: 1 }],
  ['padding beyond the end ends it', '03000008 00000001 04000005 00', { objid: 1 }],
  [
    'subscribers of the wrong size are left out',
    '0b000018 00000008 00000005 00000006 00010000 00000004',
    { subscribers: [5] },
  ],
];
for (const [title, body, expected] of attributes) {
  Messages(title, () => assert.equal(decodeAttributes(fromHex(body)), expected));
}

Messages('a message of exactly 1 MiB can be made, a longer one not', () => {
  const overhead = 4 + 4 + 4 + 4 + 1;
  const most = encodeMessage(2, 1, 0, { data: { a: 'x'.repeat(1048576 - overhead) } });
  assert.is(most.length, 8 + 1048576);
  assert.throws(
    () => encodeMessage(2, 1, 0, { data: { a: 'x'.repeat(1048576 - overhead + 1) } }),
    (error: Error) => error instanceof BlobError,
  );
});

Messages.run();
