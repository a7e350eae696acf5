import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { fromHex, toHex } from '../../src/bytes/hex.ts';
import { BlobError, decodeTable, encodeTable, int64, type Table, type Value } from '../../src/ubus/blob.ts';
import { decodeAttributes } from '../../src/ubus/message.ts';
import { Random } from '../uci/random.ts';
import { parse, scenario, side } from './captures.ts';

/** The payload of the DATA that the recorded ubus command sent with its INVOKE. */
function sent(name: string, conn: string): Uint8Array {
  const invoke = side(scenario(name), conn, '>')
    .map((hex) => parse(hex))
    .find(({ type }) => type === 5)!;
  return decodeAttributes(invoke.body).data!;
}

const Encoding = suite('blobmsg encoding');

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

Encoding('all that the ubus command can make of JSON is encoded as it does it', () => {
  assert.is(toHex(encodeTable(everything)), toHex(sent('call-json-types', 'cli')));
});

// Hand-made from blob.h and blobmsg.h.
const encoded: [title: string, table: Table, hex: string][] = [
  ['a string with its padding', { s: 'hi' }, '8300000b 00017300 68690000'],
  ['the largest int32', { a: 2147483647 }, '8500000c 00016100 7fffffff'],
  ['the smallest int32', { a: -2147483648 }, '8500000c 00016100 80000000'],
  ['one more is an int64', { a: 2147483648 }, '84000010 00016100 00000000 80000000'],
  ['a negative int64', { a: -2147483649 }, '84000010 00016100 ffffffff 7fffffff'],
  ['the largest safe integer', { a: 9007199254740991 }, '84000010 00016100 001fffff ffffffff'],
  ['a small number that is to be an int64', { a: int64(-1) }, '84000010 00016100 ffffffff ffffffff'],
  ['a bigint', { a: -9223372036854775808n }, '84000010 00016100 80000000 00000000'],
  ['an integer that is no safe one', { a: 1e300 }, '88000010 00016100 7e37e43c8800759c'],
  ['minus zero', { a: -0 }, '8500000c 00016100 00000000'],
  ['null', { a: null }, '80000008 00016100'],
  ['members that are undefined are left out', { a: undefined, b: true }, '87000009 00016200 01000000'],
  ['a name whose NUL needs padding', { ab: null }, '8000000c 00026162 00000000'],
  ['text that is not ASCII', { ä: 'a€𝄞' }, '83000015 0002c3a4 00000000 61e282acf09d849e 00000000'],
  ['an empty table', {}, ''],
];
for (const [title, table, hex] of encoded) {
  Encoding(title, () => assert.is(toHex(encodeTable(table)), hex.replaceAll(' ', '')));
}

Encoding('values survive at every size of the buffer that grows under them', () => {
  for (let length = 200; length < 300; length++) {
    const table = {
      pad: 'x'.repeat(length),
      b: true,
      n: 7,
      d: 0.5,
      big: 2n ** 62n,
      text: 'é',
      list: [1, [2]],
      t: { u: null },
    };
    assert.equal(decodeTable(encodeTable(table)), table, `${length}`);
  }
});

Encoding('each of many tables is as it would be alone, whatever the ones before held', () => {
  const random = new Random(7);
  const names = ['a', 'bb', 'ccc', 'dddd', 'e', 'list', 'inner'];
  const values: readonly Value[] = [
    1,
    0,
    -0,
    true,
    'x',
    'xyz',
    'é',
    null,
    2 ** 40,
    int64(1),
    int64(0),
    1n,
    [1, 'x'],
    { a: 1 },
  ];
  for (let round = 0; round < 300; round++) {
    let table: Record<string, Value | undefined> = {};
    const tables = Array.from({ length: 8 }, () => {
      // Most members as before; now and then in another order.
      if (random.below(3) === 0) table = Object.fromEntries(Object.entries(table).reverse());
      for (let n = random.below(4); n > 0; n--)
        table = { ...table, [random.one(names)]: random.one([...values, undefined]) };
      return table;
    });
    const expected = tables.map((table) => `__LENGTH${toHex(encodeTable(table))}`).join('');
    const found = toHex(encodeTable({ l: tables }));
    // An attribute of the array has a header of 4 bytes, and an empty name of 4.
    assert.match(found, new RegExp(`^81.{14}${expected.replaceAll('__LENGTH', '82.{14}')}$`));
  }
});

