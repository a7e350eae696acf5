import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { hashOf, printCatalog } from '../../package-feed/lmo.ts';
import { catalogOf, LANGUAGES, languages, TEMPLATE, template } from '../../package-feed/translations.ts';

const spoken = suite('translations of luci-app-macvlan');
const texts = [...template().matchAll(/^msgid (".+")$/gm)].map(([, id]) => JSON.parse(id!) as string).filter(Boolean);
/** What is put into a text: `%s`, `%d`, `%t`. */
const holes = (text: string) => (text.match(/%[a-z]/g) ?? []).sort().join();

spoken('the template has what the pages say today; else run npx tsx package-feed/translations.ts', () => {
  assert.is(readFileSync(TEMPLATE, 'utf8'), template());
});

for (const language of languages()) {
  spoken(`${language}: every text, with the same things put into it, and no other`, () => {
    const { said, forms } = catalogOf(language);
    assert.ok(LANGUAGES[language]);
    assert.equal(said.map(({ id }) => id).sort(), [...texts].sort());
    for (const { id, isPlural, texts } of said) {
      assert.is(texts.length, isPlural ? Number(/nplurals=(\d)/.exec(forms)![1]) : 1, id);
      for (const text of texts) assert.is(holes(text), holes(id), id);
    }
  });
}

spoken('LuCI finds a text without the spaces around it, and one space for many', () => {
  for (const text of texts) assert.is(text, text.trim().replace(/\s+/g, ' '));
});

// What luci-base's own program says of these.
spoken('the hash is that of LuCI', () => {
  const known = { a: '115ea782', ab: '516b8b44', abc: 'd2be198a', Port: 'ee2348ea', 'Add lines…': 'b3d5c58c' };
  for (const [text, hash] of Object.entries(known)) assert.is(hashOf(text).toString(16), hash, text);
});

spoken('a catalog: an index in order at its end, and each text where it says', () => {
  const said = [
    { id: 'Port', isPlural: false, texts: ['Anschluss'] },
    { id: '%d line', isPlural: true, texts: ['%d Leitung', '%d Leitungen'] },
    { id: 'MTU', isPlural: false, texts: ['MTU'] },
  ];
  const catalog = printCatalog(said, 'nplurals=2; plural=(n != 1);');
  const start = catalog.readUInt32BE(catalog.length - 4);
  assert.is(start % 4, 0);
  const entries: { key: number; kind: number; text: string }[] = [];
  for (let at = start; at < catalog.length - 4; at += 16) {
    const [key, kind, offset, length] = [0, 4, 8, 12].map((n) => catalog.readUInt32BE(at + n)) as number[];
    entries.push({ key: key!, kind: kind!, text: catalog.toString('utf8', offset, offset! + length!) });
  }
  assert.equal(
    entries.map(({ key }) => key),
    entries.map(({ key }) => key).sort((a, b) => a - b),
  );
  const found = (id: string) => entries.find(({ key }) => key === hashOf(id));
  assert.equal(entries[0], { key: 0, kind: 0, text: 'nplurals=2; plural=(n != 1);' });
  assert.equal(found('Port'), { key: 0xee2348ea, kind: 1, text: 'Anschluss' });
  assert.equal(found('%d line\x021'), { key: hashOf('%d line\x021'), kind: 2, text: '%d Leitungen' });
  assert.is(found('MTU'), undefined);
});

spoken.run();
