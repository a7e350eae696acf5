import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { DOCUMENTS, filled, missing } from '../../docs/tables.ts';
import { globals, readConfig } from '../../src/model/config.ts';
import { parse } from '../../src/uci/parse.ts';
import { source } from '../helpers/fixture.ts';
import { menus } from '../helpers/menus.ts';

const test = suite('docs');
const EXAMPLE = 'files/etc/config/macvlan';

/** The example with its commands in force: `#config` and `#<tab>option`, while prose has a blank behind the #. */
const example = parse(source(EXAMPLE).replace(/^#(?=config|\t)/gm, ''));

for (const path of DOCUMENTS) {
  test(`${path} has the tables of today; else run npx tsx docs/generate.ts`, () => {
    const text = source(path);
    assert.is(filled(text), text);
  });
}

test('every table stands in a document', () => {
  assert.equal(missing(DOCUMENTS.map(source)), []);
});

test('a document that asks for an unknown table is refused', () => {
  assert.throws(() => filled('<!-- table uci nothing -->\n<!-- end -->'), /no table "uci nothing"/);
});

const types = [...menus, { type: 'globals', properties: { ...globals, port_alias: undefined } }];
for (const { type, properties } of types) {
  test(`${EXAMPLE} shows every option of ${type}, and docs/uci.md names it`, () => {
    const shown = example.sections.find((section) => section.type === type)?.options.map(({ name }) => name);
    assert.equal([...(shown ?? [])].sort(), Object.keys(properties).sort());
    for (const name of Object.keys(properties)) assert.match(source('docs/uci.md'), new RegExp(`\\b${name}\\b`));
  });
}

test(`${EXAMPLE} configures nothing as it stands, and nothing wrong with its commands in force`, () => {
  assert.equal(parse(source(EXAMPLE)).sections, []);
  const config = readConfig(example, menus);
  assert.equal(config.problems, []);
  assert.is(config.items.length, menus.length);
});

test.run();
