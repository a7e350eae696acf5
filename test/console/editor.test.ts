import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { encodeUtf8 } from '../../src/bytes/utf8.ts';
import { Editor, window } from '../../src/console/editor.ts';
import { type Key, Keys } from '../../src/console/keys.ts';
import { isOpen } from '../../src/console/open.ts';
import { Random } from '../uci/random.ts';

const editor = suite('console/editor');

/** What a terminal sends, and the keys that it is; whole, and byte by byte. */
const SENT: [bytes: string, keys: string][] = [
  ['abc', 'a b c'],
  ['aü😀b', 'a ü 😀 b'],
  ['\r\n\t\x7f\b', 'enter enter tab backspace backspace'],
  ['\x1b[A\x1b[B\x1b[C\x1b[D', 'up down right left'],
  ['\x1bOA\x1bOP\x1b[11~\x1b[[A', 'up help help help'],
  ['\x1b[H\x1b[F\x1b[1~\x1b[4~\x1b[3~', 'home end home end delete'],
  ['\x1b[1;5C\x1b[1;5D\x1bf\x1bb', 'word-right word-left word-right word-left'],
  ['\x01\x05\x03\x04\x0b\x15\x17\x0c', 'home end interrupt end-of-input erase-rest erase-line erase-word clear'],
  ['\x1b[200~a\t?\r\x1b[201~\t', '(a) ( ) (?) enter tab'],
  ['\x1b[99;99~x', 'x'],
  ['\x1b[99;99;99;99~x', '[ 9 9 ; 9 9 ; 9 9 ; 9 9 ~ x'],
  ['\x00\x1f', ''],
];

const named = (keys: readonly Key[]) =>
  keys.map((key) => (key.key === 'text' ? key.text : key.key === 'pasted' ? `(${key.text})` : key.key));

for (const [bytes, keys] of SENT) {
  editor(`reads ${JSON.stringify(bytes)}`, () => {
    assert.is(named(new Keys().read(encodeUtf8(bytes))).join(' '), keys);
    const reader = new Keys();
    const pieces = Array.from(encodeUtf8(bytes), (byte) => reader.read(Uint8Array.of(byte))).flat();
    assert.is(named(pieces).join('').replaceAll(' ', ''), keys.replaceAll(' ', ''));
  });
}

/** `|` is the cursor. */
function typed(bytes: string, history: string[] = []): string {
  const line = new Editor(history);
  for (const key of new Keys().read(encodeUtf8(bytes))) line.press(key);
  const all = Array.from(line.text);
  return [...all.slice(0, line.cursor), '|', ...all.slice(line.cursor)].join('');
}

const LINES: [bytes: string, line: string, history?: string[]][] = [
  ['abc', 'abc|'],
  ['abc\x1b[D\x1b[Dx', 'ax|bc'],
  ['aü😀\x1b[D\x7f', 'a|😀'],
  ['abc\x01\x1b[3~', '|bc'],
  ['abc\x01\x04', '|bc'],
  ['set a mtu=1400\x17', 'set a mtu=|'],
  ['set a mtu=1400\x17\x17', 'set a |'],
  ['one two\x1bb\x1bbx', 'x|one two'],
  ['one two\x01\x1bf', 'one| two'],
  ['one two\x1bb\x0b', 'one |'],
  ['one two\x1bb\x15', '|two'],
  ['\x7f\x1b[D\x1b[3~\x17\x0b', '|'],
  ['now\x1b[A', 'second|', ['first', 'second']],
  ['now\x1b[A\x1b[A\x1b[A', 'first|', ['first', 'second']],
  ['now\x1b[A\x1b[B', 'now|', ['first', 'second']],
  ['"a?', '"a?|'],
  ['\x1b[200~why?\t\x1b[201~x', 'why? x|'],
  ['"a\\"?"b', '"a\\"?"b|'],
];
for (const [bytes, line, history] of LINES)
  editor(`types ${JSON.stringify(bytes)}`, () => assert.is(typed(bytes, history), line));

editor('asks for what it cannot do itself', () => {
  const line = new Editor();
  const wishes = '\t?\x03\x0c\x04\r'.split('').map((byte) => line.press(new Keys().read(encodeUtf8(byte))[0]!));
  assert.equal(wishes, ['complete', 'help', 'interrupt', 'clear', 'end', 'line']);
});

editor('keeps a line in its history once, and not one that it is told to forget', () => {
  const line = new Editor();
  for (const [text, keep] of [
    ['a', true],
    ['a', true],
    ['secret', false],
    [' ', true],
  ] as const) {
    line.insert(text);
    assert.is(line.next(keep), text);
  }
  line.press({ key: 'up' });
  assert.is(line.text, 'a');
  line.press({ key: 'up' });
  assert.is(line.text, 'a');
});

editor('a line of any length stays within the terminal, with the cursor on it', () => {
  for (let seed = 1; seed <= 300; seed++) {
    const random = new Random(seed);
    const text = 'x'.repeat(random.below(200));
    const cursor = random.below(text.length + 1);
    const width = 30 + random.below(60);
    const { line, column } = window('[macvlan] > ', text, cursor, width);
    assert.ok(12 + line.length < width, `${line.length} of ${width}`);
    assert.ok(column >= 12 && column <= 12 + line.length);
  }
  assert.equal(window('> ', 'abc', 3, 80), { line: 'abc', column: 5 });
});

editor('whatever is sent, the cursor stays in the line', () => {
  const bytes = [
    'a',
    'ü',
    '"',
    ' ',
    '=',
    '\x1b[A',
    '\x1b[D',
    '\x1b[C',
    '\x7f',
    '\x17',
    '\x0b',
    '\x15',
    '\x01',
    '\x05',
    '\x1b',
    '[',
    '3',
    '~',
    '\xff',
  ];
  for (let seed = 1; seed <= 300; seed++) {
    const random = new Random(seed);
    const line = new Editor(['one', 'two words']);
    const keys = new Keys();
    for (let n = 0; n < 60; n++) {
      for (const key of keys.read(encodeUtf8(random.one(bytes)))) line.press(key);
      assert.ok(line.cursor >= 0 && line.cursor <= Array.from(line.text).length);
    }
  }
});

const OPEN: [text: string, open: boolean][] = [
  ['print\n', false],
  ['print \\\n', true],
  ['add comment="a\n', true],
  ['add comment="a\\"b"\n', false],
  [':for i from=1 to=2 do={\n', true],
  [':for i from=1 to=2 do={\n:put $i\n}\n', false],
  ['set [find\n', true],
  ['# it is (not\n', false],
  ['add name=a#{ \n', true],
  ['}\n', false],
];
for (const [text, open] of OPEN)
  editor(`${JSON.stringify(text)} ${open ? 'goes on' : 'is done'}`, () => assert.is(isOpen(text), open));

editor.run();
