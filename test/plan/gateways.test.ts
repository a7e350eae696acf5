import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { learn } from '../../src/model/facts.ts';
import { OUR_TABLES } from '../../src/model/want.ts';
import { FakeKernel } from '../helpers/kernel.ts';
import { configOf, Lab, type Sections } from '../helpers/lab.ts';
import { menus } from '../helpers/menus.ts';

const gateways = suite('gateways');

const FAR = { 1: '192.0.2.1', 2: '198.51.100.1' } as const;

/** Two ports with a client each, and a lease from two providers; the second line is the spare one. */
function twoLines(first: Record<string, string> = {}, second: Record<string, string> = {}): Lab {
  const kernel = new FakeKernel();
  for (const name of ['ether1', 'ether2']) kernel.port(name, { up: true });
  const lab = new Lab(kernel, configOf(sections(first, second)));
  lab.settle(9);
  lab.bound('c1', '192.0.2.10', FAR[1]);
  lab.bound('c2', '198.51.100.10', FAR[2]);
  passes(lab);
  return lab;
}

function sections(first: Record<string, string>, second: Record<string, string>): Sections {
  return {
    c1: { type: 'dhcp_client', interface: 'ether1', check_gateway: 'ping', ...first },
    c2: { type: 'dhcp_client', interface: 'ether2', default_route_distance: '2', check_gateway: 'arp', ...second },
  };
}

/** Passes at one moment, as the daemon makes them. */
function passes(lab: Lab): void {
  for (let n = 0; n < 6 && lab.pass().length > 0; n++);
}

/** Sleep to each moment that the plan names, for so long; these answer at once. Gives the number of wake-ups. */
function live(lab: Lab, ms: number, ...answering: (keyof typeof FAR)[]): number {
  const end = lab.now + ms;
  let wakeups = 0;
  for (;;) {
    for (const n of answering) lab.answered(`c${n}`, FAR[n]);
    passes(lab);
    const { wakeAt = Number.POSITIVE_INFINITY } = lab.plan();
    if (wakeAt > end) break;
    assert.ok(wakeAt > lab.now, 'it sleeps');
    lab.now = wakeAt;
    wakeups++;
  }
  lab.now = end;
  return wakeups;
}

/** Gateways of the default routes that all lines share. */
function ways({ kernel }: Lab): (string | undefined)[] {
  const shared = kernel.routes.filter(({ table, destination }) => table === OUR_TABLES && destination === '0.0.0.0/0');
  return shared.sort((a, b) => a.metric - b.metric).flatMap(({ nexthops }) => nexthops.map(({ gateway }) => gateway));
}

function shown(lab: Lab): string {
  const { world } = lab;
  const { status, gateway_status, about } = menus[1]!.state(world.config.items[0]!, world);
  return [status, gateway_status, about].join();
}

gateways('a gateway that answers is asked every ten seconds, and nothing else happens', () => {
  const lab = twoLines();
  const since = lab.now;
  live(lab, 30_000, 1, 2);
  const asked = lab.kernel.asked.filter(({ name }) => name === `${FAR[1]} on ether1`);
  assert.equal(
    asked.map(({ at }) => at - since),
    [0, 10_000, 20_000, 30_000],
  );
  assert.equal(ways(lab), [FAR[1], FAR[2]]);
  assert.is(shown(lab), 'bound,reachable,');
});

gateways('after two without an answer its default route goes, and comes back with the first answer', () => {
  const lab = twoLines();
  live(lab, 19_999, 2);
  assert.equal(ways(lab), [FAR[1], FAR[2]]);
  live(lab, 1, 2);
  assert.equal(ways(lab), [FAR[2]]);
  assert.is(shown(lab), `bound,unreachable,gateway ${FAR[1]} does not answer; its default route is not used`);
  live(lab, 60_000, 2);
  assert.equal(ways(lab), [FAR[2]], 'and it is asked on');
  lab.answered('c1', FAR[1]);
  passes(lab);
  assert.equal(ways(lab), [FAR[1], FAR[2]]);
  assert.is(shown(lab), 'bound,reachable,');
});

gateways('the line keeps its own way meanwhile', () => {
  const lab = twoLines();
  live(lab, 20_000, 2);
  const own = lab.kernel.routes.filter(({ table, nexthops }) => table === OUR_TABLES + 1 && nexthops[0]?.gateway);
  assert.equal(
    own.map(({ destination, nexthops }) => [destination, nexthops[0]?.gateway]),
    [['0.0.0.0/0', FAR[1]]],
  );
});

gateways('one of equal distance leaves the route that they share', () => {
  const lab = twoLines({}, { default_route_distance: '1' });
  assert.equal(ways(lab), [FAR[1], FAR[2]]);
  live(lab, 20_000, 2);
  assert.equal(ways(lab), [FAR[2]]);
});

