import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Event, learn } from '../../../src/model/facts.ts';
import { FakeKernel } from '../../helpers/kernel.ts';
import { configOf, Lab } from '../../helpers/lab.ts';
import { menus } from '../../helpers/menus.ts';

const states = suite('IPv6 dhcp-client state');

const START = 1_000_000;
const menu = menus.find(({ type }) => type === 'dhcpv6_client')!;
const env = {
  ADDRESSES: '2001:db8:1::5/128,1800,3600,1000,2000',
  PREFIXES: '2001:db8:5::/56,1800,3600,1000,2000',
  RA_ROUTES: '::/0,fe80::1,1800,512',
  SERVER: 'fe80::1',
  RDNSS: '2001:db8::53',
  RA_DNS: '2001:db8::54',
};

function news(verb: string, what: Record<string, string> = env): Event {
  return { type: 'news', key: 'c', news: { verb, at: START, env: what } };
}

function ended(): Event {
  return { type: 'ended', key: 'c', at: START, exit: 'exit status 1', expected: false, threshold: 60, jitter: 0.5 };
}

const missing: Event = { type: 'failed', op: 'spawn c', owner: 'c', error: 'no such file', isMissing: true, at: START };
const refused: Event = { type: 'failed', op: 'spawn c', owner: 'c', error: 'no memory', at: START };
const MISSING = 'odhcp6c is not installed: addresses by SLAAC only';

interface Case {
  options?: Record<string, string>;
  retry?: string;
  port?: object;
  child?: boolean;
  /** The kernel made itself an address. */
  isAnnounced?: boolean;
  events?: Event[];
  /** Seconds that have gone by since. */
  later?: number;
}

function stateOf({ options, retry = '0', port, child, isAnnounced, events = [], later = 0 }: Case) {
  const kernel = new FakeKernel();
  const ifindex = port ? kernel.port('ether1', { up: true, ...port }) : 0;
  if (child) kernel.children.push({ key: 'c', pid: 7, argv: [], ifindex });
  if (isAnnounced) {
    kernel.ipv6.routers.push({ ifindex, gateway: 'fe80::1' });
    kernel.addresses.push({ ifindex, address: '2001:db8:1::9', prefix: 64, ours: false, valid: START + 60_000, at: 0 });
  }
  const globals = { type: 'globals', respawn_retry: retry };
  const lab = new Lab(kernel, configOf({ globals, c: { type: 'dhcpv6_client', interface: 'ether1', ...options } }));
  lab.facts = events.reduce(learn, lab.facts);
  lab.now = START + later * 1000;
  const { world } = lab;
  return menu.state(world.config.items[0]!, world);
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
    { options: { request: 'house' }, port: {} },
    'error',
    'request "house" is not valid: house: expected info | address | prefix',
  ],
  ['there is no cable', { port: { carrier: false }, child: true }, 'searching', 'interface ether1 has no carrier'],
  [
    'nobody answers',
    { port: {}, child: true, events: [news('started', {})] },
    'searching',
    'no router and no server has answered yet',
  ],
  ['it has addresses', { port: {}, child: true, events: [news('bound')] }, 'bound', undefined],
  ['T1 is over', { port: {}, child: true, events: [news('bound')], later: 1001 }, 'renewing', undefined],
  ['T2 is over', { port: {}, child: true, events: [news('bound')], later: 2001 }, 'rebinding', undefined],
  [
    'only a router has answered',
    { port: {}, child: true, events: [news('ra-updated', { RA_ADDRESSES: '2001:db8:1::9/64,9,9,0,0' })] },
    'bound',
    undefined,
  ],
  ['it could not be started', { port: {}, events: [refused] }, 'error', 'no memory'],
  [
    'the client has ended',
    { port: {}, events: [ended()], later: 1 },
    'error',
    'odhcp6c ended (exit status 1); next try in 4 s',
  ],
  [
    'the client is given up',
    { port: {}, retry: '1', events: [ended(), ended()] },
    'error',
    'odhcp6c failed 2 times in a row (exit status 1) and is given up; disable and enable the client to try again',
  ],
  ['there is no odhcp6c, but a router', { port: {}, isAnnounced: true, events: [missing] }, 'bound', MISSING],
  [
    'there is neither',
    { port: {}, events: [missing] },
    'searching',
    `${MISSING}, and no router has announced itself yet`,
  ],
  [
    'there is neither, nor a cable',
    { port: { carrier: false }, events: [missing] },
    'searching',
    'interface ether1 has no carrier',
  ],
];

for (const [title, given, status, about] of ROWS) {
  states(`${title}: ${status}`, () => {
    const state = stateOf(given);
    assert.equal([state.status, state.about, state.actual_interface], [status, about, 'ether1']);
  });
}

states('a lease is shown with what server and router said', () => {
  const { about: _, ...state } = stateOf({ port: {}, child: true, events: [news('bound')], later: 600 });
  assert.equal(state, {
    status: 'bound',
    address: '2001:db8:1::5/128',
    prefix: '2001:db8:5::/56',
    gateway: 'fe80::1',
    dhcp_server: 'fe80::1',
    primary_dns: '2001:db8::53',
    secondary_dns: '2001:db8::54',
    expires_after: 3000,
    duid: '00030001029900000001',
    actual_interface: 'ether1',
    invalid: false,
  });
});

states('without odhcp6c what the kernel made is shown', () => {
  const { address, gateway, expires_after } = stateOf({ port: {}, isAnnounced: true, events: [missing] });
  assert.equal([address, gateway, expires_after], ['2001:db8:1::9/64', 'fe80::1', 60]);
});

states('a client that has ended holds nothing any more', () => {
  const { address, gateway } = stateOf({ port: {}, events: [news('bound')] });
  assert.equal([address, gateway], [undefined, undefined]);
});

states.run();
