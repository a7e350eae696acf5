import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Change } from '../../src/uci/changes.ts';
import { edit } from '../../src/uci/edit.ts';
import { UciError } from '../../src/uci/error.ts';
import { parse } from '../../src/uci/parse.ts';
import { fixture } from '../helpers/fixture.ts';
import { brief } from './sections.ts';

const EDIT = suite('uci/edit');

const set = (section: string | number, option: string, value: string | string[]): Change => ({
  kind: 'set',
  section,
  option,
  value,
});
const remove = (section: string | number): Change => ({ kind: 'remove', section });
const add = (type: string, name: string): Change => ({ kind: 'add', type, name });
const unset = (section: string | number, option: string): Change => ({ kind: 'delete', section, option });
const rename = (section: string | number, name: string): Change => ({ kind: 'rename', section, name });

const ROWS: [title: string, before: string, changes: Change[], after: string][] = [
  ['nothing', 'config a # x\n', [], 'config a # x\n'],
  ['a value that is there already', 'config a b\n option p "q"\n', [set('b', 'p', 'q')], 'config a b\n option p "q"\n'],
  [
    'a value, and keeps the comment behind it',
    "config a b\n  option  p  '1' # one\n",
    [set('b', 'p', '2')],
    "config a b\n  option  p  '2' # one\n",
  ],
  ['a bare value', 'config a b\noption p 1\n', [set('b', 'p', '2.5')], 'config a b\noption p 2.5\n'],
  [
    'a bare value by one that needs quotes',
    'config a b\noption p 1\n',
    [set('b', 'p', 'x y')],
    "config a b\noption p 'x y'\n",
  ],
  [
    'a value in double quotes',
    'config a b\noption p "1"\n',
    [set('b', 'p', 'say "\\o/"')],
    'config a b\noption p "say \\"\\\\o/\\""\n',
  ],
  ['a value with a quote', "config a b\noption p '1'\n", [set('b', 'p', "it's")], "config a b\noption p 'it'\\''s'\n"],
  [
    'a value over lines',
    "config a b\noption p '1\n2' #x\n#y\n",
    [set('b', 'p', '3')],
    "config a b\noption p '3' #x\n#y\n",
  ],
  [
    'the value that counts',
    'config a b\noption p 1\noption p 2\n',
    [set('b', 'p', '3')],
    'config a b\noption p 1\noption p 3\n',
  ],
  [
    'an option that is new, indented as its neighbour',
    'config a b\n  option p 1\n\nconfig c\n',
    [set('b', 'q', '2')],
    "config a b\n  option p 1\n  option q '2'\n\nconfig c\n",
  ],
  [
    'an option that is new in an empty section, indented as elsewhere',
    'config a b\n\nconfig c\n    option p 1\n',
    [set('b', 'q', '2')],
    "config a b\n    option q '2'\n\nconfig c\n    option p 1\n",
  ],
  ['an option in an empty section', 'config a b\n', [set('b', 'q', '2')], "config a b\n\toption q '2'\n"],
  [
    'an option that stood empty',
    "config a b\n\toption p '' # why\n",
    [set('b', 'p', '2')],
    "config a b\n\toption p '2' # why\n",
  ],
  [
    'an option that stood without value',
    'config a b\n\toption p\n',
    [set('b', 'p', '2')],
    "config a b\n\toption p '2'\n",
  ],
  [
    'an option of an anonymous section',
    'config a\noption p 1\nconfig a\noption p 2\n',
    [set(1, 'p', '3')],
    'config a\noption p 1\nconfig a\noption p 3\n',
  ],
  [
    'two options',
    'config a b\n',
    [set('b', 'p', '1'), set('b', 'q', '2')],
    "config a b\n\toption p '1'\n\toption q '2'\n",
  ],
  ['an option twice', 'config a b\n', [set('b', 'p', '1'), set('b', 'p', '2')], "config a b\n\toption p '2'\n"],
  [
    'an option where the section stands last',
    'config a b\noption p 1\nconfig c\nconfig a b\n\toption q 2\n',
    [set('b', 'r', '3')],
    "config a b\noption p 1\nconfig c\nconfig a b\n\toption q 2\n\toption r '3'\n",
  ],
  [
    'an option on a line of several commands',
    "config a b; option p 1\nconfig c 'd'; config e 'f'\n",
    [set('b', 'q', '2'), set('d', 'p', '1')],
    "config a b; option p 1\n\toption q '2'\nconfig c 'd' ; option p '1'; config e 'f'\n",
  ],
  ['CR LF', 'config a b\r\n\toption p 1\r\n', [set('b', 'q', '2')], "config a b\r\n\toption p 1\r\n\toption q '2'\r\n"],
  ['a file without a last line end', 'config a b', [set('b', 'q', '2')], "config a b\n\toption q '2'"],
  [
    'a file that ends in a backslash',
    'config a b\noption p x\\',
    [set('b', 'q', '2')],
    "config a b\noption p x\\\n\noption q '2'",
  ],

  [
    'away an option with its comment',
    'config a b\n\toption p 1 # one\n\toption q 2\n',
    [unset('b', 'p')],
    'config a b\n\toption q 2\n',
  ],
  [
    'away an option by an empty value',
    'config a b\n\toption p 1\n\toption q 2\n',
    [set('b', 'p', '')],
    'config a b\n\toption q 2\n',
  ],
  ['away a list by no values', 'config a b\n\tlist p 1\n\tlist p 2\n', [set('b', 'p', [])], 'config a b\n'],
  ['away an option that is not there', 'config a b\n', [unset('b', 'p')], 'config a b\n'],
  [
    'away an option that stands twice',
    'config a b\noption p 1\n# x\noption p 2\n',
    [unset('b', 'p')],
    'config a b\n# x\n',
  ],
  [
    'away an option over lines',
    "config a b\noption p '1\n2'\noption q 3\n",
    [unset('b', 'p')],
    'config a b\noption q 3\n',
  ],
  ['away the last option', 'config a b\noption p 1', [unset('b', 'p')], 'config a b'],
  [
    'away one of several commands on a line',
    "config a b; option p '1' ; option q '2'; option r '3' # x\n",
    [unset('b', 'p'), unset('b', 'r')],
    "config a b; option q '2' # x\n",
  ],
  [
    'away the last two commands on a line',
    "config a b; option p 1; option q '2' # x\n",
    [unset('b', 'p'), unset('b', 'q')],
    'config a b # x\n',
  ],
  [
    'away the last command on a line, and adds one',
    "config a 'b'; option p 1\n",
    [unset('b', 'p'), set('b', 'q', '2')],
    "config a 'b' ; option q '2'\n",
  ],
  [
    'away a command and leaves the wrong one on its line',
    'config a b\noption p 1; wrong\n',
    [unset('b', 'p')],
    'config a b\n; wrong\n',
  ],

  ['a list', 'config a b\n', [set('b', 'p', ['1', '2'])], "config a b\n\tlist p '1'\n\tlist p '2'\n"],
  [
    'an item at the end of a list',
    'config a b\n\tlist p 1 # one\n\toption q 2\n',
    [set('b', 'p', ['1', '2'])],
    "config a b\n\tlist p 1 # one\n\tlist p '2'\n\toption q 2\n",
  ],
  [
    'an item at the beginning',
    'config a b\n  list p 1 # one\n',
    [set('b', 'p', ['0', '1'])],
    "config a b\n  list p '0'\n  list p 1 # one\n",
  ],
  [
    'an item in the middle',
    'config a b\n\tlist p 1 # one\n\tlist p 3 # three\n',
    [set('b', 'p', ['1', '2', '3'])],
    "config a b\n\tlist p 1 # one\n\tlist p '2'\n\tlist p 3 # three\n",
  ],
  [
    'an item away from the middle',
    'config a b\n\tlist p 1 # one\n\tlist p 2 # two\n\tlist p 3 # three\n',
    [set('b', 'p', ['1', '3'])],
    'config a b\n\tlist p 1 # one\n\tlist p 3 # three\n',
  ],
  [
    'an item away from the front',
    'config a b\n\tlist p 1\n\tlist p 2\n',
    [set('b', 'p', ['2'])],
    'config a b\n\tlist p 2\n',
  ],
  [
    'one item',
    'config a b\n\tlist p 1 # one\n\tlist p 2\n',
    [set('b', 'p', ['5', '2'])],
    'config a b\n\tlist p 5 # one\n\tlist p 2\n',
  ],
  [
    'an option into a list',
    'config a b\n\to p 1 # one\n',
    [set('b', 'p', ['1', '2'])],
    "config a b\n\tl p 1 # one\n\tlist p '2'\n",
  ],
  ['a list into an option', 'config a b\n\tlist p 1\n\tlist p 2\n', [set('b', 'p', '2')], 'config a b\n\toption p 2\n'],
  [
    'an option with items into a list',
    'config a b\noption p 1\nlist p 2\n',
    [set('b', 'p', ['2'])],
    'config a b\nlist p 2\n',
  ],
  [
    'an option that replaced a list into a list',
    'config a b\nlist p 0\noption p 1\n',
    [set('b', 'p', ['1'])],
    'config a b\nlist p 1\n',
  ],
  [
    'an item before another on its line',
    "config a 'b'; list p 2\n",
    [set('b', 'p', ['1', '2'])],
    "config a 'b'; list p '1' ; list p 2\n",
  ],

  ['a section to an empty file', '', [add('a', 'b'), set('b', 'p', '1')], "config a 'b'\n\toption p '1'\n"],
  [
    'a section',
    'config a\n  option p 1\n',
    [add('a', 'b'), set('b', 'p', '1')],
    "config a\n  option p 1\n\nconfig a 'b'\n  option p '1'\n",
  ],
  ['a section behind a comment', '# only this\n', [add('a', 'b')], "# only this\n\nconfig a 'b'\n"],
  ['a section as uci export does', '\nconfig a\n\n', [add('a', 'b')], "\nconfig a\n\nconfig a 'b'\n\n"],
  ['two sections', '', [add('a', 'b'), add('a', 'c')], "config a 'b'\n\nconfig a 'c'\n"],
  ['a section to a file without a last line end', 'config a', [add('a', 'b')], "config a\n\nconfig a 'b'"],
  ['a section and takes it away again', 'config a\n', [add('a', 'b'), remove('b')], 'config a\n'],
  [
    'a section in place of one of the same name',
    'config a b\noption p 1\n',
    [remove('b'), add('c', 'b')],
    "\nconfig c 'b'\n",
  ],
  [
    'a section with a list and a type that needs quotes',
    '',
    [add('a#', 'b'), set('b', 'p', ['1'])],
    "config 'a#' 'b'\n\tlist p '1'\n",
  ],

  [
    'away a section between two',
    'config a\n\nconfig b\noption p 1\n\nconfig c\n',
    [remove(1)],
    'config a\n\nconfig c\n',
  ],
  ['away the first section', 'config a\noption p 1\n\nconfig b\n', [remove(0)], 'config b\n'],
  ['away the last section', 'config a\n\nconfig b\noption p 1\n', [remove(1)], 'config a\n'],
  ['away the last section of an export', '\nconfig a\n\nconfig b\n\n', [remove(1)], '\nconfig a\n\n'],
  ['away all sections', 'config a\n\nconfig b\n', [remove(0), remove(1)], ''],
  [
    'away the comment directly above',
    'config a\n\n# about b\n# more\nconfig b\n\nconfig c\n',
    [remove(1)],
    'config a\n\nconfig c\n',
  ],
  [
    'not the comment that stands apart',
    '# the file\n\nconfig a\noption p 1\n\n# apart\n\nconfig b\n',
    [remove(0)],
    '# the file\n\n# apart\n\nconfig b\n',
  ],
  [
    'not the comment above the next one',
    'config a\noption p 1\n# about b\nconfig b\n',
    [remove(0)],
    '# about b\nconfig b\n',
  ],
  [
    'away the comments inside',
    'config a\n# in\n\n# in too\noption p 1\n# option q 2\n\nconfig b\n',
    [remove(0)],
    'config b\n',
  ],
  ['away the wrong lines inside', 'config a\nwrong\noption p 1\nwrong\n\nconfig b\n', [remove(0)], 'config b\n'],
  [
    'not the section behind, whose first line is wrong',
    'config a\nconfig\noption p 1\n',
    [remove(0)],
    'config\noption p 1\n',
  ],
  [
    'away every part of a section',
    'config a b\noption p 1\n\nconfig c\n\nconfig a b\noption q 2\n',
    [remove('b')],
    'config c\n',
  ],
  [
    'away a section from the middle of a line',
    "config a; config b 'c'; option p 1 ; config d\noption q 2\n",
    [remove(1)],
    'config a; config d\noption q 2\n',
  ],
  ['not a package line inside', 'config a\npackage x\noption p 1\n', [remove(0)], 'package x\n'],

  ['the name of a section', 'config a "b" # x\n', [rename('b', 'c')], 'config a "c" # x\n'],
  ['a name for an anonymous section', 'config a # x\noption p 1\n', [rename(0, 'c')], "config a 'c' # x\noption p 1\n"],
  ['a name for a section with an empty one', "config a ''\n", [rename(0, 'c')], "config a 'c'\n"],
  [
    'every part of a renamed section',
    'config a b\nconfig c\nconfig a b\n',
    [rename('b', 'd')],
    'config a d\nconfig c\nconfig a d\n',
  ],
  ['an option after the name', 'config a\n', [rename(0, 'c'), set('c', 'p', '1')], "config a 'c'\n\toption p '1'\n"],
  ['the same name', 'config a b\n', [rename('b', 'b')], 'config a b\n'],

  [
    'a file with wrong lines',
    "config a b\n\toption p 'one\n\toption q '2'\nwrong\n",
    [set('b', 'q', '3'), set('b', 'r', '4')],
    "config a b\n\toption p 'one\n\toption q '3'\n\toption r '4'\nwrong\n",
  ],
  [
    'an option before a wrong command on its line',
    "config a 'b'; wrong\n",
    [set('b', 'p', '1')],
    "config a 'b' ; option p '1'; wrong\n",
  ],
];
for (const [title, before, changes, after] of ROWS) {
  EDIT(`changes ${title}`, () => assert.is(edit(before, changes), after));
}

