import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Netlink } from '../../src/netlink/conn.ts';
import * as c from '../../src/netlink/constants.ts';
import { NetlinkError } from '../../src/netlink/error.ts';
import { deleteLink, link } from '../../src/netlink/link.ts';
import { readBody } from '../../src/netlink/message.ts';
import { neighbourFilter } from '../../src/netlink/neigh.ts';
import { stats } from '../../src/netlink/stats.ts';
import type { Change } from '../../src/netlink/subscribe.ts';
import { type Arrival, FakeKernel, joined, outcome, told } from './fake-kernel.ts';

const test = suite('netlink/conn');

const NLM_F_MULTI = 2;
const m = (index: number, kind = 'macvlan') => ({ index, ifname: `m${index}`, linkinfo: { kind } });
const part = (seq: number, body: object, flags = 0) => told(c.RTM_NEWLINK, NLM_F_MULTI | flags, seq, body);
const done = (seq: number, errno = 0, flags = 0) => outcome(3, NLM_F_MULTI | flags, seq, errno);

/** A kernel that answers the n-th dump with what `answers[n]` makes of its sequence number. */
function dumping(...answers: ((seq: number) => Arrival[])[]): { kernel: FakeKernel; netlink: Netlink } {
  let asked = 0;
  const kernel = new FakeKernel((_, messages) => answers[Math.min(asked++, answers.length - 1)]!(messages[0]!.seq));
  return { kernel, netlink: new Netlink(kernel.machine) };
}

test('collects a dump that comes in several packets', () => {
  const { kernel, netlink } = dumping((seq) => [joined(part(seq, m(1)), part(seq, m(2))), part(seq, m(3)), done(seq)]);
  assert.equal(
    netlink.links().map(({ ifname }) => ifname),
    ['m1', 'm2', 'm3'],
  );
  const { messages } = kernel.sent[0]!;
  assert.equal([messages[0]!.type, messages[0]!.flags], [c.RTM_GETLINK, c.NLM_F_REQUEST | c.NLM_F_DUMP]);
});

test('asks for one kind, and does not believe the kernel to have filtered', () => {
  const { kernel, netlink } = dumping((seq) => [joined(part(seq, m(1)), part(seq, m(2, 'veth')), done(seq))]);
  assert.equal(
    netlink.links({ kind: 'macvlan' }).map(({ index }) => index),
    [1],
  );
  const { input, messages } = kernel.sent[0]!;
  const asked = readBody(input, messages[0]!, link);
  assert.equal([asked.linkinfo, asked.extMask], [{ kind: 'macvlan' }, c.RTEXT_FILTER_SKIP_STATS]);
});

test('asks again when the dump was interrupted, and takes nothing of the first', () => {
  const interrupted = (seq: number) => [part(seq, m(1), c.NLM_F_DUMP_INTR), part(seq, m(2)), done(seq)];
  const { kernel, netlink } = dumping(interrupted, interrupted, (seq) => [part(seq, m(3)), done(seq)]);
  assert.equal(
    netlink.links().map(({ index }) => index),
    [3],
  );
  assert.is(kernel.sent.length, 3);
});

test('an interruption may be told by the last message alone', () => {
  const { kernel, netlink } = dumping(
    (seq) => [part(seq, m(1)), done(seq, 0, c.NLM_F_DUMP_INTR)],
    (seq) => [done(seq)],
  );
  assert.equal(netlink.links(), []);
  assert.is(kernel.sent.length, 2);
});

test('gives up after five interrupted dumps', () => {
  const { kernel, netlink } = dumping((seq) => [part(seq, m(1), c.NLM_F_DUMP_INTR), done(seq)]);
  assert.throws(() => netlink.links(), /list links: changed under our hands 5 times/);
  assert.is(kernel.sent.length, 5);
});

test('a refused dump is thrown with the name of its errno', () => {
  const { netlink } = dumping((seq) => [outcome(2, 0, seq, 22)]);
  assert.throws(
    () => netlink.routes(),
    (error: NetlinkError) => error.code === 'EINVAL' && error.message === 'list routes: strerror 22',
  );
});

