import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { quoted } from '../../src/plan/nft.ts';

const nft = suite('the text of nft');

/** Whether nft reads it as that name: in a set, a map, a rule and as the device of a chain, of each printable sign. */
const NAMES: [name: string, isTaken: boolean][] = [
  ['ether1', true],
  ['br-lan.7', true],
  ['wan@x', true],
  ["a$b;{}#()'!+%", true],
  ['a"b', false],
  ['wan*', false],
  ['a\\b', false],
  ['a b', false],
  ['a\n', false],
  ['hé', false],
  ['', false],
];

for (const [name, isTaken] of NAMES)
  nft(`${JSON.stringify(name)} ${isTaken ? 'is a name in it' : 'never gets into it'}`, () => {
    if (isTaken) assert.is(quoted(name), `"${name}"`);
    else assert.throws(() => quoted(name), /cannot stand in a text for nft/);
  });

nft.run();
