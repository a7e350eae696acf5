import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Config } from '../../src/model/config.ts';
import { itemsOf } from '../../src/model/entry.ts';
import { Refused } from '../../src/model/refused.ts';
import { exportMenu } from '../../src/routeros/export.ts';
import { syntaxOf } from '../../src/routeros/menu.ts';
import { parseScript } from '../../src/routeros/script.ts';
import { FakeKernel } from '../helpers/kernel.ts';
import { configOf, Lab, type Sections } from '../helpers/lab.ts';
import { menus } from '../helpers/menus.ts';
import { play } from './play.ts';

const IMPORT = suite('daemon/import');

function played(script: string, sections: Sections = {}) {
  const parsed = parseScript(script, syntaxOf(menus), { foreign: true });
  if (parsed.error) throw parsed.error;
  return play(parsed, new Lab(new FakeKernel(), configOf(sections)).world);
}

/** An export without its head and without MAC addresses, which are made up. */
function exported(config: Config): string {
  const text = menus.map((menu) => exportMenu(menu, itemsOf(menu, config), { terse: true })).join('');
  return text
    .replace(/ mac-address=\S+/g, '')
    .replace(/^\/interface macvlan add /gm, 'M ')
    .replace(/^\/ip dhcp-client add /gm, 'D ');
}

const ONE: Sections = {
  macvlan_1: { type: 'macvlan', interface: 'ether1', mac_address: '02:00:00:00:00:01', name: 'macvlan1' },
  dhcp_client_1: { type: 'dhcp_client', interface: 'macvlan1' },
};

const SCRIPTS: [title: string, script: string, after: string, sections?: Sections][] = [
  ['nothing', '# nothing\n', ''],
  [
    'an export, whose items refer to each other',
    '/interface macvlan\nadd interface=ether1 name=a\nadd interface=ether1 name=b mode=private\n/ip dhcp-client\nadd interface=b\n',
    'M interface=ether1 name=a\nM interface=ether1 mode=private name=b\nD interface=b\n',
  ],
  [
    'items that the script itself added, by name, by [find], by their id, by number',
    `/interface macvlan
add interface=ether1 name=a
add interface=ether1 name=b
set a comment=first
set [find name=b] comment=second
:local id [add interface=ether1 name=c]
set $id comment=third
print
set 0 mtu=1400
remove 1`,
    'M comment=first interface=ether1 mtu=1400 name=a\nM comment=third interface=ether1 name=c\n',
  ],
  [
    'an item that is renamed takes its client along',
    '/interface macvlan set macvlan1 name=wan2',
    'M interface=ether1 name=wan2\nD interface=wan2\n',
    ONE,
  ],
  [
    'a name that has become free',
    '/interface macvlan remove macvlan1; /interface macvlan add interface=ether2 name=macvlan1',
    'M interface=ether2 name=macvlan1\nD interface=macvlan1\n',
    ONE,
  ],
  [
    'what is reset',
    '/interface macvlan set a !mtu comment=""',
    'M interface=ether1 name=a\n',
    { a: { type: 'macvlan', interface: 'ether1', mac_address: '02:00:00:00:00:01', mtu: '1400', comment: 'x' } },
  ],
  [
    'a loop',
    ':for i from=1 to=3 do={\n  :local name ("line" . $i)\n  /interface macvlan add interface=ether1 name=$name comment="number $i"\n  /ip dhcp-client add interface=$name default-route-distance=($i * 10)\n}',
    [1, 2, 3].map((i) => `M comment="number ${i}" interface=ether1 name=line${i}\n`).join('') +
      [1, 2, 3].map((i) => `D default-route-distance=${i}0 interface=line${i}\n`).join(''),
  ],
  [
    'each of what was found',
    '/interface macvlan\n:foreach m in=[find interface=ether1] do={ :if ([get $m name] = "a") do={ set $m comment=yes } else={ remove $m } }',
    'M comment=yes interface=ether1 name=a\n',
    Object.fromEntries(
      ['a', 'b', 'c'].map((name, i) => [
        name,
        { type: 'macvlan', interface: 'ether1', mac_address: `02:00:00:00:00:0${i}` },
      ]),
    ),
  ],
  [
    'a block that fails where that was expected',
    ':do { /interface macvlan add interface=ether1 name=macvlan1 } on-error={ /interface macvlan set macvlan1 comment=there }',
    'M comment=there interface=ether1 name=macvlan1\nD interface=macvlan1\n',
    ONE,
  ],
];

