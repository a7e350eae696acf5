import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseTime } from '../../src/model/time.ts';
import { Interpreter } from '../../src/routeros/interpreter.ts';
import { print } from '../../src/routeros/print.ts';
import { quoted, quotedIfNeeded } from '../../src/routeros/quote.ts';
import { Fault } from '../../src/routeros/scanner.ts';
import { parseScript } from '../../src/routeros/script.ts';
import type { Item } from '../../src/routeros/table.ts';
import { matches } from '../../src/routeros/where.ts';
import { Random } from '../uci/random.ts';
import { MENUS } from './syntax.ts';

const RANDOM = suite('routeros/random');

const PIECES = [
  '/interface macvlan',
  '/ip/address/',
  'add',
  'set',
  'print',
  'find',
  'where',
  'detail',
  'name',
  'mtu',
  '=',
  '!',
  '[',
  ']',
  '(',
  ')',
  '{',
  '}',
  '"',
  '\\',
  '\\\n',
  '\n',
  '\r\n',
  ' ',
  ' ',
  ' ',
  ';',
  '#',
  '..',
  '/',
  '~',
  '<',
  '>=',
  'and',
  'or',
  'not',
  '&&',
  '*1',
  '0,1',
  '5m',
  '$x',
  '\\41',
  'ü',
  '\0',
  '😀',
  '|',
];
const ITEM: Item = { id: '*1', values: { name: 'a', mtu: '1500' }, flags: { running: true } };

RANDOM('random text is read or refused in the words of the language', () => {
  for (let seed = 1; seed <= 800; seed++) {
    const random = new Random(seed);
    const text = Array.from({ length: random.below(40) }, () => random.one(PIECES)).join(random.one(['', ' ']));
    const { statements, error } = parseScript(text, MENUS);
    if (error)
      assert.match(
        error.message,
        /^(syntax error|expected end of command[^\n]*|bad command name [^\n]+) \(line \d+ column \d+\)$/,
      );
    assert.ok(error === undefined || error instanceof Fault);
    for (const { where } of statements) if (where) assert.type(matches(where, ITEM), 'boolean');
  }
});

RANDOM('long and deep texts are read or refused', () => {
  for (const piece of [
    '[find ',
    '(',
    '!',
    'not ',
    '"',
    '\\\n',
    ' ',
    '/',
    '..',
    '[set ',
    'a',
    'a=b ',
    'a or ',
    '#',
    ';',
    'a and ',
    '/interface ',
  ]) {
    for (const start of ['', '/interface macvlan print where ', '/interface macvlan set ']) {
      const { statements, error } = parseScript(start + piece.repeat(3000), MENUS);
      for (const { where } of statements) if (where) assert.type(matches(where, ITEM), 'boolean');
      assert.ok(error === undefined || error instanceof Fault);
    }
  }
});

RANDOM('what is as long and as deep as can be read can also be done', () => {
  const deep = (open: string, middle: string, close: string, n: number) => open.repeat(n) + middle + close.repeat(n);
  for (const text of [
    `:put ${deep('(', '1', ')', 39)}`,
    `:put (${'1 + '.repeat(100)}1)`,
    `:put (${'!'.repeat(100)}true)`,
    deep(':do { ', ':put 1', ' }', 39),
    deep(':if (1 = 1) do={ ', ':put 1', ' }', 39),
    `:put ${'"$x'.repeat(1)}${'$x'.repeat(20_000)}"`,
  ]) {
    const { statements, error } = parseScript(`:local x 1\n${text}`, MENUS);
    assert.is(error, undefined, text.slice(0, 80));
    let written = '';
    const run = new Interpreter({ menus: [], width: () => 80 }).run(statements);
    for (let next = run.next({}); !next.done; next = run.next({}))
      if (next.value.do === 'write') written += next.value.text;
    assert.ok(written.length > 1, text.slice(0, 80));
  }
  for (const text of [
    `:put (${'1 + '.repeat(5000)}1)`,
    `:put (${'!'.repeat(5000)}1)`,
    `:put ${deep('(', '1', ')', 5000)}`,
    deep(':do { ', ':put 1', ' }', 5000),
  ])
    assert.match(parseScript(text, MENUS).error!.message, /^syntax error/);
});

RANDOM('every value comes back from its quotes', () => {
  for (let seed = 1; seed <= 300; seed++) {
    const random = new Random(seed);
    const value = Array.from({ length: random.below(20) }, () => random.one(PIECES)).join('');
    for (const text of [quoted(value), quotedIfNeeded(value)]) {
      const [statement] = parseScript(`/interface macvlan add comment=${text} name=x`, MENUS).statements;
      assert.is(statement!.named[0]!.value, value);
      assert.is(statement!.named[1]!.value, 'x');
    }
  }
});

RANDOM('no text is too strange to be a time or to be printed', () => {
  for (let seed = 1; seed <= 300; seed++) {
    const random = new Random(seed);
    const text = Array.from({ length: random.below(12) }, () =>
      random.one(['1', '2', '0', 'w', 'd', 'h', 'm', 's', ':', '.', '-', ' ']),
    ).join('');
    const seconds = parseTime(text);
    assert.ok(seconds === undefined || Number.isSafeInteger(seconds), text);
    const value = Array.from({ length: random.below(9) }, () => random.one(PIECES)).join('');
    const sheet = {
      columns: [{ name: 'name' }],
      properties: [{ name: 'name', quoted: true }],
      flags: [],
      remarks: ['comment'],
    };
    for (const form of ['table', 'detail', 'terse', 'value-list', 'as-value'] as const) {
      const item = { id: '*1', values: { name: value, comment: value }, flags: {} };
      assert.not.match(print([item], sheet, { form, width: random.below(30) }), /[\0-\x09\x0b-\x1f]/);
    }
  }
});

RANDOM.run();
