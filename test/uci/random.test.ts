import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Change, Draft, Drafts } from '../../src/uci/changes.ts';
import { edit } from '../../src/uci/edit.ts';
import { type Document, type Option, parse } from '../../src/uci/parse.ts';
import { Random, randomChanges, randomFile } from './random.ts';
import { rowsOf, textOf } from './sections.ts';

const RANDOM = suite('uci/random');
const FILES = 200;

function each(check: (text: string, random: Random) => void): void {
  for (let seed = 1; seed <= FILES; seed++) {
    const random = new Random(seed);
    const text = randomFile(random, seed % 2 === 0);
    try {
      check(text, random);
    } catch (error) {
      throw new Error(`seed ${seed}: ${error}\n${text}`);
    }
  }
}

/** All of a document but where things stand in the text. */
function said({ sections, problems }: Document) {
  const ofOption = ({ name, kind, values, line }: Option) => ({ name, kind, values, line });
  return {
    problems,
    sections: sections.map(({ type, name, line, options }) => ({ type, name, line, options: options.map(ofOption) })),
  };
}

/** The order of options has no meaning, that of sections has. */
function meant(sections: Pick<Draft, 'type' | 'name' | 'options'>[]): string {
  const lines = sections.map(({ type, name, options }) => [
    type,
    name,
    [...options].sort(([a], [b]) => (a < b ? -1 : 1)),
  ]);
  return JSON.stringify(lines, null, 1);
}

function meaning(document: Document, changes: Change[] = []): string {
  const drafts = new Drafts(document, changes);
  const standing = document.sections.map(
    (section) => drafts.of(section) ?? new Draft(section.type, section.name, section.options),
  );
  return meant([...standing, ...drafts.added].filter(({ removed }) => !removed));
}

RANDOM('every character is in one row, and no change changes nothing', () =>
  each((text) => {
    const document = parse(text);
    assert.is(textOf(document.rows, text), text);
    assert.is(edit(text, []), text);
  }),
);

RANDOM('a comment behind a line changes nothing that the file says', () =>
  each((text) => {
    const document = parse(text);
    const lines = rowsOf(document.rows).map(({ start, end, kind }) => {
      const line = text.slice(start, end);
      return kind === 'command' ? line.replace(/(?:\r?\n)?$/, ' #$&') : line;
    });
    assert.equal(said(parse(lines.join(''))), said(document));
  }),
);

RANDOM('an edited file means what the changes say', () =>
  each((text, random) => {
    const document = parse(text);
    const changes = randomChanges(random, document);
    const after = edit(text, changes);
    assert.is(meaning(parse(after)), meaning(document, changes), JSON.stringify(changes));
    assert.is(edit(after, []), after);
  }),
);

RANDOM('making the same changes again changes nothing', () =>
  each((text, random) => {
    const document = parse(text);
    const changes = randomChanges(random, document).filter(
      (change) => change.kind === 'set' && typeof change.section === 'number',
    );
    const after = edit(text, changes);
    assert.is(edit(after, changes), after);
  }),
);

RANDOM('setting one option leaves every other line alone', () =>
  each((text, random) => {
    const { sections, rows } = parse(text);
    const place = sections.findIndex(({ options }) => options.some(({ kind }) => kind === 'option'));
    const option = sections[place]?.options.find(({ kind }) => kind === 'option');
    if (!option) return;
    const { row } = rows.statements(option.places).at(-1)!;
    const value = random.one(['new', 'new value']);
    const after = edit(text, [{ kind: 'set', section: place, option: option.name, value }]);
    assert.is(after.slice(0, row.start), text.slice(0, row.start));
    const rest = text.slice(row.end);
    assert.is(after.slice(after.length - rest.length), rest);
  }),
);

RANDOM('random text is read without an error being thrown', () => {
  for (let seed = 1; seed <= FILES; seed++) {
    const random = new Random(seed);
    const pieces = [
      'config',
      'option',
      'list',
      ' ',
      '\n',
      '\t',
      "'",
      '"',
      '\\',
      '#',
      ';',
      'a',
      'p',
      '\r\n',
      '\0',
      'ü',
      '-',
    ];
    const text = Array.from({ length: random.below(60) }, () => random.one(pieces)).join('');
    const document = parse(text);
    assert.is(textOf(document.rows, text), text);
    assert.is(edit(text, []), text);
  }
});

RANDOM.run();
