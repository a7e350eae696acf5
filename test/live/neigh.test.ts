import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import * as c from '../../src/netlink/constants.ts';
import { setLink } from '../../src/netlink/link.ts';
import { deleteNeighbour, setNeighbour } from '../../src/netlink/neigh.ts';
import { setNeighbourParameters } from '../../src/netlink/neightbl.ts';
import type { Request } from '../../src/netlink/request.ts';
import { closeAll, ipJson, linkNamed, macOf, make, netlink, remove } from './namespace.ts';

const test = suite('live/neigh');

test.after(closeAll);

test('neighbours and proxy entries are made, told as ip tells them, changed and deleted', () => {
  const [a, b] = [make('m0'), make('m1')];
  const entry = { index: a, dst: '192.0.2.9', lladdr: macOf(9), protocol: 109 };
  const proxy = { index: a, dst: '192.0.2.77', flags: c.NTF_PROXY, protocol: 109 };
  const requests = [
    setNeighbour({ ...entry, lladdr: macOf(8), state: c.NUD_STALE }),
    setNeighbour(entry),
    setNeighbour({ index: b, dst: '2001:db8::9', lladdr: macOf(9) }),
    setNeighbour(proxy),
  ];
  assert.equal(netlink.execute(requests).filter(Boolean), []);

  const mine = netlink.neighbours().filter(({ state }) => state !== c.NUD_NOARP);
  assert.equal(
    mine.map(({ index, dst, lladdr, state, protocol }) => [index, dst, lladdr, state, protocol]),
    [
      [a, '192.0.2.9', macOf(9), c.NUD_PERMANENT, 109],
      [b, '2001:db8::9', macOf(9), c.NUD_PERMANENT, 0],
    ],
  );
  const theirs = ['-4', '-6'].flatMap((family) => ipJson(family, 'neigh', 'show', 'nud', 'permanent'));
  assert.equal(
    theirs.map(({ dst, lladdr, protocol = 0 }) => [dst, String(lladdr).toUpperCase(), Number(protocol)]),
    mine.map(({ dst, lladdr, protocol }) => [dst, lladdr, protocol]),
  );

  assert.equal(
    netlink.neighbours({ proxy: true }).map(({ dst, flags, protocol }) => [dst, flags, protocol]),
    [['192.0.2.77', c.NTF_PROXY, 109]],
  );
  assert.equal(netlink.neighbours({ proxy: true, index: b }), []);
  assert.equal(netlink.neighbours({ family: c.AF_INET, index: b }), []);
  assert.equal(netlink.neighbours({ index: 4711 }), []);

  assert.equal(netlink.execute([deleteNeighbour(proxy), ...mine.map(deleteNeighbour)]).filter(Boolean), []);
  assert.equal(netlink.neighbours({ family: c.AF_INET }), []);
  assert.equal(
    netlink.execute([deleteNeighbour(proxy), deleteNeighbour(entry)]).map((error) => error?.code),
    ['ENOENT', 'ENOENT'],
  );
  remove(a, b);
});

test('permanent entries outlast a lost carrier, and nothing else', () => {
  const index = make('m0');
  const entries = [
    setNeighbour({ index, dst: '192.0.2.9', lladdr: macOf(9) }),
    setNeighbour({ index, dst: '192.0.2.77', flags: c.NTF_PROXY }),
  ];
  const left = () =>
    [...netlink.neighbours({ family: c.AF_INET }), ...netlink.neighbours({ proxy: true })].map(({ dst }) => dst);
  const after = (...requests: Request[]) => {
    assert.equal(netlink.execute([...entries, ...requests]).filter(Boolean), []);
    return left();
  };
  const [far, near] = [linkNamed('p1').index, index];
  assert.equal(after(setLink({ index: far, up: false })), ['192.0.2.9', '192.0.2.77']);
  assert.equal(after(setLink({ index: far, up: true })), ['192.0.2.9', '192.0.2.77']);
  assert.equal(after(setLink({ index: near, address: macOf(3) })), ['192.0.2.77']);
  assert.equal(after(setLink({ index: near, arp: false })), ['192.0.2.77']);
  assert.equal(after(setLink({ index: near, up: false })), []);
  remove(index);
});

test('ARP parameters are set for one link, and read back as /proc has them', () => {
  const [a, b] = [make('m0'), make('m1')];
  const of = (index: number) => netlink.neighbourParameters().find((one) => one.index === index);
  const files = (ifname: string) =>
    ['base_reachable_time_ms', 'proxy_delay'].map((name) =>
      Number(readFileSync(`/proc/sys/net/ipv4/neigh/${ifname}/${name}`, 'utf8')),
    );
  assert.equal(of(a), { ...of(0), index: a });
  assert.equal(files('m0'), [of(a)!.baseReachableTime, of(a)!.proxyDelay / 10]);

  assert.equal(netlink.execute([setNeighbourParameters({ index: a, baseReachableTime: 45_000, proxyDelay: 500 })]), [
    undefined,
  ]);
  assert.equal(of(a), { index: a, baseReachableTime: 45_000, proxyDelay: 500 });
  // proxy_delay is in hundredths of a second there.
  assert.equal(files('m0'), [45_000, 50]);
  assert.equal(of(b), { ...of(0), index: b });

  const [, gone, byDefault] = netlink.execute([
    setNeighbourParameters({ index: a, proxyDelay: 0 }),
    setNeighbourParameters({ index: 4711, proxyDelay: 0 }),
    setNeighbourParameters({ index: 0, proxyDelay: 0 }),
  ]);
  assert.equal(of(a), { index: a, baseReachableTime: 45_000, proxyDelay: 0 });
  assert.equal([gone?.code, byDefault?.code], ['ENOENT', 'ENOENT']);
  remove(a, b);
});

test.run();
