import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseScript } from '../../src/routeros/script.ts';
import { briefly } from './brief.ts';
import { MENUS } from './syntax.ts';

const SCRIPT = suite('routeros/script');
const MACVLAN = 'interface macvlan';

const ROWS: [title: string, text: string, statements: string[], menu?: string][] = [
  ['nothing', '', []],
  ['blank lines and comments', '\n  \t\r\n# /interface\n;;\n', []],
  ['a command with its path', '/interface macvlan add interface=ether1', [`${MACVLAN}> add interface=ether1`]],
  ['a path with slashes', '/interface/macvlan/add interface=ether1', [`${MACVLAN}> add interface=ether1`]],
  ['a path with both', '/interface macvlan/print', [`${MACVLAN}> print`]],
  ['a path from the root without the slash', 'interface macvlan print', [`${MACVLAN}> print`]],
  ['a menu line', '/interface macvlan\nadd name=a', [`${MACVLAN}>`, `${MACVLAN}> add name=a`], MACVLAN],
  ['a menu line with a slash at its end', '/interface/macvlan/\nprint', [`${MACVLAN}>`, `${MACVLAN}> print`], MACVLAN],
  [
    'two menus',
    '/ip address\nprint\n/interface macvlan\nprint',
    ['ip address>', 'ip address> print', `${MACVLAN}>`, `${MACVLAN}> print`],
    MACVLAN,
  ],
  [
    'a whole command, which keeps the menu',
    '/ip address\n/interface macvlan print\nprint',
    ['ip address>', `${MACVLAN}> print`, 'ip address> print'],
    'ip address',
  ],
  ['a menu on the way', '/interface\nmacvlan print', ['interface>', `${MACVLAN}> print`], 'interface'],
  ['a command of a menu on the way', '/interface print', ['interface> print']],
  [
    'a menu inside another',
    '/ip dhcp-server network add gateway=1.1.1.1',
    ['ip dhcp-server network> add gateway=1.1.1.1'],
  ],
  [
    'the menu above',
    '/interface macvlan\n..\npppoe-client print\n.. ip address print',
    [`${MACVLAN}>`, 'interface>', 'interface pppoe-client> print', 'ip address> print'],
    'interface',
  ],
  [
    'above and down again',
    '/interface macvlan\n../pppoe-client',
    [`${MACVLAN}>`, 'interface pppoe-client>'],
    'interface pppoe-client',
  ],
  ['the root', '/ip address\n/\nexport', ['ip address>', '>', '> export']],
  [
    'several commands on a line',
    '/interface macvlan; print ;print',
    [`${MACVLAN}>`, `${MACVLAN}> print`, `${MACVLAN}> print`],
    MACVLAN,
  ],
  [
    'shortened names',
    '/int macv pr det\n/ip addr a addr=1.1.1.1/24 int=a',
    [`${MACVLAN}> print detail`, 'ip address> add address=1.1.1.1/24 interface=a'],
  ],
  ['a name that begins another', '/ip dhcp-server print', ['ip dhcp-server> print']],
  [
    'CR LF',
    '/interface macvlan\r\nadd name=a\r\nprint\r\n',
    [`${MACVLAN}>`, `${MACVLAN}> add name=a`, `${MACVLAN}> print`],
    MACVLAN,
  ],
  ['a comment behind a command', '/interface macvlan print # all\n', [`${MACVLAN}> print`]],
  ['a # in a value', '/interface macvlan add name=a#1 comment=#2', [`${MACVLAN}> add name=a#1 comment=#2`]],
  [
    'a line that goes on',
    '/interface macvlan add \\\n    name=a \\\r\n    mtu=1400\n',
    [`${MACVLAN}> add name=a mtu=1400`],
  ],
  [
    'a line that an export breaks behind =',
    '/interface macvlan add mac-address=\\\n    02:00:5E:10:00:01 name=a',
    [`${MACVLAN}> add mac-address=02:00:5E:10:00:01 name=a`],
  ],
  [
    'a text that an export breaks',
    '/interface macvlan add comment="one \\\n    two"',
    [`${MACVLAN}> add comment=one two`],
  ],
  ['texts in quotes', '/interface macvlan add name="a b" comment=""', [`${MACVLAN}> add name=a b comment=`]],
  ['escapes', '/interface macvlan add comment="\\"\\\\\\$\\?\\n\\t\\_"', [`${MACVLAN}> add comment="\\$?\n\t `]],
  ['escapes in hex', '/interface macvlan add comment="\\41\\C3\\BC\\0A"', [`${MACVLAN}> add comment=Aü\n`]],
  ['empty values', '/interface macvlan add comment= mtu=1', [`${MACVLAN}> add comment= mtu=1`]],
  [
    'an = in a value',
    '/interface pppoe-client add password=a=b user=x@y',
    ['interface pppoe-client> add password=a=b user=x@y'],
  ],
  [
    'a $ in a value',
    '/interface pppoe-client add password=pa$$word user="x$y"',
    ['interface pppoe-client> add password=pa$$word user="x$y"'],
  ],
  ['items', '/interface macvlan remove 0,1 macvlan1 *1A "my line"', [`${MACVLAN}> remove 0,1 macvlan1 *1A my line`]],
  [
    'an item and its properties',
    '/interface macvlan set 0 mtu=1400 !mac-address',
    [`${MACVLAN}> set 0 mtu=1400 !mac-address`],
  ],
  ['an item by numbers=', '/interface macvlan set numbers=0 mtu=1', [`${MACVLAN}> set 0 mtu=1`]],
  ['an item called as a switch', '/interface macvlan print "detail"', [`${MACVLAN}> print detail`]],
  ['find', '/interface macvlan set [find] mtu=1', [`${MACVLAN}> set [${MACVLAN}> find] mtu=1`]],
  [
    'find with a condition',
    '/interface macvlan set [find interface=ether1 mode=bridge] mtu=1',
    [`${MACVLAN}> set [${MACVLAN}> find where (interface=ether1 and mode=bridge)] mtu=1`],
  ],
  [
    'find where',
    '/interface macvlan remove [ find where mtu>1400 ]',
    [`${MACVLAN}> remove [${MACVLAN}> find where mtu>1400]`],
  ],
  [
    'find in a value and of another menu',
    '/ip address set numbers=[/ip/address/find address~"^1"] network=[find]',
    ['ip address> set [ip address> find where address~^1] network=[ip address> find]'],
  ],
  ['print where', '/interface macvlan print detail where disabled', [`${MACVLAN}> print detail where disabled`]],
  ['print where with nothing', '/interface macvlan print where', [`${MACVLAN}> print`]],
  [
    'an item called where, where no condition can stand',
    '/interface macvlan remove where',
    [`${MACVLAN}> remove where`],
  ],
  [
    'a property list',
    '/interface macvlan print proplist=name,mtu count-only',
    [`${MACVLAN}> print count-only proplist=name,mtu`],
  ],
  [
    'a block',
    '/interface macvlan\n{ print; add name=a\n}\nprint',
    [`${MACVLAN}>`, `${MACVLAN}> { ${MACVLAN}> print; ${MACVLAN}> add name=a }`, `${MACVLAN}> print`],
    MACVLAN,
  ],
  [
    'a menu in a block, which ends with it',
    '{ /ip address; print }\nexport',
    ['> { ip address>; ip address> print }', '> export'],
  ],
  ['variables', ':local a 5; :put $a', ['> :local a 5', '> :put $a']],
  [
    'a variable in quotes',
    '/interface macvlan add name="m$i-1" comment="\\$i $5 $"',
    [`${MACVLAN}> add name="m$i-1" comment=$i $5 $`],
  ],
  ['what a command answers', ':put [/interface macvlan print count-only]', [`> :put [${MACVLAN}> print count-only]`]],
  ['a sum', '/interface macvlan add mtu=(1400 + $i*2)', [`${MACVLAN}> add mtu=(1400 + ($i * 2))`]],
  ['what stands beside each other', ':put ("a" . $b . "c")', ['> :put ((a . $b) . c)']],
  [
    'a condition',
    ':if ($a > 1 and !($b = "x")) do={ :put 1 } else={ :put 2 }',
    ['> :if (($a > 1) and (($b = x) !)) do={ > :put 1 } else={ > :put 2 }'],
  ],
  [
    'lists',
    ':foreach a in={1;2;"x y"} do={ :put $a }\n:put (1,2)',
    ['> :foreach a in={1;2;x y} do={ > :put $a }', '> :put {1;2}'],
  ],
  [
    'a loop over lines',
    ':for i from=1 to=3 do={\n  /interface macvlan\n  add name=$i\n}',
    [`> :for i from=1 to=3 do={ ${MACVLAN}>; ${MACVLAN}> add name=$i }`],
  ],
  [
    'a block that may fail',
    ':do { /interface macvlan print } on-error={}',
    [`> :do { ${MACVLAN}> print } on-error={  }`],
  ],
  [
    'where with a variable',
    '/interface macvlan print where name=$n mtu in 1,2',
    [`${MACVLAN}> print where (name=$n and mtuin1,2)`],
  ],
  [
    'a menu of RouterOS that is not here',
    '/ip firewall filter\nadd chain=input comment="a;b [c" x={1;2}\n/export',
    [
      'ip firewall filter> (no menu /ip firewall filter)',
      'ip firewall filter> missing (no menu /ip firewall filter)',
      '> export',
    ],
    'ip firewall filter',
  ],
  [
    'a command of RouterOS that is not here',
    '/interface macvlan edit 0 name; /interface macvlan print',
    [`${MACVLAN}> edit (no command edit of /interface macvlan)`, `${MACVLAN}> print`],
  ],
  ['a :command of RouterOS that is not here', ':log info "x; y"\n:put 1', ['> :log (no command :log)', '> :put 1']],
];
for (const [title, text, statements, menu = ''] of ROWS) {
  SCRIPT(`reads ${title}`, () => {
    const script = parseScript(text, MENUS);
    assert.equal(briefly(script), statements);
    assert.is(script.menu, menu);
  });
}

