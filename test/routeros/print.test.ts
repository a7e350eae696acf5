import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type PrintOptions, print } from '../../src/routeros/print.ts';
import { quoted, quotedIfNeeded } from '../../src/routeros/quote.ts';
import { parseScript } from '../../src/routeros/script.ts';
import type { Item, Sheet } from '../../src/routeros/table.ts';
import { MENUS } from './syntax.ts';

const PRINT = suite('routeros/print');

const name = { name: 'name', quoted: true };
const mtu = { name: 'mtu', align: 'right' } as const;
const [parent, mac, mode] = [{ name: 'interface' }, { name: 'mac-address' }, { name: 'mode' }];
const SHEET: Sheet = {
  columns: [name, mtu, parent, mac, mode],
  properties: [
    { name: 'comment', quoted: true },
    name,
    mtu,
    { name: 'l2mtu', align: 'right' },
    mac,
    { name: 'arp' },
    mode,
    parent,
  ],
  flags: [
    { letter: 'X', label: 'disabled', name: 'disabled' },
    { letter: 'R', label: 'running', name: 'running' },
  ],
  remarks: ['comment', 'about'],
};

function item(id: number, values: Item['values'], flags: Item['flags'] = { running: true }): Item {
  return { id: `*${id}`, values: { mtu: '1500', interface: 'ether1', mode: 'bridge', ...values }, flags };
}

const ONE = item(1, { name: 'macvlan1', 'mac-address': '76:81:BF:68:69:83' });
const OFF = item(2, { name: 'off', mtu: '900', comment: 'the "spare" one', about: 'no parent' }, { disabled: true });

const FORMS: [title: string, items: Item[], options: PrintOptions, lines: string[]][] = [
  [
    'a table with one flag in use',
    [ONE],
    { form: 'table' },
    [
      'Flags: R - RUNNING',
      'Columns: NAME, MTU, INTERFACE, MAC-ADDRESS, MODE',
      '#   NAME       MTU  INTERFACE  MAC-ADDRESS        MODE  ',
      '0 R macvlan1  1500  ether1     76:81:BF:68:69:83  bridge',
    ],
  ],
  [
    'a table with two flags and remarks',
    [ONE, OFF],
    { form: 'brief' },
    [
      'Flags: X - DISABLED; R - RUNNING',
      'Columns: NAME, MTU, INTERFACE, MAC-ADDRESS, MODE',
      '#    NAME       MTU  INTERFACE  MAC-ADDRESS        MODE  ',
      '0  R macvlan1  1500  ether1     76:81:BF:68:69:83  bridge',
      ';;; the "spare" one',
      ';;; no parent',
      '1 X  off        900  ether1                        bridge',
    ],
  ],
  [
    'a table without flags, and without the column that nothing is in',
    [item(1, { name: 'a' }, {})],
    { form: 'table' },
    ['Columns: NAME, MTU, INTERFACE, MODE', '# NAME   MTU  INTERFACE  MODE  ', '0 a     1500  ether1     bridge'],
  ],
  [
    'a table of ids and chosen columns',
    [item(10, { name: 'a' }, {}), item(9, { name: 'b' }, {})],
    { form: 'table', showIds: true, proplist: ['mode', 'name', 'nothing', 'constructor'] },
    ['Columns: MODE, NAME', '  # MODE    NAME', '*10 bridge  a   ', ' *9 bridge  b   '],
  ],
  [
    'details, wrapped',
    [ONE, OFF],
    { form: 'detail', width: 59 },
    [
      'Flags: X - disabled; R - running',
      ' 0  R name="macvlan1" mtu=1500',
      '      mac-address=76:81:BF:68:69:83 mode=bridge',
      '      interface=ether1',
      '',
      ' 1 X  ;;; the "spare" one',
      '      ;;; no parent',
      '      name="off" mtu=900 mode=bridge interface=ether1',
    ],
  ],
  [
    'details of chosen properties',
    [OFF],
    { form: 'detail', proplist: ['comment', 'mtu'] },
    ['Flags: X - disabled; R - running', ' 0 X  comment="the \\"spare\\" one" mtu=900'],
  ],
  [
    'terse lines',
    [ONE, OFF],
    { form: 'terse' },
    [
      '0  R name=macvlan1 mtu=1500 mac-address=76:81:BF:68:69:83 mode=bridge interface=ether1',
      '1 X  comment="the \\"spare\\" one" name=off mtu=900 mode=bridge interface=ether1',
    ],
  ],
  [
    'a list of values',
    [ONE, item(3, { name: 'a' })],
    { form: 'value-list' },
    [
      '         name: macvlan1           a',
      '          mtu: 1500               1500',
      '  mac-address: 76:81:BF:68:69:83',
      '         mode: bridge             bridge',
      '    interface: ether1             ether1',
    ],
  ],
  [
    'one value',
    [ONE, item(3, { name: 'a' })],
    { form: 'as-value', proplist: ['name', 'running'] },
    ['.id=*1;name=macvlan1;running=yes;.id=*3;name=a;running=yes'],
  ],
  ['a count', [ONE, OFF], { form: 'count-only' }, ['2']],
  ['a count of nothing', [], { form: 'count-only' }, ['0']],
  ['a table of nothing', [], { form: 'table' }, []],
  ['details of nothing', [], { form: 'detail' }, []],
  [
    'what would steer the terminal as ?',
    [item(1, { name: 'a\x1b[2Jb\x9b', comment: 'one\ntwo\x07' })],
    { form: 'table', proplist: ['name'] },
    ['Flags: R - RUNNING', 'Columns: NAME', '#   NAME   ', ';;; one', ';;; two?', '0 R a?[2Jb?'],
  ],
  [
    'an item with nothing to say',
    [{ id: '*1', values: {}, flags: {} }],
    { form: 'detail' },
    ['Flags: X - disabled; R - running', ' 0    '],
  ],
];
for (const [title, items, options, lines] of FORMS) {
  PRINT(`prints ${title}`, () => assert.is(print(items, SHEET, options), lines.map((line) => `${line}\n`).join('')));
}

