import type { MenuDescription } from '../model/menu.ts';
import { consoleName } from '../model/properties.ts';
import type { Files } from '../runtime/files.ts';

const MOST = 500;
/** What is secret in menus that are not ours, too: somebody may type it here. */
const SECRETS = ['password', 'passphrase', 'secret', 'private-key', 'pre-shared-key', 'psk'];

/** Lines typed in earlier stays, in a file that only its owner reads. No line with a password gets there. */
export class History {
  readonly #files: Files;
  readonly #path: string | undefined;
  readonly #secret: RegExp;
  readonly lines: string[];

  constructor(files: Files, path: string | undefined, menus: readonly MenuDescription[]) {
    this.#files = files;
    this.#path = path;
    const ours = menus.flatMap(({ properties }) => Object.keys(properties).filter((name) => properties[name]!.secret));
    const names = [...new Set([...SECRETS, ...ours.map(consoleName)])];
    // A name may be shortened, so what it may be short for counts.
    this.#secret = new RegExp(`(^|[\\s!])(${names.map(prefixes).join('|')})\\s*=`, 'i');
    this.lines = this.#read();
  }

  /** Whether a line may be kept. */
  mayKeep(line: string): boolean {
    return !this.#secret.test(line);
  }

  /** What cannot be kept is not worth a word. */
  add(line: string): void {
    if (line.trim() === '' || line === this.lines.at(-1) || !this.mayKeep(line)) return;
    this.lines.push(line);
    this.lines.splice(0, this.lines.length - MOST);
    if (this.#path === undefined) return;
    try {
      this.#files.replace(this.#path, this.lines.map((one) => `${one}\n`).join(''), 0o600);
    } catch {}
  }

  #read(): string[] {
    try {
      const text = this.#path === undefined ? undefined : this.#files.readText(this.#path);
      return (text ?? '')
        .split('\n')
        .filter((line) => line !== '' && !/[\x00-\x1f\x7f]/.test(line))
        .slice(-MOST);
    } catch {
      return [];
    }
  }
}

/** A pattern for a name from its second letter on: `pa`, `pas`, … */
function prefixes(name: string): string {
  const [first, second, ...rest] = name.replace(/[^\w-]/g, '');
  return `${first}${second}${rest.map((letter) => `(?:${letter}`).join('')}${')?'.repeat(rest.length)}`;
}
