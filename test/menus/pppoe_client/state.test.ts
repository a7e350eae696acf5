import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { checked } from '../../../src/menus/checks.ts';
import { edit } from '../../../src/model/edit.ts';
import { type Event, learn } from '../../../src/model/facts.ts';
import { resolveInterface } from '../../../src/model/names.ts';
import { FakeKernel } from '../../helpers/kernel.ts';
import { configOf, Lab, type Sections } from '../../helpers/lab.ts';
import { menus } from '../../helpers/menus.ts';

const states = suite('pppoe-client state and wants');

const START = 1_000_000;
const MAC = '02:00:00:00:00:10';
const menu = menus.find(({ type }) => type === 'pppoe_client')!;
const isLittleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

const SECTIONS: Sections = {
  m: { type: 'macvlan', name: 'macvlan1', interface: 'ether1', mac_address: MAC },
  c: { type: 'pppoe_client', name: 'pppoe-out1', interface: 'macvlan1', user: 'me', password: 'tiger' },
};

/** What pppd 2.4.9 gave its script, shortened. */
const env = {
  sessions: `Id       Address              Device\n${isLittleEndian ? '00000701' : '00000107'} 02:00:5e:10:00:01 macvlan1\n`,
  DEVICE: 'macvlan1',
  MACREMOTE: '02:00:5E:10:00:01',
  IFNAME: 'pppoe-out1',
  IPLOCAL: '10.64.0.10',
  IPREMOTE: '10.64.0.1',
  DNS1: '10.9.9.9',
  DNS2: 'nonsense',
};

function news(more: Record<string, string> = {}): Event {
  return { type: 'news', key: 'c', news: { verb: 'ppp', at: START, env: { ...env, ...more } } };
}

function ended(exit: string): Event {
  return { type: 'ended', key: 'c', at: START, exit, expected: false, threshold: 60, jitter: 0.5 };
}

function said(line: string): Event {
  return { type: 'said', key: 'c', line, at: START };
}

interface Case {
  options?: Record<string, string>;
  child?: boolean;
  link?: boolean;
  events?: Event[];
  /** Seconds that have gone by since. */
  later?: number;
}

function labOf({ options, child, link, events = [], later = 0 }: Case): Lab {
  const kernel = new FakeKernel();
  kernel.port('ether1', { up: true });
  const lab = new Lab(kernel, configOf({ m: SECTIONS.m!, c: { ...SECTIONS.c!, ...options } }));
  lab.settle(5);
  if (!child) kernel.children = [];
  if (link) {
    const ifindex = kernel.port('pppoe-out1', {
      up: true,
      kind: 'ppp',
      ethernet: false,
      address: undefined,
      mtu: 1492,
    });
    kernel.addresses.push({ ifindex, address: '10.64.0.10', prefix: 32, peer: '10.64.0.1', ours: false, at: 0 });
  }
  lab.facts = events.reduce(learn, lab.facts);
  lab.now = START + later * 1000;
  return lab;
}

function stateOf(what: Case) {
  const { world } = labOf(what);
  return menu.state(world.config.items.find(({ id }) => id === 'c')!, world);
}

const UP: Case = { child: true, link: true, events: [news()] };

states('connected: all that is known', () => {
  const lines = [
    ...['Access-Concentrator: bras', 'MPPE 128-bit stateless compression enabled'],
    ...['local  LL address fe80::a', 'remote LL address fe80::b'],
  ];
  assert.equal(stateOf({ ...UP, events: [...lines.map(said), news()], later: 60 }), {
    running: true,
    status: 'connected',
    about: undefined,
    uptime: 60,
    active_ac_name: 'bras',
    active_ac_mac: '02:00:5E:10:00:01',
    session_id: 0x107,
    mtu: 1492,
    mru: 1492,
    encoding: 'MPPE 128-bit stateless',
    active_links: 1,
    local_address: '10.64.0.10',
    remote_address: '10.64.0.1',
    local_ipv6_address: 'fe80::a',
    remote_ipv6_address: 'fe80::b',
    primary_dns: '10.9.9.9',
    secondary_dns: undefined,
    last_error: undefined,
    next_try: undefined,
    actual_interface: 'pppoe-out1',
    invalid: false,
  });
});

