import { decodeUtf8 } from '../bytes/utf8.ts';

/** A key as the editor knows it. What is `pasted` means nothing but itself. */
export type Key =
  | { key: 'text' | 'pasted'; text: string }
  | {
      key:
        | 'enter'
        | 'tab'
        | 'help'
        | 'interrupt'
        | 'end-of-input'
        | 'backspace'
        | 'delete'
        | 'left'
        | 'right'
        | 'word-left'
        | 'word-right'
        | 'up'
        | 'down'
        | 'home'
        | 'end'
        | 'erase-line'
        | 'erase-rest'
        | 'erase-word'
        | 'clear';
    };

type Name = Exclude<Key['key'], 'text' | 'pasted'>;

const CONTROLS: Readonly<Record<number, Name>> = {
  1: 'home',
  2: 'left',
  3: 'interrupt',
  4: 'end-of-input',
  5: 'end',
  6: 'right',
  8: 'backspace',
  9: 'tab',
  10: 'enter',
  11: 'erase-rest',
  12: 'clear',
  13: 'enter',
  14: 'down',
  16: 'up',
  21: 'erase-line',
  23: 'erase-word',
  127: 'backspace',
};

/** What stands behind ESC, as xterm, the Linux console, screen and serial terminals send it. */
const SEQUENCES: Readonly<Record<string, Name>> = {
  '[A': 'up',
  '[B': 'down',
  '[C': 'right',
  '[D': 'left',
  '[H': 'home',
  '[F': 'end',
  OA: 'up',
  OB: 'down',
  OC: 'right',
  OD: 'left',
  OH: 'home',
  OF: 'end',
  OP: 'help',
  '[11~': 'help',
  '[[A': 'help',
  '[1~': 'home',
  '[7~': 'home',
  '[4~': 'end',
  '[8~': 'end',
  '[3~': 'delete',
  '[1;5C': 'word-right',
  '[1;5D': 'word-left',
  f: 'word-right',
  b: 'word-left',
};
/** Around what is pasted, where the terminal was asked for it (xterm's bracketed paste). */
const PASTE_BEGINS = '[200~';
const PASTE_ENDS = '[201~';
const WHOLE = /^(?:\[\[[A-E]|\[[0-9;]*[A-Za-z~]|O[A-Z]|[^[O])/;

/** Reads keys out of what comes from a terminal, however it is cut into pieces. */
export class Keys {
  #rest: number[] = [];
  #isPasting = false;

  read(bytes: Uint8Array): Key[] {
    const all = [...this.#rest, ...bytes];
    this.#rest = [];
    const keys: Key[] = [];
    for (let at = 0; at < all.length; ) {
      const length = this.#one(all, at, keys);
      if (length === 0) {
        this.#rest = all.slice(at);
        break;
      }
      at += length;
    }
    return keys;
  }

  /** The key at `at` and how many bytes it takes; 0 when more have to come. */
  #one(all: readonly number[], at: number, keys: Key[]): number {
    const byte = all[at]!;
    if (byte === 0x1b) return this.#sequence(all, at, keys);
    const control = CONTROLS[byte];
    if (this.#isPasting && control === 'tab') {
      keys.push({ key: 'pasted', text: ' ' });
      return 1;
    }
    if (control !== undefined || byte < 0x20) {
      if (control !== undefined) keys.push({ key: control });
      return 1;
    }
    const length = byte < 0x80 ? 1 : byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
    if (at + length > all.length) return 0;
    const text = decodeUtf8(Uint8Array.from(all.slice(at, at + length)));
    keys.push({ key: this.#isPasting ? 'pasted' : 'text', text });
    return length;
  }

  #sequence(all: readonly number[], at: number, keys: Key[]): number {
    const text = String.fromCharCode(...all.slice(at + 1, at + 12));
    const found = WHOLE.exec(text)?.[0];
    // Eight more bytes and still no end: it is none that we know.
    if (found === undefined) return text.length > 8 ? 1 : 0;
    if (found === PASTE_BEGINS || found === PASTE_ENDS) this.#isPasting = found === PASTE_BEGINS;
    const key = SEQUENCES[found];
    if (key !== undefined) keys.push({ key });
    return 1 + found.length;
  }
}
