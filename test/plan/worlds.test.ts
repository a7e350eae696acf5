import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { learn } from '../../src/model/facts.ts';
import { isOurs, type SeenLink } from '../../src/model/seen.ts';
import { FakeKernel, type Writable } from '../helpers/kernel.ts';
import { configOf, Lab, type Sections, seeded } from '../helpers/lab.ts';

const worlds = suite('random worlds');

const WORLDS = 1200;
const POLICY = 'net/ipv4/fib_multipath_hash_policy';
const CONF = { arpIgnore: 0, arpAnnounce: 0, rpFilter: 1 };

type Random = () => number;

function pick<T>(random: Random, values: readonly T[]): T {
  return values[Math.floor(random() * values.length)]!;
}

/** Few names and few MACs, so that they collide often. */
function randomSections(random: Random): Sections {
  const sections: Sections = {};
  for (let n = 1; n <= 4; n++) {
    if (random() < 0.25) continue;
    sections[`macvlan_${n}`] = {
      type: 'macvlan',
      name: pick(random, ['m1', 'm2', 'm3', 'm%d', 'a name that is far too long']),
      interface: pick(random, ['ether1', 'ether1', 'ether2', 'ether3', 'lo', 'm1']),
      // The last one is the MAC of ether1.
      mac_address: pick(random, ['02:00:00:00:00:01', '02:00:00:00:00:02', '02:00:00:00:00:03', '02:99:00:00:00:02']),
      mode: pick(random, ['bridge', 'bridge', 'private', 'vepa', 'source', 'passthru']),
      source_mac: pick(random, ['02:00:00:00:00:11', '02:00:00:00:00:11 02:00:00:00:00:12']),
      arp: pick(random, ['enabled', 'enabled', 'disabled', 'proxy-arp', 'local-proxy-arp', 'reply-only']),
      arp_timeout: pick(random, ['auto', 'auto', '1m', '2m']),
      bcqueuelen: pick(random, ['1000', '2000']),
      loop_protect: pick(random, ['default', 'on']),
      loop_protect_disable_time: pick(random, ['0', '5s', '5m']),
      mtu: pick(random, ['auto', '1500', '1400', '9000']),
      disabled: pick(random, ['0', '0', '0', '1']),
    };
  }
  for (let n = 1; n <= 3; n++) {
    if (random() < 0.4) continue;
    sections[`dhcp_client_${n}`] = {
      type: 'dhcp_client',
      interface: pick(random, ['m1', 'm2', 'm3', 'ether1', 'ether3', 'lo']),
      add_default_route: pick(random, ['1', '1', '0']),
      default_route_distance: pick(random, ['1', '1', '2', '255']),
      check_gateway: pick(random, ['none', 'arp', 'ping']),
      disabled: pick(random, ['0', '0', '0', '1']),
    };
  }
  for (let n = 1; n <= 2; n++) {
    if (random() < 0.5) continue;
    sections[`dhcpv6_client_${n}`] = {
      type: 'dhcpv6_client',
      interface: pick(random, ['m1', 'm2', 'ether1', 'ether3']),
      request: pick(random, ['address', 'address prefix']),
      add_default_route: pick(random, ['1', '1', '0']),
      default_route_distance: pick(random, ['1', '1', '2', '255']),
      source_routing: pick(random, ['1', '1', '0']),
      disabled: pick(random, ['0', '0', '0', '1']),
    };
  }
  for (let n = 1; n <= 3; n++) {
    if (random() < 0.5) continue;
    sections[`arp_${n}`] = {
      type: 'arp',
      address: pick(random, ['192.0.2.1', '192.0.2.2']),
      interface: pick(random, ['m1', 'm2', 'ether1', 'ether3', 'eth9']),
      published: pick(random, ['0', '0', '1']),
      mac_address: pick(random, ['02:00:00:00:00:21', '02:00:00:00:00:22']),
    };
  }
  for (let n = 1; n <= 3; n++) {
    if (random() < 0.5) continue;
    sections[`address_${n}`] = {
      type: 'address',
      address: pick(random, ADDRESSES),
      interface: pick(random, ['m1', 'm2', 'ether1', 'ether1', 'ether3', 'lo']),
      default_route_distance: pick(random, ['1', '2', '255']),
      source_routing: pick(random, ['1', '1', '0']),
      disabled: pick(random, ['0', '0', '0', '1']),
      ...pick<Record<string, string>>(random, [{}, {}, { gateway: '192.0.2.1' }, { gateway: '192.0.2.20' }]),
      ...pick<Record<string, string>>(random, [{}, {}, { network: '192.0.2.1' }, { network: '198.51.100.9' }]),
      ...pick<Record<string, string>>(random, [{}, {}, { broadcast: '255.255.255.255' }]),
    };
  }
  if (random() < 0.4) addServers(sections, random);
  return sections;
}

