import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  autoOr,
  ifname,
  ifnameFault,
  integer,
  ipAddress,
  ipv6Prefix,
  listOf,
  macAddress,
  oneOf,
  text,
  time,
  type ValueType,
  yesNo,
} from '../../src/model/types.ts';

const types = suite('value types');

interface Row<T> {
  type: ValueType<T>;
  /** Text, value, and how the value is printed and stored. */
  good: [string, T, string, string | readonly string[]][];
  bad: string[];
}

// biome-ignore lint/suspicious/noExplicitAny: rows of different types stand in one table
const ROWS: Record<string, Row<any>> = {
  text: {
    type: text(),
    good: [
      ['', '', '', ''],
      ['a "b" é', 'a "b" é', 'a "b" é', 'a "b" é'],
      // A byte that is no UTF-8, as the reader of UCI files brings it.
      ['x\udcffy', 'x\ufffdy', 'x\ufffdy', 'x\ufffdy'],
      ['😀', '😀', '😀', '😀'],
    ],
    bad: ['a\nb', 'a\0', '\x1b[0m', '\x7f'],
  },
  yesNo: {
    type: yesNo,
    good: [
      ...['1', 'yes', 'true', 'on', 'enabled', 'YES', 'True'].map((word): [string, boolean, string, string] => [
        word,
        true,
        'yes',
        '1',
      ]),
      ...['0', 'no', 'false', 'off', 'disabled', 'No'].map((word): [string, boolean, string, string] => [
        word,
        false,
        'no',
        '0',
      ]),
    ],
    bad: ['', '2', 'y', 'maybe', ' yes', 'yes '],
  },
  integer: {
    type: integer(68, 65535),
    good: [
      ['68', 68, '68', '68'],
      ['65535', 65535, '65535', '65535'],
      ['0100', 100, '100', '100'],
    ],
    bad: ['', '67', '65536', '-68', '1e3', '0x44', '68.0', ' 68', '99999999999', 'NaN', 'Infinity'],
  },
  'one of': {
    type: oneOf('bridge', 'private'),
    good: [['bridge', 'bridge', 'bridge', 'bridge']],
    bad: ['', 'Bridge', 'vepa', 'passthru', 'bridge private'],
  },
  'a time': {
    type: time(1, 3600),
    good: [
      ['5', 5, '5s', '5'],
      ['5m', 300, '5m', '300'],
      ['00:01:30', 90, '1m30s', '90'],
      ['1h', 3600, '1h', '3600'],
    ],
    bad: ['', '0', '0s', '3601', '1h1s', '-5', 'auto', '5x'],
  },
  'a time that may be none': {
    type: time(0, 300),
    good: [['0', 0, '0s', '0']],
    bad: ['', '301', 'none'],
  },
  'auto or a time': {
    type: autoOr(time(1, 86400)),
    good: [
      ['auto', 'auto', 'auto', 'auto'],
      ['2m', 120, '2m', '120'],
    ],
    bad: ['', '0', '2d', 'AUTO'],
  },
  'an IPv4 address': {
    type: ipAddress,
    good: [['192.0.2.1', '192.0.2.1', '192.0.2.1', '192.0.2.1']],
    bad: ['', '192.0.2', '192.0.2.256', '0.0.0.0', '224.0.0.1', '255.255.255.255', '192.0.2.1/24', '2001:db8::1'],
  },
  'an IPv6 prefix': {
    type: ipv6Prefix,
    good: [
      ['::/60', '::/60', '::/60', '::/60'],
      ['2001:DB8:5:1::1/56', '2001:db8:5::/56', '2001:db8:5::/56', '2001:db8:5::/56'],
    ],
    bad: ['', '60', '::', '::/', '::/129', '::/-1', '::/x', '192.0.2.0/24', '::/60/60'],
  },
  'auto or a number': {
    type: autoOr(integer(68, 65535)),
    good: [
      ['auto', 'auto', 'auto', 'auto'],
      ['1400', 1400, '1400', '1400'],
    ],
    bad: ['', 'AUTO', '67', 'auto 1400'],
  },
  'MAC address': {
    type: macAddress,
    good: ['02:00:5e:10:00:0a', '02-00-5E-10-00-0A', '02.00.5e.10.00.0a', '2:0:5e:10:0:a'].map((mac) => [
      mac,
      '02:00:5E:10:00:0A',
      '02:00:5E:10:00:0A',
      '02:00:5E:10:00:0A',
    ]),
    bad: ['', '02:00:5e:10:00', '01:00:5e:00:00:01', 'ff:ff:ff:ff:ff:ff', '00:00:00:00:00:00', '02005e10000a', 'auto'],
  },
  ifname: {
    type: ifname,
    good: ['a', 'ether1', 'wan@home', 'fifteen-letters', 'ALL', '-x'].map((name) => [name, name, name, name]),
    bad: [
      ...['', 'sixteen-letters-', 'a b', 'a/b', 'a:b', 'eth0.100', '..', 'm%d', 'all', 'default', 'é', 'a\tb', 'a\x7f'],
      ...['a"b', 'a\\b', 'eth*'],
    ],
  },
};

