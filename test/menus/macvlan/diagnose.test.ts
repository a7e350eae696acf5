import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { diagnose, type Probes } from '../../../src/menus/macvlan/diagnose.ts';
import { Firewall } from '../../../src/menus/macvlan/firewall.ts';
import { FakeKernel } from '../../helpers/kernel.ts';
import { configOf, Lab } from '../../helpers/lab.ts';
import { menus } from '../../helpers/menus.ts';

/** What the live tests cannot bring about: VLANs (no 802.1Q in this kernel), and answers that cannot be had. */
const checks = suite('diagnose');

const PROBES: Probes = {
  firewall: new Firewall('{"nftables":[]}'),
  forwarding: () => true,
  isUsedByOthers: () => false,
  ownersOf: () => [],
  answersOn: () => [],
  routesOf: () => [],
  lastLine: () => undefined,
};

/** One check of macvlan `m`, with a sibling `n`. */
function found(check: string, kernel: FakeKernel, probes: Partial<Probes> = {}): string[] {
  const mac = (n: number) => `02:00:00:00:00:0${n}`;
  const sections = {
    m: { type: 'macvlan', interface: 'ether1', mac_address: mac(1) },
    n: { type: 'macvlan', interface: 'ether1', mac_address: mac(2) },
  };
  const lab = new Lab(kernel, configOf(sections));
  lab.settle(5);
  const { world } = lab;
  const all = diagnose(world.config.items[0]!, world, { ...PROBES, ...probes }, menus, true);
  return all.filter((one) => one.check === check).map(({ result, text }) => `${result}: ${text}`);
}

function machine(): { kernel: FakeKernel; port: number } {
  const kernel = new FakeKernel();
  return { kernel, port: kernel.port('ether1', { up: true }) };
}

checks('VLANs of the parent are named, for a macvlan never hears them', () => {
  const { kernel, port } = machine();
  assert.equal(found('vlan', kernel), ['ok: parent ether1 has no VLAN']);
  for (const vlanId of [100, 200]) kernel.port(`ether1.${vlanId}`, { kind: 'vlan', vlanId, link: port });
  assert.equal(found('vlan', kernel), [
    'ok: packets of VLAN 100, 200 go to the VLANs of parent ether1 and not to the macvlan',
  ]);
});

checks('a VLAN id that is in use on both is the cause, and is said in about too', () => {
  const { kernel, port } = machine();
  kernel.port('ether1.100', { kind: 'vlan', vlanId: 100, link: port });
  found('vlan', kernel);
  const own = [...kernel.links.values()].find(({ ifname }) => ifname === 'm')!.ifindex;
  kernel.port('m.200', { kind: 'vlan', vlanId: 200, link: own });
  assert.match(found('vlan', kernel)[0]!, /^ok/);
  kernel.port('m.100', { kind: 'vlan', vlanId: 100, link: own });
  assert.equal(found('vlan', kernel), ['cause: VLAN 100 is on parent ether1 too, which takes all its packets']);
  assert.equal(found('running', kernel), [
    'ok: m is running; VLAN 100 is in use on its parent ether1 too, which takes all its frames; put the macvlan on the VLAN',
  ]);
});

checks('a VLAN on the macvlan has its MAC and is no twin; another link with it is', () => {
  const { kernel } = machine();
  found('mac', kernel);
  const { ifindex: link, address } = [...kernel.links.values()].find(({ ifname }) => ifname === 'm')!;
  kernel.port('m.100', { kind: 'vlan', vlanId: 100, link, address });
  assert.match(found('mac', kernel)[0]!, /^ok/);
  kernel.port('dummy0', { address });
  assert.equal(found('mac', kernel), [`cause: link dummy0 has the MAC address ${address} too`]);
});

checks('what cannot be told is unknown', () => {
  const { kernel } = machine();
  const failure = 'start nft: No such file or directory';
  assert.equal(found('firewall', kernel, { firewall: { failure } }), [
    `unknown: the rules could not be read: ${failure}`,
  ]);
  assert.equal(found('mac-on-wire', kernel, { isUsedByOthers: () => undefined }), [
    'unknown: nobody can listen while m is not running',
  ]);
  assert.equal(found('forwarding', kernel, { forwarding: () => undefined }), ['unknown: there is no link yet']);
});

checks('a parent that can carry none is the cause', () => {
  const kernel = new FakeKernel();
  kernel.port('ether1', { up: true, station: true });
  assert.match(found('parent', kernel)[0]!, /^cause: ether1 cannot carry a macvlan: it is a Wi-Fi client/);
});

checks.run();
