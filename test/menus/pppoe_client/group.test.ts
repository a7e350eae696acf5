import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { checked } from '../../../src/menus/checks.ts';
import { edit } from '../../../src/model/edit.ts';
import { learn } from '../../../src/model/facts.ts';
import { FakeKernel } from '../../helpers/kernel.ts';
import { configOf, Lab, type Sections } from '../../helpers/lab.ts';
import { menus } from '../../helpers/menus.ts';

const groups = suite('pppoe-client groups');

const menu = menus.find(({ type }) => type === 'pppoe_client')!;

function clients(count: number, options: Record<string, string> = {}): Sections {
  return Object.fromEntries(
    Array.from({ length: count }, (_, n): [string, Sections[string]][] => [
      [`m${n}`, { type: 'macvlan', interface: 'ether1', mac_address: `02:00:00:00:00:${(n + 16).toString(16)}` }],
      [`c${n}`, { type: 'pppoe_client', name: `out${n}`, interface: `m${n}`, dial_group: 'isp', ...options }],
    ]).flat(),
  );
}

function labOf(sections: Sections): Lab {
  const kernel = new FakeKernel();
  kernel.port('ether1', { up: true });
  return new Lab(kernel, configOf(sections));
}

/** Without a tick of the clock between them. */
function passes(lab: Lab): void {
  for (let pass = 0; pass < 3; pass++) lab.pass();
}

function running(lab: Lab): string[] {
  return lab.kernel.children.map(({ key }) => key).sort();
}

/** The client's pppd ends, as one whose server does not answer unless told otherwise. */
function fail(lab: Lab, key: string, exit = 'exit status 8: Timeout waiting for PADO packets', jitter = 0.5): void {
  lab.kernel.children = lab.kernel.children.filter((child) => child.key !== key);
  const ended = { type: 'ended', key, at: lab.now, exit, expected: false, threshold: 60, jitter } as const;
  lab.facts = learn(lab.facts, ended);
}

function connect(lab: Lab, key: string): void {
  lab.kernel.port(key.replace('c', 'out'), { up: true, kind: 'ppp', ethernet: false, address: undefined, mtu: 1492 });
  const env = { IPLOCAL: '10.64.0.10', IPREMOTE: '10.64.0.1' };
  lab.facts = learn(lab.facts, { type: 'news', key, news: { verb: 'ppp', at: lab.now, env } });
}

function stateOf(lab: Lab, id: string) {
  const { world } = lab;
  return menu.state(world.config.items.find((item) => item.id === id)!, world);
}

groups('however many they are, they start in one pass', () => {
  const lab = labOf(clients(25));
  lab.pass();
  assert.is(running(lab).length, 0, 'their macvlans are being made');
  const started = lab.pass().filter(({ op }) => op === 'spawn');
  assert.is(started.length, 25);
});

groups('of what is typed line by line all start together a second after the last line', () => {
  const lab = labOf(clients(2));
  lab.pass();
  lab.facts = learn(lab.facts, { type: 'touched', key: 'c1', at: lab.now });
  assert.not.ok(lab.plan().ops.some(({ op }) => op === 'spawn'));
  assert.is(lab.plan().wakeAt, lab.now + 1000);
  lab.now += 1000;
  assert.is(lab.pass().filter(({ op }) => op === 'spawn').length, 2);
});

groups('while the macvlan of one is still to come up the others wait for it', () => {
  const lab = labOf(clients(2));
  lab.pass();
  const second = [...lab.kernel.links.values()].find(({ ifname }) => ifname === 'm1')!;
  lab.kernel.links.set(second.ifindex, { ...second, up: false });
  const { ops, wakeAt } = lab.plan();
  assert.not.ok(ops.some(({ op }) => op === 'spawn'));
  assert.is(wakeAt, lab.now + 5000);
  assert.match(
    String(stateOf(lab, 'c0').about),
    'it waits for its turn with dial-group isp, of whose 2 clients 0 are connected',
  );
  lab.kernel.links.set(second.ifindex, second);
  assert.is(lab.pass().filter(({ op }) => op === 'spawn').length, 2);
});