for (const [name, { type, good, bad }] of Object.entries(ROWS)) {
  types(`${name}: what is valid is read, printed and stored`, () => {
    for (const [input, value, printed, stored] of good) {
      assert.is(type.parse(input), value, JSON.stringify(input));
      assert.is(type.print(value), printed);
      assert.is(type.store(value), stored);
      assert.is(type.parse([stored].flat().join()), value, 'what is stored is read back');
    }
  });

  types(`${name}: what is not valid is none, and the type says what it expects`, () => {
    for (const input of bad) assert.is(type.parse(input), undefined, JSON.stringify(input));
    assert.ok(type.expected.length > 3);
  });
}

types('a wrong MAC address or name is refused with its own reason', () => {
  assert.is(
    macAddress.refuse!('01:00:5e:00:00:01'),
    'it is a multicast address; the first octet must be even, such as 00:00:5E:00:00:01',
  );
  assert.is(macAddress.refuse!('0:0:0:0:0:0'), 'all zero is no address; leave it out to have one generated');
  assert.is(macAddress.refuse!('nonsense'), undefined);
  assert.is(ifnameFault('sixteen-letters-'), 'it has 16 characters, the kernel takes at most 15');
  assert.is(ifnameFault('a b'), 'it has " " in it, which a link\'s name cannot have');
  assert.is(ifnameFault('m%d'), 'it has "%" in it, which a link\'s name cannot have');
  assert.is(ifnameFault('default'), 'the kernel keeps it for itself');
  assert.is(ifnameFault(''), 'it is empty');
});

types('a union is declared as a string, the others as what they are', () => {
  assert.equal(
    [text(), yesNo, integer(0, 1), autoOr(integer(0, 1)), macAddress].map(({ policy }) => policy),
    ['String', 'Boolean', 'Integer', 'String', 'String'],
  );
});

types('a list is read from words with commas or blanks between them, and stored as a list', () => {
  const type = listOf(macAddress);
  const macs = ['02:00:00:00:00:01', '02:00:00:00:00:02'];
  for (const input of ['02:00:00:00:00:01,02-00-00-00-00-02', ' 02.00.00.00.00.01  2:0:0:0:0:2,', `${macs},${macs}`]) {
    assert.equal(type.parse(input), macs, input);
  }
  assert.is(type.print(macs), '02:00:00:00:00:01,02:00:00:00:00:02');
  assert.equal(type.store(macs), macs);
  for (const input of ['', ' , ', '02:00:00:00:00:01,x', '01:00:5e:00:00:01']) assert.is(type.parse(input), undefined);
  assert.is(
    type.refuse?.('02:00:00:00:00:01 01:00:5e:00:00:01'),
    '01:00:5e:00:00:01: it is a multicast address; the first octet must be even, such as 00:00:5E:00:00:01',
  );
  assert.is(type.refuse?.('x'), 'x: expected a MAC address such as 02:00:5E:10:00:01');
});

types.run();