const DEMAND = { options: { dial_on_demand: '1', idle_timeout: '60', add_default_route: '1' } };
const STATUS: [what: string, of: Case, status: string, about?: string][] = [
  ['pppd runs', { child: true }, 'dialing'],
  ['its link is there', { child: true, link: true }, 'verifying password'],
  ['there is nothing to send', { ...UP, ...DEMAND, events: [] }, 'waiting for packets'],
  ['there was', { ...UP, ...DEMAND, events: [said('Access-Concentrator: bras')] }, 'verifying password'],
  ['IP is up', UP, 'connected'],
  ['IP is down again', { ...UP, events: [news({ CONNECT_TIME: '7' })] }, 'verifying password'],
  ['the link is gone', { ...UP, link: false }, 'dialing'],
  ['pppd is gone', { ...UP, child: false, link: false }, 'dialing', 'the client is being started'],
  ['what the server gave is no address', { ...UP, events: [news({ IPLOCAL: 'x' })] }, 'verifying password'],
  ['it is disabled', { ...UP, options: { disabled: '1' } }, 'disconnected'],
  [
    'its interface is missing',
    { options: { interface: 'ether9' } },
    'disconnected',
    'interface ether9 does not exist; it is waited for',
  ],
];
for (const [what, of, status, about] of STATUS)
  states(`${status}: ${what}`, () => {
    const state = stateOf(of);
    assert.equal([state.status, state.about], [status, about]);
  });

/** How pppd ended, what is said of it, and after how many seconds it is tried again; undefined: not at all. */
const ENDS: [exit: string, error: string, next: number | undefined][] = [
  ['exit status 19: CHAP authentication failed: Access denied', 'authentication failed: Access denied', 300],
  ['exit status 19: Remote message: Login incorrect', 'authentication failed: Login incorrect', 300],
  ['exit status 19: Connect: pppoe-out1 <--> macvlan1', 'authentication failed', 300],
  ['exit status 16: CHAP authentication failed: Access denied', 'authentication failed: Access denied', 300],
  ['exit status 16: LCP terminated by peer (Authentication failed)', 'authentication failed', 300],
  ['exit status 11: x', 'the server could not prove who it is', 300],
  ['exit status 16: LCP terminated by peer (User request)', 'the server ended the session: User request', 5],
  ['exit status 15: Serial link appears to be disconnected.', 'the server does not answer keepalive questions', 5],
  ['exit status 8: Timeout waiting for PADO packets', 'Timeout waiting for PADO packets', 5],
  ['exit status 10: LCP: timeout sending Config-Requests', 'LCP: timeout sending Config-Requests', 5],
  ['exit status 4', 'the kernel has no PPP; install kmod-pppoe', 5],
  ["exit status 2: unrecognized option 'foo'", "unrecognized option 'foo'", undefined],
  ["exit status 2: Couldn't load plugin rp-pppoe.so", "Couldn't load plugin rp-pppoe.so", undefined],
  ['exit status 3', 'pppd: exit status 3', 5],
  ['signal 9', 'pppd: signal 9', 5],
  ['ended', 'pppd: ended', 5],
  ['ended: CHAP authentication failed: Access denied', 'authentication failed: Access denied', 300],
  ['ended: LCP terminated by peer', 'the server ended the session', 5],
  ['ended: Serial link appears to be disconnected.', 'the server does not answer keepalive questions', 5],
];
for (const [exit, error, next] of ENDS)
  states(`pppd's ${exit}: ${error}`, () => {
    const state = stateOf({ events: [ended(exit)] });
    assert.equal([state.status, state.last_error, state.next_try], ['disconnected', error, next]);
    const given = 'it is given up: correct it, or disable and enable the client to try again';
    assert.is(state.about, `${error}; ${next === undefined ? given : `next try in ${next} s`}`);
  });

states('it is not started before its time, and is then', () => {
  const lab = labOf({ events: [ended('exit status 19: x')] });
  const isStarting = () => lab.plan().ops.some(({ op }) => op === 'spawn');
  lab.now = START + 299_000;
  assert.not.ok(isStarting());
  assert.is(lab.plan().wakeAt, START + 300_000);
  lab.now = START + 300_000;
  assert.ok(isStarting());
});

states('a server that is away is asked again once a minute at least', () => {
  const away = Array.from({ length: 12 }, () => ended('exit status 8: Timeout waiting for PADO packets'));
  assert.is(stateOf({ events: away }).next_try, 60);
});

states('a pppd without the plugin of that name is tried with the old one, once', () => {
  const plugin = (lab: Lab) => {
    const spawn = lab.plan().ops.find(({ op }) => op === 'spawn');
    return spawn?.op === 'spawn' ? spawn.argv[spawn.argv.indexOf('plugin') + 1] : undefined;
  };
  assert.is(plugin(labOf({})), 'pppoe.so');
  assert.is(plugin(labOf({ events: [ended("exit status 2: Couldn't load plugin pppoe.so")] })), 'rp-pppoe.so');
  assert.is(plugin(labOf({ events: [ended("exit status 2: Couldn't load plugin rp-pppoe.so")] })), undefined);
});

