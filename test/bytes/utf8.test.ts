import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { fromHex, toHex } from '../../src/bytes/hex.ts';
import { decodeUtf8, encodeUtf8 } from '../../src/bytes/utf8.ts';

const utf8 = suite('utf8');

// The bytes are those that Python's str.encode() makes.
const TEXTS: [string, string][] = [
  ['', ''],
  ['\u0000', '00'],
  ['ether1', '657468657231'],
  ['\u007f', '7f'],
  ['\u0080', 'c280'],
  ['é', 'c3a9'],
  ['\u07ff', 'dfbf'],
  ['\u0800', 'e0a080'],
  ['€', 'e282ac'],
  ['\ud7ff\ue000', 'ed9fbfee8080'],
  ['\uffff', 'efbfbf'],
  ['😀', 'f09f9880'],
  ['\u{10ffff}', 'f48fbfbf'],
  ['a😀b', '61f09f988062'],
];

for (const [text, bytes] of TEXTS) {
  utf8(`${bytes || 'nothing'} is read and written`, () => {
    assert.is(toHex(encodeUtf8(text)), bytes);
    assert.is(decodeUtf8(fromHex(bytes)), text);
  });
}

utf8('a lone surrogate is written as U+FFFD', () => {
  for (const text of ['\ud800', '\udc00', '\ud83d']) assert.is(toHex(encodeUtf8(text)), 'efbfbd');
  assert.is(toHex(encodeUtf8('a\ud800b')), '61efbfbd62');
});

const MALFORMED: [string, string, string][] = [
  ['a byte that only continues', '80', '\ufffd'],
  ['an overlong NUL', 'c080', '\ufffd\ufffd'],
  ['an overlong slash in three bytes', 'e080af', '\ufffd\ufffd\ufffd'],
  ['an overlong euro in four bytes', 'f08282ac', '\ufffd\ufffd\ufffd\ufffd'],
  ['a surrogate', 'eda080', '\ufffd\ufffd\ufffd'],
  ['more than U+10FFFF', 'f4908080', '\ufffd\ufffd\ufffd\ufffd'],
  ['a byte that UTF-8 does not have', 'ff41', '\ufffdA'],
  ['a five-byte form', 'f888808080', '\ufffd\ufffd\ufffd\ufffd\ufffd'],
  ['an end within two bytes', '41c3', 'A\ufffd'],
  ['an end within three bytes', 'e282', '\ufffd\ufffd'],
  ['an end within four bytes', 'f09f98', '\ufffd\ufffd\ufffd'],
  ['another character instead of the second byte', 'c341', '\ufffdA'],
  ['another character instead of the third byte', 'e28241', '\ufffd\ufffdA'],
];

for (const [what, bytes, text] of MALFORMED) {
  utf8(`${what} is read as U+FFFD for each byte`, () => {
    assert.is(decodeUtf8(fromHex(bytes)), text);
  });
}

utf8('what is no UTF-8 is read as the caller says', () => {
  const named = (byte: number) => `<${byte.toString(16)}>`;
  assert.is(decodeUtf8(fromHex('41ffc3a9e28242c3'), named), 'A<ff>é<e2><82>B<c3>');
});

// 4096 bytes are read at a time; € has three.
for (const before of [4093, 4094, 4095, 4096, 8191, 70_000]) {
  utf8(`a character behind ${before} others is read whole`, () => {
    const text = `${'a'.repeat(before)}€`;
    const bytes = fromHex(`${'61'.repeat(before)}e282ac`);
    assert.ok(decodeUtf8(bytes) === text);
    assert.ok(toHex(encodeUtf8(text)) === toHex(bytes));
  });
}

utf8.run();
