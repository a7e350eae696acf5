import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Config } from '../../src/model/config.ts';
import { Draft } from '../../src/model/draft.ts';
import type { Change } from '../../src/model/edit.ts';
import { carryNotes, interfaceItem, itemsBy, noteOf } from '../../src/model/names.ts';
import { configOf } from '../helpers/lab.ts';
import { menus } from '../helpers/menus.ts';

const draft = suite('draft');

const START = configOf({
  macvlan_1: { type: 'macvlan', interface: 'ether1', name: 'a', mtu: '1400' },
  dhcp_client_1: { type: 'dhcp_client', interface: 'a' },
});
const shown = (config: Config) =>
  config.items.map(({ id, values }) => `${id} ${values.name ?? values.interface} ${values.mtu ?? ''}`.trim());

const ROWS: [title: string, changes: Change[], items: string[]][] = [
  ['nothing', [], ['macvlan_1 a 1400', 'dhcp_client_1 a']],
  [
    'an item, with its defaults',
    [
      { do: 'add', type: 'macvlan', section: 'macvlan_2' },
      { do: 'set', section: 'macvlan_2', option: 'name', value: 'b' },
    ],
    ['macvlan_1 a 1400', 'dhcp_client_1 a', 'macvlan_2 b 1500'],
  ],
  [
    'a change, and one of another item with it',
    [
      { do: 'set', section: 'macvlan_1', option: 'name', value: 'c' },
      { do: 'set', section: 'dhcp_client_1', option: 'interface', value: 'c' },
    ],
    ['macvlan_1 c 1400', 'dhcp_client_1 c'],
  ],
  ['what is unset', [{ do: 'unset', section: 'macvlan_1', option: 'mtu' }], ['macvlan_1 a 1500', 'dhcp_client_1 a']],
  ['what is removed', [{ do: 'remove', section: 'macvlan_1' }], ['dhcp_client_1 a']],
];

for (const [title, changes, items] of ROWS) {
  draft(`takes ${title}`, () => {
    const made = new Draft(START, menus);
    made.apply(changes);
    assert.equal(shown(made.config), items);
    assert.equal(made.changes, changes);
    assert.equal(shown(START), ['macvlan_1 a 1400', 'dhcp_client_1 a'], 'the start is left as it was');
  });
}

draft('each edit sees what the ones before it left, by name and by id', () => {
  const made = new Draft(START, menus);
  assert.is(interfaceItem(made.config, 'b'), undefined);
  for (const name of ['b', 'c']) {
    made.apply([
      { do: 'add', type: 'macvlan', section: `macvlan_${name}` },
      { do: 'set', section: `macvlan_${name}`, option: 'name', value: name },
    ]);
    assert.is(interfaceItem(made.config, name)?.id, `macvlan_${name}`);
    assert.ok(made.config.ids.has(`macvlan_${name}`));
  }
  made.apply([{ do: 'set', section: 'macvlan_b', option: 'name', value: 'd' }]);
  assert.is(interfaceItem(made.config, 'b'), undefined);
  assert.is(interfaceItem(made.config, 'd')?.id, 'macvlan_b');
  made.apply([{ do: 'remove', section: 'macvlan_c' }]);
  assert.is(interfaceItem(made.config, 'c'), undefined);
  assert.not(made.config.ids.has('macvlan_c'));
  assert.is(interfaceItem(START, 'd'), undefined);
});

draft('what is noted of items goes along when others come behind them, and only then', () => {
  const [first, second] = START.items;
  const before = { ...START, items: [first!] };
  assert.is(
    noteOf(before, 'n', () => 1),
    1,
  );
  assert.equal(
    itemsBy(before, ({ type }) => type, 'dhcp_client'),
    [],
  );
  const key = ({ type }: { type: string }) => type;
  assert.equal(itemsBy(before, key, 'macvlan'), [first]);
  const after = { ...START, items: [first!, second!] };
  carryNotes(before.items, after.items);
  assert.is(
    noteOf(after, 'n', () => 2),
    1,
  );
  assert.equal(itemsBy(after, key, 'dhcp_client'), [second]);
  assert.equal(itemsBy(after, key, undefined), []);
  assert.is(
    noteOf(before, 'n', () => 3),
    3,
  );
});

draft.run();
