import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { common, completionOf, type Names } from '../../src/console/complete.ts';
import { helpText } from '../../src/console/help.ts';
import { History } from '../../src/console/history.ts';
import { consoleName } from '../../src/model/properties.ts';
import { syntaxOf } from '../../src/routeros/menu.ts';
import type { Files } from '../../src/runtime/files.ts';
import { Random } from '../uci/random.ts';
import { MENUS } from './router.ts';

const completion = suite('console/complete');
const SYNTAX = syntaxOf(MENUS);
const NAMES: Names = { items: async () => ['line1', 'my line'], interfaces: async () => ['ether1', 'ether2', 'line1'] };

async function words(text: string, menu = ''): Promise<string[]> {
  const found = await completionOf(text, menu, SYNTAX, MENUS, NAMES);
  return found?.candidates.map(({ insert }) => insert) ?? ['nothing'];
}

const ROWS: [text: string, words: string[], menu?: string][] = [
  ['/interf', ['interface ']],
  ['/interface mac', ['macvlan ']],
  ['/interface/mac', ['macvlan ']],
  ['qu', ['quit ']],
  [':for', [':for ', ':foreach ']],
  ['/interface macvlan pri', ['print ']],
  ['pri', ['print '], 'interface macvlan'],
  ['/interface macvlan add inter', ['interface=']],
  ['add name=a m', ['mode=', 'mac-address=', 'mtu='], 'interface macvlan'],
  ['add mode=bridge mo', [], 'interface macvlan'],
  ['add mode=', ['bridge ', 'private '], 'interface macvlan'],
  ['add disabled=y', ['yes '], 'interface macvlan'],
  ['add mtu=', ['auto '], 'interface macvlan'],
  ['add interface=e', ['ether1 ', 'ether2 '], 'interface macvlan'],
  ['set m', ['mode=', 'mac-address=', 'mtu=', '"my line" '], 'interface macvlan'],
  ['set line1 !mt', ['mtu='], 'interface macvlan'],
  ['reset line1 mac', ['mac-address '], 'interface macvlan'],
  ['get line1 runn', ['running '], 'interface macvlan'],
  ['scan e', ['ether1 ', 'ether2 '], 'interface macvlan'],
  ['scan ether1 du', ['duration='], 'interface macvlan'],
  ['print wh', ['where '], 'interface macvlan'],
  ['print where runn', ['running'], 'interface macvlan'],
  ['print where mode=pr', ['private '], 'interface macvlan'],
  ['print where name=a and dis', ['disabled'], 'interface macvlan'],
  ['set [find mode=', ['bridge ', 'private '], 'interface macvlan'],
  [':for i from=1 to=2 do={ /interface macvlan add mode=p', ['private ']],
  [':put [/interface macvlan get lin', ['line1 ']],
  ['print; /ip dhcp-client rel', ['release '], 'interface macvlan'],
  ['add comment="a', ['nothing'], 'interface macvlan'],
  ['/nonsense ', ['nothing']],
  [
    'add name=a ; ',
    SYNTAX.find(({ path }) => path === 'interface macvlan')!.commands.map(({ name }) => `${name} `),
    'interface macvlan',
  ],
];
for (const [text, expected, menu] of ROWS) {
  completion(`${menu ?? ''}> ${text}`, async () => assert.equal(await words(text, menu), expected));
}

completion('every property of every menu can be completed, and helps with its own words', async () => {
  for (const menu of MENUS) {
    const found = await completionOf('add ', menu.path, SYNTAX, MENUS, NAMES);
    const text = helpText(found!.candidates, found!.hint, 200);
    for (const [name, { help }] of Object.entries(menu.properties)) {
      assert.match(text, ` ${consoleName(name)} `);
      assert.match(text, help.slice(0, 30));
    }
  }
});

completion('every command has a word of help', async () => {
  for (const { path } of SYNTAX) {
    const found = await completionOf('', path, SYNTAX, MENUS, NAMES);
    for (const { word, help } of found!.candidates) assert.ok(help.length > 3, `${path} ${word}`);
  }
});

completion('what is offered can be read where it is offered', async () => {
  const pieces = [
    '/interface',
    ' macvlan',
    ' add',
    ' set',
    ' print',
    ' where',
    ' mode=',
    'pri',
    '[',
    ' find',
    ']',
    ' "a',
    '{',
    '}',
    ';',
    ' ',
    ' $x',
    '(',
    '\\',
    '\n',
    ' !',
    ' mtu=1',
    ' reset',
    ' line1',
  ];
  for (let seed = 1; seed <= 400; seed++) {
    const random = new Random(seed);
    const text = Array.from({ length: random.below(9) }, () => random.one(pieces)).join('');
    const found = await completionOf(text, '', SYNTAX, MENUS, NAMES);
    if (!found) continue;
    assert.is(text.slice(found.expected.start), found.expected.word);
    for (const { word } of found.candidates) assert.ok(word.startsWith(found.expected.word), `${text}: ${word}`);
  }
});

completion('what they have in common', () => {
  assert.is(common(['mac-address', 'mode', 'mtu']), 'm');
  assert.is(common(['one']), 'one');
  assert.is(common([]), '');
});

/** A disk with one file. */
function disk(text: string | undefined, fails = false) {
  const written: { path: string; text: string; mode: number }[] = [];
  const files = {
    readText: () => text,
    replace(path: string, text: string, mode: number) {
      if (fails) throw new Error('EROFS');
      written.push({ path, text, mode });
    },
  };
  return { files: files as unknown as Files, written };
}

completion('the history is a file of its owner alone, and holds no password, however it is shortened', () => {
  const { files, written } = disk('one\ntwo\x1b[2J\n');
  const history = new History(files, '/root/.macvlan_history', MENUS);
  assert.equal(history.lines, ['one']);
  for (const line of [
    'three',
    'three',
    '',
    '/interface pppoe-client add user=a password=tiger',
    'add pass="x"',
    'add pa=x',
    'set 0 !x psk=y',
    'add PASSWORD = z',
    'add passive=1',
    'add comment=passed',
  ])
    history.add(line);
  assert.equal(history.lines, ['one', 'three', 'add passive=1', 'add comment=passed']);
  assert.equal(written.at(-1), {
    path: '/root/.macvlan_history',
    text: 'one\nthree\nadd passive=1\nadd comment=passed\n',
    mode: 0o600,
  });
});

completion('a disk that cannot be written costs no line', () => {
  const history = new History(disk(undefined, true).files, '/h', MENUS);
  history.add('one');
  assert.equal(history.lines, ['one']);
  for (let n = 0; n < 600; n++) history.add(`line ${n}`);
  assert.is(history.lines.length, 500);
});

completion.run();