for (const [title, script, after, sections] of SCRIPTS) {
  IMPORT(`does ${title}`, () => assert.is(exported(played(script, sections).config), after));
}

// In the manner of RouterOS 7.16, of a router with two uplinks.
const WHOLE = `# 2026-01-02 03:04:05 by RouterOS 7.16.1
# software id = ABCD-EFGH
#
# model = RB750Gr3
# serial number = 0123456789AB
/interface bridge
add admin-mac=02:00:00:AA:BB:CC auto-mac=no comment=defconf name=bridge
/interface ethernet
set [ find default-name=ether1 ] comment="WAN - \\"north\\" \\$1" mac-address=\\
    02:00:00:00:00:10
set [ find default-name=ether2 ] disabled=yes
/interface macvlan
add comment="A long text of a person who had much to say about this line, its p\\
    rice and its owner" interface=ether1 mac-address=02:00:00:00:00:11 mode=\\
    private name="MacVLAN-ether1-Domestic Link"
add interface=ether1 name=second
/interface list
add comment=defconf name=WAN
/interface wireless security-profiles
set [ find default=yes ] supplicant-identity=MikroTik
/ip hotspot profile
set [ find default=yes ] html-directory=hotspot
/ip dhcp-client option
add code=60 name=class value="'abc#;{'"
/interface list member
add interface="MacVLAN-ether1-Domestic Link" list=WAN
/ip dhcp-client
add comment=defconf dhcp-options=hostname,clientid interface=ether1 name=client1 vlan-priority=3
add add-default-route=no interface="MacVLAN-ether1-Domestic Link" \\
    use-peer-dns=no use-peer-ntp=no
/ip firewall filter
add action=accept chain=input comment=\\
    "defconf: accept established,related,untracked" connection-state=\\
    established,related,untracked
add action=drop chain=input comment="not (from) LAN; [really]" in-interface-list=!LAN
/ip firewall nat
add action=masquerade chain=srcnat out-interface-list=WAN
/system script
add dont-require-permissions=no name=s owner=admin policy=ftp,read source="/interf\\
    ace macvlan\\r\\
    \\nremove [find]\\r\\
    \\n:if (\\$a = \\"x\\") do={ :put {1;2} }"
/system identity
set name=router
`;

IMPORT('a whole router: what is not ours is left out, counted and named', () => {
  const { config, skipped, done } = played(WHOLE);
  assert.is(
    exported(config),
    [
      'M comment="A long text of a person who had much to say about this line, its price and its owner" interface=ether1 mode=private name="MacVLAN-ether1-Domestic Link"',
      'M interface=ether1 name=second',
      'D comment=defconf interface=ether1',
      'D add-default-route=no interface="MacVLAN-ether1-Domestic Link" use-peer-dns=no use-peer-ntp=no',
      '',
    ].join('\n'),
  );
  assert.is(done, 4);
  const text = skipped.map(({ menu, command, property, count }) =>
    [menu, command, property, count].filter(Boolean).join(' '),
  );
  const expected = [
    '/interface bridge 1',
    '/interface ethernet 2',
    '/interface list 1',
    '/interface wireless security-profiles 1',
    '/ip hotspot profile 1',
    '/ip dhcp-client option 1',
    '/interface list member 1',
    '/ip dhcp-client name 1',
    '/ip dhcp-client vlan-priority 1',
    '/ip firewall filter 2',
    '/ip firewall nat 1',
    '/system script 1',
    '/system identity 1',
  ];
  assert.equal(text, expected);
});

