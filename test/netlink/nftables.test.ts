import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { fromHex } from '../../src/bytes/hex.ts';
import * as c from '../../src/netlink/constants.ts';
import { getTables, Nftables, type NftTable, nftTable } from '../../src/netlink/nftables.ts';
import { Input } from '../../src/netlink/wire.ts';
import { type Arrival, FakeKernel, joined, outcome, told } from './fake-kernel.ts';
import { saysTheSame } from './recording.ts';

const test = suite('netlink/nftables');

// NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_*
const [NEWTABLE, DELTABLE, NEWCHAIN, NEWSETELEM, NEWGEN] = [0xa00, 0xa02, 0xa03, 0xa0c, 0xa0f] as const;
const ours = { family: c.NFPROTO_ARP, name: 'macvlan', comment: 'abc' };
const part = (seq: number, table: NftTable, flags = 0) => told(NEWTABLE, 2 | flags, seq, table, nftTable);
const done = (seq: number) => outcome(3, 2, seq, 0);

function answering(...answers: ((seq: number) => Arrival[])[]): { kernel: FakeKernel; nftables: Nftables } {
  let asked = 0;
  const kernel = new FakeKernel((_, messages) => answers[Math.min(asked++, answers.length - 1)]!(messages[0]!.seq));
  return { kernel, nftables: new Nftables(kernel.machine) };
}

for (const recorded of ['nft-tables-request', 'c-nft-tables-request-big']) {
  test(`asks what ${recorded} asks`, () => saysTheSame(getTables(), recorded, {}, c.NLM_F_DUMP));
}

// struct nfgenmsg and NFTA_TABLE_NAME "m", big-endian; then NFTA_TABLE_USERDATA
const userdata: [what: string, attribute: string, comment: string | undefined][] = [
  ['a comment with its NUL', '000a0006' + '0004' + '61626300', 'abc'],
  ['a comment without one', '00090006' + '0003' + '616263', 'abc'],
  ['a comment behind something else', '000e0006' + '0702ffff' + '0004' + '61626300', 'abc'],
  ['something else alone', '00080006' + '0702ffff', undefined],
  ['a comment longer than what is there', '00090006' + '0009' + '616263', undefined],
  ['half a header', '00050006' + '00', undefined],
  ['nothing', '00040006', undefined],
];

for (const [what, attribute, comment] of userdata) {
  test(`reads user data that is ${what}`, () => {
    const bytes = fromHex(`03000000${'000600016d000000'}${attribute}`);
    const table = nftTable.decode(new Input(bytes, 'big'), 0, bytes.length);
    assert.equal([table.name, table.comment], ['m', comment]);
  });
}

test('opens its socket when it is first asked, and one only', () => {
  const { kernel, nftables } = answering((seq) => [
    joined(part(seq, ours), part(seq, { family: c.NFPROTO_INET, name: 'fw4' })),
    done(seq),
  ]);
  assert.is(kernel.open.size, 0);
  for (const _ of [1, 2]) assert.equal(nftables.tables(), [ours, { family: c.NFPROTO_INET, name: 'fw4' }]);
  assert.is(kernel.open.size, 1);
  nftables.close();
  assert.is(kernel.open.size, 0);
});

test('asks again when the dump was interrupted', () => {
  const { nftables } = answering(
    (seq) => [part(seq, ours, c.NLM_F_DUMP_INTR), done(seq)],
    (seq) => [part(seq, { ...ours, comment: 'new' }), done(seq)],
  );
  assert.equal(nftables.tables(), [{ ...ours, comment: 'new' }]);
});

test('where nfnetlink knows no nf_tables there are no tables', () => {
  const { nftables } = answering((seq) => [outcome(2, 0, seq, 22)]);
  assert.equal(nftables.tables(), []);
});

test('a refusal for another reason is thrown', () => {
  const { nftables } = answering((seq) => [outcome(2, 0, seq, 105)]);
  assert.throws(() => nftables.tables(), /list nftables: strerror 105/);
});

test('where the socket is refused there are no tables and no news, until it is opened one day', () => {
  const { kernel, nftables } = answering((seq) => [part(seq, ours), done(seq)]);
  kernel.noSocket = Object.assign(new Error('socket AF_NETLINK: Protocol not supported'), { name: 'OsError' });
  assert.equal(nftables.tables(), []);
  nftables.subscribe(() => {});
  nftables.unsubscribe();
  assert.is(kernel.handlers.size, 0);
  kernel.noSocket = undefined;
  assert.equal(nftables.tables(), [ours]);
});

test('an error of our own is not taken for a refusal', () => {
  const { kernel, nftables } = answering(() => []);
  kernel.noSocket = new TypeError('a bug');
  assert.throws(() => nftables.tables(), /a bug/);
});

const news = (type: number) => told(type, 0, 0, ours, nftTable);
const arrivals: [what: string, arrivals: Arrival[], calls: number][] = [
  ['a table', [news(NEWTABLE)], 1],
  ['a table gone', [joined(news(NEWCHAIN), news(DELTABLE)), news(NEWGEN)], 1],
  ['several of one turn, once', [news(DELTABLE), news(NEWTABLE)], 1],
  ['an overrun', [-105], 1],
  ['no chain, no element of a set, no generation', [news(NEWCHAIN), news(NEWSETELEM), news(NEWGEN)], 0],
];

for (const [what, packets, expected] of arrivals) {
  test(`tells of ${what}`, () => {
    const { kernel, nftables } = answering(() => []);
    let calls = 0;
    nftables.subscribe(() => calls++);
    assert.equal(kernel.joined, [c.NFNLGRP_NFTABLES]);
    kernel.waiting.get(3)!.push(...packets);
    kernel.turn();
    assert.is(calls, expected);
  });
}

test('subscribing again replaces the old, closing closes everything', () => {
  const { kernel, nftables } = answering((seq) => [done(seq)]);
  nftables.tables();
  for (const _ of [1, 2]) nftables.subscribe(() => {});
  assert.equal([...kernel.open], [3, 5]);
  nftables.close();
  assert.equal([kernel.open.size, kernel.handlers.size], [0, 0]);
});

test.run();
