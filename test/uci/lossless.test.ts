import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { fromHex, toHex } from '../../src/bytes/hex.ts';
import { decodeLossless, encodeLossless } from '../../src/uci/lossless.ts';
import { Random } from './random.ts';

const LOSSLESS = suite('uci/lossless');

// The text is what Python's bytes.decode('utf-8', 'surrogateescape') makes of the bytes.
const ROWS: [title: string, bytes: string, text: string][] = [
  ['ASCII', '612027620a', "a 'b\n"],
  ['UTF-8', 'c3bc e282ac f09f9880', 'ü€😀'],
  ['Latin-1', '4772fcdf65', 'Gr\udcfc\udcdfe'],
  ['a sequence that is cut off', '41 e282', 'A\udce2\udc82'],
  ['a surrogate in UTF-8', 'eda080', '\udced\udca0\udc80'],
  ['U+FFFD itself', 'efbfbd ff', '\ufffd\udcff'],
  ['a surrogate pair before a stray byte', 'f09f9280 80', '💀\udc80'],
];
for (const [title, spaced, text] of ROWS) {
  LOSSLESS(`keeps ${title}`, () => {
    const bytes = fromHex(spaced.replaceAll(' ', ''));
    assert.is(decodeLossless(bytes), text);
    assert.is(toHex(encodeLossless(text)), toHex(bytes));
  });
}

const PIECES = ['a', 'a', "'\n", 'ü', '😀', '\udcfc', '\udc80', '💀', '\ud83d'];

LOSSLESS('encodes a text that differs little from a known one as it does any', () => {
  for (let seed = 1; seed <= 2000; seed++) {
    const random = new Random(seed);
    const some = (most: number) => Array.from({ length: random.below(most) }, () => random.one(PIECES)).join('');
    const [head, tail] = [some(6), some(6)];
    const bytes = encodeLossless(head + some(4) + tail);
    const known = { text: decodeLossless(bytes), bytes };
    const text = head + some(4) + tail;
    assert.is(toHex(encodeLossless(text, known)), toHex(encodeLossless(text)), `seed ${seed}`);
  }
});

LOSSLESS.run();
