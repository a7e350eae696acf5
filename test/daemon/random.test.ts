import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Session } from '../../src/console/session.ts';
import { itemsOf } from '../../src/model/entry.ts';
import { Refused } from '../../src/model/refused.ts';
import { exportMenu } from '../../src/routeros/export.ts';
import { syntaxOf } from '../../src/routeros/menu.ts';
import { parseScript } from '../../src/routeros/script.ts';
import { FakeRouter, sessionOptions } from '../console/router.ts';
import { FakeKernel } from '../helpers/kernel.ts';
import { configOf, Lab, type Sections } from '../helpers/lab.ts';
import { menus } from '../helpers/menus.ts';
import { Random } from '../uci/random.ts';
import { play } from './play.ts';

const RANDOM = suite('daemon/random scripts');

const LINES = [
  '/interface macvlan',
  '/ip dhcp-client',
  '/ip firewall filter',
  '..',
  'add interface=ether1',
  'add interface=ether1 name=a',
  'add interface=a',
  'add interface=ether1 name=b mtu=1400 comment="x \\"y\\" $i"',
  'add copy-from=a',
  'set a mtu=1400',
  'set [find name=a] name=b',
  'set [find] comment=all',
  'set 0 mtu=9',
  'set *1 !mtu',
  'reset a mtu',
  'comment a "text"',
  'remove a',
  'remove [find mtu=1400]',
  'remove 0,1',
  'print',
  'print follow interval=1 duration=2',
  'monitor a once',
  'monitor-traffic a once',
  'find',
  'get a name',
  'export',
  'import x',
  'disable [find disabled=no]',
  ':local i 5',
  ':put $i',
  ':set i ($i + 1)',
  ':for i from=1 to=3 do={',
  ':foreach m in=[find] do={',
  ':if ($i > 2) do={',
  '} else={',
  '}',
  '} on-error={}',
  ':do {',
  ':error no',
  '/interface macvlan { add interface=ether1',
  '/interface macvlan set [find name~"^[ab]$" and !(mtu=1400)] comment=[get a mtu]',
  '/system identity set name="a;b"',
  '/nonsense here x=1',
  'nmae=1',
  '"',
  '(',
  '\\',
];

const SECTIONS: Sections = {
  a: { type: 'macvlan', interface: 'ether1', mac_address: '02:00:00:00:00:01' },
  macvlan_1: { type: 'macvlan', interface: 'ether1', name: 'one', mac_address: '02:00:00:00:00:02' },
  dhcp_client_1: { type: 'dhcp_client', interface: 'a' },
};

function scriptOf(random: Random): string {
  return Array.from({ length: random.below(14) }, () => random.one(LINES)).join(random.one(['\n', '\n', ';', ' ']));
}

RANDOM('an import is done as a whole, or refused with the place and not at all', () => {
  let done = 0;
  for (let seed = 1; seed <= 500; seed++) {
    const script = scriptOf(new Random(seed));
    const parsed = parseScript(script, syntaxOf(menus), { foreign: true });
    if (parsed.error) continue;
    const { world } = new Lab(new FakeKernel(), configOf(SECTIONS));
    const before = JSON.stringify(world.config.items);
    try {
      const { config, edit } = play(parsed, world);
      done++;
      for (const item of config.items) assert.equal(item.problems, [], script);
      // What was made of it can be written down, and read again.
      const text = menus.map((menu) => exportMenu(menu, itemsOf(menu, config), {})).join('');
      const again = play(parseScript(text, syntaxOf(menus)), new Lab(new FakeKernel(), configOf({})).world);
      assert.is(menus.map((menu) => exportMenu(menu, itemsOf(menu, again.config), {})).join(''), text, script);
      assert.is(edit.changes.length === 0, JSON.stringify(config.items) === before, script);
    } catch (error) {
      if (!(error instanceof Refused)) throw new Error(`seed ${seed}: ${(error as Error).stack}\n${script}`);
      assert.ok(error.place && error.place.line >= 1 && error.place.column >= 1);
    }
    assert.is(JSON.stringify(world.config.items), before, 'what was there is left as it was');
  }
  assert.ok(done > 40, `${done} were done`);
});

RANDOM('the console ends every script with a sentence or with nothing', async () => {
  for (let seed = 1; seed <= 200; seed++) {
    const script = scriptOf(new Random(seed));
    const router = new FakeRouter({
      macvlan: [{ id: 'a', name: 'a', interface: 'ether1', mtu: 1500, rx_byte: 5 }],
      dhcp_client: [],
    });
    router.answers['macvlan export'] = { script: '# nothing\n' };
    router.answers['macvlan import'] = { done: 0, skipped: [] };
    const failure = await new Session(sessionOptions(router, () => {}, { x: script })).run(script);
    if (failure !== undefined) assert.match(failure, /^[^\n]+ \(line \d+ column \d+\)$/);
  }
});

RANDOM.run();
