import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { menus } from '../../../src/menus/index.ts';
import { type Event, learn } from '../../../src/model/facts.ts';
import type { SeenLink } from '../../../src/model/seen.ts';
import { FakeKernel } from '../../helpers/kernel.ts';
import { configOf, Lab } from '../../helpers/lab.ts';

const states = suite('macvlan state');

const failed: Event = { type: 'failed', op: 'addLink m', owner: 'm', error: 'the reason', at: 1_000_000 };

interface Case {
  options?: Record<string, string>;
  parent?: Partial<SeenLink>;
  link?: Partial<SeenLink>;
  event?: Event;
  /** ms that have gone by since. */
  later?: number;
}

const OURS = { kind: 'macvlan', group: 28022, link: 1, up: true };

const ROWS: [string, Case, string, string | undefined][] = [
  ['it runs', { parent: {}, link: OURS }, 'running', undefined],
  ['it is disabled', { options: { disabled: '1' }, parent: {} }, 'disabled', undefined],
  [
    'its section is wrong',
    { options: { mode: 'foo' }, parent: {} },
    'error',
    'mode "foo" is not valid: expected bridge | private',
  ],
  ['its parent is missing', {}, 'waiting for ether1', 'parent ether1 does not exist; it is waited for'],
  [
    'its parent is a bridge port',
    { parent: { slaveKind: 'bridge' } },
    'error',
    'interface ether1 cannot carry a macvlan: it is a port of a bridge; use the bridge itself',
  ],
  ['its parent is down', { parent: { up: false }, link: OURS }, 'down', 'parent ether1 is down'],
  [
    'its parent has no carrier',
    { parent: { carrier: false }, link: OURS },
    'down',
    'parent ether1 has no carrier; check its cable',
  ],
  ['it is down itself', { parent: {}, link: { ...OURS, up: false } }, 'down', 'link m is down'],
  ['it is not there yet', { parent: {} }, 'down', 'link m is being made'],
  [
    'another link has its name',
    { parent: {}, link: { kind: 'dummy' } },
    'error',
    'a link named m exists that is not ours; rename one of them',
  ],
  ['the kernel refused it', { parent: {}, event: failed, later: 500 }, 'error', 'the reason'],
  ['the refusal is over', { parent: {}, link: OURS, event: failed, later: 1000 }, 'running', undefined],
  [
    'its MTU is held by the parent',
    { options: { mtu: '1500' }, parent: { mtu: 1400 }, link: { ...OURS, mtu: 1400 } },
    'running',
    'mtu 1500 is held at 1400 by parent ether1 mtu 1400',
  ],
];

for (const [title, { options, parent, link, event, later = 0 }, word, about] of ROWS) {
  states(`${title}: ${word}`, () => {
    const kernel = new FakeKernel();
    if (parent) kernel.port('ether1', { up: true, ...parent });
    if (link) kernel.port('m', link);
    const section = { type: 'macvlan', interface: 'ether1', mac_address: '02:00:00:00:00:01', ...options };
    const lab = new Lab(kernel, configOf({ m: section }));
    if (event) lab.facts = learn(lab.facts, event);
    lab.now += later;
    const { world } = lab;
    const state = menus[0]!.state(world.config.items[0]!, world);
    assert.is(state.state, word);
    assert.is(state.about, about);
    assert.is(state.running, word === 'running');
  });
}

states.run();