const BROKEN: [text: string, error: string][] = [
  ['foo', 'bad command name foo (line 1 column 1)'],
  ['/interface foo', 'bad command name foo (line 1 column 12)'],
  ['/interface macvlan foo', 'bad command name foo (line 1 column 20)'],
  ['/interface/macvlan/foo', 'bad command name foo (line 1 column 20)'],
  ['/i', 'bad command name i (line 1 column 2)'],
  ['/interface macvlan e', 'bad command name e (line 1 column 20)'],
  ['\n\n  :9', 'bad command name :9 (line 3 column 3)'],
  ['/interface constructor', 'bad command name constructor (line 1 column 12)'],
  ['/interface macvlan add foo=1', 'expected end of command (line 1 column 24)'],
  ['/interface macvlan add m=1', 'expected end of command (line 1 column 24)'],
  ['/interface macvlan add foo', 'expected end of command (line 1 column 24)'],
  ['/interface macvlan add !foo', 'expected end of command (line 1 column 24)'],
  ['/interface macvlan add !', 'expected end of command (line 1 column 24)'],
  ['/interface macvlan add =1', 'expected end of command (line 1 column 24)'],
  ['/interface macvlan add name="a"b', 'expected end of command (line 1 column 32)'],
  ['/interface macvlan print/detail', 'expected end of command (line 1 column 25)'],
  ['/interface macvlan export where x', 'expected end of command (line 1 column 27)'],
  ['/interface macvlan print where mtu=1)', 'expected end of command (line 1 column 37)'],
  ['/export x', 'expected end of command (line 1 column 9)'],
  ['/interface macvlan\nadd (', 'syntax error (line 2 column 6)'],
  ['/interface macvlan\nadd name=a}', 'expected end of command (line 2 column 11)'],
  ['/interface macvlan add ]', 'syntax error (line 1 column 24)'],
  ['{', 'syntax error (line 1 column 1)'],
  ['/interface macvlan add name="a', 'syntax error (line 1 column 29)'],
  ['/interface macvlan add name="\\q"', 'syntax error (line 1 column 30)'],
  ['/interface macvlan add name="\\', 'syntax error (line 1 column 30)'],
  ['/interface macvlan add \\x', 'syntax error (line 1 column 24)'],
  ['/interface macvlan set [find', 'syntax error (line 1 column 24)'],
  ['/interface macvlan add name=(1', 'syntax error (line 1 column 29)'],
  ['/interface macvlan add name=(1 2)', 'syntax error (line 1 column 32)'],
  ['/interface macvlan add name=(1 +)', 'syntax error (line 1 column 33)'],
  [':foreach a in={1;2 do={}', 'syntax error (line 1 column 22)'],
  [':if (1) do={ :put 1', 'syntax error (line 1 column 12)'],
  ['/interface macvlan add nmae=1', 'expected end of command; did you mean name=? (line 1 column 24)'],
  [
    '/ip dhcp-client add vlan-priority=3',
    'property vlan-priority of /ip dhcp-client is not available in this version (line 1 column 21)',
  ],
  ['/interface macvlan prnt', 'bad command name prnt; did you mean print? (line 1 column 20)'],
  ['/interface macvlan set []', 'syntax error (line 1 column 25)'],
  ['/interface macvlan set [find\n] mtu=1', 'syntax error (line 1 column 24)'],
  ['/interface macvlan set [set [set [set [', 'syntax error (line 1 column 39)'],
];
for (const [text, error] of BROKEN) {
  SCRIPT(`refuses ${JSON.stringify(text)}`, () => assert.is(parseScript(text, MENUS).error?.message, error));
}

