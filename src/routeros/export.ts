import type { Item } from '../model/config.ts';
import type { MenuDescription } from '../model/menu.ts';
import { consoleName, type Property } from '../model/properties.ts';
import { quotedIfNeeded } from './quote.ts';

export interface ExportOptions {
  /** Properties that are as they are without being said, too. */
  readonly verbose?: boolean;
  /** Each command with its whole path on one line, however long. */
  readonly terse?: boolean;
  /** Passwords. */
  readonly showSensitive?: boolean;
}

/** What an export of RouterOS breaks lines at. */
const WIDTH = 80;
const INDENT = '    ';

/** One menu's items as RouterOS's `export` writes them: a line for the menu, and an `add` each. Empty without items. */
export function exportMenu(menu: MenuDescription, items: readonly Item[], options: ExportOptions): string {
  const path = `/${menu.path}`;
  const lines = items.map((item) => {
    const words = [...(options.terse ? [path] : []), 'add', ...wordsOf(menu, item, options)];
    if (item.problems.length > 0) return `# ${item.problems[0]!.error}\n# ${words.join(' ')}\n`;
    return `${options.terse ? words.join(' ') : folded(words)}\n`;
  });
  return [...(options.terse || items.length === 0 ? [] : [`${path}\n`]), ...lines].join('');
}

/** `name=value` in the order of the alphabet; what has no value is `!name` in a verbose export. */
function wordsOf(menu: MenuDescription, item: Item, options: ExportOptions): string[] {
  const shown = Object.entries(menu.properties).filter(([, row]) => options.showSensitive || !row.secret);
  return shown
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, row]) => wordOf(consoleName(name), row, item.values[name], options))
    .filter((word) => word !== '');
}

function wordOf(name: string, row: Property<unknown>, value: unknown, { verbose }: ExportOptions): string {
  if (value === undefined) return verbose ? `!${name}` : '';
  const text = row.type.print(value);
  const isDefault = row.default !== undefined && row.type.print(row.default) === text;
  return isDefault && !verbose ? '' : `${name}=${quotedIfNeeded(text)}`;
}

/** Lines of at most 80 columns, broken between words, behind a `=`, and inside of quotes where nothing else helps. */
function folded(words: readonly string[]): string {
  let lines = '';
  let line = '';
  const next = (end: string) => {
    lines += `${line}${end}\\\n`;
    line = INDENT;
  };
  for (const word of words) {
    const blank = line === '' || line === INDENT ? '' : ' ';
    const [name, value] = [word.slice(0, word.indexOf('=') + 1), word.slice(word.indexOf('=') + 1)];
    if (line.length + blank.length + word.length < WIDTH) line += blank + word;
    else if (name !== '' && line.length + blank.length + name.length < WIDTH) {
      line += blank + name;
      next('');
      line += value;
    } else {
      next(blank);
      line += word;
    }
    while (line.length >= WIDTH && line.endsWith('"')) {
      const at = breakIn(line);
      if (at === undefined) break;
      lines += `${line.slice(0, at)}\\\n`;
      line = INDENT + line.slice(at);
    }
  }
  return lines + line;
}

/** Where a text in quotes may be broken: not inside of an escape, and not before a blank, which would be lost. */
function breakIn(line: string): number | undefined {
  const start = line.indexOf('"');
  const pieces = line.slice(start).matchAll(/\\[0-9A-F]{2}|\\.|[^\\]/gsu);
  let best: number | undefined;
  for (const { index, 0: piece } of pieces) {
    const at = start + index;
    if (at >= WIDTH) break;
    if (at > start + 1 && !/^[ \t]/.test(piece)) best = at;
  }
  return best;
}