const REFUSED: [title: string, changes: Change[], error: string][] = [
  ['a section that is not there', [set('x', 'p', '1')], 'no section x'],
  ['a place that is not there', [remove(7)], 'no section 7'],
  ['a section taken away before', [remove('b'), set('b', 'p', '1')], 'no section b'],
  ['a name in use', [add('a', 'b')], 'there is a section b already'],
  ['a new name in use', [rename(1, 'b')], 'there is a section b already'],
  ['a section name with a dash', [add('a', 'b-c')], '"b-c" cannot be the name of a section'],
  ['an empty section name', [rename('b', '')], '"" cannot be the name of a section'],
  ['a type with a blank', [add('a b', 'c')], '"a b" cannot be the type of a section'],
  ['an option name with a dash', [set('b', 'mac-address', '1')], '"mac-address" cannot be the name of an option'],
  ['a control character', [set('b', 'p', 'x\0')], 'p holds a control character, which UCI cannot store'],
  [
    'a control character in a list',
    [set('b', 'p', ['x', '\x1b'])],
    'p holds a control character, which UCI cannot store',
  ],
];
for (const [title, changes, error] of REFUSED) {
  EDIT(`refuses ${title}`, () =>
    assert.throws(
      () => edit('config a b\nconfig c\n', changes),
      (thrown: unknown) => thrown instanceof UciError && thrown.message === error,
    ),
  );
}