const refused: [title: string, table: Table][] = [
  ['more than a message holds', { a: 'x'.repeat(1048576) }],
  ['a name of 65536 bytes', { ['n'.repeat(65536)]: 1 }],
  ['a bigint of 65 bits', { a: 2n ** 63n }],
  ['no integer as int64', { a: int64(0.5) }],
  ['nesting without end', { a: nested(65) }],
];
for (const [title, table] of refused) {
  Encoding(`refused: ${title}`, () =>
    assert.throws(
      () => encodeTable(table),
      (error: Error) => error instanceof BlobError,
    ),
  );
}

function nested(depth: number): Value {
  return depth === 0 ? [] : [nested(depth - 1)];
}

Encoding.run();

const Decoding = suite('blobmsg decoding');

Decoding('all types that a C program can send', () => {
  assert.equal(decodeTable(sent('call-c-types', 'cclient')), {
    s: 'hello',
    i32: -2,
    i64: 1234605616436508552n,
    i16: 4660,
    b: true,
    d: 1.5,
    a: [7, 'x', { k: 'v' }],
    t: { inner: { n: false } },
    u: null,
  });
});

const decoded: [title: string, hex: string, table: Table][] = [
  ['nothing', '', {}],
  ['the largest safe integer stays a number', '84000010 00016100 001fffff ffffffff', { a: 9007199254740991 }],
  ['one more becomes a bigint', '84000010 00016100 00200000 00000000', { a: 9007199254740992n }],
  ['a negative int64', '84000010 00016100 ffffffff 7fffffff', { a: -2147483649 }],
  ['any int8 but 0 is true', '87000009 00016100 fe000000', { a: true }],
  ['a string ends at its first NUL', '8300000c 00016100 61006200', { a: 'a' }],
  ['of two members with one name the first counts', '87000009 00016100 01000000 80000008 00016100', { a: true }],
  ['attributes without a blobmsg header are skipped', '05000008 00000007 80000008 00016100', { a: null }],
  ['a member without a name', '80000008 00000000', { '': null }],
];
for (const [title, hex, table] of decoded) Decoding(title, () => assert.equal(decodeTable(fromHex(hex)), table));

Decoding('a member called __proto__ is a member', () => {
  const table = decodeTable(fromHex('82000010 00095f5f 70726f74 6f5f5f00'));
  assert.equal(Object.keys(table), ['__proto__']);
  assert.is(Object.getPrototypeOf(table), Object.prototype);
});

const malformed: [title: string, hex: string][] = [
  ['a length below 4', '80000003'],
  ['a length of 0', '80000000 00000000'],
  ['a length beyond the end', '8000000c 00016100'],
  ['padding beyond the end', '87000009 00016100 01'],
  ['bytes left over', '80000008 00016100 ff'],
  ['no room for the name header', '80000004'],
  ['no room for the name length', '80000005 00000000'],
  ['a name longer than the attribute', '80000008 00056100'],
  ['a name of 65535 bytes', '80000008 ffff6100'],
  ['a name without NUL', '80000008 00016162'],
  ['an int32 of 3 bytes', '8500000b 00016100 00000000'],
  ['an int64 of 4 bytes', '8400000c 00016100 00000000'],
  ['an int16 of 4 bytes', '8600000c 00016100 00000000'],
  ['an int8 of 2 bytes', '8700000a 00016100 00000000'],
  ['a double of 4 bytes', '8800000c 00016100 00000000'],
  ['an empty string without NUL', '83000008 00016100'],
  ['a string without NUL', '8300000a 00016100 61620000'],
  ['an unknown type', '89000008 00016100'],
  ['the last type there can be', 'ff000008 00016100'],
  ['a broken attribute inside a table', '8200000c 00016100 80000003'],
  ['a broken attribute inside an array', '8100000c 00016100 8000000c'],
];
for (const [title, hex] of malformed) {
  Decoding(`malformed: ${title}`, () => {
    assert.throws(
      () => decodeTable(fromHex(hex)),
      (error: Error) => error instanceof BlobError,
    );
  });
}

Decoding('malformed: tables nested until the message is full', () => {
  const depth = 20000;
  const bytes = new Uint8Array(8 * depth);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < depth; i++) view.setUint32(8 * i, (0x82000000 | (8 * (depth - i))) >>> 0);
  assert.throws(() => decodeTable(bytes), /nested/);
});

Decoding.run();
