import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { fromHex } from '../../src/bytes/hex.ts';
import { printPacket } from '../../src/netlink/print.ts';
import { recording } from './recording.ts';

const test = suite('netlink/print');

test('shows what a message says, and the attributes that no table knows', () => {
  const { bytes, order } = recording('routes-ipv6-dump');
  const [head, said, ...unknown] = printPacket(bytes, order).split('\n');
  assert.is(head, 'RTM_NEWROUTE flags 0x22 seq 1795416732 body 100');
  assert.match(said!, /"dst":"2001:db8:1::".*"oif":4/);
  // RTA_CACHEINFO and RTA_PREF of include/uapi/linux/rtnetlink.h
  assert.equal(unknown, [`  attribute 12: ${'00'.repeat(32)}`, '  attribute 20: 00']);
});

test('shows an error with its sentence', () => {
  const { bytes, order } = recording('error-exists');
  assert.match(
    printPacket(bytes, order),
    /^NLMSG_ERROR flags 0x200 .*\n {2}\{"errno":17,"text":"ipv4: Address already assigned"\}$/,
  );
});

test('shows a type that it does not know as bytes', () => {
  assert.is(
    printPacket(fromHex('0000001400780000000000010000000001020304'), 'big'),
    'message 120 flags 0x0 seq 1 body 4\n  01020304',
  );
});

test('shows a body that it cannot read as bytes with the reason', () => {
  const text = printPacket(fromHex('0000001200100000000000010000000001020000'), 'big');
  assert.match(text, /RTM_NEWLINK .*\n {2}read netlink: message body: 16 bytes wanted, 2 there: 0102$/m);
});

test('shows a packet that it cannot read as bytes with the reason', () => {
  assert.is(
    printPacket(fromHex('00000001'), 'big'),
    'read netlink: message header: 16 bytes wanted, 4 there: 00000001',
  );
});

test.run();
