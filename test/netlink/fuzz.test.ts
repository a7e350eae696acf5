import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { toHex } from '../../src/bytes/hex.ts';
import { printIpv4, printMac } from '../../src/bytes/ip.ts';
import { printIpv6 } from '../../src/bytes/ipv6.ts';
import { address } from '../../src/netlink/addr.ts';
import { NetlinkError } from '../../src/netlink/error.ts';
import { link } from '../../src/netlink/link.ts';
import { neighbour } from '../../src/netlink/neigh.ts';
import { neighbourTable } from '../../src/netlink/neightbl.ts';
import { nftTable } from '../../src/netlink/nftables.ts';
import { printPacket } from '../../src/netlink/print.ts';
import { route } from '../../src/netlink/route.ts';
import { rule } from '../../src/netlink/rule.ts';
import type { Type } from '../../src/netlink/scalars.ts';
import { stats } from '../../src/netlink/stats.ts';
import { type ByteOrder, Input, Output } from '../../src/netlink/wire.ts';
import { genlFamily, wirelessInterface } from '../../src/netlink/wireless.ts';
import { fixtures } from '../helpers/fixture.ts';
import { Random } from './random.ts';
import { type Protocol, recording, tell } from './recording.ts';

const test = suite('netlink/fuzz');

// A new one each run; put the printed one here to see a failure again.
const seed = Date.now() | 0;
const orders: ByteOrder[] = ['big', 'little'];
const protocols: Protocol[] = ['rtnetlink', 'nftables', 'nl80211'];

test('random bytes are read or refused, nothing else', () => {
  const random = new Random(seed);
  for (let round = 0; round < 1000; round++)
    survives(random.bytes(random.below(200)), random.of(orders), random.of(protocols));
});

test('a recorded message that was damaged is read or refused, nothing else', () => {
  const random = new Random(seed + 1);
  for (const file of fixtures('netlink')) {
    const { bytes, order, protocol } = recording(file.replace(/\.dump$/, ''));
    for (let round = 0; round < 30; round++) survives(damaged(bytes, order, random), order, protocol);
  }
});

const shapes: [name: string, shape: Type<object>, make: (random: Random) => object][] = [
  ['link', link, randomLink],
  ['address', address, randomAddress],
  ['route', route, randomRoute],
  ['rule', rule, randomRule],
  ['neighbour', neighbour, randomNeighbour],
  ['statistics', stats, randomStats],
  ['table of nf_tables', nftTable, randomNftTable],
  ['family of generic netlink', genlFamily, randomFamily],
  ['Wi-Fi link', wirelessInterface, randomWireless],
  ['neighbour table', neighbourTable, randomNeighbourTable],
];

for (const [name, shape, make] of shapes) {
  for (const order of orders) {
    test(`any ${name} is the same after writing and reading it ${order}-endian`, () => {
      const random = new Random(seed + 2);
      for (let round = 0; round < 200; round++) {
        const value = make(random);
        const output = new Output(order);
        shape.encode(output, value);
        assert.equal(
          shape.decode(new Input(output.bytes(), order), 0, output.length),
          value,
          `seed ${seed}, round ${round}`,
        );
      }
    });
  }
}

function survives(bytes: Uint8Array, order: ByteOrder, protocol?: Protocol): void {
  try {
    tell(bytes, order, protocol);
  } catch (error) {
    if (!(error instanceof NetlinkError)) throw new Error(`seed ${seed}: ${error} for ${order} ${toHex(bytes)}`);
  }
  assert.type(printPacket(bytes, order), 'string');
}

/** Shortened, with the length field made to fit so that it is the body which is cut, or with some bytes changed. */
function damaged(bytes: Uint8Array, order: ByteOrder, random: Random): Uint8Array {
  const copy = bytes.slice(0, random.below(3) === 0 ? bytes.length : 16 + random.below(bytes.length - 15));
  new DataView(copy.buffer).setUint32(0, copy.length, order === 'little');
  for (let i = random.below(4); i > 0; i--) copy[16 + random.below(Math.max(1, copy.length - 16))] = random.u8();
  return copy;
}

function randomIp(random: Random): string {
  return random.below(2)
    ? printIpv4(random.bytes(4))
    : printIpv6(random.bytes(16).map((byte) => (random.below(3) ? 0 : byte)));
}

const randomMac = (random: Random) => printMac(random.bytes(6));
const randomText = (random: Random) => random.of(['m0', '', 'wan', 'größe ☃', 'Domestic Link', 'abcdefghijklmno']);