test('a dump that fails at its end is thrown', () => {
  const { netlink } = dumping((seq) => [part(seq, m(1)), done(seq, 22)]);
  assert.throws(
    () => netlink.links(),
    (error: NetlinkError) => error.errno === 22,
  );
});

test('the addresses of an interface that is gone, and the routes of a table that is not there, are none', () => {
  const { netlink } = dumping(
    (seq) => [outcome(2, 0, seq, 19)],
    (seq) => [outcome(2, 0, seq, 2)],
  );
  assert.equal(netlink.addresses({ index: 9 }), []);
  assert.equal(netlink.routes({ table: 28100, family: c.AF_INET }), []);
});

test('rules, neighbours and counters of a kernel that was built without them are none', () => {
  const { netlink } = dumping((seq) => [outcome(2, 0, seq, 95)]);
  assert.equal([netlink.rules(), netlink.neighbours(), netlink.neighbourParameters()], [[], [], []]);
  assert.is(netlink.counters([5]).size, 0);
});

test('what an earlier question left behind is passed over', () => {
  const { netlink } = dumping((seq) => [part(seq - 1, m(1)), done(seq - 1), part(seq, m(2)), done(seq)]);
  assert.equal(
    netlink.links().map(({ index }) => index),
    [2],
  );
});

test('a broken message fails its dump, and the next one is right', () => {
  const broken = (seq: number) => told(c.RTM_NEWADDR, 0, seq, {}); // 8 bytes of body where a link has 16
  const { netlink } = dumping(
    (seq) => [broken(seq), part(seq, m(1)), done(seq)],
    (seq) => [part(seq, m(2)), done(seq)],
  );
  assert.throws(
    () => netlink.links(),
    (error: unknown) => error instanceof NetlinkError,
  );
  assert.equal(
    netlink.links().map(({ index }) => index),
    [2],
  );
});

test('routes of other families than IPv4 and IPv6 are passed over', () => {
  const family = (seq: number, family: number) => told(c.RTM_NEWROUTE, 0, seq, { family });
  const { netlink } = dumping((seq) => [
    family(seq, 28),
    family(seq, c.AF_INET),
    family(seq, 128),
    family(seq, c.AF_INET6),
    done(seq),
  ]);
  assert.equal(
    netlink.routes().map((route) => route.family),
    [c.AF_INET, c.AF_INET6],
  );
});

test('asks for proxy entries or the others, of all links or one', () => {
  const { kernel, netlink } = dumping((seq) => [told(c.RTM_NEWNEIGH, 0, seq, { index: 4, family: 2 }), done(seq)]);
  netlink.neighbours();
  netlink.neighbours({ family: c.AF_INET, index: 4, proxy: true });
  const asked = kernel.sent.map(({ input, messages }) => readBody(input, messages[0]!, neighbourFilter));
  assert.equal(
    asked.map(({ family, index, flags, ifindex }) => [family, index, flags, ifindex]),
    [
      [0, 0, 0, undefined],
      [c.AF_INET, 0, c.NTF_PROXY, 4],
    ],
  );
});

test('tells ARP parameters, the defaults under index 0', () => {
  const parms = { index: 4, baseReachableTime: 1000, proxyDelay: 0 };
  const { netlink } = dumping((seq) => [
    told(c.RTM_NEWNEIGHTBL, 0, seq, { family: 2, name: 'arp_cache', parms: { baseReachableTime: 30_000 } }),
    told(c.RTM_NEWNEIGHTBL, 0, seq, { family: 2, name: 'arp_cache', parms }),
    done(seq),
  ]);
  assert.equal(netlink.neighbourParameters(), [{ index: 0, baseReachableTime: 30_000, proxyDelay: 0 }, parms]);
});

test('a kernel that does not answer is an error, not a wait', () => {
  const { netlink } = dumping(() => []);
  assert.throws(() => netlink.links(), /list links: the kernel did not answer/);
});