states('a session has a table and rules of its own, and the address is left to pppd', () => {
  const lab = labOf({ ...UP, options: { add_default_route: 'yes', use_peer_dns: 'yes' } });
  const { ops } = lab.plan();
  const names = ops.map(({ op, name }) => `${op} ${name}`);
  const table = 28_022_000 + lab.world.links.byName.get('pppoe-out1')!.ifindex;
  assert.ok(
    names.includes(`addRoute 0.0.0.0/0 dev pppoe-out1 src 10.64.0.10 metric 0 table ${table}`),
    names.join('\n'),
  );
  assert.ok(names.includes('addRoute 0.0.0.0/0 dev pppoe-out1 metric 1 table 28022000'));
  assert.ok(names.includes(`addRule 803: from 10.64.0.10/32 lookup ${table}`));
  assert.not.ok(ops.some(({ op }) => /Address/.test(op)));
  const resolver = ops.find((op) => op.op === 'writeFile' && op.name === 'resolv.conf');
  assert.match(resolver?.op === 'writeFile' ? resolver.text : '', 'nameserver 10.9.9.9');
});

states('by default there is no route for what has no source yet', () => {
  const names = labOf(UP)
    .plan()
    .ops.map(({ name }) => name);
  assert.not.ok(names.some((name) => /^0.0.0.0\/0 .* table (?:254|28022000)$/.test(name)));
});

states('a link that waits for something to send has the routes, and none of the name servers', () => {
  const lab = labOf({ ...UP, ...DEMAND, events: [] });
  const names = lab.plan().ops.map(({ op, name }) => `${op} ${name}`);
  const table = 28_022_000 + lab.world.links.byName.get('pppoe-out1')!.ifindex;
  assert.ok(names.includes('addRoute 0.0.0.0/0 dev pppoe-out1 metric 1 table 28022000'), names.join('\n'));
  assert.ok(names.includes(`addRule 803: from 10.64.0.10/32 lookup ${table}`));
  assert.not.ok(names.includes('writeFile resolv.conf'));
});

states('of a server that speaks multilink the link takes whole packets', () => {
  const sizes = (events: Event[]) =>
    labOf({ ...UP, options: { mrru: '1600' }, events })
      .plan()
      .ops.filter((op) => op.op === 'setLink' && op.change.mtu !== undefined)
      .map((op) => op.op === 'setLink' && [op.name, op.change]);
  assert.equal(sizes([said('New bundle pppoe-out1 created'), news()]), [['pppoe-out1', { mtu: 1500 }]]);
  assert.equal(sizes([news()]), []);
});

const MORE: Sections = {
  m2: { type: 'macvlan', name: 'macvlan2', interface: 'ether1', mac_address: '02:00:00:00:00:11' },
  c: { ...SECTIONS.c!, interface: 'macvlan1,macvlan2' },
};

states('several interfaces: the first one leads, the others dial when the server speaks multilink', () => {
  const lab = labOf(UP);
  lab.config = configOf({ m: SECTIONS.m!, ...MORE });
  const spawned = () => lab.plan().ops.flatMap((op) => (op.op === 'spawn' ? [[op.name, op.ifname]] : []));
  lab.kernel.children = [];
  for (let pass = 0; pass < 3; pass++) lab.pass();
  assert.equal(
    lab.kernel.children.map(({ key }) => key),
    ['c'],
  );
  lab.facts = learn(lab.facts, news());
  assert.equal(spawned(), []);
  const aboutOf = () => menu.state(lab.world.config.items.find(({ id }) => id === 'c')!, lab.world).about;
  assert.is(aboutOf(), 'the server speaks no multilink: only macvlan1 carries the session');
  lab.facts = learn(lab.facts, said('New bundle pppoe-out1 created'));
  assert.equal(spawned(), [['c__1', 'macvlan2']]);
  lab.pass();
  lab.facts = learn(lab.facts, { ...said('Link attached to pppoe-out1'), key: 'c__1' } as Event);
  const { active_links, about } = menu.state(lab.world.config.items.find(({ id }) => id === 'c')!, lab.world);
  assert.equal([active_links, about], [2, undefined]);
});