gateways('without source routing the route of the main table goes', () => {
  const lab = twoLines({ source_routing: 'no' });
  const main = () => lab.kernel.routes.some(({ table, metric }) => table === 254 && metric === 1);
  assert.ok(main());
  live(lab, 20_000, 2);
  assert.not(main());
});

gateways('one answer among losses is enough', () => {
  const lab = twoLines();
  for (let n = 0; n < 4; n++) {
    live(lab, 15_000, 2);
    live(lab, 5_000, 1, 2);
  }
  assert.equal(ways(lab), [FAR[1], FAR[2]]);
});

gateways('an answer of the gateway before counts for nothing, and another gateway begins anew', () => {
  const lab = twoLines();
  live(lab, 20_000, 2);
  lab.bound('c1', '192.0.2.10', '192.0.2.2');
  passes(lab);
  assert.equal(ways(lab), ['192.0.2.2', FAR[2]]);
  const before = lab.now;
  live(lab, 20_100, 1, 2);
  const { at } = lab.kernel.asked.find(({ name }) => name === '192.0.2.2 on ether1')!;
  assert.is(at, before + 100, 'as soon as it does not leave along with others');
  assert.equal(ways(lab), [FAR[2]]);
});

gateways('a line whose link is down is not asked for, and what it could not answer then does not count', () => {
  const lab = twoLines();
  live(lab, 12_000, 2);
  const [ether1] = [...lab.kernel.links.values()];
  ether1!.carrier = false;
  const before = lab.kernel.asked.length;
  live(lab, 60_000);
  assert.ok(lab.kernel.asked.slice(before).every(({ name }) => name.endsWith('ether2')));
  assert.equal([...lab.kernel.asking], ['c2']);
  ether1!.carrier = true;
  live(lab, 15_000, 2);
  assert.equal(ways(lab)[0], FAR[1]);
});

gateways('one that was gone when its link went down is so until it answers', () => {
  const lab = twoLines();
  live(lab, 20_000, 2);
  const [ether1] = [...lab.kernel.links.values()];
  ether1!.carrier = false;
  live(lab, 60_000, 2);
  ether1!.carrier = true;
  live(lab, 1000, 2);
  assert.equal(ways(lab), [FAR[2]]);
  live(lab, 0, 1, 2);
  assert.equal(ways(lab), [FAR[1], FAR[2]]);
});

const UNASKED: [what: string, options: Record<string, string>][] = [
  ['check_gateway is none', { check_gateway: 'none' }],
  ['it is disabled', { disabled: '1' }],
  ['there is no default route', { add_default_route: '0' }],
  ['the default route is not installed', { default_route_distance: '255' }],
];

for (const [what, options] of UNASKED) {
  gateways(`nobody is asked and nobody wakes up when ${what}`, () => {
    const lab = twoLines(options, options);
    assert.is(live(lab, 60_000), 0);
    assert.equal(lab.kernel.asked, []);
    assert.not.match(shown(lab), 'reachable');
  });
}

gateways('turned off it is forgotten, and the route is back', () => {
  const lab = twoLines();
  live(lab, 20_000, 2);
  lab.config = configOf(sections({ check_gateway: 'none' }, { check_gateway: 'none' }));
  passes(lab);
  assert.equal(ways(lab), [FAR[1], FAR[2]]);
  assert.is(lab.kernel.asking.size, 0);
});

gateways('a user who changes the item begins anew', () => {
  const lab = twoLines();
  live(lab, 20_000, 2);
  lab.facts = learn(lab.facts, { type: 'touched', key: 'c1', at: lab.now });
  passes(lab);
  assert.equal(ways(lab), [FAR[1], FAR[2]]);
});

gateways('of fifty lines few are asked at the same moment, and they share their wake-ups', () => {
  const kernel = new FakeKernel();
  const names = Array.from({ length: 50 }, (_, n) => `p${n}`);
  for (const name of names) kernel.port(name, { up: true });
  const clients = names.map((name) => [name, { type: 'dhcp_client', interface: name, check_gateway: 'ping' }] as const);
  const lab = new Lab(kernel, configOf(Object.fromEntries(clients)));
  lab.settle(9);
  // Their leases come in the course of half a minute.
  for (const [n, name] of names.entries()) {
    lab.bound(name, `192.0.2.${10 + n}`);
    live(lab, 617);
  }
  const answer = () => {
    for (const name of names) lab.answered(name, '192.0.2.1');
  };
  for (let n = 0; n < 40; n++) {
    answer();
    live(lab, 1000);
  }
  const since = lab.now;
  let wakeups = 0;
  for (let n = 0; n < 10; n++) {
    answer();
    wakeups += live(lab, 1000);
  }
  const moments = kernel.asked.filter(({ at }) => at > since).map(({ at }) => at);
  assert.is(moments.length, 50);
  const most = Math.max(...moments.map((at) => moments.filter((other) => other === at).length));
  assert.ok(most <= 8, `${most} at once`);
  assert.ok(wakeups <= 14, `${wakeups} wake-ups`);
});

gateways.run();
