import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { fromHex, toHex } from '../../src/bytes/hex.ts';
import { body, many, struct, table } from '../../src/netlink/attrs.ts';
import { NetlinkError } from '../../src/netlink/error.ts';
import { bool, ip, mac, padding, s32, type Type, text, u8, u16, u32, u64, words } from '../../src/netlink/scalars.ts';
import { type ByteOrder, Input, Output } from '../../src/netlink/wire.ts';

const test = suite('netlink/attrs');

const color = words(u8, { red: 1, green: 2 });
const point = struct({ x: u16, _pad: padding(2), y: s32 });
const things = table({
  byte: [1, u8],
  count: [2, u32, 7],
  name: [3, text],
  inner: [4, table({ deep: [1, table({ color: [9, color] })] })],
  macs: [5, many(mac)],
  point: [6, point],
  address: [7, ip],
  total: [8, u64],
  on: [9, bool],
});

const rows: [what: string, big: string, value: Record<string, unknown>][] = [
  ['nothing: what absence means', '', { count: 7 }],
  ['a byte and its padding', '0005000180000000', { byte: 128, count: 7 }],
  ['a word', '00080002fffefdfc', { count: 0xfffefdfc }],
  ['a text with NUL', '000700036d300000', { name: 'm0', count: 7 }],
  ['an empty text', '0005000300000000', { name: '', count: 7 }],
  ['a text that is not ASCII', '000c0003' + '6dc3b6e298832100', { name: 'mö☃!', count: 7 }],
  ['a nest in a nest', '0010000400' + '0c0001' + '0005000902000000', { inner: { deep: { color: 'green' } }, count: 7 }],
  ['an empty nest', '00040004', { inner: {}, count: 7 }],
  [
    'a word without a name',
    '0010000400' + '0c0001' + '00050009ff000000',
    { inner: { deep: { color: '255' } }, count: 7 },
  ],
  ['one of many', '000a0005020000000001' + '0000', { macs: ['02:00:00:00:00:01'], count: 7 }],
  [
    'many of many',
    '000a00050200000000010000' + '000a00050200000000020000',
    { macs: ['02:00:00:00:00:01', '02:00:00:00:00:02'], count: 7 },
  ],
  ['a struct', '000c0006' + '0102' + '0000' + 'ffffffff', { point: { x: 0x102, y: -1 }, count: 7 }],
  ['an IPv4 address', '00080007c0000201', { address: '192.0.2.1', count: 7 }],
  ['an IPv6 address', '00140007' + '20010db8000000000000000000000001', { address: '2001:db8::1', count: 7 }],
  ['a counter above 2^32', '000c0008' + '0000000200000003', { total: 2 * 2 ** 32 + 3, count: 7 }],
  ['a truth', '0005000901000000', { on: true, count: 7 }],
];

for (const [what, hex, value] of rows) {
  test(`reads and writes ${what}`, () => {
    assert.equal(decode(hex, 'big'), value);
    const written = encode(value, 'big');
    // A value that stands for absence is written when it is given.
    assert.is(written.replace('0008000200000007', ''), hex);
  });
}

for (const order of ['big', 'little'] as const) {
  test(`writes ${order}-endian`, () => {
    const expected = { big: '0008000200000102', little: '0800020002010000' };
    assert.is(encode({ count: 258 }, order), expected[order]);
    assert.is(decode(encode({ total: 2 ** 40 + 1 }, order), order).total, 2 ** 40 + 1);
  });
}

const readings: [what: string, hex: string, value: Record<string, unknown>][] = [
  ['a text without NUL ends with its attribute', '000600036d300000', { name: 'm0', count: 7 }],
  ['a text ends at its first NUL', '000800036d003000', { name: 'm', count: 7 }],
  ['an unknown attribute is skipped', '00080063ffffffff' + '0005000101000000', { byte: 1, count: 7 }],
  [
    'NLA_F_NESTED and NLA_F_NET_BYTEORDER are no part of the number',
    '00048004' + '0005400101000000',
    { inner: {}, byte: 1, count: 7 },
  ],
  ['of two the last counts', '0005000101000000' + '0005000102000000', { byte: 2, count: 7 }],
  ['a payload longer than its type is read from its start', '0009000209080706ff000000', { count: 0x09080706 }],
  [
    'a last one without payload may be in the other byte order, as qemu-user leaves it',
    '00050001800000000400403f',
    { byte: 128, count: 7 },
  ],
  ['a text that is not ASCII ends at its first NUL', '000a00036dc3b6007878' + '0000', { name: 'mö', count: 7 }],
  [
    'a MAC may be longer or shorter',
    '000c0005' + '0102030405060708' + '00050005ff000000',
    {
      macs: ['01:02:03:04:05:06:07:08', 'FF'],
      count: 7,
    },
  ],
  ['padding may be missing at the very end', '0005000180', { byte: 128, count: 7 }],
];

