import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Event, learn } from '../../../src/model/facts.ts';
import { phaseOf } from '../../../src/model/phase.ts';
import { FakeKernel } from '../../helpers/kernel.ts';
import { configOf, Lab } from '../../helpers/lab.ts';
import { menus } from '../../helpers/menus.ts';

const states = suite('dhcp-client state');

const START = 1_000_000;
const env = {
  ip: '192.0.2.10',
  mask: '24',
  router: '192.0.2.1',
  serverid: '192.0.2.2',
  dns: '192.0.2.3 192.0.2.4',
  ntpsrv: '192.0.2.5 192.0.2.6',
  lease: '3600',
};

function news(verb: string): Event {
  return { type: 'news', key: 'c', news: { verb, at: START, env } };
}

function printed(line: string): Event {
  return { type: 'phase', key: 'c', phase: phaseOf(line) };
}

function ended(): Event {
  return { type: 'ended', key: 'c', at: START, exit: 'exit status 1', expected: false, threshold: 60, jitter: 0.5 };
}

const unkept: Event = {
  type: 'failed',
  op: 'setRuleset inet macvlan',
  owner: '',
  error: 'start nft: No such file or directory',
  at: START,
};

interface Case {
  options?: Record<string, string>;
  retry?: string;
  port?: object;
  child?: boolean;
  events?: Event[];
  /** Seconds that have gone by since. */
  later?: number;
}

const ROWS: [string, Case, string, string | undefined][] = [
  ['it has just been added', { port: {} }, 'searching', 'the client is being started'],
  ['it is disabled', { options: { disabled: '1' }, port: {} }, 'stopped', undefined],
  ['its interface is missing', {}, 'stopped', 'interface ether1 does not exist; it is waited for'],
  [
    'its interface is the loopback',
    { port: { loopback: true } },
    'error',
    'interface ether1 cannot have a dhcp-client: it is the loopback',
  ],
  [
    'its section is wrong',
    { options: { disabled: 'x' }, port: {} },
    'error',
    'disabled "x" is not valid: expected yes | no',
  ],
  ['there is no cable', { port: { carrier: false }, child: true }, 'searching', 'interface ether1 has no carrier'],
  ['it has just begun', { port: {}, child: true, events: [news('deconfig')] }, 'searching', undefined],
  ['no server answers', { port: {}, child: true, events: [news('leasefail')] }, 'searching', 'no server answered yet'],
  [
    'the server refuses its address',
    { port: {}, child: true, events: [news('nak')] },
    'searching',
    'the server refused the address that was asked for (NAK)',
  ],
  [
    'it has chosen an offer',
    {
      port: {},
      child: true,
      events: [news('deconfig'), printed('udhcpc: broadcasting select for 192.0.2.10, server 192.0.2.1')],
    },
    'requesting',
    undefined,
  ],
  [
    'its choice was refused',
    {
      port: {},
      child: true,
      events: [printed('udhcpc: sending select for 192.0.2.10'), printed('udhcpc: x'), news('nak')],
    },
    'searching',
    'the server refused the address that was asked for (NAK)',
  ],
  [
    'it is made to renew',
    { port: {}, child: true, events: [news('bound'), printed('udhcpc: sending renew to server 192.0.2.1')], later: 9 },
    'renewing',
    undefined,
  ],
  [
    'its server is silent',
    { port: {}, child: true, events: [news('bound'), printed('udhcpc: broadcasting renew')], later: 9 },
    'rebinding',
    undefined,
  ],
  [
    'it has renewed',
    {
      port: {},
      child: true,
      events: [printed('udhcpc: broadcasting renew'), printed('udhcpc: lease of'), news('renew')],
    },
    'bound',
    undefined,
  ],
  ['it has a lease', { port: {}, child: true, events: [news('bound')] }, 'bound', undefined],
  [
    'its connections cannot be kept',
    { port: {}, child: true, events: [news('bound'), unkept] },
    'bound',
    'to keep connections of hosts behind on it needs nftables: start nft: No such file or directory; until then only what bears its address stays on it',
  ],
  [
    'its connections are not to be kept',
    { options: { source_routing: '0' }, port: {}, child: true, events: [news('bound'), unkept] },
    'bound',
    undefined,
  ],
  ['half of the lease is over', { port: {}, child: true, events: [news('bound')], later: 1801 }, 'renewing', undefined],
  ['the lease is nearly over', { port: {}, child: true, events: [news('renew')], later: 3200 }, 'rebinding', undefined],
  [
    'the client has ended',
    { port: {}, events: [ended()], later: 1 },
    'error',
    'udhcpc ended (exit status 1); next try in 4 s',
  ],
  [
    'the client is given up',
    { port: {}, retry: '1', events: [ended(), ended()] },
    'error',
    'udhcpc failed 2 times in a row (exit status 1) and is given up; disable and enable the client to try again',
  ],
];

for (const [title, { options, retry = '0', port, child, events = [], later = 0 }, status, about] of ROWS) {
  states(`${title}: ${status}`, () => {
    const kernel = new FakeKernel();
    const ifindex = port ? kernel.port('ether1', { up: true, ...port }) : 0;
    if (child) kernel.children.push({ key: 'c', pid: 7, argv: [], ifindex });
    const globals = { type: 'globals', respawn_retry: retry };
    const lab = new Lab(kernel, configOf({ globals, c: { type: 'dhcp_client', interface: 'ether1', ...options } }));
    lab.facts = events.reduce(learn, lab.facts);
    lab.now = START + later * 1000;
    const { world } = lab;
    const state = menus[1]!.state(world.config.items[0]!, world);
    assert.is(state.status, status);
    assert.is(state.about, about);
    assert.is(state.actual_interface, 'ether1');
  });
}

states('a lease is shown with what the server said', () => {
  const kernel = new FakeKernel();
  const ifindex = kernel.port('ether1', { up: true });
  kernel.children.push({ key: 'c', pid: 7, argv: [], ifindex });
  const lab = new Lab(kernel, configOf({ c: { type: 'dhcp_client', interface: 'ether1' } }));
  lab.facts = learn(lab.facts, news('bound'));
  lab.now = START + 600_000;
  const { world } = lab;
  const { about: _, ...state } = menus[1]!.state(world.config.items[0]!, world);
  assert.equal(state, {
    status: 'bound',
    address: '192.0.2.10/24',
    gateway: '192.0.2.1',
    gateway_status: undefined,
    dhcp_server: '192.0.2.2',
    primary_dns: '192.0.2.3',
    secondary_dns: '192.0.2.4',
    primary_ntp: '192.0.2.5',
    secondary_ntp: '192.0.2.6',
    expires_after: 3000,
    actual_interface: 'ether1',
    invalid: false,
  });
});

states('a client whose macvlan is disabled says so', () => {
  const config = configOf({
    m: { type: 'macvlan', interface: 'ether1', disabled: '1' },
    c: { type: 'dhcp_client', interface: 'm' },
  });
  const { world } = new Lab(new FakeKernel(), config);
  const { status, about } = menus[1]!.state(world.config.items[1]!, world);
  assert.is(`${status}: ${about}`, 'stopped: interface m is disabled');
});

states.run();
