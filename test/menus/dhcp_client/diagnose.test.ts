import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { diagnoseClient, questionsOf } from '../../../src/menus/dhcp_client/diagnose.ts';
import type { WireProbes } from '../../../src/menus/finding.ts';
import { type Event, learn } from '../../../src/model/facts.ts';
import { FakeKernel } from '../../helpers/kernel.ts';
import { configOf, Lab } from '../../helpers/lab.ts';
import { menus } from '../../helpers/menus.ts';

const checks = suite('diagnose of dhcp-client');

const START = 1_000_000;
const [MAC, SERVER, STRANGER] = ['02:00:00:00:00:01', '02:00:00:00:00:FE', '02:00:00:00:00:66'];

const PROBES: WireProbes = {
  isUsedByOthers: () => false,
  ownersOf: (_ifindex, address) => (address === '192.0.2.1' ? [SERVER] : []),
  answersOn: () => [],
  lastLine: () => undefined,
};

interface Case {
  options?: Record<string, string>;
  port?: object | null;
  events?: Event[];
  probes?: Partial<WireProbes>;
  child?: boolean;
}

function said(...lines: string[]): Event[] {
  return lines.map((line, i) => ({ type: 'said', key: 'c', line, at: START + 1000 * i }));
}

function news(verb: string, more: Record<string, string> = {}): Event {
  const env = { ip: '192.0.2.10', mask: '24', router: '192.0.2.1', serverid: '192.0.2.1', lease: '3600', ...more };
  return { type: 'news', key: 'c', news: { verb, at: START, env } };
}

function lab({ options, port = {}, events = [], child = true }: Case): Lab {
  const kernel = new FakeKernel();
  const ifindex = port ? kernel.port('ether1', { up: true, address: MAC, ...port }) : 0;
  if (child && ifindex) kernel.children.push({ key: 'c', pid: 7, argv: [], ifindex });
  const globals = { type: 'globals', respawn_retry: '5' };
  const lab = new Lab(kernel, configOf({ globals, c: { type: 'dhcp_client', interface: 'ether1', ...options } }));
  lab.facts = events.reduce(learn, lab.facts);
  lab.now = START + 10_000;
  return lab;
}

function found(one: Case, isThorough = true): Map<string, string> {
  const { world } = lab(one);
  const all = diagnoseClient(world.config.items[0]!, world, { ...PROBES, ...one.probes }, menus, isThorough);
  for (const { result, cure, check } of all) assert.is(result === 'cause', cure !== undefined, check);
  return new Map(all.map(({ check, result, text }) => [check, `${result}: ${text}`]));
}

const SEARCH = said('broadcasting discover', 'broadcasting discover');
const BOUND = [
  ...said('broadcasting discover', 'broadcasting select for 192.0.2.10', 'lease of 192.0.2.10 obtained'),
  news('bound'),
];
const NO_LEASE = 'unknown: there is no lease yet, so no';
const spawn: Event = {
  type: 'failed',
  op: 'spawn c',
  owner: 'c',
  error: 'start udhcpc: No such file',
  at: START + 9500,
};
const ended: Event = {
  type: 'ended',
  key: 'c',
  at: START,
  exit: 'exit status 1',
  expected: false,
  threshold: 60,
  jitter: 0,
};

