import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ipv4Number, parseCidr, parseRange } from '../../src/bytes/range.ts';
import { netmaskOf, overlap, printNumber, printRange, without } from '../../src/bytes/subnet.ts';

const range = suite('ranges of addresses');

const RANGES: [text: string, printed: string | undefined][] = [
  ['192.0.2.10-192.0.2.20', '192.0.2.10-192.0.2.20'],
  ['192.0.2.10', '192.0.2.10'],
  ['192.0.2.10-192.0.2.10', '192.0.2.10'],
  ['192.0.2.9/30', '192.0.2.8-192.0.2.11'],
  ['255.255.255.255/32', '255.255.255.255'],
  ['0.0.0.0/0', '0.0.0.0-255.255.255.255'],
  ['192.0.2.20-192.0.2.10', undefined],
  ['192.0.2.10-', undefined],
  ['-192.0.2.10', undefined],
  ['192.0.2.1-192.0.2.2-192.0.2.3', undefined],
  ['192.0.2.1/33', undefined],
  ['192.0.2.1/24/24', undefined],
  ['192.0.2.1/', undefined],
  ['192.0.2/24', undefined],
  ['', undefined],
];

for (const [text, printed] of RANGES) {
  range(`${JSON.stringify(text)} is ${printed}`, () => {
    const parsed = parseRange(text);
    assert.is(parsed && printRange(parsed), printed);
  });
}

range('numbers above 2^31 are no negative ones', () => {
  assert.is(ipv4Number('255.255.255.255'), 4294967295);
  assert.is(printNumber(4294967294), '255.255.255.254');
  assert.is(netmaskOf(23), '255.255.254.0');
  assert.equal(parseCidr('192.0.2.130/25'), {
    address: '192.0.2.130',
    prefix: 25,
    first: ipv4Number('192.0.2.128'),
    last: ipv4Number('192.0.2.255'),
  });
});

const WITHOUT: [range: string, taken: string[], left: string[]][] = [
  ['10.0.0.1-10.0.0.9', [], ['10.0.0.1-10.0.0.9']],
  ['10.0.0.1-10.0.0.9', ['10.0.0.1'], ['10.0.0.2-10.0.0.9']],
  ['10.0.0.1-10.0.0.9', ['10.0.0.9', '10.0.0.5', '10.0.0.5', '10.0.1.1'], ['10.0.0.1-10.0.0.4', '10.0.0.6-10.0.0.8']],
  ['10.0.0.1', ['10.0.0.1'], []],
];

for (const [text, taken, left] of WITHOUT) {
  range(`${text} without ${taken.join() || 'anything'} is ${left.join() || 'nothing'}`, () => {
    assert.equal(
      without(
        parseRange(text)!,
        taken.map((one) => ipv4Number(one)!),
      ).map(printRange),
      left,
    );
  });
}

range('overlap is mutual', () => {
  const [a, b, c] = ['10.0.0.0/24', '10.0.0.255-10.0.1.3', '10.0.2.0/24'].map((text) => parseRange(text)!);
  assert.equal([overlap(a!, b!), overlap(b!, a!), overlap(a!, c!)], [true, true, false]);
});

range.run();
