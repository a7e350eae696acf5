import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { learn } from '../../src/model/facts.ts';
import type { Netifd } from '../../src/model/netifd.ts';
import type { Op } from '../../src/plan/op.ts';
import { FakeKernel } from '../helpers/kernel.ts';
import { configOf, Lab, type Sections } from '../helpers/lab.ts';

const netifd = suite('what netifd is told');

const MACVLAN = { type: 'macvlan', name: 'm1', interface: 'ether1', mac_address: '02:00:00:00:00:01' };
const STATIC = { type: 'address', interface: 'm1', address: '192.0.2.10/24' };
const CLIENT = { type: 'dhcp_client', interface: 'm1', use_peer_dns: '1' };

interface There {
  names: Set<string>;
  told: Map<string, string>;
}

function lab(sections: Sections, more: Partial<Netifd> = {}): Lab & { there: There } {
  const kernel = new FakeKernel();
  kernel.port('ether1', { up: true });
  const there = { names: new Set(more.names), told: new Map(more.told) };
  const state = { zones: new Map([['ether1', 'wan']]), outer: new Set(['wan']), ...more, ...there };
  const one = Object.assign(new Lab(kernel, configOf(sections)), { there });
  one.facts = learn(one.facts, { type: 'netifd', netifd: state });
  return one;
}

const announced = (ops: readonly Op[]) =>
  Object.fromEntries(ops.flatMap((op) => (op.op === 'announce' ? [[op.name, JSON.parse(op.text)]] : [])));
const kinds = (ops: readonly Op[], ...wanted: Op['op'][]) =>
  ops.filter(({ op }) => wanted.includes(op)).map(({ op, name }) => `${op} ${name}`);

/** A pass of which netifd does what it is told. */
function pass(one: Lab & { there: There }): Op[] {
  const ops = one.pass();
  for (const op of ops) {
    if (op.op === 'announce') one.there.told.set(op.name, op.text);
    if (op.op === 'announce') one.there.names.add(op.name);
    if (op.op === 'withdraw') one.there.told.delete(op.name);
    if (op.op === 'withdraw') one.there.names.delete(op.name);
  }
  return ops;
}

netifd('the zone comes before there is a link, the line with its link, and its address is not ours to set', () => {
  const one = lab({ m: MACVLAN, a: STATIC });
  assert.equal(announced(pass(one)), { m1_zone: { proto: 'none', device: 'm1', auto: false, zone: 'wan' } });
  const ops = pass(one);
  const { ifindex } = one.world.links.byName.get('m1')!;
  assert.equal(announced(ops), {
    m1: {
      proto: 'static',
      device: 'm1',
      force_link: true,
      delegate: false,
      ipaddr: ['192.0.2.10/24'],
      metric: 100_000 + ifindex,
    },
  });
  assert.equal(kinds(ops, 'addAddress'), []);
  assert.equal(announced(pass(one)), {});
});

netifd('no client starts on a link that netifd is about to take down', () => {
  const one = lab({ m: MACVLAN, c: CLIENT });
  one.pass();
  const [told] = one.plan().ops.filter(({ op }) => op === 'announce');
  one.there.told.set('m1_zone', (told as Extract<Op, { op: 'announce' }>).text);
  assert.equal(kinds(one.plan().ops, 'spawn'), []);
  one.there.names.add('m1_zone');
  assert.equal(kinds(one.plan().ops, 'spawn'), ['spawn c']);
});

