import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { languages, TEMPLATE, template, translations } from '../../package-feed/translations.ts';

const spoken = suite('translations of luci-app-macvlan');
const texts = [...template().matchAll(/^msgid (".+")$/gm)].map(([, id]) => JSON.parse(id!) as string).filter(Boolean);
/** What is put into a text: `%s`, `%d`, `%t`. */
const holes = (text: string) => (text.match(/%[a-z]/g) ?? []).sort().join();

spoken('the template has what the pages say today; else run npx tsx package-feed/translations.ts', () => {
  assert.is(readFileSync(TEMPLATE, 'utf8'), template());
});

for (const language of languages()) {
  spoken(`${language}: every text, with the same things put into it, and no other`, () => {
    const said = translations(language);
    assert.equal([...said.keys()].sort(), [...texts].sort());
    for (const [id, text] of said) assert.is(holes(text), holes(id), id);
  });
}

spoken.run();