const ROWS: [title: string, Case, expected: Record<string, string>][] = [
  [
    'all is well',
    { events: BOUND },
    {
      reason: 'ok: bound: 192.0.2.10/24 from 192.0.2.1',
      client: 'ok: udhcpc runs for ether1 as process 7',
      parent: 'ok: ether1 is up with a carrier, mtu 1500',
      'mac-conflict': `ok: nobody else on ether1 was heard with ${MAC}`,
      'address-conflict': 'ok: nobody else answers for 192.0.2.10',
      offer: 'ok: 1 request, 1 offer, 1 lease, 0 refusals (NAK) in 10s; a server was heard 8s ago',
      server: `ok: server 192.0.2.1 answers as ${SERVER}; the lease was given 10s ago`,
      'dhcp-on-wire': 'ok: no server was heard answering anybody in that second',
      log: 'ok: the client has said nothing yet',
    },
  ],
  [
    'it is disabled',
    { options: { disabled: '1' }, child: false },
    {
      reason: 'cause: stopped: the client of ether1 is disabled',
      client: 'cause: the client of ether1 is disabled',
      offer: 'unknown: nothing was asked and answered since the client started, or macvland',
    },
  ],
  [
    'its section is wrong',
    { options: { disabled: 'x' }, child: false },
    { reason: 'cause: error: disabled "x" is not valid: expected yes | no' },
  ],
  [
    'there is no udhcpc',
    { child: false, events: [spawn] },
    { client: 'cause: start udhcpc: No such file', reason: 'cause: error: start udhcpc: No such file' },
  ],
  [
    'the client ends and ends',
    { child: false, events: [ended, ended, ended, ended, ended, ended] },
    {
      client:
        'cause: udhcpc failed 6 times in a row (exit status 1) and is given up; disable and enable the client to try again',
    },
  ],
  [
    'its interface is missing',
    { port: null },
    {
      parent: 'cause: ether1 does not exist',
      reason: 'cause: stopped: ether1 does not exist',
      'mac-conflict': 'unknown: ether1 does not exist',
    },
  ],
  [
    'there is no carrier',
    { port: { carrier: false, running: false }, events: SEARCH, probes: { isUsedByOthers: () => undefined } },
    {
      parent: 'cause: ether1 has no carrier',
      reason: 'cause: searching: no server answered 2 requests in 10s; ether1 has no carrier',
      'mac-conflict': 'unknown: nobody can listen while ether1 is not running',
    },
  ],
  [
    'no server answers',
    { events: [...SEARCH, news('leasefail')] },
    {
      reason: 'cause: searching: no server answered 2 requests in 10s',
      offer: 'cause: no server answered 2 requests in 10s',
      server: `${NO_LEASE} server to reach`,
      'address-conflict': `${NO_LEASE} address that somebody could have too`,
    },
  ],
  [
    'the server answers others only',
    { events: SEARCH, probes: { answersOn: () => [{ server: '192.0.2.1', client: STRANGER }] } },
    {
      'dhcp-on-wire': `cause: server 192.0.2.1 was heard answering ${STRANGER} and not this client`,
      reason: `cause: searching: no server answered 2 requests in 10s; server 192.0.2.1 was heard answering ${STRANGER} and not this client`,
    },
  ],
  [
    'the server answers it this moment',
    { events: SEARCH, probes: { answersOn: () => [{ server: '192.0.2.1', client: MAC }] } },
    { 'dhcp-on-wire': 'ok: server 192.0.2.1 was heard answering it' },
  ],
  [
    'the server refuses what it asks for',
    { events: [...said('sending renew', 'received DHCP NAK'), news('nak')] },
    { reason: 'cause: searching: the server refused the address that was asked for (NAK, 1 time, last 9s ago)' },
  ],
  [
    'the server refused, and says nothing any more',
    { events: [...said('sending renew', 'received DHCP NAK', 'sending discover'), news('deconfig')] },
    { offer: 'cause: no server answered 1 request in 8s, after 1 refusal (NAK)' },
  ],
  [
    'a lease is just being asked for',
    { events: [...said('sending discover', 'sending select for 192.0.2.10'), news('deconfig')] },
    {
      offer: 'unknown: 1 request, 1 offer, 0 leases, 0 refusals (NAK) in 10s; a server was heard 9s ago',
      reason: 'unknown: searching: nothing speaks against a lease for ether1',
    },
  ],
  [
    'another host has its address',
    { events: BOUND, probes: { ownersOf: (_, address) => [address === '192.0.2.10' ? STRANGER : SERVER] } },
    {
      'address-conflict': `cause: another host, ${STRANGER}, answers for 192.0.2.10`,
      reason: `cause: bound: another host, ${STRANGER}, answers for 192.0.2.10`,
    },
  ],
  [
    'a link of ours answers for its address',
    { events: BOUND, probes: { ownersOf: () => [MAC] } },
    { 'address-conflict': 'ok: nobody else answers for 192.0.2.10' },
  ],
  [
    'another host has its MAC address',
    { events: SEARCH, probes: { isUsedByOthers: () => true } },
    {
      'mac-conflict': `cause: another host on ether1 sends with ${MAC}`,
      reason: `cause: searching: no server answered 2 requests in 10s; another host on ether1 sends with ${MAC}`,
    },
  ],
  [
    'the gateway is gone',
    {
      events: [news('renew', { serverid: '192.0.2.2' })],
      probes: { ownersOf: (_, address) => (address === '192.0.2.2' ? [SERVER] : []) },
    },
    {
      server: 'cause: gateway 192.0.2.1 does not answer; the lease was given 10s ago',
      reason: 'cause: bound: gateway 192.0.2.1 does not answer; the lease was given 10s ago',
    },
  ],
  [
    'the server and the gateway are elsewhere',
    { events: [news('bound', { serverid: '198.51.100.1', router: '' })] },
    {
      server: 'ok: the lease was given 10s ago; no server or gateway is on the subnet of 192.0.2.10/24',
      offer: 'ok: nothing was asked and answered since the client started, or macvland',
    },
  ],
  [
    'nobody can be asked',
    { events: [news('bound')], probes: { ownersOf: () => undefined } },
    {
      server: 'unknown: nobody can be asked while ether1 is not running',
      'address-conflict': 'unknown: nobody can be asked while ether1 is not running',
    },
  ],
  [
    'the lease is nearly over and no server answers',
    { events: [news('bound', { lease: '11' }), ...said('sending renew', 'broadcasting renew')] },
    { reason: 'cause: rebinding: no server answered 2 requests in 10s' },
  ],
  [
    'the lease is nearly over and nothing is known of it',
    { events: [news('bound', { lease: '11' })] },
    { reason: 'cause: rebinding: 192.0.2.10/24 from 192.0.2.1' },
  ],
];

