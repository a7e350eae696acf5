import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Event, type Facts, learn, noFacts } from '../../src/model/facts.ts';

const facts = suite('facts');

const KEY = 'dhcp_client_1';
const news: Event = { type: 'news', key: KEY, news: { verb: 'bound', at: 1000, env: { ip: '192.0.2.10' } } };
const wish: Event = { type: 'wish', key: KEY, signals: ['SIGUSR1'] };

function after(...events: Event[]): Facts {
  return events.reduce(learn, noFacts());
}

function started(at: number): Event {
  return { type: 'started', key: KEY, at };
}

function ended(at: number, expected = false): Event {
  return { type: 'ended', key: KEY, at, exit: 'exit status 1', expected, threshold: 60, jitter: 0.5 };
}

function failed(at: number, op = 'addLink macvlan1'): Event {
  return { type: 'failed', op, owner: 'macvlan_1', error: 'in use', at };
}

facts('the last news of a child counts, until it starts anew or ends', () => {
  assert.is(after(news).news.get(KEY)?.verb, 'bound');
  assert.is(after(news, { ...news, news: { verb: 'deconfig', at: 2000, env: {} } }).news.get(KEY)?.verb, 'deconfig');
  assert.not(after(news, started(2000)).news.has(KEY));
  assert.not(after(news, ended(2000)).news.has(KEY));
});

facts('short runs in a row are counted, a long one counts anew', () => {
  const rows: [Event[], number][] = [
    [[started(0), ended(1000)], 1],
    [[started(0), ended(59_999)], 1],
    [[started(0), ended(1000), started(2000), ended(3000)], 2],
    [[started(0), ended(1000), started(2000), ended(62_000)], 1],
    // One that was found running: neither its start nor its end is known.
    [[ended(1000)], 1],
    [[ended(1000), ended(2000)], 2],
  ];
  for (const [events, failures] of rows) assert.is(after(...events).runs.get(KEY)?.failures, failures);
});

facts('how a child with another command line ended does not count', () => {
  const runs = (...commands: number[]) =>
    after(...commands.flatMap((command): Event[] => [{ type: 'started', key: KEY, at: 0, command }, ended(1000)])).runs;
  assert.is(runs(7, 7).get(KEY)?.failures, 2);
  assert.is(runs(7, 7, 8).get(KEY)?.failures, 1);
});

facts('an end that was asked for is no failure and forgets the earlier ones', () => {
  assert.not(after(started(0), ended(1000), started(2000), ended(3000, true)).runs.has(KEY));
});

facts('a failed op is tried again ever later, at most after a minute', () => {
  const seconds = (tries: number) => {
    const { failures } = after(...Array.from({ length: tries }, () => failed(10_000)));
    return (failures.get('addLink macvlan1')!.retryAt - 10_000) / 1000;
  };
  assert.equal([1, 2, 3, 6, 7, 100].map(seconds), [1, 2, 4, 32, 60, 60]);
});

facts('an op that works is forgotten as a failure, others are not', () => {
  const { failures } = after(failed(0), failed(0, 'addLink macvlan2'), { type: 'done', op: 'addLink macvlan1' });
  assert.equal([...failures.keys()], ['addLink macvlan2']);
});

facts('a child that starts or gets its signal is forgotten as a failure', () => {
  assert.is(after(failed(0, `spawn ${KEY}`), started(1000)).failures.size, 0);
  assert.is(after(failed(0, `signal ${KEY}`), { type: 'signalled', key: KEY }).failures.size, 0);
});

facts('a wish is fulfilled once, and dies with the child that it was for', () => {
  assert.equal(after(wish).wishes.get(KEY), ['SIGUSR1']);
  assert.is(after(wish, { type: 'signalled', key: KEY }).wishes.size, 0);
  assert.is(after(wish, ended(1000)).wishes.size, 0);
  assert.is(after(wish, started(1000)).wishes.size, 0, 'a new child could not handle the signal yet');
});

facts('a touch is known for a minute, from the last one on', () => {
  const touched = (key: string, at: number): Event => ({ type: 'touched', key, at });
  const known = (...events: Event[]) => [...after(...events).touches];
  assert.equal(known(touched('a', 0), touched('b', 1000), touched('c', 60_000)), [
    ['a', 0],
    ['b', 1000],
    ['c', 60_000],
  ]);
  assert.equal(known(touched('a', 0), touched('b', 1000), touched('a', 2000), touched('c', 61_500)), [
    ['a', 2000],
    ['c', 61_500],
  ]);
  assert.equal(known(touched('a', 0), touched('a', 90_000)), [['a', 90_000]]);
});

facts('what the user has touched starts with a clean record', () => {
  const touched: Event = { type: 'touched', key: 'macvlan_1', at: 0 };
  assert.is(after(failed(0), failed(0, 'setLink macvlan1 mtu'), touched).failures.size, 0);
  assert.is(after(ended(0), { type: 'touched', key: KEY, at: 0 }).runs.size, 0);
  assert.is(after(failed(0), { type: 'touched', key: KEY, at: 0 }).failures.size, 1);
});

facts('what a client prints of its talk with servers is counted', () => {
  const said = (...lines: string[]) => {
    const events = lines.map((line, at): Event => ({ type: 'said', key: KEY, line: `udhcpc: ${line}`, at }));
    return after(...events).tallies.get(KEY);
  };
  const select = 'broadcasting select for 192.0.2.10, server 192.0.2.1';
  assert.is(said('started, v1.35.0', 'performing DHCP renew', 'entering released state'), undefined);
  assert.equal(said('started, v1.35.0', 'broadcasting discover', 'sending discover'), {
    since: 1,
    last: 'discover',
    counts: { discover: 2 },
    heardAt: undefined,
    unanswered: 2,
    askedAt: 1,
  });
  assert.equal(
    said(
      'broadcasting discover',
      select,
      'lease of 192.0.2.10 obtained from 192.0.2.1, lease time 120',
      'sending renew',
    ),
    {
      since: 0,
      last: 'renew',
      counts: { discover: 1, select: 1, obtained: 1, renew: 1 },
      heardAt: 2,
      unanswered: 1,
      askedAt: 3,
    },
  );
  // One offer that is asked for three times.
  assert.equal(said('broadcasting discover', select, select, select), {
    since: 0,
    last: 'again',
    counts: { discover: 1, select: 1, again: 2 },
    heardAt: 1,
    unanswered: 2,
    askedAt: 2,
  });
  assert.equal(said('broadcasting renew', 'received DHCP NAK')?.counts, { renew: 1, NAK: 1 });
});

facts('with a client its count ends', () => {
  const said: Event = { type: 'said', key: KEY, line: 'udhcpc: broadcasting discover', at: 1 };
  assert.is(after(said).tallies.size, 1);
  assert.is(after(said, ended(2)).tallies.size, 0);
});

facts.run();