PRINT("prints the manual page's sample", () => {
  const sample = `Flags: R - RUNNING
Columns: NAME, MTU, INTERFACE, MAC-ADDRESS, MODE
# NAME MTU INTERFACE MAC-ADDRESS MODE
0 R macvlan1 1500 ether1 76:81:BF:68:69:83 bridge
`;
  const squeezed = print([ONE], SHEET, { form: 'table' }).replace(/ +\n/g, '\n').replace(/ +/g, ' ');
  assert.is(squeezed, sample);
});

PRINT('numbers more than ten items at the right', () => {
  const items = Array.from({ length: 11 }, (_, i) => item(i, { name: `m${i}` }));
  const lines = print(items, SHEET, { form: 'table', proplist: ['name'] }).split('\n');
  assert.equal([lines[2], lines[3], lines[13]], [' #   NAME', ' 0 R m0  ', '10 R m10 ']);
});

const QUOTED: [value: string, always: string, needed: string][] = [
  ['macvlan1', '"macvlan1"', 'macvlan1'],
  ['', '""', '""'],
  ['a b', '"a b"', '"a b"'],
  ['a"b\\c$d?', '"a\\"b\\\\c\\$d\\?"', '"a\\"b\\\\c\\$d\\?"'],
  ['one\ntwo\r\t', '"one\\ntwo\\r\\t"', '"one\\ntwo\\r\\t"'],
  ['\x1b\x7f\x9b', '"\\1B\\7F\\C2\\9B"', '"\\1B\\7F\\C2\\9B"'],
  ['ü', '"ü"', '"ü"'],
  ['192.0.2.1/24,*1', '"192.0.2.1/24,*1"', '192.0.2.1/24,*1'],
  ['a;b', '"a;b"', '"a;b"'],
  ['#x', '"#x"', '"#x"'],
];
for (const [value, always, needed] of QUOTED) {
  PRINT(`quotes ${JSON.stringify(value)} so that it is read again`, () => {
    assert.is(quoted(value), always);
    assert.is(quotedIfNeeded(value), needed);
    for (const text of [always, needed]) {
      const [statement] = parseScript(`/interface macvlan add comment=${text}`, MENUS).statements;
      assert.is(statement!.named[0]!.value, value);
    }
  });
}

PRINT.run();
