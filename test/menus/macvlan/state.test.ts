import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Event, learn } from '../../../src/model/facts.ts';
import type { SeenLink } from '../../../src/model/seen.ts';
import { FakeKernel } from '../../helpers/kernel.ts';
import { configOf, Lab } from '../../helpers/lab.ts';
import { menus } from '../../helpers/menus.ts';

const states = suite('macvlan state');

const failed: Event = { type: 'failed', op: 'addLink m', owner: 'm', error: 'the reason', at: 1_000_000 };

const looped: Event = { type: 'looped', key: 'm', at: 1_000_000 };
const unfiltered: Event = {
  type: 'failed',
  op: 'setRuleset arp macvlan',
  owner: '',
  error: 'start nft: No such file or directory',
  at: 1_000_000,
};

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
    'mode "foo" is not valid: expected bridge | private | vepa | passthru | source',
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
  [
    'its own frames came back',
    { options: { loop_protect: 'on' }, parent: {}, link: { ...OURS, up: false }, event: looped, later: 1500 },
    'down',
    'disabled by loop protect for 4m59s more: its own frames came back to ether1; look for a loop in the wiring',
  ],
  [
    'its own frames came back, and it waits for somebody to act',
    {
      options: { loop_protect: 'on', loop_protect_disable_time: '0' },
      parent: {},
      link: { ...OURS, up: false },
      event: looped,
      later: 1500,
    },
    'down',
    'disabled by loop protect until it is changed: its own frames came back to ether1; look for a loop in the wiring',
  ],
  [
    'the time of its loop is over',
    { options: { loop_protect: 'on' }, parent: {}, link: OURS, event: looped, later: 300_000 },
    'running',
    undefined,
  ],
  [
    'loop protect was turned off meanwhile',
    { options: { loop_protect: 'default' }, parent: {}, link: OURS, event: looped, later: 1500 },
    'running',
    undefined,
  ],
  [
    'its parent took its MAC address',
    { options: { mac_address: '02:00:00:00:00:01' }, parent: { address: '02:00:00:00:00:01' }, link: OURS },
    'running',
    'parent ether1 has taken the MAC address 02:00:00:00:00:01; give one of them another',
  ],
  [
    'it has no IPv6',
    { options: { mtu: '1000' }, parent: {}, link: { ...OURS, mtu: 1000 } },
    'running',
    'mtu 1000 is below 1280: there is no IPv6 on it',
  ],
  [
    'mode source has nobody to hear',
    { options: { mode: 'source' }, parent: {}, link: OURS },
    'running',
    'mode source hears nobody while source_mac is empty',
  ],
  [
    'senders are listed that do not count',
    { options: { source_mac: '02:00:00:00:00:11' }, parent: {}, link: OURS },
    'running',
    'source_mac counts in mode source only; mode is bridge',
  ],
  [
    'it cannot be filtered',
    { options: { arp: 'reply-only' }, parent: {}, link: OURS, event: unfiltered, later: 500 },
    'running',
    'arp reply-only needs nftables: start nft: No such file or directory; until then it answers nobody',
  ],
  [
    'it stands on itself',
    { options: { interface: 'm' }, parent: {}, link: OURS },
    'error',
    'interface m cannot be the parent of itself',
  ],
  [
    'its parent is a Wi-Fi client',
    { parent: { station: true } },
    'error',
    'interface ether1 cannot carry a macvlan: it is a Wi-Fi client, of which the access point knows one MAC address only; use a wired port, or WDS (4addr)',
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
