import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { fromHex, toHex } from '../../src/bytes/hex.ts';

const hex = suite('hex');

hex('bytes become two lower-case digits each, and the same bytes again', () => {
  const rows: [number[], string][] = [
    [[], ''],
    [[0], '00'],
    [[1, 2, 10], '01020a'],
    [[0xff, 0x80, 0x7f], 'ff807f'],
  ];
  for (const [bytes, text] of rows) {
    assert.is(toHex(Uint8Array.from(bytes)), text);
    assert.equal([...fromHex(text)], bytes);
  }
});

hex('a separator stands between the bytes only', () => {
  assert.is(toHex(Uint8Array.from([1, 2, 3]), ':'), '01:02:03');
});

hex('blanks, line ends and upper case are read', () => {
  assert.is(toHex(fromHex(' 0A\n0b\t0C ')), '0a0b0c');
});

hex('what is no hex is refused', () => {
  for (const text of ['0', '012', '0g', '0x01', '01:02', 'é1']) assert.throws(() => fromHex(text), /not hex/);
});

hex.run();