netifd('a lease: address, gateway, name servers, and a metric behind all others by its distance', () => {
  const one = lab({ m: MACVLAN, c: { ...CLIENT, default_route_distance: '7' } });
  for (let n = 0; n < 4; n++) pass(one);
  one.bound('c', '192.0.2.50', '192.0.2.1', { domain: 'isp.example' });
  const ops = pass(one);
  const { ifindex } = one.world.links.byName.get('m1')!;
  const { m1 } = announced(ops);
  assert.equal(
    [m1.ipaddr, m1.gateway, m1.dns, m1.dns_metric, m1.metric],
    [['192.0.2.50/24'], '192.0.2.1', ['192.0.2.1'], 7, 700_000 + ifindex],
  );
  assert.equal(kinds(ops, 'addAddress'), []);
  // The routes in the main table are its own, those in our tables wait for its address.
  assert.ok(ops.every((op) => op.op !== 'addRoute' || op.route.table !== 254));
  assert.ok(ops.every((op) => op.op !== 'writeFile' || op.name !== 'resolv.conf'));
});

netifd('what is refused is ours, until it is tried again', () => {
  const one = lab({ m: MACVLAN, a: STATIC });
  pass(one);
  pass(one);
  one.there.told.delete('m1');
  one.there.names.delete('m1');
  one.facts = learn(one.facts, { type: 'failed', op: 'announce m1', owner: '', error: 'no', at: one.now });
  assert.equal(kinds(one.plan().ops, 'announce', 'addAddress'), ['addAddress 192.0.2.10/24 dev m1']);
  one.now += 2000;
  assert.equal(kinds(one.plan().ops, 'announce'), ['announce m1']);
});

netifd('netifd=no, and a line that is over: it is told so', () => {
  const one = lab({ m: MACVLAN, a: STATIC });
  for (let n = 0; n < 3; n++) pass(one);
  one.config = configOf({ m: { ...MACVLAN, netifd: '0' }, a: STATIC });
  assert.equal(kinds(pass(one), 'withdraw'), ['withdraw m1_zone', 'withdraw m1']);
  one.config = configOf({});
  assert.equal(kinds(pass(one), 'withdraw'), []);
});

netifd('its own interface of that name stays its own', () => {
  const one = lab({ m: MACVLAN, a: STATIC }, { names: new Set(['m1']) });
  pass(one);
  const ops = pass(one);
  assert.equal(announced(ops), {});
  assert.equal(kinds(ops, 'addAddress'), ['addAddress 192.0.2.10/24 dev m1']);
});

netifd('a macvlan that is only dialed on is in no zone, unless the user says so', () => {
  const dial = { type: 'pppoe_client', name: 'p-1', interface: 'm1', user: 'u', password: 'p' };
  assert.equal(announced(pass(lab({ m: MACVLAN, p: dial }))), {});
  const said = lab({ m: { ...MACVLAN, zone: 'dsl' }, p: dial });
  const told = { ...announced(pass(said)), ...announced(pass(said)) };
  // The session is in the zone of what it is dialed on.
  assert.equal([told.m1_zone.zone, told.p_1_zone.zone], ['dsl', 'dsl']);
});

netifd('where a server of ours answers: no zone that leads outside by itself, and its ports', () => {
  const sections = {
    m: MACVLAN,
    a: STATIC,
    p: { type: 'pool', name: 'p', ranges: '192.0.2.20-192.0.2.30' },
    s: { type: 'dhcp_server', interface: 'm1', address_pool: 'p' },
  };
  const one = lab(sections);
  for (let n = 0; n < 3; n++) pass(one);
  assert.equal(JSON.parse(one.there.told.get('m1_zone')!), { proto: 'none', device: 'm1', auto: false, served: true });
  one.config = configOf({ ...sections, m: { ...MACVLAN, zone: 'wan' } });
  assert.is(announced(pass(one)).m1_zone.zone, 'wan');
});

netifd('without a netifd nobody is told anything', () => {
  const one = lab({ m: MACVLAN, a: STATIC });
  for (let n = 0; n < 3; n++) pass(one);
  one.facts = learn(one.facts, { type: 'netifd', netifd: undefined });
  assert.equal(kinds(one.plan().ops, 'announce', 'withdraw', 'addAddress'), ['addAddress 192.0.2.10/24 dev m1']);
});

netifd.run();
