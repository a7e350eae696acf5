import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { toHex } from '../../src/bytes/hex.ts';
import { eui64Of, ipv6NetworkOf, parseIpv6, printIpv6 } from '../../src/bytes/ipv6.ts';

const ipv6 = suite('ipv6');

// Bytes and canonical text are those of Python's ipaddress module, but for the IPv4-mapped one (RFC 5952 §5).
const ADDRESSES: [string, string, string][] = [
  ['::', '00000000000000000000000000000000', '::'],
  ['::1', '00000000000000000000000000000001', '::1'],
  ['fe80::1', 'fe800000000000000000000000000001', 'fe80::1'],
  ['2001:DB8::', '20010db8000000000000000000000000', '2001:db8::'],
  ['2001:0db8:0:0:1:0:0:1', '20010db8000000000001000000000001', '2001:db8::1:0:0:1'],
  ['2001:db8:0:1:1:1:1:1', '20010db8000000010001000100010001', '2001:db8:0:1:1:1:1:1'],
  ['1:2:3:4:5:6:7:8', '00010002000300040005000600070008', '1:2:3:4:5:6:7:8'],
  ['1::8', '00010000000000000000000000000008', '1::8'],
  ['::ffff:192.0.2.1', '00000000000000000000ffffc0000201', '::ffff:192.0.2.1'],
  ['64:ff9b::192.0.2.33', '0064ff9b0000000000000000c0000221', '64:ff9b::c000:221'],
  ['1:2:3:4:5:6:192.0.2.1', '000100020003000400050006c0000201', '1:2:3:4:5:6:c000:201'],
];

for (const [text, bytes, printed] of ADDRESSES) {
  ipv6(`${text} is read and printed as ${printed}`, () => {
    assert.is(toHex(parseIpv6(text)!), bytes);
    assert.is(printIpv6(parseIpv6(text)!), printed);
  });
}

ipv6('what is no IPv6 address is none', () => {
  const rows = [
    '',
    ':',
    ':::',
    '1',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4::5:6:7:8',
    '1::2::3',
    ':1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:',
    '12345::',
    'g::',
    'fe80::1%eth0',
    '::192.0.2',
    '::192.0.2.256',
    '192.0.2.1::',
    '::192.0.2.1:1',
    ' ::1',
  ];
  for (const text of rows) assert.is(parseIpv6(text), undefined, text);
});

ipv6('the network of an address, by its prefix length', () => {
  const rows: [address: string, prefix: number, network: string][] = [
    ['2001:db8:1:2:3:4:5:6', 64, '2001:db8:1:2::'],
    ['2001:db8:1:2:3:4:5:6', 128, '2001:db8:1:2:3:4:5:6'],
    ['2001:db8:1:2ff::', 57, '2001:db8:1:280::'],
    ['2001:db8::1', 0, '::'],
  ];
  for (const [address, prefix, network] of rows) assert.is(ipv6NetworkOf(address, prefix), network);
});

// As `ip -6 address` showed it on a link with that MAC.
ipv6('the lower half that a link makes of its MAC', () => {
  assert.is(eui64Of('02:00:5E:10:00:01'), '::5eff:fe10:1');
  assert.is(eui64Of('00:00:5E:10:00:01'), '::200:5eff:fe10:1');
});

ipv6.run();
