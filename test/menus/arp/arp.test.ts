import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { checked } from '../../../src/menus/checks.ts';
import { edit } from '../../../src/model/edit.ts';
import type { Arguments } from '../../../src/model/select.ts';
import { FakeKernel } from '../../helpers/kernel.ts';
import { configOf, Lab, type Sections } from '../../helpers/lab.ts';
import { menus } from '../../helpers/menus.ts';

const arp = suite('/ip arp');

const menu = menus.find(({ type }) => type === 'arp')!;
const ENTRY = { type: 'arp', address: '192.0.2.1', interface: 'ether1', mac_address: '02:00:00:00:00:21' };

function lab(sections: Sections): Lab {
  const kernel = new FakeKernel();
  kernel.port('lo', { loopback: true, ethernet: false, address: undefined });
  kernel.port('ether1', { up: true });
  kernel.port('m', { kind: 'dummy' });
  return new Lab(kernel, configOf(sections));
}

const REFUSED: [args: Arguments, error: string][] = [
  [{ address: '192.0.2.2', interface: 'ether1' }, 'mac_address is missing; only a published entry needs none'],
  [{ ...ENTRY, type: undefined }, 'address 192.0.2.1 on ether1 already has an entry (a)'],
  [{ address: '192.0.2.2', interface: 'lo', published: true }, 'interface lo has no ARP: it is no Ethernet link'],
  [
    { address: '224.0.0.1', interface: 'ether1', mac_address: '02:00:00:00:00:21' },
    'address "224.0.0.1" is not valid: expected an IPv4 address such as 192.0.2.1',
  ],
  [{ interface: 'ether1' }, 'address is missing'],
];

for (const [args, error] of REFUSED) {
  arp(`${JSON.stringify(args)} is refused`, () => {
    const { world } = lab({ a: ENTRY });
    assert.throws(
      () => edit('add', checked(menu), args, world),
      (refused: Error) => refused.message === error || assert.is(refused.message, error),
    );
  });
}

arp('the same address may be on another interface, and published beside', () => {
  const { world } = lab({ a: ENTRY });
  for (const args of [
    { address: '192.0.2.1', interface: 'ether9', mac_address: '02:00:00:00:00:21' },
    { address: '192.0.2.1', interface: 'ether1', published: true },
  ])
    assert.is(edit('add', checked(menu), args, world).answer.id, 'arp_1');
});

const STATES: [title: string, section: Record<string, string>, settle: boolean, complete: boolean, about?: string][] = [
  ['it is there', {}, true, true],
  ['it is published', { published: '1' }, true, true],
  ['it is disabled', { disabled: '1' }, true, false],
  ['it is not there yet', {}, false, false],
  [
    'its interface is missing',
    { interface: 'ether9' },
    true,
    false,
    'interface ether9 does not exist; it is waited for',
  ],
  ['its section is wrong', { published: 'x' }, true, false, 'published "x" is not valid: expected yes | no'],
];

for (const [title, section, settle, complete, about] of STATES) {
  arp(`${title}: ${complete ? 'complete' : (about ?? 'incomplete')}`, () => {
    const one = lab({ a: { ...ENTRY, ...section } });
    if (settle) one.settle(5);
    const { world } = one;
    const state = menu.state(world.config.items[0]!, world);
    assert.is(state.complete, complete);
    assert.is(state.about, about);
  });
}

arp(
  'an entry without a MAC that the file has is told, and one on a name that a foreign link has is none of ours',
  () => {
    const bare = lab({ a: { type: 'arp', address: '192.0.2.1', interface: 'ether1' } });
    bare.settle(5);
    const [item] = bare.world.config.items;
    assert.is(menu.state(item!, bare.world).about, 'mac_address is missing; only a published entry needs none');
    const sections: Sections = {
      m: { type: 'macvlan', interface: 'ether1', mac_address: '02:00:00:00:00:01' },
      a: { ...ENTRY, interface: 'm' },
    };
    const foreign = lab(sections);
    foreign.settle(5);
    assert.equal(foreign.kernel.neighbours, []);
  },
);

arp.run();