for (const [title, one, expected] of ROWS) {
  checks(title, () => {
    const all = found(one);
    for (const [check, text] of Object.entries(expected)) assert.is(all.get(check), text);
  });
}

checks('of many only what is wrong and quickly told', () => {
  assert.equal([...found({ events: BOUND }, false).keys()], []);
  assert.equal(
    [...found({ events: SEARCH, probes: { isUsedByOthers: () => true } }, false).keys()],
    ['reason', 'offer'],
  );
});

checks('asks for its own address without a sender, and for the others in its name', () => {
  const asked = (...events: Event[]) => {
    const { world } = lab({ events });
    return questionsOf(world.config.items[0]!, world, menus);
  };
  assert.equal(asked(), []);
  const sender = '192.0.2.10';
  assert.equal(asked(news('bound')), [{ address: sender }, { address: '192.0.2.1', sender }]);
  assert.equal(asked(news('bound', { serverid: '192.0.2.2' })), [
    { address: sender },
    { address: '192.0.2.2', sender },
    { address: '192.0.2.1', sender },
  ]);
});

checks('on a macvlan the parent is what has the plug', () => {
  const kernel = new FakeKernel();
  kernel.port('ether1', { up: true, carrier: false });
  const config = configOf({
    m: { type: 'macvlan', interface: 'ether1' },
    c: { type: 'dhcp_client', interface: 'm' },
  });
  const lab = new Lab(kernel, config);
  lab.settle(5);
  const { world } = lab;
  const all = diagnoseClient(world.config.items[1]!, world, PROBES, menus, true);
  assert.is(all.find(({ check }) => check === 'parent')?.text, 'parent ether1 has no carrier');
});

checks.run();