/** On the foreign link there is an address; what a macvlan has comes and goes, and may be the gateway of the network. */
function addServers(sections: Sections, random: Random): void {
  sections.pool_1 = { type: 'pool', name: 'p', ranges: '198.51.100.50-198.51.100.60 192.0.2.50' };
  sections.dhcp_network_1 = { type: 'dhcp_network', address: '192.0.2.0/24', gateway: '192.0.2.20' };
  sections.dhcp_server_1 = {
    type: 'dhcp_server',
    name: 's',
    interface: pick(random, ['eth9', 'eth9', 'm1', 'ether1']),
    address_pool: 'p',
    add_arp: pick(random, ['0', '1']),
    disabled: pick(random, ['0', '0', '1']),
  };
}

/** Some are those of leases; the last ones are nobody's. */
const ADDRESSES = ['192.0.2.10/24', '192.0.2.20/24', '192.0.2.21/24', '192.0.2.20', '192.0.2.20/31', '192.0.2.0/24'];

function randomKernel(random: Random): FakeKernel {
  const kernel = new FakeKernel();
  kernel.port('lo', { loopback: true, ethernet: false, address: undefined, up: true });
  const port = kernel.port('ether1', { up: random() < 0.5, promotes: random() < 0.2 });
  if (random() < 0.8) kernel.port('ether2', { mtu: pick(random, [1500, 1400, 9000]) });
  kernel.withoutNft = random() < 0.1;
  kernel.withoutOdhcp6c = random() < 0.5;
  for (const [ifindex, { ifname }] of kernel.links)
    if (ifname !== 'lo') kernel.ipv6.announcements.set(ifindex, { subnet: '2001:db8:1', gateway: 'fe80::1' });
  if (random() < 0.2) kernel.port('m3', { kind: 'macvlan', macvlanMode: 'bridge', up: true });
  const foreign = kernel.port('eth9', { up: true });
  kernel.addresses.push({ ifindex: foreign, address: '198.51.100.1', prefix: 24, ours: false, at: 0 });
  if (random() < 0.3)
    kernel.addresses.push({
      ifindex: port,
      address: '192.0.2.99',
      prefix: 24,
      ours: false,
      at: pick(random, [0, 1e9]),
    });
  return kernel;
}

/** Somebody else changes the mode, as far as the kernel lets them. */
function disturbMode(link: Writable<SeenLink> | undefined): void {
  if (!link || link.macvlanMode === 'passthru') return;
  link.macvlanMode = 'vepa';
  link.sourceMacs = undefined;
}

/** One in the subnet, one outside of it, one that another line may have as its own address. */
const GATEWAYS = ['192.0.2.1', '192.0.2.1', '198.51.100.7', '192.0.2.12'];

/** What odhcp6c reports: of routers, of a server, or of nobody any more. */
function heardOfIpv6(lab: Lab, key: string, random: Random): void {
  const RA_ADDRESSES = `2001:db8:1::${pick(random, [5, 6])}/64,${pick(random, [100, 4294967295])},4294967295,0,0`;
  const RA_ROUTES = `::/0,${pick(random, ['fe80::1', 'fe80::2'])},1800,512 2001:db8:1::/64,,1800,256`;
  const ADDRESSES = `2001:db8:1::${pick(random, [7, 8])}/128,100000,200000,0,0`;
  const PREFIXES = `2001:db8:${pick(random, [5, 6])}::/56,100000,200000,0,0`;
  const env = pick<Record<string, string>>(random, [
    { RA_ADDRESSES, RA_ROUTES },
    { RA_ADDRESSES, RA_ROUTES, ADDRESSES, PREFIXES },
    {},
  ]);
  lab.facts = learn(lab.facts, { type: 'news', key, news: { verb: 'updated', at: lab.now, env } });
}

