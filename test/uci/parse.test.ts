import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from '../../src/uci/parse.ts';
import { fixture } from '../helpers/fixture.ts';
import { brief, exported, textOf } from './sections.ts';

const PARSE = suite('uci/parse');

// The .export files were written by OpenWrt's own `uci export`.
for (const name of ['network', 'macvlan-by-hand', 'windows', 'terse']) {
  PARSE(`reads ${name} as uci does`, () => {
    const document = parse(fixture(`uci/${name}`));
    assert.is(exported(document), fixture(`uci/${name}.export`));
    assert.equal(document.problems, []);
  });
}

const GRAMMAR: [title: string, text: string, sections: string[]][] = [
  ['nothing at all', '', []],
  ['blank lines and comments', '\n \t\n# config macvlan a\n', []],
  ['one-letter commands', 'c macvlan a\no mtu 1\nl dns 2\n', ['macvlan a: mtu=1 dns=[2]']],
  ['a package line, which means nothing here', 'package macvlan-x\nconfig a\n', ['a -:']],
  ['an anonymous section, also with an empty name', "config a\nconfig a ''\n", ['a -:', 'a -:']],
  ['a type of any printable characters', 'config a.b-c/d x\n', ['a.b-c/d x:']],
  ['several commands on a line', "config a 'x'; option p 'q';list l 1 ; list l 2", ['a x: p=q l=[1 2]']],
  ['semicolons with nothing between them', "config a 'x';; option p 'q' ;\n", ['a x: p=q']],
  ['a comment behind a command', "config a x # y\noption p 'q'#r\noption s t#u\n", ['a x: p=q s=t']],
  ['a # inside quotes, which is no comment', `config a\noption p '#1'\noption q "a #2"\n`, ['a -: p=#1 q=a #2']],
  ['a ; inside quotes', "config a\noption p 'x;y'\n", ['a -: p=x;y']],
  ['a ; that ends a bare word', 'config a\noption p x;option q y\n', ['a -: p=x q=y']],
  ['pieces side by side', `config a\noption p a'b c'"d e"f\n`, ['a -: p=ab cd ef']],
  ['the quote that uci exports', "config a\noption p 'it'\\''s'\n", ["a -: p=it's"]],
  ['escapes in a bare word', 'config a\noption p a\\ b\\#c\\\\\n', ['a -: p=a b#c\\']],
  ['escapes in double quotes', 'config a\noption p "a\\"b\\\\c\\n"\n', ['a -: p=a"b\\cn']],
  ['no escapes in single quotes', "config a\noption p 'a\\nb\\'\n", ['a -: p=a\\nb\\']],
  ['a value over lines', "config a\noption p 'x\n y'\noption q z\n", ['a -: p=x\n y q=z']],
  ['a value over lines in double quotes', 'config a\noption p "x\n\n#y"\n', ['a -: p=x\n\n#y']],
  ['a line joined by a backslash', 'config a\noption p x\\\ny\noption q "x\\\r\ny"\n', ['a -: p=xy q=xy']],
  ['a backslash at the very end', 'config a\noption p x\\', ['a -: p=x']],
  ['names in quotes', `'config' a\nconfig "a" 'b'\noption "p" 'q'`, ['a b: p=q']],
  ['tabs, CR and other blanks', '\tconfig\ta\v x\f\r\n\t\toption\tp\tq\t\r\n', ['a x: p=q']],
  ['a second option, which replaces', 'config a\noption p 1\noption q 2\noption p 3\n', ['a -: p=3 q=2']],
  ['an option after a list, which replaces', 'config a\nlist p 1\nlist p 2\noption p 3\n', ['a -: p=3']],
  ['a list after an option, which adds', 'config a\noption p 1\nlist p 2\n', ['a -: p=[1 2]']],
  ['a list of one', 'config a\nlist p 1\n', ['a -: p=[1]']],
  ['an empty option, which means nothing', "config a\noption p\noption q ''\noption r 1\noption r ''\n", ['a -: r=1']],
  ['an empty item, which stays one', "config a\nlist p ''\nlist p 1\n", ['a -: p=[ 1]']],
  [
    'a section that goes on later',
    'config a x\noption p 1\nconfig b\nconfig a x\noption q 2\n',
    ['a x: p=1 q=2', 'b -:'],
  ],
  ['anonymous sections never go on', 'config a\noption p 1\nconfig a\noption p 2\n', ['a -: p=1', 'a -: p=2']],
  ['text outside ASCII', 'config a\noption p ünï\noption q \u00a0\n', ['a -: p=ünï q=\u00a0']],
];
for (const [title, text, sections] of GRAMMAR) {
  PARSE(`reads ${title}`, () => {
    const document = parse(text);
    const expected =
      title === 'names in quotes' ? ['expected package, config, option or list, found "\'config\'"'] : [];
    assert.equal(
      document.problems.map(({ error }) => error),
      expected,
    );
    assert.equal(brief(document), sections);
  });
}