test('finds one link, or none', () => {
  const { netlink } = dumping(
    (seq) => [told(c.RTM_NEWLINK, 0, seq, m(7))],
    (seq) => [outcome(2, 0, seq, 19)],
    (seq) => [outcome(2, 0, seq, 22)],
  );
  assert.is(netlink.link({ ifname: 'm7' })?.index, 7);
  assert.is(netlink.link({ index: 8 }), undefined);
  assert.throws(() => netlink.link({ index: -1 }), /look at link -1: strerror 22/);
});

const counted = (index: number) => ({ index, stats64: { rxPackets: index, txBytes: 2 ** 40 } });

test('reads the counters of the links that are there, many in a system call', () => {
  const kernel = new FakeKernel((input, messages) =>
    messages.map((message) => {
      const { index } = readBody(input, message, stats);
      return index % 50 === 7 ? outcome(2, 0, message.seq, 19) : told(c.RTM_NEWSTATS, 0, message.seq, counted(index));
    }),
  );
  const netlink = new Netlink(kernel.machine);
  const counters = netlink.counters(Array.from({ length: 100 }, (_, i) => 1 + i));
  assert.equal([counters.size, counters.has(7), counters.has(57), counters.get(7)], [98, false, false, undefined]);
  assert.equal([counters.get(100)?.rxPackets, counters.get(100)?.txBytes], [100, 2 ** 40]);
  assert.equal(
    kernel.sent.map(({ messages }) => messages.length),
    [64, 36],
  );
  const [{ input, messages }] = kernel.sent as [(typeof kernel.sent)[0]];
  assert.equal([messages[0]!.flags, readBody(input, messages[0]!, stats).filterMask], [c.NLM_F_REQUEST, 1]);
  assert.is(netlink.counters([]).size, 0);
});

const silent: [what: string, answer: (seq: number) => Arrival[], says: RegExp][] = [
  ['refuses', (seq) => [outcome(2, 0, seq, 22)], /read the counters of 5: strerror 22/],
  ['loses', () => [], /read the counters of 5: the answer was lost/],
];

for (const [what, answer, says] of silent) {
  test(`counters that the kernel ${what} are no links that are gone`, () => {
    const kernel = new FakeKernel((_, messages) => answer(messages[0]!.seq));
    assert.throws(() => new Netlink(kernel.machine).counters([5]), says);
  });
}

test('answers request by request, and a failed one does not stop the others', () => {
  const kernel = new FakeKernel((_, messages) =>
    messages.map(({ seq }, i) => outcome(2, c.NLM_F_CAPPED, seq, i % 10 === 3 ? 19 : 0)),
  );
  const errors = new Netlink(kernel.machine).execute(Array.from({ length: 100 }, (_, i) => deleteLink({ index: i })));
  assert.is(errors.length, 100);
  assert.equal(
    errors.flatMap((error, i) => (error ? [i] : [])),
    [3, 13, 23, 33, 43, 53, 63, 67, 77, 87, 97],
  );
  assert.is(errors[3]!.message, 'delete link 3: strerror 19');
  assert.equal(
    kernel.sent.map(({ messages }) => messages.length),
    [64, 36],
  );
});

test('answers may come in any order and several in a packet', () => {
  const kernel = new FakeKernel((_, messages) => {
    const acks = messages.map(({ seq }, i) => outcome(2, c.NLM_F_CAPPED, seq, i === 0 ? 22 : 0)).reverse();
    return [joined(acks[0]!, acks[1]!), acks[2]!];
  });
  const errors = new Netlink(kernel.machine).execute([1, 2, 3].map((index) => deleteLink({ index })));
  assert.equal(
    errors.map((error) => error?.code),
    ['EINVAL', undefined, undefined],
  );
});

test('an answer that was lost is ENOBUFS, those that arrived count', () => {
  const kernel = new FakeKernel((_, messages) => [-105, outcome(2, 0, messages[1]!.seq, 0)]);
  const errors = new Netlink(kernel.machine).execute([1, 2, 3].map((index) => deleteLink({ index })));
  assert.equal(
    errors.map((error) => error?.code),
    ['ENOBUFS', undefined, 'ENOBUFS'],
  );
  assert.is(errors[0]!.message, 'delete link 1: the answer was lost');
});