/** What the outside may do between two settled states. */
function disturb(lab: Lab, random: Random): void {
  const { kernel } = lab;
  const links = [...kernel.links.values()];
  const port = links.find((link) => link.ifname === pick(random, ['ether1', 'ether2']));
  const ours = links.filter(isOurs);
  const what = random();
  if (what < 0.2 && port) kernel.unplug(port.ifindex);
  else if (what < 0.3 && !links.some((link) => link.ifname === 'ether2')) kernel.port('ether2');
  else if (what < 0.4 && ours.length > 0) kernel.unplug(pick(random, ours).ifindex);
  else if (what < 0.45 && ours.length > 0) pick(random, ours).arp = false;
  else if (what < 0.5) disturbMode(pick(random, [...ours, undefined]));
  else if (what < 0.6) kernel.addresses = kernel.addresses.filter((address) => !address.ours || random() < 0.5);
  else if (what < 0.7) kernel.routes = kernel.routes.filter(() => random() < 0.5);
  else if (what < 0.75) kernel.rulesets = {};
  else if (what < 0.8 && port) kernel.setMtu(port.ifindex, pick(random, [1300, 1400, 1500, 9000]));
  for (const child of kernel.children) if (random() < 0.3) kernel.stubborn.add(child.pid);
  for (const child of kernel.children)
    if (child.key.startsWith('dhcpv6')) heardOfIpv6(lab, child.key, random);
    else if (random() < 0.7) lab.bound(child.key, `192.0.2.${pick(random, [10, 11, 12])}`, pick(random, GATEWAYS));
    else if (random() < 0.3) lab.lost(child.key);
  for (const key of ['dhcp_client_1', 'dhcp_client_2']) if (random() < 0.5) lab.answered(key, pick(random, GATEWAYS));
  kernel.leases.set('dhcp_server_1', `0 02:00:00:00:00:31 198.51.100.${pick(random, [50, 51])} * *\n`);
  for (const key of ['macvlan_1', 'macvlan_2', 'macvlan_3']) if (random() < 0.1) lab.looped(key);
  if (random() < 0.6) lab.config = configOf(randomSections(random));
}

worlds('come to rest, stay at rest, and nothing foreign is touched', () => {
  for (let seed = 1; seed <= WORLDS; seed++) {
    const random = seeded(seed);
    const lab = new Lab(randomKernel(random), configOf(randomSections(random)), random);
    // A client on a foreign link has its ARP set apart for the time being.
    const foreign = () =>
      JSON.stringify(
        [...lab.kernel.links.values()]
          .filter((link) => link.ifname === 'eth9' || (link.ifname === 'm3' && !isOurs(link)))
          .map(({ conf: _, ...link }) => link),
      );
    const before = foreign();
    // Of IPv6 those that a link made itself come and go.
    const foreignAddresses = () =>
      lab.kernel.addresses.filter(({ ours, preferred }) => !ours && preferred === undefined).length;
    try {
      for (let round = 0; round < 4; round++) {
        const others = foreignAddresses();
        lab.settle(14);
        assert.is(foreignAddresses(), others, 'a foreign address stays');
        // Failures of MACs that two items share come back with time; everything else is done.
        assert.equal(lab.rest(), [], 'a second plan is empty');
        assert.is(foreign(), before);
        const { children, links } = lab.kernel;
        assert.is(new Set(lab.kernel.listening).size, lab.kernel.listening.length);
        assert.ok(
          // A loop takes the link down, and its client waits for the end of that.
          children.every(({ ifindex }) => links.get(ifindex)?.up || lab.facts.loops.size > 0),
          'a child runs where there is no link',
        );
        disturb(lab, random);
      }
      lab.config = configOf({});
      lab.settle(14);
      assert.is([...lab.kernel.links.values()].filter(isOurs).length, 0, 'no link of ours is left');
      assert.is(lab.kernel.children.length + lab.kernel.routes.length, 0, 'no child and no route is left');
      assert.is(lab.kernel.addresses.filter((address) => address.ours).length, 0, 'no address of ours is left');
      assert.is(lab.kernel.neighbours.length + lab.kernel.listening.length, 0, 'no neighbour and no socket is left');
      assert.is(lab.kernel.asking.size, 0, 'no gateway is asked');
      assert.equal([lab.kernel.rulesets, lab.kernel.rules], [{}, []], 'no rules are left');
      assert.is(lab.kernel.settings.get(POLICY), '0', 'a setting is as it was');
      assert.ok(
        lab.kernel.addresses.every(({ address }) => !address.includes(':')) && lab.kernel.ipv6.routers.length === 0,
        'IPv6 is left',
      );
      for (const [path, value] of lab.kernel.settings)
        if (path.endsWith('accept_ra')) assert.is(value, '1', `${path} is as it was`);
      for (const { conf } of lab.kernel.links.values()) assert.equal(conf, CONF, 'a port is as it was');
    } catch (error) {
      throw new Error(`world ${seed}: ${(error as Error).message}`, { cause: error });
    }
  }
});

worlds.run();
