import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { descriptions } from '../src/menus/descriptions.ts';
import type { Said } from './lmo.ts';

/**
 * LuCI's translations: `npx tsx package-feed/translations.ts` writes po/templates/macvlan.pot from what the pages say, as LuCI's own
 * scanner does (`_('…')`, `N_(n, '…', '…')`), and what the property tables say; a po file has each
 * of its strings, or that string is shown in English.
 */
const APP = join(dirname(fileURLToPath(import.meta.url)), 'luci-app-macvlan');
export const TEMPLATE = join(APP, 'po/templates/macvlan.pot');

interface Message {
  readonly id: string;
  readonly plural?: string | undefined;
  readonly places: string[];
}

const TABLES = 'src/menus/descriptions.ts';

const TEXT = String.raw`'((?:[^'\\]|\\.)*)'`;
const CALL = new RegExp(String.raw`\b(?:_\(${TEXT}|N_\([^,]+, ${TEXT}, ${TEXT})`, 'g');

function messages(): Message[] {
  const found = new Map<string, Message>();
  const folder = join(APP, 'htdocs');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.js'));
  for (const file of files.sort()) {
    readFileSync(join(folder, file), 'utf8')
      .split('\n')
      .forEach((line, at) => {
        for (const [, single, one, many] of line.matchAll(CALL)) {
          const id = (single ?? one!).replace(/\\'/g, "'");
          const known = found.get(id) ?? { id, plural: many, places: [] };
          known.places.push(`${relative(APP, join(folder, file))}:${at + 1}`);
          found.set(id, known);
        }
      });
  }
  for (const help of helps()) if (!found.has(help)) found.set(help, { id: help, places: [TABLES] });
  return [...found.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** What the forms say of properties, which no scanner finds: it comes of the tables. */
function helps(): string[] {
  return descriptions.flatMap(({ properties }) => Object.values(properties).map(({ help }) => help));
}

/** The template as it should be. */
export function template(): string {
  const entries = messages().map(({ id, plural, places }) => {
    const at = places.map((place) => `#: ${place}\n`).join('');
    const forms = plural === undefined ? 'msgstr ""' : `msgid_plural ${quoted(plural)}\nmsgstr[0] ""\nmsgstr[1] ""`;
    return `${at}msgid ${quoted(id)}\n${forms}\n`;
  });
  return [`msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8"\n`, ...entries].join('\n');
}

export function languages(): string[] {
  return readdirSync(join(APP, 'po')).filter((name) => name !== 'templates');
}

/** LuCI's words for languages (luci.mk): how its files and packages call one, and how a person does. */
export const LANGUAGES: Readonly<Record<string, { readonly code: string; readonly name: string }>> = {
  de: { code: 'de', name: 'Deutsch (German)' },
  zh_Hans: { code: 'zh-cn', name: '简体中文 (Simplified Chinese)' },
};

/** What a language says, and its rule for plural forms. What it does not say is left out. */
export function catalogOf(language: string): { said: Said[]; forms: string } {
  const text = readFileSync(join(APP, 'po', language, 'macvlan.po'), 'utf8');
  const entries = [...text.matchAll(/^msgid (".*")\n(msgid_plural .*\n)?((?:msgstr.*\n?)+)/gm)];
  const said = entries.map(([, id, plural, strings]) => ({
    id: JSON.parse(id!) as string,
    isPlural: plural !== undefined,
    texts: [...strings!.matchAll(/^msgstr(?:\[\d\])? (".*")$/gm)].map(([, one]) => JSON.parse(one!) as string),
  }));
  return {
    said: said.filter(({ id, texts }) => id !== '' && texts.every((one) => one !== '')),
    forms: /"Plural-Forms: (.*)\\n"/.exec(text)?.[1] ?? '',
  };
}

function quoted(text: string): string {
  return JSON.stringify(text);
}

if (process.argv[1]?.endsWith('translations.ts')) writeFileSync(TEMPLATE, template());
