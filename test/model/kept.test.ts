import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Event, learn, noFacts } from '../../src/model/facts.ts';
import { printKept, readKept } from '../../src/model/kept.ts';
import { FakeKernel } from '../helpers/kernel.ts';
import { configOf, Lab } from '../helpers/lab.ts';

const kept = suite('kept');

const CONFIG = configOf({ a: { type: 'macvlan', interface: 'e' }, b: { type: 'macvlan', interface: 'e' } });
const counted = {
  rx_byte: 1,
  tx_byte: 2,
  rx_packet: 3,
  tx_packet: 4,
  rx_error: 5,
  tx_error: 6,
  rx_drop: 7,
  tx_drop: 8,
};
const EVENTS: Event[] = [
  { type: 'looped', key: 'a', at: 1000 },
  { type: 'reset', key: 'b', baseline: { ifindex: 7, counted } },
];

function printed(events: Event[], config = CONFIG): string {
  const { world } = new Lab(new FakeKernel(), config);
  return printKept({ ...world, facts: events.reduce(learn, noFacts()) });
}

kept('loops and counters outlive the daemon', () => {
  assert.equal(readKept(printed(EVENTS), 2000), EVENTS);
});

kept('of items that are gone nothing is kept, and nothing is no text', () => {
  assert.is(printed([]), '');
  assert.is(printed(EVENTS, configOf({})), '');
  assert.equal(readKept('', 0), []);
  assert.equal(readKept(printed(EVENTS, configOf({ b: { type: 'macvlan', interface: 'e' } })), 2000), [EVENTS[1]]);
});

kept('what is from before the last boot, or damaged, is none', () => {
  assert.equal(readKept(printed([EVENTS[0]!]), 999), []);
  for (const text of [
    '{',
    'x',
    '{"loops":',
    '{}',
    'null',
    '{"loops":5,"baselines":[]}',
    '{"loops":[7],"baselines":[]}',
  ])
    assert.equal(readKept(text, 2000), [], text);
});

kept.run();
