import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { FakeKernel } from '../helpers/kernel.ts';
import { configOf, Lab, type Sections } from '../helpers/lab.ts';

const keeping = suite('the inet table');

function lab(sections: Sections): Lab {
  const kernel = new FakeKernel();
  kernel.port('ether1', { up: true });
  return new Lab(kernel, configOf(sections));
}

const line = (n: number, more = {}) => ({
  [`macvlan_${n}`]: {
    type: 'macvlan',
    name: `m${n}`,
    interface: 'ether1',
    mac_address: `02:00:00:00:00:0${n}`,
    ...more,
  },
});
const client = (n: number, more = {}) => ({
  [`dhcp_client_${n}`]: { type: 'dhcp_client', interface: `m${n}`, ...more },
});

/** The script of our inet table as nft would be given it, while there is a reason to. */
function script(one: Lab): string {
  one.kernel.rulesets = {};
  const { ops } = one.plan();
  return ops.flatMap((op) => (op.op === 'setRuleset' ? [op.text] : [])).join('');
}

keeping('each line has a mark, and a connection of it comes back by it', () => {
  const one = lab({ ...line(1), ...client(1), ...line(2), ...client(2) });
  one.settle(5);
  const text = script(one).replace(/"[0-9a-f]{1,8}"/, '"DIGEST"');
  assert.is(
    text,
    `table inet macvlan
delete table inet macvlan
table inet macvlan {
	comment "DIGEST"
	chain keep_0x01000000 {
		ct mark set ct mark & 0x00ffffff | 0x01000000
	}
	chain back_0x01000000 {
		meta mark set meta mark & 0x00ffffff | 0x01000000
	}
	chain keep_0x02000000 {
		ct mark set ct mark & 0x00ffffff | 0x02000000
	}
	chain back_0x02000000 {
		meta mark set meta mark & 0x00ffffff | 0x02000000
	}
	set lines { type ifname; elements = { "m1", "m2" } }
	chain prerouting {
		type filter hook prerouting priority mangle; policy accept;
		ct state new ct mark & 0xff000000 == 0 iifname vmap { "m1" : goto keep_0x01000000, "m2" : goto keep_0x02000000 }
		iifname != @lines ct mark & 0xff000000 vmap { 0x01000000 : goto back_0x01000000, 0x02000000 : goto back_0x02000000 }
	}
	chain output {
		type route hook output priority mangle; policy accept;
		ct state != related ct mark & 0xff000000 vmap { 0x01000000 : goto back_0x01000000, 0x02000000 : goto back_0x02000000 }
	}
	chain postrouting {
		type filter hook postrouting priority mangle; policy accept;
		ct state new ct mark & 0xff000000 == 0 oifname vmap { "m1" : goto keep_0x01000000, "m2" : goto keep_0x02000000 }
	}
}
`,
  );
});

keeping('of several addresses on a link each keeps its table and mark when one before it goes or comes', () => {
  const address = (n: number, more = {}) => ({
    [`address_${n}`]: {
      type: 'address',
      address: `10.0.${n}.1/24`,
      gateway: `10.0.${n}.254`,
      interface: 'm1',
      ...more,
    },
  });
  const one = lab({ ...line(1), ...address(1), ...address(2), ...address(3) });
  one.settle(5);
  const tables = () =>
    one.kernel.rules.flatMap(({ source, table, isSpecific }) => (source && isSpecific ? [`${source} ${table}`] : []));
  const marks = () => one.kernel.rules.flatMap(({ fwmark, table }) => (fwmark ? [`${fwmark} ${table}`] : []));
  const [first, ...others] = tables();
  const [mark, ...otherMarks] = marks();
  assert.is(others.length, 2);
  one.config = configOf({ ...line(1), ...address(1, { disabled: '1' }), ...address(2), ...address(3) });
  one.settle(5);
  assert.equal([tables(), marks()], [others, otherMarks]);
  one.config = configOf({ ...line(1), ...address(1), ...address(2), ...address(3) });
  one.settle(5);
  assert.equal([new Set(tables()), new Set(marks())], [new Set([first, ...others]), new Set([mark, ...otherMarks])]);
});