const REFUSED: [title: string, script: string, error: string, line: number, column: number][] = [
  [
    'what a later command does wrong',
    '/interface macvlan\nadd interface=ether1 name=a\nadd interface=ether1 name=a',
    'already have interface with such name: a',
    3,
    22,
  ],
  [
    'a value of no property',
    '/interface macvlan\nadd interface=ether1 mtu=9',
    'mtu "9" is not valid: expected auto | a whole number from 68 to 65535',
    2,
    22,
  ],
  ['an item that is not there', '/interface macvlan set b mtu=1400', 'no such item', 1, 24],
  [
    'a slip in a menu of ours',
    '/interface macvlan\n\nadd interfac=ether1 nmae=x',
    'expected end of command; did you mean name=?',
    3,
    21,
  ],
  ['a menu that nobody has, of ours', '/interface macvlan foo', 'bad command name foo', 1, 20],
  [
    'a loop without end',
    ':for i from=1 to=900000000 do={ }',
    'more than 20000 commands; is there a loop that does not end?',
    1,
    1,
  ],
  ['a command of its own will', '/interface macvlan add interface=ether1 name=a\n:error "stop"', 'stop', 2, 1],
  ['an import in an import', '/import x', 'import cannot be part of an import', 1, 1],
  ['a client that shall renew', '/ip dhcp-client renew macvlan1', 'renew cannot be part of an import', 1, 1],
  [
    'a variable that is not there',
    '/interface macvlan add interface=$port',
    'no variable port; \\$ in quotes is a dollar sign',
    1,
    34,
  ],
];

for (const [title, script, error, line, column] of REFUSED) {
  IMPORT(`refuses ${title}, with the place`, () => {
    try {
      played(script, ONE);
    } catch (fault) {
      const { message, reason = message, place = fault } = fault as Refused & { reason?: string };
      assert.equal([reason, place], [error, fault instanceof Refused ? { line, column } : fault]);
      if (!(fault instanceof Refused))
        assert.equal([(fault as { line: number }).line, (fault as { column: number }).column], [line, column]);
      return;
    }
    assert.unreachable('was done');
  });
}

IMPORT('what it makes of the configuration is what its changes make of the file', () => {
  const { edit, config } = played(
    `${WHOLE}\n/interface macvlan\nset second name=third mtu=1400 comment=x\nset third !mtu\nremove [find mode=private]`,
  );
  const sections: Record<string, Record<string, string> & { type: string }> = {};
  for (const change of edit.changes) {
    if (change.do === 'add') sections[change.section] = { type: change.type };
    else if (change.do === 'remove') delete sections[change.section];
    else if (change.do === 'set') sections[change.section]![change.option] = String(change.value);
    else delete sections[change.section]![change.option];
  }
  assert.is(exported(configOf(sections)), exported(config));
});

IMPORT('export, wipe, import, export: the same text', () => {
  const text = (config: Config) => menus.map((menu) => exportMenu(menu, itemsOf(menu, config), {})).join('');
  const before = text(played(WHOLE).config);
  assert.is(text(played(before).config), before);
  const verbose = menus
    .map((menu) => exportMenu(menu, itemsOf(menu, played(before).config), { verbose: true }))
    .join('');
  assert.is(text(played(verbose).config), before);
});

/** How often something of an item is looked at while a script of so many commands is done. */
function looks(count: number): number {
  const lines = Array.from({ length: count }, (_, i) => `add interface=ether1${i % 2 ? '' : ` name=line${i}`}\n`);
  const script = parseScript(`/interface macvlan\n${lines.join('')}`, syntaxOf(menus), { foreign: true });
  if (script.error) throw script.error;
  let looked = 0;
  const { done } = play(script, new Lab(new FakeKernel(), configOf({})).world, ({ config: { items } }) => {
    const newest = items.at(-1);
    if (newest) watch(newest, () => looked++);
  });
  assert.is(done, count);
  return looked;
}

function watch(item: object, look: () => void): void {
  for (const [name, value] of Object.entries(item)) {
    const get = () => {
      look();
      return value;
    };
    Object.defineProperty(item, name, { get, enumerable: true });
  }
}

IMPORT('a command looks at a few items, however many there are', () => {
  const [few, many] = [looks(200), looks(1600)];
  assert.ok(many < 10 * few, `${few} looks of 200 commands, ${many} of 1600`);
});

IMPORT.run();