states('a macvlan that is renamed keeps its name in a list of interfaces', () => {
  const lab = labOf({});
  lab.config = configOf({ m: SECTIONS.m!, ...MORE });
  const { world } = lab;
  const macvlan = menus.find(({ type }) => type === 'macvlan')!;
  const { changes } = edit('set', checked(macvlan), { id: 'm2', name: 'fibre' }, world);
  assert.ok(
    changes.some((change) => change.do === 'set' && change.section === 'c' && change.value === 'macvlan1,fibre'),
    JSON.stringify(changes),
  );
});

states('one that hung up because it was idle waits again at once', () => {
  const lab = labOf({ ...DEMAND, events: [ended('exit status 12: Terminating connection due to lack of activity.')] });
  assert.ok(lab.plan().ops.some(({ op }) => op === 'spawn'));
});

states('another password ends the session, and a comment does not', () => {
  const lab = labOf(UP);
  lab.config = configOf({ ...SECTIONS, c: { ...SECTIONS.c!, comment: 'mine' } });
  assert.not.ok(lab.plan().ops.some(({ op }) => op === 'kill'));
  lab.config = configOf({ ...SECTIONS, c: { ...SECTIONS.c!, password: 'lion' } });
  assert.ok(lab.plan().ops.some(({ op }) => op === 'kill'));
});

states('a name stands once among all interfaces', () => {
  const { config } = labOf({ options: { name: 'macvlan1' } }).world;
  assert.equal(
    config.problems.map(({ section, error }) => [section, error]),
    [['c', 'name macvlan1 is already that of section m']],
  );
});

const REFUSED: [given: Record<string, string | number>, error: string][] = [
  [{ name: 'macvlan1' }, 'already have interface with such name: macvlan1'],
  [{ name: 'ether1' }, 'already have interface with such name: ether1 is a link that is not ours'],
  [{ interface: 'ppp0' }, 'interface ppp0 cannot have a pppoe-client: it is no Ethernet link'],
  [{ interface: 'pppoe-out1' }, 'interface pppoe-out1 cannot have a pppoe-client: it is no Ethernet link'],
  [{ min_online: 2 }, 'min_online 2 is for a dial-group; give dial_group too'],
  [{ idle_timeout: '60' }, 'idle_timeout 60 is for dial_on_demand yes; set that too'],
  [
    { profile: 'default-encryption', allow: 'pap,chap' },
    'profile default-encryption takes mschap1 or mschap2, and allow has only pap, chap',
  ],
  [{ interface: 'macvlan1,macvlan1' }, 'interface macvlan1,macvlan1: macvlan1 stands twice'],
  [{ interface: 'macvlan1,' }, 'interface macvlan1,: an empty name'],
  [{ interface: 'macvlan1,ppp0' }, 'interface ppp0 cannot have a pppoe-client: it is no Ethernet link'],
  [{ max_mtu: 1493 }, 'max_mtu 1493 exceeds interface macvlan1 mtu 1500 less the 8 of PPPoE'],
  [{ max_mru: 1500 }, 'max_mru 1500 exceeds interface macvlan1 mtu 1500 less the 8 of PPPoE'],
];
for (const [given, error] of REFUSED)
  states(`${JSON.stringify(given)} is refused`, () => {
    const lab = labOf({});
    lab.kernel.port('ppp0', { kind: 'ppp', ethernet: false });
    const { world } = lab;
    assert.throws(
      () => edit('add', checked(menu), { interface: 'macvlan1', ...given }, world),
      ({ message }: Error) => message === error,
    );
  });

states('a client that is added without a name is the next pppoe-out, and its name is found as an interface', () => {
  const { world } = labOf({});
  const { answer } = edit('add', checked(menu), { interface: 'macvlan1', user: 'me', password: 'tiger' }, world);
  assert.is(answer.name, 'pppoe-out2');
  assert.is(resolveInterface(world.config, 'pppoe-out1').item?.id, 'c');
});

states('an IPv6 DHCP client on it is known by the MAC address of the macvlan below', () => {
  const lab = labOf(UP);
  lab.config = configOf({ ...SECTIONS, six: { type: 'dhcpv6_client', interface: 'pppoe-out1' } });
  const spawn = lab.plan().ops.find((op) => op.op === 'spawn' && op.name === 'six');
  assert.match(spawn?.op === 'spawn' ? spawn.argv.join(' ') : '', / -c 00030001020000000010 .* pppoe-out1$/);
});

states('a DHCP client is refused on it', () => {
  const dhcp = menus.find(({ type }) => type === 'dhcp_client')!;
  assert.throws(
    () => edit('add', checked(dhcp), { interface: 'pppoe-out1' }, labOf(UP).world),
    ({ message }: Error) => message === 'interface pppoe-out1 cannot have a dhcp-client: it is no Ethernet link',
  );
});

states.run();
