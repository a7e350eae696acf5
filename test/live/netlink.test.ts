import { readdirSync, readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { addAddress, deleteAddress } from '../../src/netlink/addr.ts';
import * as c from '../../src/netlink/constants.ts';
import type { NetlinkError } from '../../src/netlink/error.ts';
import { addLink, deleteLink, deleteLinkGroup, type Link, setLink } from '../../src/netlink/link.ts';
import { addRoute, appendRoute, deleteRoute, replaceRoute } from '../../src/netlink/route.ts';
import { addRule, deleteRule } from '../../src/netlink/rule.ts';
import { NetlinkSocket } from '../../src/netlink/socket.ts';
import type { Change } from '../../src/netlink/subscribe.ts';
import { genlFamily, getFamily, Wireless } from '../../src/netlink/wireless.ts';
import type { Machine } from '../../src/runtime/machine.ts';
import {
  bridge,
  closeAll,
  connect,
  GROUP,
  ip,
  ipJson,
  linkNamed,
  machine,
  macOf,
  make,
  netlink,
  remove,
  until,
} from './namespace.ts';

const test = suite('live/netlink');

const TABLE = 28100;
const GROUPS = [c.RTNLGRP_LINK, c.RTNLGRP_IPV4_IFADDR, c.RTNLGRP_IPV4_ROUTE, c.RTNLGRP_IPV4_RULE];

test.after(closeAll);

test('1,000 macvlans are made in one go, read back, changed and deleted by group', () => {
  const parent = linkNamed('p0').index;
  const adds = Array.from({ length: 1000 }, (_, i) =>
    addLink({ ifname: `m${i}`, link: parent, address: macOf(i), mtu: 1400, group: GROUP, up: true, linkinfo: bridge }),
  );
  assert.equal(netlink.execute(adds).filter(Boolean), []);
  const links = netlink.links({ kind: 'macvlan' });
  const [port] = ipJson('link', 'show', 'p0');
  assert.is(linkNamed('p0').operstate, String(port?.operstate).toLowerCase());
  assert.equal(links.map(asIpTells), ipJson('-d', 'link', 'show', 'type', 'macvlan').map(told));
  assert.is(links.length, 1000);

  const changes = links.map(({ index }) =>
    setLink({
      index,
      mtu: 1300,
      ifalias: `line ${index}`,
      linkinfo: { kind: 'macvlan', macvlan: { mode: 'private' } },
    }),
  );
  assert.equal(netlink.execute(changes).filter(Boolean), []);
  const changed = netlink.links({ kind: 'macvlan' });
  assert.ok(
    changed.every(
      (link) =>
        link.mtu === 1300 && link.ifalias === `line ${link.index}` && link.linkinfo?.macvlan?.mode === 'private',
    ),
  );

  assert.equal(netlink.execute([deleteLinkGroup(GROUP)]), [undefined]);
  assert.equal(netlink.links({ kind: 'macvlan' }), []);
  assert.is(netlink.execute([deleteLinkGroup(GROUP)])[0]?.code, 'ENODEV');
});

test('IPv4 settings are set beside other changes and read back as /proc has them', () => {
  const index = make('m0');
  const conf = { arpIgnore: 1, arpAnnounce: 2, rpFilter: 2, proxyArp: 1, proxyArpPvlan: 1 };
  const errors = netlink.execute([setLink({ index, mtu: 1400, ifalias: 'Domestic Line', afSpec: { inet: { conf } } })]);
  assert.equal(errors, [undefined]);
  const link = linkNamed('m0');
  assert.equal([link.mtu, link.ifalias], [1400, 'Domestic Line']);
  for (const [name, value] of Object.entries(conf))
    assert.is(link.afSpec?.inet?.conf?.[name as keyof typeof conf], value);
  const file = (name: string) => readFileSync(`/proc/sys/net/ipv4/conf/m0/${name}`, 'utf8').trim();
  assert.equal(['arp_ignore', 'arp_announce', 'rp_filter', 'proxy_arp', 'proxy_arp_pvlan'].map(file), [
    '1',
    '2',
    '2',
    '1',
    '1',
  ]);
  assert.equal(netlink.execute([setLink({ ifname: 'm0', ifalias: '' })]), [undefined]);
  assert.is(linkNamed('m0').ifalias, undefined);
  remove(index);
});

test('a link is made without ARP, gets it and loses it', () => {
  const create = addLink({ ifname: 'm0', link: linkNamed('p0').index, up: true, arp: false, linkinfo: bridge });
  assert.equal(netlink.execute([create]), [undefined]);
  const { index } = linkNamed('m0');
  const flags = () => (ipJson('link', 'show', 'm0')[0]!.flags as string[]).filter((name) => /^(UP|NOARP)$/.test(name));
  assert.equal(flags(), ['NOARP', 'UP']);
  assert.ok(linkNamed('m0').flags & c.IFF_NOARP);
  assert.equal(netlink.execute([setLink({ index, arp: true })]), [undefined]);
  assert.equal(flags(), ['UP']);
  assert.equal(netlink.execute([setLink({ index, up: false, arp: false })]), [undefined]);
  assert.equal(flags(), ['NOARP']);
  remove(index);
});

test('the addresses of a source mode macvlan, a second name and counters are read', () => {
  const parent = linkNamed('p0').index;
  const macvlan = { mode: 'source', macaddrMode: 'set' } as const;
  const linkinfo = { kind: 'macvlan', macvlan: { ...macvlan, macaddrData: { macaddr: [macOf(7)] } } };
  assert.equal(netlink.execute([addLink({ ifname: 's0', link: parent, linkinfo })]), [undefined]);
  ip('link', 'property', 'add', 'dev', 's0', 'altname', 'the-second-line');
  const link = linkNamed('s0');
  assert.equal(
    [link.linkinfo?.macvlan?.mode, link.linkinfo?.macvlan?.macaddrData],
    ['source', { macaddr: [macOf(7)] }],
  );
  assert.equal(link.propList, { altIfname: ['the-second-line'] });
  assert.ok(linkNamed('p0').stats64!.txPackets > 0);
  remove(link.index);
});

test('addresses keep their mark, and are told as ip tells them', () => {
  const index = make('m0');
  const flags = c.IFA_F_NOPREFIXROUTE;
  const local = { index, local: '192.0.2.1', prefixlen: 24, broadcast: '192.0.2.255', flags, proto: 109 };
  const peer = { index, local: '10.64.64.64', address: '10.112.112.112', prefixlen: 32 };
  const ipv6 = { index, local: '2001:db8::1', prefixlen: 64, flags, proto: 109 };
  assert.equal(netlink.execute([local, peer, ipv6].map((address) => addAddress(address))), [
    undefined,
    undefined,
    undefined,
  ]);
  const [again] = netlink.execute([addAddress(local)]);
  assert.equal([again?.code, again?.attempted], ['EEXIST', `add address 192.0.2.1/24 on ${index}`]);
  assert.equal(netlink.execute([addAddress({ ...local, rtPriority: 5 }, { replace: true })]), [undefined]);

  const seen = netlink.addresses({ index });
  const theirs = ipJson('addr', 'show', 'dev', 'm0')[0]!.addr_info as Record<string, unknown>[];
  assert.equal(
    seen.map((one) => [one.local, one.prefixlen, one.label]),
    theirs.map((one) => [one.local, one.prefixlen, one.label]),
  );
  assert.equal(
    seen.filter((one) => one.proto === 109).map((one) => one.local),
    ['192.0.2.1', '2001:db8::1'],
  );
  assert.is(seen.find((one) => one.local === '10.64.64.64')?.address, '10.112.112.112');
  // No prefix route was made.
  assert.equal(
    netlink.routes({ oif: index, table: c.RT_TABLE_MAIN }).filter((route) => route.dst === '192.0.2.0'),
    [],
  );
  assert.equal(netlink.execute(seen.map(deleteAddress)).filter(Boolean), []);
  assert.equal(netlink.addresses({ index }), []);
  assert.equal(netlink.addresses({ index: 4711 }), []);
  remove(index);
});

test('routes of all our forms are taken, told and deleted as they were told', () => {
  const [a, b] = [make('m0'), make('m1')];
  const ours = { table: TABLE, protocol: 109 };
  const hop = (ifindex: number, gateway: string, weight: number) => ({
    ifindex,
    gateway,
    weight,
    flags: c.RTNH_F_ONLINK,
  });
  const requests = [
    addRoute({ ...ours, dst: '192.0.2.0', dstLen: 24, oif: a }),
    addRoute({ ...ours, gateway: '192.0.2.254', oif: a, flags: c.RTNH_F_ONLINK, priority: 7 }),
    replaceRoute({ ...ours, gateway: '192.0.2.253', oif: b, flags: c.RTNH_F_ONLINK, priority: 7 }),
    addRoute({ ...ours, dst: '203.0.113.0', dstLen: 24, multipath: [hop(a, '192.0.2.2', 3), hop(b, '192.0.2.3', 1)] }),
    addRoute({ ...ours, dst: '2001:db8:1::', dstLen: 48, oif: a, priority: 9 }),
    appendRoute({ ...ours, dst: '192.0.2.0', dstLen: 24, oif: b }),
  ];
  assert.equal(netlink.execute(requests).filter(Boolean), []);
  assert.is(netlink.execute([requests[0]!])[0]?.code, 'EEXIST');
  const routes = netlink.routes({ table: TABLE });
  assert.equal(
    routes.map(
      (route) =>
        `${route.dst ?? 'default'} ${route.gateway ?? route.multipath?.map((hop) => `${hop.gateway}*${hop.weight}`) ?? route.oif} ${route.priority}`,
    ),
    [
      'default 192.0.2.253 7',
      `192.0.2.0 ${a} 0`,
      `192.0.2.0 ${b} 0`,
      '203.0.113.0 192.0.2.2*3,192.0.2.3*1 0',
      `2001:db8:1:: ${a} 9`,
    ],
  );
  assert.is(netlink.routes({ protocol: 109 }).length, 5);
  assert.equal(netlink.routes({ table: 4711, family: c.AF_INET }), []);
  assert.equal(netlink.execute(routes.map(deleteRoute)).filter(Boolean), []);
  assert.equal(netlink.routes({ table: TABLE }), []);
  remove(a, b);
});

test('rules of all our forms are taken, told and deleted as they were told', () => {
  const mine = { table: TABLE, protocol: 109 };
  const dhcp = { ipProto: 17, sportRange: { start: 68, end: 68 }, dportRange: { start: 67, end: 67 } };
  const requests = [
    addRule({ ...mine, src: '192.0.2.1', srcLen: 32, priority: 28100 }),
    addRule({ ...mine, ...dhcp, oifname: 'm0', fwmark: 0x100, fwmask: 0xff00, priority: 28099 }),
    addRule({ ...mine, table: c.RT_TABLE_MAIN, suppressPrefixlen: 0, priority: 28098 }),
    addRule({ ...mine, src: '2001:db8::1', srcLen: 128, priority: 28100 }),
  ];
  assert.equal(netlink.execute(requests).filter(Boolean), []);
  const rules = netlink.rules().filter((rule) => rule.protocol === 109);
  assert.equal(
    rules.map(({ family, priority }) => [family, priority]),
    [
      [2, 28098],
      [2, 28099],
      [2, 28100],
      [10, 28100],
    ],
  );
  assert.equal(rules[1]!.sportRange, { start: 68, end: 68 });
  assert.equal(netlink.execute(rules.map(deleteRule)).filter(Boolean), []);
  assert.equal(
    netlink.rules().filter((rule) => rule.protocol === 109),
    [],
  );
});

test('counters without the links are those with them, and of a link that is gone there are none', () => {
  const indexes = Array.from({ length: 70 }, (_, i) => make(`m${i}`));
  const gone = indexes[69]!;
  assert.equal(netlink.execute([deleteLink({ index: gone })]), [undefined]);
  for (const name of ['p0', 'p1']) ip('link', 'set', name, 'down');
  const { index: parent, stats64 } = linkNamed('p0');
  const counters = netlink.counters([...indexes, parent]);
  for (const name of ['p0', 'p1']) ip('link', 'set', name, 'up');
  assert.equal([counters.size, counters.has(gone)], [70, false]);
  assert.ok(stats64!.txPackets > 0 && stats64!.txBytes > 0);
  assert.equal(counters.get(parent), stats64);
  assert.throws(() => netlink.counters([0]), /read the counters of 0: /);
  remove(...indexes.slice(0, 69));
});

test('where there is no Wi-Fi there is none, and generic netlink is asked as it wants to be', () => {
  const wireless = new Wireless(machine);
  // A namespace of our own has no Wi-Fi links, whatever the machine has.
  assert.equal(wireless.interfaces(), []);
  wireless.forget();
  const generic = new NetlinkSocket(machine, c.NETLINK_GENERIC);
  const [found, none] = generic.ask([getFamily('nlctrl'), getFamily('no such family')], genlFamily);
  assert.equal(found, { cmd: 1, id: c.GENL_ID_CTRL, name: 'nlctrl' });
  assert.is((none as NetlinkError).code, 'ENOENT');
  generic.close();
});

test('a refusal carries the name of the errno and the sentence of the kernel', () => {
  const parent = linkNamed('p0').index;
  const [long, mtu, gone] = netlink.execute([
    addLink({ ifname: 'abcdefghijklmnopq', link: parent, linkinfo: bridge }),
    addLink({ ifname: 'm9', link: parent, mtu: 9000, linkinfo: bridge }),
    setLink({ index: 4711, mtu: 1400 }),
  ]);
  assert.is(long?.message, 'add link abcdefghijklmnopq: Attribute failed policy validation');
  assert.equal([long?.code, typeof long?.offset], ['ERANGE', 'number']);
  assert.equal([mtu?.code, mtu?.text, mtu?.message], ['EINVAL', undefined, 'add link m9: Invalid argument']);
  assert.is(gone?.code, 'ENODEV');
  assert.is(netlink.link({ ifname: 'nobody' }), undefined);
});

test('a child that takes the MAC of another fails when it goes up, not before', () => {
  const parent = linkNamed('p0').index;
  const add = (ifname: string, up: boolean) =>
    addLink({ ifname, link: parent, address: macOf(1), up, linkinfo: bridge });
  assert.equal(netlink.execute([add('m0', true), add('m1', false)]), [undefined, undefined]);
  assert.is(netlink.execute([setLink({ ifname: 'm1', up: true })])[0]?.code, 'EADDRINUSE');
  remove(linkNamed('m0').index, linkNamed('m1').index);
});

test('changes are told in a few calls', async () => {
  const watcher = connect();
  const changes: Change[] = [];
  watcher.subscribe(GROUPS, (change) => changes.push(change));
  const index = make('m0');
  netlink.execute([
    addAddress({ index, local: '192.0.2.1', prefixlen: 24 }),
    addRule({ table: TABLE, priority: 28100 }),
  ]);
  await until(() => changes.some((change) => change.rules));
  assert.ok(changes.length <= 3, `${changes.length} calls`);
  assert.ok(changes.some((change) => change.links && change.indexes.has(index)));
  assert.ok(changes.some((change) => change.addresses && change.routes && !change.overrun));
  netlink.execute([deleteRule({ table: TABLE, priority: 28100 })]);
  remove(index);
});

test('a group that there is not is refused, nothing stays open, and what was heard before is heard on', async () => {
  const watcher = connect();
  const changes: Change[] = [];
  watcher.subscribe(GROUPS, (change) => changes.push(change));
  const open = readdirSync('/proc/self/fd').length;
  assert.throws(() => watcher.subscribe([c.RTNLGRP_LINK, 100_000], () => {}), /Invalid argument/);
  assert.is(readdirSync('/proc/self/fd').length, open);
  const index = make('m0');
  await until(() => changes.some((change) => change.indexes.has(index)));
  remove(index);
});

test('news that the socket cannot hold is an overrun, and later news is heard again', async () => {
  const watcher = connect(withReceiveBuffer(machine, 4096));
  const changes: Change[] = [];
  watcher.subscribe(GROUPS, (change) => changes.push(change));
  remove(...Array.from({ length: 50 }, (_, i) => make(`m${i}`)));
  await until(() => changes.some((change) => change.overrun));
  changes.length = 0;
  const index = make('m99');
  await until(() => changes.some((change) => change.indexes.has(index)));
  remove(index);
});

test('answers that the socket cannot hold are ENOBUFS, what was asked for is done', () => {
  const cramped = connect(withReceiveBuffer(machine, 2304));
  const parent = linkNamed('p0').index;
  const errors = cramped.execute(
    Array.from({ length: 60 }, (_, i) => addLink({ ifname: `m${i}`, link: parent, group: GROUP, linkinfo: bridge })),
  );
  const codes = new Set(errors.map((error) => error?.code));
  assert.equal([...codes], [undefined, 'ENOBUFS']);
  assert.is(cramped.links({ kind: 'macvlan' }).length, 60);
  assert.equal(cramped.execute([deleteLinkGroup(GROUP)]), [undefined]);
});

/** Without the operational state, which the kernel settles for a hundred links a second (net/core/link_watch.c). */
const asIpTells = (link: Link) => [
  link.index,
  link.ifname,
  link.mtu,
  link.address?.toLowerCase(),
  link.group,
  link.linkinfo?.macvlan?.mode,
];

function told(link: Record<string, unknown>): unknown[] {
  const { info_data } = link.linkinfo as { info_data: { mode: string } };
  return [link.ifindex, link.ifname, link.mtu, link.address, Number(link.group), info_data.mode];
}

function withReceiveBuffer(machine: Machine, size: number): Machine {
  const { libc } = machine;
  const { SOL_SOCKET, SO_RCVBUF } = libc.constants;
  const netlink = (protocol: number): number => {
    const fd = machine.sockets.netlink(protocol);
    libc.setsockopt(fd, SOL_SOCKET, SO_RCVBUF, Int32Array.of(size).buffer, 0, 4);
    return fd;
  };
  const joinGroup = (fd: number, group: number) => machine.sockets.joinGroup(fd, group);
  return { ...machine, sockets: { netlink, joinGroup } as unknown as Machine['sockets'] };
}

test.run();
