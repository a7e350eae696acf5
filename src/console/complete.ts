import type { MenuDescription } from '../model/menu.ts';
import { consoleName, rowOf } from '../model/properties.ts';
import { methodOf } from '../routeros/menu.ts';
import { LANGUAGE } from '../routeros/path.ts';
import { FORMS } from '../routeros/print.ts';
import { quotedIfNeeded } from '../routeros/quote.ts';
import { type Expected, expectedAt } from '../routeros/script.ts';
import type { MenuSyntax } from '../routeros/table.ts';
import { COMMANDS, METHODS } from './help.ts';

/** What may stand at the cursor: `insert` is what is typed for it, `help` one line of what it means. */
export interface Candidate {
  readonly word: string;
  readonly insert: string;
  readonly help: string;
}

export interface Completion {
  readonly expected: Expected;
  readonly candidates: readonly Candidate[];
  /** Of a value: what may be written there, when it is no list of words. */
  readonly hint: string;
}

/** What only the router knows. */
export interface Names {
  /** The names of a menu's items. */
  items(menu: MenuDescription): Promise<string[]>;
  /** Interfaces that something can be put on. */
  interfaces(): Promise<string[]>;
}

/** All that may stand where `text` ends. Undefined when nothing may, or when it is wrong before. */
export async function completionOf(
  text: string,
  menu: string,
  syntax: readonly MenuSyntax[],
  menus: readonly MenuDescription[],
  names: Names,
): Promise<Completion | undefined> {
  const expected = expectedAt(text, syntax, menu);
  if (!expected) return undefined;
  const description = menus.find(({ path }) => path === expected.menu);
  const all = await candidatesOf(expected, description, syntax, names);
  const candidates = all.filter(({ word }) => word.startsWith(expected.word));
  const row = description && expected.property && rowOf(description.properties, expected.property.replaceAll('-', '_'));
  return { expected, candidates, hint: row ? `${row.type.expected}: ${row.help}` : '' };
}

async function candidatesOf(
  expected: Expected,
  menu: MenuDescription | undefined,
  syntax: readonly MenuSyntax[],
  names: Names,
): Promise<Candidate[]> {
  switch (expected.wants) {
    case 'command':
      return [...submenus(expected.menu, syntax), ...commands(expected, syntax)];
    case 'argument':
      return [...properties(expected, menu), ...switches(expected), ...(await items(expected, menu, names))];
    case 'property':
      return menu ? everything(menu).map(([word, help]) => ({ word, insert: word, help })) : [];
    case 'value':
      return values(expected.property!, menu, names);
  }
}

function submenus(menu: string, syntax: readonly MenuSyntax[]): Candidate[] {
  const start = menu === '' ? '' : `${menu} `;
  const words = syntax
    .filter(({ path }) => path !== '' && path.startsWith(start))
    .map(({ path }) => path.slice(start.length).split(' ')[0]!);
  return [...new Set(words)].map((word) => ({ word, insert: `${word} `, help: 'a menu' }));
}

function commands({ menu, word }: Expected, syntax: readonly MenuSyntax[]): Candidate[] {
  const own = syntax.find(({ path }) => path === menu)?.commands ?? [];
  const language = word.startsWith(':') ? LANGUAGE : [];
  return [...own, ...language].map(({ name }) => ({
    word: name,
    insert: `${name} `,
    help: COMMANDS[name] ?? METHODS[name] ?? '',
  }));
}

function properties({ command, used }: Expected, menu: MenuDescription | undefined): Candidate[] {
  const rest = (command?.properties ?? []).filter((name) => !used.includes(name));
  return rest.map((word) => {
    const row = menu && rowOf(menu.properties, word.replaceAll('-', '_'));
    return { word, insert: `${word}=`, help: row ? `${row.type.expected}: ${row.help}` : (COMMANDS[`${word}=`] ?? '') };
  });
}

function switches({ command }: Expected): Candidate[] {
  const words = [...(command?.switches ?? []), ...(command?.where && command.name !== 'find' ? ['where'] : [])];
  return words.map((word) => ({
    word,
    insert: `${word} `,
    help: FORMS.some((form) => form === word) ? 'a form' : (COMMANDS[word] ?? ''),
  }));
}

async function items({ command }: Expected, menu: MenuDescription | undefined, names: Names): Promise<Candidate[]> {
  if (!command?.items || !menu) return [];
  if (methodOf(menu, command.name)?.ofInterface)
    return (await names.interfaces()).map((word) => ({ word, insert: `${word} `, help: 'an interface' }));
  const found = (await names.items(menu)).map((word) => ({
    word,
    insert: `${quotedIfNeeded(word)} `,
    help: 'an item',
  }));
  const words = (command.words ?? []).map((word) => ({ word, insert: `${word} `, help: 'a property' }));
  return [...found, ...words];
}

function everything(menu: MenuDescription): [string, string][] {
  return [...Object.entries(menu.properties), ...Object.entries(menu.readOnly)].map(([name, { help }]) => [
    consoleName(name),
    help,
  ]);
}

/** The words of a type such as `bridge | private`; interfaces; names of items. */
async function values(property: string, menu: MenuDescription | undefined, names: Names): Promise<Candidate[]> {
  const row = menu && rowOf(menu.properties, property.replaceAll('-', '_'));
  const insert = (word: string) => ({ word, insert: `${quotedIfNeeded(word)} `, help: '' });
  if (menu && (property === 'numbers' || property === 'copy-from' || property === 'from'))
    return (await names.items(menu)).map(insert);
  if (menu && (property === 'value-name' || property === 'proplist'))
    return everything(menu).map(([word]) => insert(word));
  if (!row) return menu?.readOnly[property.replaceAll('-', '_')]?.kind === 'yes-no' ? ['yes', 'no'].map(insert) : [];
  if (row.type.expected === 'an interface') return (await names.interfaces()).map(insert);
  const words = row.type.expected.split(' | ').filter((word) => /^[a-z][\w-]*$/.test(word));
  return words.map(insert);
}

/** What all of the words begin with. */
export function common(words: readonly string[]): string {
  return words.reduce((shared, word) => {
    let n = 0;
    while (n < shared.length && shared[n] === word[n]) n++;
    return shared.slice(0, n);
  }, words[0] ?? '');
}
