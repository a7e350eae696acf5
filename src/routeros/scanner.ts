import { decodeUtf8 } from '../bytes/utf8.ts';

/** Both are counted from 1. */
export interface Place {
  line: number;
  column: number;
}

/** What is wrong with a script or came of it, in RouterOS's words: `expected end of command (line 1 column 12)`. */
export class Fault extends Error {
  readonly line: number;
  readonly column: number;

  constructor(
    readonly reason: string,
    { line, column }: Place,
  ) {
    super(`${reason} (line ${line} column ${column})`);
    this.name = 'Fault';
    this.line = line;
    this.column = column;
  }
}

/** `$name`; what it stands for is known when the command is done. */
export interface Variable extends Place {
  kind: 'variable';
  name: string;
}

const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  a: '\x07',
  b: '\b',
  f: '\f',
  v: '\v',
  _: ' ',
  '"': '"',
  '\\': '\\',
  $: '$',
  '?': '?',
};

const VARIABLE = /\$[A-Za-z]\w*/y;

/** Reads a script from left to right. Every function that reads moves on; `fail` throws with the place. */
export class Scanner {
  at = 0;
  readonly #text: string;
  readonly #lineStarts = [0];

  constructor(text: string) {
    this.#text = text;
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) this.#lineStarts.push(at + 1);
  }

  /** What stands from `start` to here. */
  since(start: number): string {
    return this.#text.slice(start, this.at);
  }

  /** The next character; empty at the end. */
  get next(): string {
    return this.#text.charAt(this.at);
  }

  /** Whether a command ends here: line end, `;`, comment, end of the text, or one of `closing`. */
  endsHere(closing = ''): boolean {
    return this.next === '' || '\n;#'.includes(this.next) || closing.includes(this.next);
  }

  place(at = this.at): Place {
    // Errors and arguments come in order, so the last line that begins before is soon found from the end.
    let line = 1;
    for (let low = 0, high = this.#lineStarts.length; low < high; ) {
      const middle = (low + high) >> 1;
      if (this.#lineStarts[middle]! <= at) {
        line = middle + 1;
        low = middle + 1;
      } else high = middle;
    }
    return { line, column: at - this.#lineStarts[line - 1]! + 1 };
  }

  fail(reason: string, at = this.at): never {
    throw new Fault(reason, this.place(at));
  }

  /** The characters that match from here on; the pattern is sticky. */
  take(pattern: RegExp): string {
    pattern.lastIndex = this.at;
    const text = pattern.exec(this.#text)?.[0] ?? '';
    this.at += text.length;
    return text;
  }

  /** The same behind blanks; whether there was anything. */
  takes(pattern: RegExp): boolean {
    this.skipBlanks();
    return this.take(pattern) !== '';
  }

  /** Blanks, and line ends behind a backslash with the next line's indentation, as RouterOS's export breaks lines. */
  skipBlanks(): void {
    this.take(/(?:[ \t\r]|\\\r?\n)*/y);
  }

  /** To the start of the next command. */
  skipToCommand(): void {
    this.take(/(?:[ \t\r\n;]|\\\r?\n|#[^\n]*)*/y);
  }

  /** A bare word of the characters in `pattern` (sticky). Undefined when there is none. */
  bare(pattern: RegExp): string | undefined {
    let text = '';
    for (;;) {
      text += this.take(pattern);
      if (this.take(/\\\r?\n[ \t]*/y) === '') return text || undefined;
    }
  }

  /** `$name`, where one begins here. */
  variable(): Variable | undefined {
    const place = this.place();
    const name = this.take(VARIABLE).slice(1);
    return name === '' ? undefined : { kind: 'variable', ...place, name };
  }

  /** What stands in quotes: texts, and the variables between them. */
  quoted(): (string | Variable)[] {
    const start = this.at++;
    const parts: (string | Variable)[] = [];
    let text = '';
    while (this.next !== '"') {
      text += this.take(/[^"\\$]*/y);
      if (this.next === '') this.fail('syntax error', start);
      const variable = this.variable();
      if (variable) {
        parts.push(text, variable);
        text = '';
      } else if (this.next === '\\') text += this.#escape();
      else text += this.take(/\$/y);
    }
    this.at++;
    return [...parts, text].filter((part, _, all) => part !== '' || all.length === 1);
  }

  #escape(): string {
    // Hex escapes are bytes: a letter outside ASCII takes several of them.
    const bytes = this.take(/(?:\\[0-9A-F]{2})+/y);
    if (bytes) return decodeUtf8(Uint8Array.from(bytes.slice(1).split('\\'), (byte) => Number.parseInt(byte, 16)));
    if (this.take(/\\\r?\n[ \t]*/y)) return '';
    const character = ESCAPES[this.#text.charAt(this.at + 1)];
    if (character === undefined) this.fail('syntax error');
    this.at += 2;
    return character;
  }
}