SCRIPT('keeps what stands before an error', () => {
  const script = parseScript('/interface macvlan\nadd name=a\nadd nme=b\nadd name=c\n', MENUS);
  assert.equal(briefly(script), [
    `${MACVLAN}>`,
    `${MACVLAN}> add name=a`,
    'expected end of command; did you mean name=? (line 3 column 5)',
  ]);
  assert.is(script.menu, MACVLAN);
});

SCRIPT('goes on in the menu that it is given', () => {
  assert.equal(briefly(parseScript('print', MENUS, { menu: 'ip address' })), ['ip address> print']);
});

SCRIPT('knows where everything stands', () => {
  const [statement] = parseScript('\n /interface macvlan set 0 \\\n  mtu=1400', MENUS).statements;
  assert.equal([statement!.line, statement!.column], [2, 2]);
  assert.equal(statement!.items, [{ line: 2, column: 25, value: '0' }]);
  assert.equal(statement!.named, [{ line: 3, column: 3, name: 'mtu', value: '1400' }]);
});

// One of each sort of command on the manual page (/interface/macvlan), as it stands there.
const MANUAL = `/interface macvlan
add interface=ether1 name=macvlan1
/interface macvlan print
/ip dhcp-client
add interface=ether1
add interface=macvlan1
/ip address
add address=203.0.113.1/24 interface=ether1
/interface macvlan
add interface=ether1 name=macvlan2 mode=private
/interface pppoe-client
add interface=macvlan1 name=pppoe-out1 user=isp_user password=isp_password
# Create MACVLAN interfaces on the WAN port
/interface macvlan add interface=ether1 name=macvlan1
/ip address add address=203.0.113.10/30 interface=ether1
# Verify connections
/interface pppoe-client print
/interface macvlan add interface=ether1 name=macvlan-guest mode=private
/ip dhcp-server network add address=192.168.100.0/24 gateway=192.168.100.1
`;
SCRIPT('reads the commands of the manual page', () => {
  const script = parseScript(MANUAL, MENUS);
  assert.is(script.error, undefined);
  assert.is(script.statements.length, 17);
  assert.is(briefly(script).at(-1), 'ip dhcp-server network> add address=192.168.100.0/24 gateway=192.168.100.1');
});

SCRIPT.run();
