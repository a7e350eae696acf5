import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isOurs } from '../../src/model/seen.ts';
import type { Op } from '../../src/plan/op.ts';
import { FakeKernel } from '../helpers/kernel.ts';
import { configOf, Lab, type Sections } from '../helpers/lab.ts';

const links = suite('many links');

function lines(count: number): Sections {
  const mac = (n: number) => `02:00:00:00:${(n >> 8).toString(16).padStart(2, '0')}:${(n & 255).toString(16)}`;
  const line = (n: number) => ({ type: 'macvlan', interface: 'ether1', mac_address: mac(n) });
  return Object.fromEntries(Array.from({ length: count }, (_, n) => [`m${n}`, line(n)]));
}

function lab(count: number): Lab {
  const kernel = new FakeKernel();
  kernel.port('ether1', { up: true });
  const lab = new Lab(kernel, configOf(lines(count)));
  lab.settle(5);
  return lab;
}

/** How many links each deleting op has, and whether it is by our group. */
function deletes(ops: readonly Op[]): [number, boolean][] {
  return ops.flatMap((op): [number, boolean][] =>
    op.op === 'deleteLinks' ? [[op.ifindexes.length, op.all]] : op.op === 'deleteLink' ? [[1, false]] : [],
  );
}

const ROWS: [before: number, after: number, ops: [number, boolean][]][] = [
  [4, 0, Array.from({ length: 4 }, () => [1, false])],
  [5, 0, [[5, true]]],
  [200, 0, [[200, true]]],
  [
    1000,
    0,
    [
      [200, false],
      [200, false],
      [200, false],
      [200, false],
      [200, true],
    ],
  ],
  [20, 10, [[10, false]]],
  [
    20,
    18,
    [
      [1, false],
      [1, false],
    ],
  ],
];

for (const [before, after, ops] of ROWS) {
  links(`from ${before} to ${after}: ${JSON.stringify(ops)}`, () => {
    const many = lab(before);
    many.config = configOf(lines(after));
    assert.equal(deletes(many.plan().ops), ops);
    many.settle(5);
    assert.is([...many.kernel.links.values()].filter(isOurs).length, after);
  });
}

links('what a daemon left half deleted goes first, so that the rest can go by its group', () => {
  const many = lab(10);
  many.config = configOf({});
  const ours = [...many.kernel.links.values()].filter(isOurs);
  for (const link of ours.slice(5, 8)) link.group = 28023;
  assert.equal(deletes(many.plan().ops), [[10, false]]);
});

links('one of a thousand changed: one op, and nothing else is touched', () => {
  const many = lab(1000);
  const sections = lines(1000);
  many.config = configOf({ ...sections, m500: { ...sections.m500!, mtu: '1400' } });
  assert.equal(
    many.plan().ops.map((op) => `${op.op} ${op.name}`),
    ['setLink m500'],
  );
});

links('a VLAN on a port that is down: both are set up, the port first', () => {
  const kernel = new FakeKernel();
  const port = kernel.port('ether1');
  kernel.port('ether1.7', { kind: 'vlan', vlanId: 7, link: port });
  const m0 = { type: 'macvlan', interface: 'ether1.7', mac_address: '02:00:00:00:00:01' };
  const one = new Lab(kernel, configOf({ m0 }));
  const ups = one.plan().ops.filter((op) => op.op === 'setLink' && op.change.up);
  assert.equal(
    ups.map(({ name }) => name),
    ['ether1', 'ether1.7'],
  );
  one.settle(5);
  assert.ok([...kernel.links.values()].every(({ up }) => up));
});

links.run();
