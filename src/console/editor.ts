import type { Key } from './keys.ts';

/** What a key asks of whoever holds the editor. */
export type Wish = 'line' | 'complete' | 'help' | 'interrupt' | 'end' | 'clear' | undefined;

/** A line that is being typed, and those typed before. Pure: keys in, text and cursor out. */
export class Editor {
  text = '';
  /** Characters before it: of the array that `Array.from(text)` makes. */
  cursor = 0;
  readonly #history: string[];
  /** Where in the history we are; its length is the line being typed. */
  #at: number;
  #draft = '';

  constructor(history: readonly string[] = []) {
    this.#history = [...history];
    this.#at = this.#history.length;
  }

  get before(): string {
    return Array.from(this.text).slice(0, this.cursor).join('');
  }

  /** Put in where the cursor is. */
  insert(text: string): void {
    const all = Array.from(this.text);
    const added = Array.from(text);
    all.splice(this.cursor, 0, ...added);
    this.#set(all, this.cursor + added.length);
  }

  /** The line is done: an empty one is begun. */
  next(remember: boolean): string {
    const { text } = this;
    if (remember && text.trim() !== '' && this.#history.at(-1) !== text) this.#history.push(text);
    this.#set([], 0);
    this.#at = this.#history.length;
    return text;
  }

  press(key: Key): Wish {
    switch (key.key) {
      case 'text':
        if (key.text === '?' && !this.#inQuotes()) return 'help';
        this.insert(key.text);
        return undefined;
      case 'pasted':
        this.insert(key.text);
        return undefined;
      case 'enter':
        return 'line';
      case 'tab':
        return 'complete';
      case 'help':
      case 'interrupt':
      case 'clear':
        return key.key;
      case 'end-of-input':
        if (this.text === '') return 'end';
        this.#erase(this.cursor, this.cursor + 1);
        return undefined;
      case 'up':
      case 'down':
        this.#recall(key.key === 'up' ? this.#at - 1 : this.#at + 1);
        return undefined;
      default:
        this.#edit(key.key);
        return undefined;
    }
  }

  #edit(key: Exclude<Key['key'], 'text' | 'pasted'>): void {
    const all = Array.from(this.text);
    const { cursor } = this;
    if (key === 'backspace') this.#erase(cursor - 1, cursor);
    else if (key === 'delete') this.#erase(cursor, cursor + 1);
    else if (key === 'erase-line') this.#erase(0, cursor);
    else if (key === 'erase-rest') this.#erase(cursor, all.length);
    else if (key === 'erase-word') this.#erase(this.#word(-1), cursor);
    else this.cursor = Math.max(0, Math.min(all.length, this.#target(key, all.length)));
  }

  #target(key: string, length: number): number {
    const moves: Readonly<Record<string, number>> = {
      left: this.cursor - 1,
      right: this.cursor + 1,
      home: 0,
      end: length,
      'word-left': this.#word(-1),
      'word-right': this.#word(1),
    };
    return moves[key] ?? this.cursor;
  }

  /** Where the next word in this direction begins or ends. */
  #word(way: 1 | -1): number {
    const all = Array.from(this.text);
    const inWord = (at: number) => /[^\s=]/.test(all[way > 0 ? at : at - 1] ?? ' ');
    let at = this.cursor;
    while (at + way >= 0 && at + way <= all.length && !inWord(at)) at += way;
    while (at + way >= 0 && at + way <= all.length && inWord(at)) at += way;
    return at;
  }

  #erase(from: number, to: number): void {
    const all = Array.from(this.text);
    const start = Math.max(0, from);
    all.splice(start, to - start);
    this.#set(all, start);
  }

  #recall(at: number): void {
    if (at < 0 || at > this.#history.length) return;
    if (this.#at === this.#history.length) this.#draft = this.text;
    this.#at = at;
    const all = Array.from(this.#history[at] ?? this.#draft);
    this.#set(all, all.length);
  }

  #set(all: readonly string[], cursor: number): void {
    this.text = all.join('');
    this.cursor = cursor;
  }

  #inQuotes(): boolean {
    return (this.before.replace(/\\./g, '').match(/"/g)?.length ?? 0) % 2 === 1;
  }
}

/**
 * The line on a terminal of `width` columns, and the column of the cursor: a line that is too long is shown in part, so that no
 * terminal has to wrap it.
 */
export function window(prompt: string, text: string, cursor: number, width: number): { line: string; column: number } {
  const lead = Array.from(prompt).length;
  const room = Math.max(8, width - lead - 1);
  const all = Array.from(text).map((character) => (/[\x00-\x1f\x7f-\x9f]/.test(character) ? ' ' : character));
  const start = all.length <= room ? 0 : Math.max(0, Math.min(cursor - Math.floor(room * 0.7), all.length - room));
  const shown = all.slice(start, start + room);
  if (start > 0) shown[0] = '<';
  if (start + room < all.length) shown[shown.length - 1] = '>';
  return { line: shown.join(''), column: lead + cursor - start };
}