const BROKEN: [title: string, text: string, problems: string[], sections: string[]][] = [
  [
    'an unknown command',
    'config a\noptoin p 1\noption q 2\n',
    ['2 expected package, config, option or list, found "optoin"'],
    ['a -: q=2'],
  ],
  [
    'prose with an apostrophe',
    "config a\nit's wrong\noption q 'x y'\n",
    ['2 expected package, config, option or list, found "it\'s"'],
    ['a -: q=x y'],
  ],
  [
    'an option before any section',
    'option p 1\nlist q 2\nconfig a\n',
    ['1 expected config before the first option', '2 expected config before the first list'],
    ['a -:'],
  ],
  [
    'a section without a type',
    'config a\nconfig\noption p 1\nconfig b\noption p 2\n',
    ['2 expected a section type of printable characters, found ""'],
    ['a -:', 'b -: p=2'],
  ],
  [
    'a type with a blank',
    "config 'a b'\noption p 1\n",
    ['1 expected a section type of printable characters, found "a b"'],
    [],
  ],
  [
    'a section name with a dash',
    'config a a\noption p 1\nconfig a b-c\noption p 2\n',
    ['3 expected a section name of letters, digits and _, found "b-c"'],
    ['a a: p=1'],
  ],
  [
    'a section name with a blank that was not quoted',
    'config a my lan\noption p 2\n',
    ['1 expected the end of the command, found "lan"'],
    [],
  ],
  [
    'a known name with another type',
    'config a x\noption p 1\nconfig b x\noption p 2\nconfig a x\noption q 3\n',
    ['3 expected type a for x as on line 1, found "b"'],
    ['a x: p=1 q=3'],
  ],
  [
    'an option without a name',
    'config a\noption\n',
    ['2 expected an option name of letters, digits and _, found ""'],
    ['a -:'],
  ],
  [
    'an option name with a dash',
    "config a\noption mac-address 'x\ny'\noption p 1\n",
    ['2 expected an option name of letters, digits and _, found "mac-address"'],
    ['a -: p=1'],
  ],
  [
    'a value with a blank that was not quoted',
    'config a\noption p one two\noption q 1\n',
    ['2 expected the end of the command, found "two"'],
    ['a -: q=1'],
  ],
  [
    'a quote that was forgotten',
    "config a\noption p 'one\noption q 'two'\noption r '3'\n",
    ["2 expected a closing quote for 'one"],
    ['a -: q=two r=3'],
  ],
  [
    'a double quote that was forgotten, further up',
    'config a\noption p "one\nconfig b\noption q "x y"\n',
    ['2 expected a closing quote for y"'],
    ['a -:', 'b -: q=x y'],
  ],
  ['a quote at the very end', 'config a\noption p "', ['2 expected a closing quote for "'], ['a -:']],
  [
    'the second command of a line',
    "config a; option p 'q'; wrong; option r 's'\noption t u\n",
    ['1 expected package, config, option or list, found "wrong"'],
    ['a -: p=q t=u'],
  ],
  ['a package name with a dot', 'package a.b\n', ['1 expected a package name, found "a.b"'], []],
  [
    'a line behind a value over lines',
    "config a\noption p 'x\ny'\nwrong\n",
    ['4 expected package, config, option or list, found "wrong"'],
    ['a -: p=x\ny'],
  ],
  [
    'the name of what every object has',
    'config a\nconstructor x\n',
    ['2 expected package, config, option or list, found "constructor"'],
    ['a -:'],
  ],
];
for (const [title, text, problems, sections] of BROKEN) {
  PARSE(`reports ${title} and reads the rest`, () => {
    const document = parse(text);
    assert.equal(
      document.problems.map(({ line, error }) => `${line} ${error}`),
      problems,
    );
    assert.equal(brief(document), sections);
  });
}

PARSE('knows the line of each section and option', () => {
  const { sections } = parse(fixture('uci/macvlan-by-hand'));
  assert.equal(
    sections.map(({ line }) => line),
    [6, 10, 17, 23, 24],
  );
  assert.equal(
    sections[1]!.options.map(({ name, line }) => `${name} ${line}`),
    ['name 11', 'interface 12', 'mac_address 13', 'comment 15'],
  );
  const later = parse("config a 'x\n'\nconfig a; list p 'x\ny'; list q 1").sections[0]!;
  assert.equal(
    later.options.map(({ line }) => line),
    [3, 4],
  );
});

PARSE('has every character of the text in exactly one row', () => {
  for (const name of ['network', 'macvlan-by-hand', 'windows', 'terse']) {
    const text = fixture(`uci/${name}`);
    assert.is(textOf(parse(text).rows, text), text);
  }
});

PARSE.run();
