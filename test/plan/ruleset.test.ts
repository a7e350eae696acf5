import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { FakeKernel } from '../helpers/kernel.ts';
import { configOf, Lab, type Sections } from '../helpers/lab.ts';

const ruleset = suite('ruleset');

const LINE = { type: 'macvlan', interface: 'ether1', mac_address: '02:00:00:00:00:01', arp: 'reply-only' };
const PAIR = { type: 'arp', interface: 'm', address: '192.0.2.1', mac_address: '02:00:00:00:00:99' };

function lab(sections: Sections): Lab {
  const kernel = new FakeKernel();
  kernel.port('ether1', { up: true });
  return new Lab(kernel, configOf(sections));
}

/** The script that nft would be given now. */
function script(lab: Lab): string | undefined {
  return lab.plan().ops.flatMap((op) => (op.op === 'setRuleset' ? [op.text] : []))[0];
}

ruleset('it is one transaction that puts the table in the place of an older one', () => {
  const one = lab({ m: LINE, a: PAIR, b: { ...PAIR, address: '192.0.2.2', interface: 'ether1' } });
  one.settle(5);
  one.kernel.rulesets = {};
  assert.is(
    script(one)!.replace(/"[0-9a-f]{1,8}"/, '"DIGEST"'),
    `table arp macvlan
delete table arp macvlan
table arp macvlan {
	comment "DIGEST"
	set links { type ifname; elements = { "m" } }
	set pairs { type ifname . ipv4_addr . ether_addr; elements = { "m" . 192.0.2.1 . 02:00:00:00:00:99 } }
	chain input {
		type filter hook input priority 0; policy accept;
		iifname @links arp operation reply drop
		iifname @links arp operation request iifname . arp saddr ip . arp saddr ether != @pairs drop
	}
	chain output {
		type filter hook output priority 0; policy accept;
		oifname @links arp operation request drop
	}
}
`,
  );
});

ruleset('it is set again for another pair or another link, and for nothing else', () => {
  const sections: Sections = { m: LINE, n: { ...LINE, mac_address: '02:00:00:00:00:02' }, a: PAIR };
  const changes: [string, Sections, boolean][] = [
    ['nothing', {}, false],
    ['a comment', { a: { ...PAIR, comment: 'x' } }, false],
    ['another MTU', { m: { ...LINE, mtu: '1400' } }, false],
    ['a pair of a link that answers all', { b: { ...PAIR, interface: 'ether1' } }, false],
    ['a published entry', { b: { ...PAIR, address: '192.0.2.7', published: '1' } }, false],
    ['another MAC', { a: { ...PAIR, mac_address: '02:00:00:00:00:98' } }, true],
    ['one more pair', { b: { ...PAIR, address: '192.0.2.7' } }, true],
    ['one link less', { n: { ...LINE, arp: 'enabled', mac_address: '02:00:00:00:00:02' } }, true],
  ];
  for (const [what, change, isNews] of changes) {
    const one = lab(sections);
    one.settle(5);
    one.config = configOf({ ...sections, ...change });
    assert.is(script(one) !== undefined, isNews, what);
  }
});

ruleset('without pairs a set has no elements, and without links there is no table', () => {
  const one = lab({ m: LINE });
  assert.match(script(one)!, '\tset pairs { type ifname . ipv4_addr . ether_addr; }\n');
  one.settle(5);
  one.config = configOf({});
  assert.is(script(one), 'table arp macvlan\ndelete table arp macvlan\n');
});

ruleset('without nft it is tried again, and the link answers nobody until it works', () => {
  const one = lab({ m: LINE });
  one.kernel.withoutNft = true;
  one.pass();
  one.pass();
  const link = () => [...one.kernel.links.values()].find(({ ifname }) => ifname === 'm');
  assert.is(link()?.arp, false);
  one.kernel.withoutNft = false;
  one.now += 5000;
  one.settle(5);
  assert.is(link()?.arp, true);
  assert.ok(one.kernel.rulesets.arp);
});

ruleset.run();