function randomLink(random: Random): object {
  const macvlan = random.some({
    mode: random.of(['private', 'vepa', 'bridge', 'passthru', 'source', '32']),
    flags: random.below(65536),
    macaddrMode: random.of(['add', 'del', 'flush', 'set']),
    macaddr: randomMac(random),
    macaddrData: { macaddr: random.list(() => randomMac(random)) },
    macaddrCount: random.u32(),
    bcQueueLen: random.u32(),
    bcCutoff: random.u32() | 0,
  });
  const kinds = [
    { kind: 'veth' },
    { kind: 'macvlan', macvlan },
    { kind: 'vlan', vlan: { id: random.below(4096) } },
    { slaveKind: 'bridge' },
  ];
  return {
    ...{ family: 0, type: random.below(65536), index: random.u32() | 0, flags: random.u32(), change: random.u32() },
    ...{ ifname: randomText(random), mtu: random.u32(), group: random.u32() },
    ...random.some({
      address: randomMac(random),
      link: random.below(2 ** 31),
      linkNetnsid: random.u32() | 0,
      master: random.u32(),
      operstate: random.of(['up', 'down', 'lowerlayerdown', '9']),
      carrier: random.below(2) === 1,
      ifalias: randomText(random),
      linkinfo: random.of(kinds),
      propList: { altIfname: random.list(() => randomText(random)) },
      extMask: random.u32(),
    }),
  };
}

function randomAddress(random: Random): object {
  const cacheinfo = { prefered: random.u32(), valid: random.u32(), cstamp: random.u32(), tstamp: random.u32() };
  return {
    ...{ family: 2, prefixlen: random.u8(), scope: random.u8(), index: random.u32() },
    ...{ local: randomIp(random), flags: random.u32(), proto: random.u8(), rtPriority: random.u32() },
    ...random.some({ address: randomIp(random), broadcast: randomIp(random), label: randomText(random), cacheinfo }),
  };
}

function randomRoute(random: Random): object {
  const hop = () => ({
    ...{ ifindex: random.u32() | 0, weight: 1 + random.u8(), flags: random.u8() },
    ...random.some({ gateway: randomIp(random) }),
  });
  return {
    ...{
      family: 2,
      dstLen: random.u8(),
      srcLen: random.u8(),
      tos: random.u8(),
      protocol: random.u8(),
      scope: random.u8(),
    },
    ...{ type: random.u8(), flags: random.u32(), priority: random.u32(), table: random.u32() },
    ...random.some({
      dst: randomIp(random),
      gateway: randomIp(random),
      oif: random.u32(),
      prefsrc: randomIp(random),
      multipath: random.list(hop),
    }),
  };
}

function randomRule(random: Random): object {
  const range = () => ({ start: random.below(65536), end: random.below(65536) });
  return {
    ...{
      family: 2,
      dstLen: random.u8(),
      srcLen: random.u8(),
      tos: random.u8(),
      action: random.u8(),
      flags: random.u32(),
    },
    ...{ priority: random.u32(), fwmark: random.u32(), fwmask: random.u32(), suppressPrefixlen: random.u32() | 0 },
    ...{ table: random.u32(), protocol: random.u8() },
    ...random.some({
      src: randomIp(random),
      dst: randomIp(random),
      iifname: randomText(random),
      oifname: randomText(random),
    }),
    ...random.some({ ipProto: random.u8(), sportRange: range(), dportRange: range() }),
  };
}

function randomNeighbour(random: Random): object {
  return {
    ...{ family: 2, index: random.u32() | 0, state: random.below(65536), flags: random.u8(), type: random.u8() },
    ...{ dst: randomIp(random), protocol: random.u8() },
    ...random.some({ lladdr: randomMac(random) }),
  };
}

function randomNeighbourTable(random: Random): object {
  const time = () => random.u32() * 2 ** 20;
  const parms = { index: random.u32(), baseReachableTime: time(), proxyDelay: time() };
  return { family: random.u8(), name: randomText(random), ...random.some({ parms }) };
}

function randomStats(random: Random): object {
  const names = ['rxPackets', 'txPackets', 'rxBytes', 'txBytes', 'rxErrors', 'txErrors', 'rxDropped', 'txDropped'];
  const count = () => random.u32() * 2 ** 21;
  const stats64 = Object.fromEntries([...names, 'multicast', 'collisions'].map((name) => [name, count()]));
  return { family: 0, index: random.u32(), filterMask: random.u32(), ...random.some({ stats64 }) };
}

function randomNftTable(random: Random): object {
  return { family: random.u8(), name: randomText(random), ...random.some({ comment: randomText(random) }) };
}

function randomFamily(random: Random): object {
  return { cmd: random.u8(), id: random.below(65536), name: randomText(random) };
}

function randomWireless(random: Random): object {
  const iftype = random.of(['station', 'ap', 'ap_vlan', 'mesh_point', '77']);
  return { cmd: random.u8(), index: random.u32(), iftype, use4addr: random.below(2) === 1 };
}

test.run();
