import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { itemsOf } from '../../src/model/entry.ts';
import type { MenuDescription } from '../../src/model/menu.ts';
import { type ExportOptions, exportMenu } from '../../src/routeros/export.ts';
import { configOf, type Sections } from '../helpers/lab.ts';
import { menus } from '../helpers/menus.ts';

const EXPORT = suite('routeros/export');
const whole = menus.find(({ path }) => path === 'interface macvlan')!;
/** Those that the rows rely on: there will be more. */
const NAMES = [
  'name',
  'interface',
  'mode',
  'mac_address',
  'mtu',
  'arp',
  'arp_timeout',
  'ifname',
  'comment',
  'disabled',
];
const macvlan: MenuDescription & { type: string } = {
  ...whole,
  properties: Object.fromEntries(NAMES.map((name) => [name, whole.properties[name]!])),
};
const LONG =
  'the line of the shop on the corner, which pays for two addresses and has the tall mast; ask for Ann $5 "now"';

const ROWS: [title: string, sections: Sections, script: string, options?: ExportOptions][] = [
  ['no items: nothing', {}, ''],
  [
    'what is not as by default, in the order of the alphabet',
    { a: { type: 'macvlan', interface: 'ether1', mode: 'private', mtu: '1500', disabled: '1', comment: 'x y' } },
    '/interface macvlan\nadd comment="x y" disabled=yes interface=ether1 mode=private name=a\n',
  ],
  [
    'verbose: all there is',
    { a: { type: 'macvlan', interface: 'ether1' } },
    '/interface macvlan\nadd arp=enabled arp-timeout=auto !comment disabled=no !ifname interface=ether1 \\\n    !mac-address mode=bridge mtu=1500 name=a\n',
    { verbose: true },
  ],
  [
    'terse: the path on each line, and no line is broken',
    { a: { type: 'macvlan', interface: 'ether1', comment: LONG }, b: { type: 'macvlan', interface: 'ether1' } },
    `/interface macvlan add comment="${LONG.replace('$', '\\$').replaceAll('"', '\\"')}" interface=ether1 name=a\n` +
      '/interface macvlan add interface=ether1 name=b\n',
    { terse: true },
  ],
  [
    'a line that gets too long goes on behind a = or between two words',
    {
      'a-name-of-thirty-two-characters': { type: 'macvlan', interface: 'ether1-wan', mac_address: '02:00:5E:10:00:01' },
    },
    '/interface macvlan\nadd interface=ether1-wan mac-address=02:00:5E:10:00:01 name=\\\n    a-name-of-thirty-two-characters\n',
  ],
  [
    'a long text is broken inside, not before a blank and not in an escape',
    { a: { type: 'macvlan', interface: 'ether1', comment: LONG } },
    '/interface macvlan\nadd comment=\\\n    "the line of the shop on the corner, which pays for two addresses and has t\\\n' +
      '    he tall mast; ask for Ann \\$5 \\"now\\"" interface=ether1 name=a\n',
  ],
  [
    'what cannot be used stands in a comment, and why',
    { a: { type: 'macvlan', interface: 'ether1', mtu: '9' } },
    '/interface macvlan\n# mtu "9" is not valid: expected auto | a whole number from 68 to 65535\n# add interface=ether1 name=a\n',
  ],
];

for (const [title, sections, script, options = {}] of ROWS) {
  EXPORT(title, () => {
    assert.is(exportMenu(macvlan, itemsOf(whole, configOf(sections)), options), script);
  });
}

EXPORT('a password only where it is asked for', () => {
  const { comment } = macvlan.properties;
  const menu: MenuDescription = {
    ...macvlan,
    properties: { ...macvlan.properties, comment: { ...comment!, secret: true } },
  };
  const items = itemsOf(whole, configOf({ a: { type: 'macvlan', interface: 'ether1', comment: 'tiger' } }));
  assert.not.match(exportMenu(menu, items, {}), 'tiger');
  assert.not.match(exportMenu(menu, items, { verbose: true }), 'comment');
  assert.match(exportMenu(menu, items, { showSensitive: true }), ' comment=tiger ');
});

EXPORT.run();
