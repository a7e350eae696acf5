import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseScript } from '../../src/routeros/script.ts';
import type { Item } from '../../src/routeros/table.ts';
import { matches } from '../../src/routeros/where.ts';
import { condition } from './brief.ts';
import { MENUS } from './syntax.ts';

const WHERE = suite('routeros/where');

const read = (text: string) => parseScript(`/interface macvlan print where ${text}`, MENUS);

const ITEM: Item = {
  id: '*A',
  values: {
    name: 'macvlan1',
    interface: 'ether1',
    mtu: '1500',
    'mac-address': '02:00:5E:10:00:0A',
    address: '192.0.2.10',
    'arp-timeout': '5m',
    comment: 'my line',
    mode: 'bridge',
    'use-peer-dns': 'no',
    about: '',
  },
  flags: { running: true, disabled: false },
};

const ROWS: [text: string, reading: string, truth: boolean][] = [
  ['name=macvlan1', 'name=macvlan1', true],
  ['name = "macvlan1"', 'name=macvlan1', true],
  ['name="macvlan2"', 'name=macvlan2', false],
  ['name!=macvlan2', 'name!=macvlan2', true],
  ['comment="my line"', 'comment=my line', true],
  ['comment=""', 'comment=', false],
  ['about=', 'about=', true],
  ['nothing=""', 'nothing=', true],
  ['nothing=x', 'nothing=x', false],
  ['nothing!=x', 'nothing!=x', true],
  ['constructor', 'constructor', false],
  ['.id=*A', '.id=*A', true],
  ['mtu>1400', 'mtu>1400', true],
  ['mtu > 900', 'mtu>900', true],
  ['mtu<1500', 'mtu<1500', false],
  ['mtu<=1500', 'mtu<=1500', true],
  ['mtu>=1501', 'mtu>=1501', false],
  ['mtu=01500', 'mtu=01500', true],
  ['mtu>auto', 'mtu>auto', false],
  ['nothing<5', 'nothing<5', false],
  ['arp-timeout<1h', 'arp-timeout<1h', true],
  ['arp-timeout=300', 'arp-timeout=300', true],
  ['address>192.0.2.9', 'address>192.0.2.9', true],
  ['name>macvlan0', 'name>macvlan0', true],
  ['mac-address=02-00-5e-10-00-0a', 'mac-address=02-00-5e-10-00-0a', true],
  ['name~"^mac.*1$"', 'name~^mac.*1$', true],
  ['name~ether', 'name~ether', false],
  ['name~"[(+*]\\\\(1|^ma.*1$"', 'name~[(+*]\\(1|^ma.*1$', true],
  ['address in 192.0.2.0/24', 'addressin192.0.2.0/24', true],
  ['address in 192.0.3.0/24', 'addressin192.0.3.0/24', false],
  ['address in 0.0.0.0/0', 'addressin0.0.0.0/0', true],
  ['mtu in 1400,1500', 'mtuin1400,1500', true],
  ['name in macvlan2,x', 'nameinmacvlan2,x', false],
  ['running', 'running', true],
  ['disabled', 'disabled', false],
  ['!disabled', '!disabled', true],
  ['not disabled', '!disabled', true],
  ['running=yes', 'running=yes', true],
  ['disabled=false', 'disabled=false', true],
  ['disabled!=no', 'disabled!=no', false],
  ['comment', 'comment', true],
  ['about', 'about', false],
  ['use-peer-dns', 'use-peer-dns', false],
  ['running and mtu=1500', '(running and mtu=1500)', true],
  ['running mtu=1', '(running and mtu=1)', false],
  ['disabled or running', '(disabled or running)', true],
  ['disabled && running || running', '((disabled and running) or running)', true],
  ['running or disabled and disabled', '(running or (disabled and disabled))', true],
  ['(running or disabled) and disabled', '((running or disabled) and disabled)', false],
  ['!(running and disabled)', '!(running and disabled)', true],
  ['( ( running ) )', 'running', true],
  ['not not running', '!!running', true],
  ['notes=x or orange', '(notes=x or orange)', false],
  ['interface=ether1 \\\n  mode=bridge', '(interface=ether1 and mode=bridge)', true],
];
for (const [text, reading, truth] of ROWS) {
  WHERE(`${text} is ${truth}`, () => {
    const script = read(text);
    assert.is(script.error, undefined);
    const where = script.statements[0]!.where!;
    assert.is(condition(where), reading);
    assert.is(matches(where, ITEM), truth);
  });
}

const BROKEN: [text: string, error: string][] = [
  ['=1', 'syntax error (line 1 column 32)'],
  ['(mtu=1', 'syntax error (line 1 column 38)'],
  ['mtu=1)', 'expected end of command (line 1 column 37)'],
  ['running or', 'syntax error (line 1 column 42)'],
  ['running and', 'syntax error (line 1 column 43)'],
  ['!', 'syntax error (line 1 column 33)'],
  ['()', 'syntax error (line 1 column 33)'],
  ['mtu==1', 'syntax error (line 1 column 36)'],
  ['name~"("', '"(" is no regular expression (line 1 column 37)'],
  ['name~"(a+)+b"', 'the pattern "(a+)+b" repeats too much (line 1 column 37)'],
  ['name~"(a)\\\\1"', 'the pattern "(a)\\1" repeats too much (line 1 column 37)'],
  ['name~".*.*.*.*.*x"', 'the pattern ".*.*.*.*.*x" repeats too much (line 1 column 37)'],
  ['name="x', 'syntax error (line 1 column 37)'],
  ['[x]', 'syntax error (line 1 column 32)'],
  ['(((((((((((((((((((((((((((((((((((((((((((((((((((((((((a', 'syntax error (line 1 column 83)'],
];
for (const [text, error] of BROKEN) {
  WHERE(`refuses ${text}`, () => assert.is(read(text).error?.message, error));
}

WHERE.run();