EDIT('gives a file written by people back as it was, but for the line', () => {
  const before = fixture('uci/macvlan-by-hand');
  const after = edit(before, [set('wan1', 'mac_address', '02:00:5E:10:00:02'), set('lease2', 'disabled', '1')]);
  const lines = before.split('\n');
  lines[12] = '    option  mac_address 02:00:5E:10:00:02';
  lines.splice(28, 0, "    option disabled '1'");
  assert.is(after, lines.join('\n'));
});

EDIT('names anonymous sections of a file written by people', () => {
  const after = edit(fixture('uci/macvlan-by-hand'), [rename(2, 'macvlan_1')]);
  assert.ok(after.includes("\nconfig macvlan 'macvlan_1'\n    option interface 'ether1'\n"));
});

EDIT('holds tab, CR and LF in a value', () => {
  const value = 'a\tb\r\nc\n';
  const [section] = parse(edit('config a b\n', [set('b', 'p', value)])).sections;
  assert.is(section!.options[0]!.values[0], value);
});

EDIT('takes a section away as if it had never been added', () => {
  for (const name of ['network', 'macvlan-by-hand', 'windows', 'terse']) {
    const text = fixture(`uci/${name}`);
    const added = edit(text, [add('a', 'b_new'), set('b_new', 'p', 'q'), set('b_new', 'l', ['1', '2'])]);
    assert.is(brief(parse(added)).at(-1), 'a b_new: p=q l=[1 2]');
    assert.is(edit(added, [remove('b_new')]), text);
  }
});

EDIT.run();
