/** Words and names of the UCI language, as libuci's file.c (parse_str) and util.c (uci_validate_str) have them. */

/** A word where it stands: `value` is what is meant by the characters `start` to `end`. */
export interface Word {
  start: number;
  end: number;
  value: string;
}

const BARE = /[^ \t\n\v\f\r'"\\#;]*/y;
const QUOTED = /[^"\\]*/y;
const BLANKS = /[ \t\v\f\r]*/y;
const COMMAND = /[^ \t\n\v\f\r;]*/y;

/** What nearly all words are: blanks, one bare or 'single' piece, and no other piece behind it. */
const SIMPLE = /[ \t\v\f\r]*(?:'([^']*)'|([^ \t\n\v\f\r'"\\#;]+))(?=[ \t\n\v\f\r#;]|$)/y;

/**
 * The next word of a command. Where there is none (line end, `;`, comment) it has no length; undefined when a quote in it is
 * never closed. Bare, 'single' and "double" pieces side by side are one word.
 */
export function readWord(text: string, at: number): Word | undefined {
  if (text[at] === '\n') return { start: at, end: at, value: '' };
  // One match a word instead of five: a third of the time under QuickJS.
  SIMPLE.lastIndex = at;
  const match = SIMPLE.exec(text);
  if (!match) return readPieces(text, skipBlanks(text, at));
  const [, single, bare] = match;
  const end = at + match[0].length;
  return single === undefined
    ? { start: end - bare!.length, end, value: bare! }
    : { start: end - single.length - 2, end, value: single };
}

function readPieces(text: string, start: number): Word | undefined {
  let value = '';
  let at = start;
  while (at < text.length) {
    const piece = readPiece(text, at);
    if (!piece) return undefined;
    if (piece.end === at) break;
    value += piece.value;
    at = piece.end;
  }
  return { start, end: at, value };
}

function readPiece(text: string, at: number): Word | undefined {
  switch (text[at]) {
    case "'":
      return readSingle(text, at);
    case '"':
      return readDouble(text, at);
    case '\\':
      return readEscape(text, at);
  }
  return readPlain(BARE, text, at);
}

function readSingle(text: string, at: number): Word | undefined {
  const close = text.indexOf("'", at + 1);
  return close < 0 ? undefined : { start: at, end: close + 1, value: text.slice(at + 1, close) };
}

function readDouble(text: string, start: number): Word | undefined {
  let value = '';
  let at = start + 1;
  while (at < text.length && text[at] !== '"') {
    const piece = text[at] === '\\' ? readEscape(text, at) : readPlain(QUOTED, text, at);
    value += piece.value;
    at = piece.end;
  }
  return at < text.length ? { start, end: at + 1, value } : undefined;
}

function readPlain(pattern: RegExp, text: string, at: number): Word {
  const value = take(pattern, text, at);
  return { start: at, end: at + value.length, value };
}

/** A backslash makes the next character an ordinary one, and joins lines when it is the last. */
function readEscape(text: string, at: number): Word {
  const joined = /\\\r?\n/y;
  joined.lastIndex = at;
  if (joined.test(text)) return { start: at, end: joined.lastIndex, value: '' };
  return { start: at, end: Math.min(at + 2, text.length), value: text.charAt(at + 1) };
}

/** Where the next thing on this line begins. */
export function skipBlanks(text: string, at: number): number {
  return at + take(BLANKS, text, at).length;
}

/** The characters of a command's own word, which libuci takes as they are, quotes and all. */
export function readCommand(text: string, at: number): string {
  return take(COMMAND, text, at);
}

function take(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? '';
}

/** Names of sections and options. */
export function isName(text: string): boolean {
  // To look for what is wrong costs half of what a match does: QuickJS makes its result even when nobody asks.
  return text !== '' && !/[^A-Za-z0-9_]/.test(text);
}

/** Names of files in /etc/config. */
export function isPackageName(text: string): boolean {
  return text !== '' && !/[^A-Za-z0-9_-]/.test(text);
}

/** Types of sections. */
export function isType(text: string): boolean {
  return text !== '' && !/[^!-~]/.test(text);
}

/** What a value may hold (uci_validate_text): no control character but tab, CR and LF. */
export function isText(text: string): boolean {
  return !/[\0-\x08\v\f\x0e-\x1f]/.test(text);
}

/** A value as libuci's export writes it. */
export function quote(value: string): string {
  return `'${value.replaceAll("'", "'\\''")}'`;
}

/** A value in the way that the word it replaces was written, as far as that can hold it. */
export function quoteLike(word: string, value: string): string {
  if (word[0] === '"') return `"${value.replace(/["\\]/g, '\\$&')}"`;
  if (word[0] !== "'" && /^[\w.:/+@%-]+$/.test(value)) return value;
  return quote(value);
}