keeping('a connection has the mark of the gateway by which it goes out, where a link has several', () => {
  const address = (n: number, host: string, gateway: string) => ({
    [`address_${n}`]: { type: 'address', address: `${host}/24`, gateway, interface: 'm1' },
  });
  const one = lab({
    ...line(1),
    ...address(1, '10.0.1.1', '10.0.1.254'),
    ...address(2, '10.0.2.1', '10.0.2.254'),
    ...address(3, '10.0.1.2', '10.0.1.254'),
    ...address(4, '10.0.2.2', '10.0.2.254'),
  });
  one.settle(5);
  const rows = (hook: string) =>
    script(one)
      .split('\n')
      .filter((text) => text.includes(hook));
  assert.equal(rows('rt ip nexthop'), [
    '\t\tct state new ct mark & 0xff000000 == 0 oifname . rt ip nexthop vmap { "m1" . 10.0.2.254 : goto keep_0x02000000 }',
  ]);
  assert.match(rows('ip daddr')[0]!, /"m1" \. 10\.0\.2\.1 : goto keep_0x02000000, .*10\.0\.2\.2 : goto keep_0x04/);
});

keeping('a line keeps its mark when one before it goes', () => {
  const one = lab({ ...line(1), ...client(1), ...line(2), ...client(2) });
  one.settle(5);
  one.bound('dhcp_client_1', '192.0.2.10');
  one.bound('dhcp_client_2', '192.0.2.11');
  one.settle(5);
  const marks = () => one.kernel.rules.flatMap(({ fwmark, table }) => (fwmark ? [[table, fwmark]] : []));
  const second = marks()[1]!;
  one.config = configOf({ ...line(2), ...client(2) });
  one.settle(8);
  assert.equal(marks(), [second]);
  one.config = configOf({ ...line(3), ...client(3), ...line(2), ...client(2) });
  one.settle(8);
  one.bound('dhcp_client_3', '192.0.2.12');
  one.settle(5);
  assert.equal(marks()[0], second);
  assert.is(marks()[1]![1], 0x01000000, 'what became free is given out again');
});

keeping('source routing can be left out', () => {
  const one = lab({ ...line(1), ...client(1, { source_routing: '0' }) });
  one.settle(5);
  one.bound('dhcp_client_1', '192.0.2.10');
  one.settle(5);
  assert.equal([one.kernel.rulesets, one.kernel.rules], [{}, []]);
});

keeping('a macvlan in mode private is isolated unless it says otherwise, one in another when it says so', () => {
  const isolated = (...rows: Sections[]) => {
    const one = lab(Object.assign({}, ...rows));
    one.settle(5);
    return /set isolated \{ type ifname; elements = \{ (.*?) \}/.exec(script(one))?.[1];
  };
  const guest = line(1, { mode: 'private' });
  assert.is(isolated(guest, line(2, { mode: 'private' })), '"m1", "m2"');
  assert.is(isolated(guest, line(2, { mode: 'bridge' })), undefined, 'one alone has nobody to be kept from');
  assert.is(isolated(guest, line(2, { mode: 'bridge', isolate: '1' })), '"m1", "m2"');
  assert.is(isolated(guest, line(2, { mode: 'private', isolate: '0' })), undefined);
});

keeping('a port of an isolated macvlan leads to no other one, unless it has an address of its own', () => {
  const one = lab({ ...line(1, { mode: 'private' }), ...line(2, { mode: 'private', interface: 'ether2' }) });
  const ether2 = one.kernel.port('ether2', { up: true });
  one.kernel.port('a"b', { up: true });
  const ports = () => /set ports \{ type ifname; (?:elements = \{ (.*?) \} )?\}/.exec(script(one))?.[1];
  one.settle(5);
  assert.is(ports(), '"ether1", "ether2"');
  one.kernel.addresses.push({ ifindex: ether2, address: '192.0.2.1', prefix: 24, ours: false, at: 0 });
  assert.is(ports(), '"ether1"');
  one.config = configOf({ ...line(1, { mode: 'private' }), ...line(2, { mode: 'private', interface: 'a"b' }) });
  one.settle(5);
  assert.is(ports(), '"ether1"', 'nft would misread the name');
});

keeping.run();
