import type { Runtime } from '../runtime/runtime.ts';
import { type Completion, common, completionOf, type Names } from './complete.ts';
import { Editor, type Wish, window } from './editor.ts';
import { columnsText, helpText } from './help.ts';
import type { History } from './history.ts';
import type { Input } from './input.ts';
import { type Key, Keys } from './keys.ts';
import { isOpen } from './open.ts';
import type { Session } from './session.ts';

export interface TerminalOptions {
  readonly runtime: Runtime;
  readonly session: Session;
  readonly input: Input;
  readonly history: History;
  readonly names: Names;
  readonly colours: boolean;
}

/** The terminal tells what is pasted from what is typed: a tab in it completes nothing. Others know nothing of it. */
const PASTE_TOLD = '\x1b[?2004h';
const PASTE_UNTOLD = '\x1b[?2004l';
const BOLD = '\x1b[1m';
const RED = '\x1b[31m';
const PLAIN = '\x1b[m';

/** A person at a terminal: a line is edited, done, and told of; errors do not end the stay. */
export class Terminal {
  readonly #options: TerminalOptions;
  readonly #keys = new Keys();
  readonly #editor: Editor;
  /** Keys that came while a command ran. */
  readonly #typed: Key[] = [];
  /** Lines that the one being typed goes on from: a block that is open, or a `\` at the end. */
  #open = '';

  constructor(options: TerminalOptions) {
    this.#options = options;
    this.#editor = new Editor(options.history.lines);
  }

  async converse(): Promise<void> {
    const { runtime, session } = this.#options;
    runtime.rawMode(true);
    this.#write(PASTE_TOLD);
    this.#draw();
    while (!session.ended) {
      const key = this.#typed.shift() ?? (await this.#next());
      if (!key || (await this.#press(key)) === 'end') break;
    }
    this.#write(`${PASTE_UNTOLD}\n`);
    runtime.rawMode(false);
  }

  /** While a command looks on: true as soon as a key says that it is enough. */
  async pause(ms: number): Promise<boolean> {
    const until = this.#options.runtime.wallClock() + ms;
    for (let left = ms; left > 0; left = until - this.#options.runtime.wallClock()) {
      const bytes = await this.#options.input.read(left);
      if (bytes === 'nothing') return false;
      if (!bytes) return true;
      for (const key of this.#keys.read(bytes)) {
        if (key.key === 'interrupt' || (key.key === 'text' && /^q/i.test(key.text))) return true;
        this.#typed.push(key);
      }
    }
    return false;
  }

  async #next(): Promise<Key | undefined> {
    while (this.#typed.length === 0) {
      const bytes = await this.#options.input.read();
      if (!bytes) return undefined;
      this.#typed.push(...this.#keys.read(bytes));
    }
    return this.#typed.shift();
  }

  async #press(key: Key): Promise<Wish> {
    const wish = this.#editor.press(key);
    if (wish === 'line') await this.#line();
    else if (wish === 'complete') await this.#complete();
    else if (wish === 'help') await this.#help();
    else if (wish === 'interrupt') this.#interrupt();
    else if (wish === 'clear') this.#write('\x1b[H\x1b[2J');
    if (wish !== 'end' && !this.#options.session.ended && this.#typed.length === 0) this.#draw();
    return wish;
  }

  async #line(): Promise<void> {
    const { session, history } = this.#options;
    this.#draw();
    this.#write('\n');
    const line = this.#editor.next(history.mayKeep(this.#editor.text));
    history.add(line);
    const text = `${this.#open}${line}\n`;
    this.#open = isOpen(text) ? text : '';
    if (this.#open !== '') return;
    const failure = await session.run(text);
    if (failure !== undefined) this.#write(this.#options.colours ? `${RED}${failure}${PLAIN}\n` : `${failure}\n`, 2);
  }

  #interrupt(): void {
    this.#write('^C\n');
    this.#open = '';
    this.#editor.next(false);
  }

  async #complete(): Promise<void> {
    const found = await this.#completion();
    if (!found) return;
    const { expected, candidates, hint } = found;
    const [only, another] = candidates;
    if (only && !another) return this.#editor.insert(rest(only.insert, expected.word));
    const shared = common(candidates.map(({ word }) => word)).slice(expected.word.length);
    if (shared !== '') return this.#editor.insert(shared);
    const words = candidates.map(({ word }) => word);
    this.#below(
      words.length > 0 ? columnsText(words, this.#width) : hint === '' ? '' : `${hint.slice(0, this.#width)}\n`,
    );
  }

  async #help(): Promise<void> {
    const found = await this.#completion();
    this.#below(found ? helpText(found.candidates, found.hint, this.#width) : 'nothing more can stand here\n');
  }

  #completion(): Promise<Completion | undefined> {
    const { session, names } = this.#options;
    return completionOf(this.#open + this.#editor.before, session.menu, session.syntax, session.options.menus, names);
  }

  #below(text: string): void {
    if (text === '') return;
    this.#draw();
    this.#write(`\n${text}`);
  }

  get #width(): number {
    return this.#options.runtime.columns();
  }

  get #prompt(): string {
    if (this.#open !== '') return '... ';
    const { menu } = this.#options.session;
    return `[macvlan] ${menu === '' ? '' : `/${menu.replaceAll(' ', '/')}`}> `;
  }

  /** The prompt and the line, over what is there of them. */
  #draw(): void {
    const prompt = this.#prompt;
    const { line, column } = window(prompt, this.#editor.text, this.#editor.cursor, this.#width);
    const shown = this.#options.colours ? `${BOLD}${prompt}${PLAIN}` : prompt;
    this.#write(`\r${shown}${line}\x1b[K\r${column > 0 ? `\x1b[${column}C` : ''}`);
  }

  #write(text: string, fd: 1 | 2 = 1): void {
    this.#options.runtime.print(fd, text);
  }
}

/** What is still to be typed of a word. One that has to stand in quotes replaces nothing: it is only typed where none of it is there. */
function rest(insert: string, word: string): string {
  return insert.startsWith(word) ? insert.slice(word.length) : '';
}