for (const [what, hex, value] of readings) {
  test(what, () => assert.equal(decode(hex, 'big'), value));
}

const malformed: [what: string, hex: string, says: RegExp][] = [
  ['a header cut off', '000500', /attribute header: 4 bytes wanted, 3 there/],
  ['an attribute of length 0', '00000001', /attribute of length 0/],
  ['an attribute of length 3', '00030001', /attribute of length 3/],
  ['an attribute longer than what is left', '00090001ff000000', /attribute: 9 bytes wanted, 8 there/],
  ['garbage after the last one', '0005000180000000ff', /attribute header: 4 bytes wanted, 1 there/],
  ['a byte of no bytes', '00040001', /byte: 1 bytes wanted, 0 there/],
  ['a word of two bytes', '000600020102', /count: 4 bytes wanted, 2 there/],
  ['a struct cut off', '000a000601020000ffff', /point: 8 bytes wanted, 6 there/],
  ['a counter cut off', '00080008ffffffff', /total: 8 bytes wanted, 4 there/],
  ['an address of six bytes', '000a0007c00002010000', /an IP address of 6 bytes/],
  ['a nest of garbage', '00080004deadbeef', /attribute: 57005 bytes wanted, 4 there/],
  [
    'a nest longer than its parent',
    '000c0004' + '000c0001' + '0005000901000000',
    /attribute: 12 bytes wanted, 8 there/,
  ],
];

for (const [what, hex, says] of malformed) {
  test(`refuses ${what}`, () => {
    assert.throws(
      () => decode(hex, 'big'),
      (error: unknown) => error instanceof NetlinkError && says.test(error.message),
    );
  });
}

test('says where in the packet the trouble is', () => {
  assert.throws(
    () => decode('0005000101000000' + '00030001', 'big'),
    (error: NetlinkError) => error.offset === 8,
  );
});

const unwritable: [what: string, value: Record<string, unknown>][] = [
  ['an address that is none', { address: '192.0.2' }],
  ['a MAC that is none', { macs: ['02:00'] }],
  ['a MAC with a letter that is no digit', { macs: ['02:00:00:00:00:0G'] }],
  ['a MAC with a letter that is not even ASCII', { macs: ['02:00:00:00:00:0é'] }],
  ['a MAC of several notations', { macs: ['02:00:00:00:00-01'] }],
];

for (const [what, value] of unwritable) {
  test(`refuses to write ${what}`, () => {
    assert.throws(
      () => encode(value, 'big'),
      (error: unknown) => error instanceof NetlinkError,
    );
  });
}

for (const order of ['big', 'little'] as const) {
  test(`bytes that neither begin nor end with a word are read as well ${order}-endian`, () => {
    const hex = encode({ count: 258, name: 'm0' }, order);
    const bytes = fromHex(`ff${hex}`.slice(0, -2)).subarray(1);
    assert.equal((things as Type<object>).decode(new Input(bytes, order), 0, bytes.length), { count: 258, name: 'm0' });
  });
}

for (const form of ['02:0a:0B:00:00:01', '02-0A-0b-00-00-01', '2.a.b.0.0.1']) {
  test(`a MAC may be given as ${form}`, () => {
    assert.is(encode({ macs: [form] }, 'big'), '000a0005' + '020a0b000001' + '0000');
  });
}

test('a body is a struct, and attributes at the next multiple of four', () => {
  const odd = body(struct({ kind: u8, _pad: padding(1), flags: u8 }), table({ count: [2, u32] }));
  const value = { kind: 1, flags: 2, count: 3 };
  const output = new Output('big');
  odd.encode(output, value);
  assert.is(toHex(output.bytes()), '0100020000080002' + '00000003');
  assert.equal(odd.decode(new Input(output.bytes(), 'big'), 0, output.length), value);
});

test('output grows past its first room and stays zeroed', () => {
  const output = new Output('big');
  for (let i = 0; i < 3000; i++) u8.encode(output, i);
  const at = output.take(100);
  assert.is(output.bytes()[2999], 2999 & 0xff);
  assert.is(toHex(output.bytes().subarray(at)), '00'.repeat(100));
});

function decode(hex: string, order: ByteOrder): Record<string, unknown> {
  const bytes = fromHex(hex);
  return (things as Type<object>).decode(new Input(bytes, order), 0, bytes.length) as Record<string, unknown>;
}

function encode(value: Record<string, unknown>, order: ByteOrder): string {
  const output = new Output(order);
  things.encode(output, value);
  return toHex(output.bytes());
}

test.run();