test('what cannot be sent is an error of each request', () => {
  const kernel = new FakeKernel();
  kernel.refuses = -105;
  const netlink = new Netlink(kernel.machine);
  const errors = netlink.execute([1, 2].map((index) => deleteLink({ index })));
  assert.equal(
    errors.map((error) => error?.message),
    ['delete link 1: strerror 105', 'delete link 2: strerror 105'],
  );
  assert.throws(() => netlink.links(), /list links: strerror 105/);
});

test('nothing to execute is nothing sent', () => {
  const kernel = new FakeKernel();
  assert.equal(new Netlink(kernel.machine).execute([]), []);
  assert.is(kernel.sent.length, 0);
});

const news: [what: string, arrivals: Arrival[], change: Partial<Change>][] = [
  ['a link', [told(c.RTM_NEWLINK, 0, 0, m(4))], { links: true, indexes: new Set([4]) }],
  ['a link gone', [told(c.RTM_DELLINK, 0, 0, m(4))], { links: true, indexes: new Set([4]) }],
  ['an address', [told(c.RTM_DELADDR, 0, 0, { index: 5 })], { addresses: true, indexes: new Set([5]) }],
  ['a route', [told(c.RTM_NEWROUTE, 0, 0, {})], { routes: true }],
  ['a rule', [told(c.RTM_DELRULE, 0, 0, {})], { rules: true }],
  ['a neighbour', [told(c.RTM_NEWNEIGH, 0, 0, { index: 7 })], { neighbours: true, indexes: new Set([7]) }],
  ['an overrun', [-105, told(c.RTM_NEWRULE, 0, 0, {})], { overrun: true, rules: true }],
  [
    'many things of one turn, once',
    [
      joined(told(c.RTM_NEWLINK, 0, 0, m(4)), told(c.RTM_NEWLINK, 0, 0, m(6))),
      -4,
      told(c.RTM_NEWADDR, 0, 0, { index: 4 }),
    ],
    { links: true, addresses: true, indexes: new Set([4, 6]) },
  ],
];

for (const [what, arrivals, expected] of news) {
  test(`tells of ${what}`, () => {
    const { kernel, changes } = subscribed();
    kernel.waiting.get(4)!.push(...arrivals);
    kernel.turn();
    const kinds = { links: false, addresses: false, routes: false, rules: false, neighbours: false };
    assert.equal(changes, [{ overrun: false, ...kinds, indexes: new Set(), ...expected }]);
  });
}

test('news of other things is not told', () => {
  const { kernel, changes } = subscribed();
  kernel.waiting.get(4)!.push(outcome(3, 0, 0, 0));
  kernel.turn();
  assert.equal(changes, []);
});

test('a flood is read over several turns', () => {
  const { kernel, changes } = subscribed();
  kernel.waiting.get(4)!.push(...Array.from({ length: 600 }, () => told(c.RTM_NEWROUTE, 0, 0, {})));
  for (let turn = 0; turn < 5; turn++) kernel.turn();
  assert.is(changes.length, 3);
});

test('subscribing again replaces the old, closing closes everything', () => {
  const { kernel, netlink } = subscribed();
  assert.equal(kernel.joined, [c.RTNLGRP_LINK, c.RTNLGRP_IPV4_ROUTE]);
  netlink.subscribe([c.RTNLGRP_IPV4_RULE], () => {});
  assert.equal([...kernel.open], [3, 5]);
  netlink.close();
  assert.equal([kernel.open.size, kernel.handlers.size], [0, 0]);
});

function subscribed(): { kernel: FakeKernel; netlink: Netlink; changes: Change[] } {
  const kernel = new FakeKernel();
  const netlink = new Netlink(kernel.machine);
  const changes: Change[] = [];
  netlink.subscribe([c.RTNLGRP_LINK, c.RTNLGRP_IPV4_ROUTE], (change) => changes.push(change));
  return { kernel, netlink, changes };
}

test.run();