groups('without a carrier nobody dials, with it all do at one moment; who has a session keeps it', () => {
  const lab = labOf(clients(2));
  const carrier = (carrier: boolean) => {
    const port = [...lab.kernel.links.values()].find(({ ifname }) => ifname === 'ether1')!;
    lab.kernel.links.set(port.ifindex, { ...port, carrier, running: carrier });
  };
  carrier(false);
  passes(lab);
  assert.equal(running(lab), []);
  const { status, about, next_try } = stateOf(lab, 'c0');
  assert.equal([status, about, next_try], ['disconnected', 'interface m0 has no carrier', undefined]);
  carrier(true);
  assert.is(lab.pass().filter(({ op }) => op === 'spawn').length, 2);
  carrier(false);
  passes(lab);
  assert.equal(running(lab), ['c0', 'c1']);
});

groups('one whose macvlan is disabled, or cannot be made, is not waited for', () => {
  const disabled = clients(2);
  const lab = labOf({ ...disabled, m1: { ...disabled.m1!, disabled: '1' } });
  passes(lab);
  assert.equal(running(lab), ['c0']);
  const other = labOf(clients(2));
  other.facts = learn(other.facts, { type: 'failed', op: 'addLink m1', owner: 'm1', error: 'EINVAL', at: other.now });
  passes(other);
  assert.equal(running(other), ['c0']);
});

groups('those that are lost at about the same time dial again at the same moment, without jitter', () => {
  const lab = labOf(clients(3));
  passes(lab);
  for (const key of ['c0', 'c1', 'c2']) connect(lab, key);
  lab.now += 100_000;
  fail(lab, 'c0', 'exit status 16', 0);
  lab.now += 1500;
  fail(lab, 'c2', 'exit status 16', 1);
  const { wakeAt } = lab.plan();
  assert.is(wakeAt, lab.now + 5000, 'the time-out of the last one');
  assert.equal(running(lab), ['c1']);
  lab.now = wakeAt!;
  passes(lab);
  assert.equal(running(lab), ['c0', 'c1', 'c2']);
});

groups('one that is refused waits long, and the others do not wait for it', () => {
  const lab = labOf(clients(2));
  passes(lab);
  fail(lab, 'c0', 'exit status 19');
  fail(lab, 'c1');
  lab.now += 5000;
  passes(lab);
  assert.equal(running(lab), ['c1']);
  assert.ok(Number(stateOf(lab, 'c0').next_try) > 200);
});

groups('below min-online also one that is refused dials again soon, and long only when enough are there', () => {
  const lab = labOf(clients(3, { min_online: '2' }));
  passes(lab);
  connect(lab, 'c0');
  fail(lab, 'c1', 'exit status 19');
  fail(lab, 'c2', 'exit status 19');
  assert.is(stateOf(lab, 'c1').next_try, 5);
  assert.match(
    String(stateOf(lab, 'c1').about),
    'next try in 5 s with dial-group isp, of whose 3 clients 1 are connected; 2 are to be',
  );
  lab.now += 5000;
  passes(lab);
  assert.equal(running(lab), ['c0', 'c1', 'c2']);
  connect(lab, 'c1');
  fail(lab, 'c2', 'exit status 19');
  assert.ok(Number(stateOf(lab, 'c2').next_try) > 200);
  assert.equal(running(lab), ['c0', 'c1'], 'they are left alone');
});

groups('stagger: each so long after the one before', () => {
  const lab = labOf(clients(3, { stagger: '2' }));
  passes(lab);
  assert.is(running(lab).length, 1);
  for (const count of [2, 3]) {
    lab.now += 1999;
    passes(lab);
    assert.is(running(lab).length, count - 1);
    lab.now += 1;
    passes(lab);
    assert.is(running(lab).length, count);
  }
  assert.is(lab.plan().wakeAt, undefined);
});

groups('a disabled member counts for nothing', () => {
  const sections = clients(2, { stagger: '9' });
  const lab = labOf({ ...sections, c0: { ...sections.c0!, disabled: '1' } });
  passes(lab);
  assert.equal(running(lab), ['c1']);
});

groups('what is said of a group is refused without one', () => {
  const lab = labOf(clients(1));
  const change = (given: Record<string, string>) => edit('set', checked(menu), { id: 'c0', ...given }, lab.world);
  assert.throws(() => change({ dial_group: '', stagger: '5' }), /^stagger 5 is for a dial-group; give dial_group too$/);
});

groups.run();
