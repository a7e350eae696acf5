import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { descriptions } from '../../src/menus/descriptions.ts';
import { globals } from '../../src/model/config.ts';
import { consoleName } from '../../src/model/properties.ts';
import { VERSION } from '../../src/model/version.ts';
import { source } from '../helpers/fixture.ts';
import { menus } from '../helpers/menus.ts';

const tables = suite('tables');

for (const menu of descriptions) {
  tables(`/${menu.path}: every property and every read-only value has a help text`, () => {
    for (const [name, row] of [...Object.entries(menu.properties), ...Object.entries(menu.readOnly)]) {
      assert.ok(row.help.length > 5, name);
      assert.not.match(row.help, /[.\n]$/, name);
      assert.match(name, /^[a-z][a-z0-9_]*$/);
    }
  });

  tables(`/${menu.path}: key, columns and flags exist`, () => {
    const known = [...Object.keys(menu.properties), ...Object.keys(menu.readOnly)];
    for (const name of [menu.key, ...menu.columns, ...menu.flags.map(({ value }) => value)])
      assert.ok(known.includes(name), name);
    assert.is(new Set(known).size, known.length, 'no name stands twice');
    assert.is(new Set(menu.flags.map(({ letter }) => letter)).size, menu.flags.length);
    for (const { value } of menu.flags) assert.is.not(menu.readOnly[value]?.kind, 'text');
  });

  tables(`/${menu.path}: a default is what its own type reads back from UCI and from the console`, () => {
    for (const [name, { type, default: value }] of Object.entries(menu.properties)) {
      if (value === undefined) continue;
      assert.equal(type.parse([type.store(value)].flat().join(' ')), value, name);
      assert.equal(type.parse(type.print(value)), value, name);
    }
  });

  tables(`/${menu.path}: every menu can be disabled and commented, and runs when it is added`, () => {
    assert.is(menu.properties.disabled?.default, false);
    assert.ok(menu.properties.comment);
    assert.is(menu.object, menu.type === 'macvlan' ? 'macvlan' : `macvlan.${menu.type}`);
  });
}

tables('every described menu has a behaviour, in the same order', () => {
  assert.equal(
    menus.map(({ type }) => type),
    descriptions.map(({ type }) => type),
  );
});

tables('the globals have help texts too', () => {
  for (const [name, row] of Object.entries(globals)) assert.ok(row.help.length > 5, name);
});

tables('a property is spelled with hyphens on the console', () => {
  assert.is(consoleName('default_route_distance'), 'default-route-distance');
});

tables("the version is package.json's", () => {
  assert.is(VERSION, (JSON.parse(source('package.json')) as { version: string }).version);
});

tables.run();
