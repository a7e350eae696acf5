import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readConfig } from '../../src/model/config.ts';
import { derivedIfname, ifnameOf, interfaceItem, resolveInterface } from '../../src/model/names.ts';
import { ifnameFault } from '../../src/model/types.ts';
import { parse } from '../../src/uci/parse.ts';
import { menus } from '../helpers/menus.ts';

const names = suite('names');

const config = readConfig(
  parse(`
config globals
	list port_alias 'ether1=wan'
	list port_alias 'macvlan1=never'
config macvlan
	option name 'macvlan1'
	option interface 'ether1'
config macvlan
	option name 'the second line'
	option interface 'ether1'
config macvlan
	option name 'third'
	option ifname 'line3'
	option interface 'ether1'
`),
  menus,
);

names('an interface is an item of ours first, then an alias, then a link', () => {
  const rows: [string, string, string | undefined][] = [
    ['macvlan1', 'macvlan1', 'macvlan_1'],
    ['the second line', 'the-second-cf02', 'macvlan_2'],
    ['third', 'line3', 'macvlan_3'],
    ['line3', 'line3', undefined],
    ['ether1', 'wan', undefined],
    ['wan', 'wan', undefined],
    ['eth7', 'eth7', undefined],
  ];
  for (const [name, ifname, id] of rows) {
    const found = resolveInterface(config, name);
    assert.is(found.ifname, ifname, name);
    assert.is(found.item?.id, id, name);
    assert.is(interfaceItem(config, name)?.id, id, name);
  }
});

names('an item without a name goes by its id', () => {
  const item = { ...config.items[0]!, values: {} };
  assert.is(ifnameOf(item), derivedIfname('macvlan_1'));
});

names('a derived name is always the same, stays apart from others, and is one that the kernel takes', () => {
  const rows = ['a', 'a name', 'a name ', 'all', '100%', 'ether1.100', 'a/b', 'Büro', '😀', ' ', 'x'.repeat(300)];
  for (const name of rows) {
    assert.is(derivedIfname(name), derivedIfname(name));
    assert.is(ifnameFault(derivedIfname(name)), undefined, name);
  }
  assert.is(new Set(rows.map(derivedIfname)).size, rows.length);
});

// FNV-1a of "foobar" is 0xbf9cf968 (draft-eastlake-fnv, test vectors).
names('the hash is the upper half of FNV-1a', () => {
  assert.is(derivedIfname('foobar'), 'foobar-bf9c');
});

names.run();
