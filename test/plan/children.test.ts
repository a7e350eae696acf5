import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { learn } from '../../src/model/facts.ts';
import type { Seen } from '../../src/model/seen.ts';
import { nothing } from '../../src/model/want.ts';
import { planChildren } from '../../src/plan/children.ts';
import { Context } from '../../src/plan/context.ts';
import { FakeKernel } from '../helpers/kernel.ts';
import { configOf, Lab, type Sections } from '../helpers/lab.ts';

const children = suite('children');

function lines(count: number): Sections {
  return Object.fromEntries(
    Array.from({ length: count }, (_, n): [string, Sections[string]][] => [
      [`m${n}`, { type: 'macvlan', interface: 'ether1', mac_address: `02:00:00:00:00:${(n + 16).toString(16)}` }],
      [`c${n}`, { type: 'dhcp_client', interface: `m${n}` }],
    ]).flat(),
  );
}

function lab(sections: Sections): Lab {
  const kernel = new FakeKernel();
  kernel.port('ether1', { up: true });
  return new Lab(kernel, configOf(sections));
}

children('starts are spaced even when passes follow each other at once', () => {
  const many = lab(lines(25));
  many.pass();
  const started = () => many.kernel.children.length;
  for (let round = 0; round < 5; round++) many.pass();
  assert.is(started(), 10);
  assert.is(many.plan().wakeAt, many.now + 250);
  many.now += 250;
  for (let round = 0; round < 5; round++) many.pass();
  assert.is(started(), 20);
  many.now += 250;
  many.pass();
  assert.is(started(), 25);
  assert.is(many.plan().wakeAt, undefined);
});

children('a child that failed is started at once when its command line is another one', () => {
  const sections = lines(1);
  const one = lab(sections);
  one.settle(5);
  const [child] = one.kernel.children.splice(0);
  const ended = {
    type: 'ended',
    key: child!.key,
    at: one.now,
    exit: 'exit status 1',
    threshold: 60,
    jitter: 0.5,
  } as const;
  one.facts = learn(one.facts, { ...ended, expected: false });
  one.pass();
  assert.is(one.kernel.children.length, 0);
  one.config = configOf({ ...sections, c0: { type: 'dhcp_client', interface: 'm0', host_name: 'other' } });
  one.pass();
  assert.is(one.kernel.children.length, 1);
});

children('a lease is not carried to a new incarnation of the link', () => {
  const one = lab(lines(1));
  one.settle(5);
  one.bound('c0', '192.0.2.10');
  one.settle(5);
  const link = [...one.kernel.links.values()].find(({ ifname }) => ifname === 'm0')!;
  one.kernel.unplug(link.ifindex);
  one.pass();
  one.pass();
  assert.is(one.kernel.links.size, 2, 'the link is there again');
  assert.is(one.kernel.addresses.length, 0);
});

children('two clients that mean one link do not add its address twice', () => {
  const sections: Sections = {
    globals: { type: 'globals', port_alias: 'wan=ether1' },
    c1: { type: 'dhcp_client', interface: 'ether1' },
    c2: { type: 'dhcp_client', interface: 'wan' },
  };
  const twice = lab(sections);
  twice.settle(5);
  for (const key of ['c1', 'c2']) twice.bound(key, '192.0.2.10');
  assert.is(twice.plan().ops.filter(({ op }) => op === 'addAddress').length, 1);
});

children('a resolver file that cannot be written is tried again later', () => {
  const one = lab(lines(1));
  one.settle(5);
  one.bound('c0', '192.0.2.10');
  const failed = { type: 'failed', op: 'writeFile resolv.conf', owner: '', error: 'ENOSPC', at: one.now } as const;
  one.facts = learn(one.facts, failed);
  const isWritten = () => one.plan().ops.some(({ op, name }) => op === 'writeFile' && name === 'resolv.conf');
  assert.not.ok(isWritten());
  assert.is(one.plan().wakeAt, one.now + 1000);
  one.now += 1000;
  assert.ok(isWritten());
});

children('a child that needs an address starts when the link has it, and does not end when it goes', () => {
  const one = lab(lines(1));
  one.pass();
  const { world } = one;
  const link = world.links.byName.get('m0')!;
  const child = { key: 'x', ifname: 'm0', address: link.address!, argv: ['x'], needs: '192.0.2.1' };
  const ops = (seen: Partial<Seen>) =>
    planChildren(new Context({ ...world, seen: { ...world.seen, ...seen } }, { ...nothing(), children: [child] }));
  const address = { ifindex: link.ifindex, address: '192.0.2.1', prefix: 24, ours: false };
  assert.equal(ops({}).spawns, []);
  assert.equal(ops({ addresses: [{ ...address, ifindex: 99 }] }).spawns, []);
  assert.is(ops({ addresses: [address] }).spawns.length, 1);
  const running = { key: 'x', pid: 9, argv: ['x'], ifindex: link.ifindex };
  assert.equal(ops({ children: [running] }).kills, []);
});

children.run();
