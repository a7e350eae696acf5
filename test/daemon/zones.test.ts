import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { zonesOf } from '../../src/daemon/zones.ts';
import type { Table } from '../../src/ubus/blob.ts';
import { parse } from '../../src/uci/parse.ts';
import { fixture } from '../helpers/fixture.ts';

const zones = suite('zones of the firewall');

/** What openwrt/netifd e97e36f answered with three lines of ours told to it. */
const dumped = JSON.parse(fixture('netifd/dump.json')).interface as Table[];
const others = dumped.filter(({ interface: name }) => name === 'wan');

const found = (firewall: string, interfaces = others) => {
  const { zones, outer } = zonesOf(interfaces, parse(firewall));
  return { zones: Object.fromEntries(zones), outer: [...outer] };
};

zones('a device is in the zone of the interface on it', () => {
  const text = `
config defaults
	option input 'REJECT'

config zone
	option name 'wan'
	list network 'wan'
	list network 'wan6'
	option masq '1'
`;
  assert.equal(found(text), { zones: { eth0: 'wan' }, outer: ['wan'] });
});

zones('networks in one option, devices by their names, masquerading in any of its words', () => {
  const text = `
config zone
	option name 'outside'
	option network 'wan wwan'
	option masq 'on'
	list device 'tun0'

config zone
	option name 'lan'
	option masq '0'
	option network 'lan'
`;
  assert.equal(found(text), { zones: { eth0: 'outside', tun0: 'outside' }, outer: ['outside'] });
});

zones('a zone that an interface bears itself, and both devices of a session', () => {
  const session: Table = { interface: 'dsl', device: 'eth1', l3_device: 'pppoe-dsl', data: { zone: 'dsl' } };
  assert.equal(found('', [session]), { zones: { eth1: 'dsl', 'pppoe-dsl': 'dsl' }, outer: [] });
});

zones('without a firewall there is none', () => {
  assert.equal(zonesOf(dumped, undefined).outer.size, 0);
  // Those that we told of bear theirs.
  assert.equal([...zonesOf(dumped, undefined).zones.keys()], ['macvlan1', 'macvlan2', 'macvlan3']);
});

zones.run();
