import { type ChildProcess, spawn } from 'node:child_process';
import { until } from '../../lab/lab.ts';

/** Somebody at a terminal: script(1) gives the program a pty, and hands on what is typed and what is shown. */
export class Person {
  readonly #child: ChildProcess;
  #seen = '';
  /** Where in #seen the next look begins. */
  #at = 0;
  status: number | undefined;

  constructor(command: readonly string[], env: Record<string, string> = {}, columns = 80) {
    const quoted = command.map((word) => `'${word}'`).join(' ');
    const line = `stty cols ${columns} rows 24; exec ${quoted}`;
    this.#child = spawn('script', ['--quiet', '--flush', '--return', '--command', line, '/dev/null'], {
      env: { ...process.env, TERM: 'xterm', ...env },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#child.stdout!.on('data', (chunk) => {
      this.#seen += chunk;
    });
    this.#child.on('exit', (status) => {
      this.status = status ?? -1;
    });
  }

  type(text: string): void {
    this.#child.stdin!.write(text);
  }

  /** All that was shown since the last look, as soon as the pattern is in it; with the escape sequences when `raw`. */
  async sees(pattern: RegExp, raw = false): Promise<string> {
    const shown = () => (raw ? this.#seen.slice(this.#at) : plain(this.#seen.slice(this.#at)));
    try {
      await until(`${pattern}`, () => pattern.test(shown()), 10_000);
    } catch (error) {
      throw new Error(`${(error as Error).message}; shown was: ${JSON.stringify(shown())}`);
    }
    const text = shown();
    this.#at = this.#seen.length;
    return text;
  }

  async gone(): Promise<number> {
    await until('the end of the console', () => this.status !== undefined);
    return this.status!;
  }

  close(): void {
    this.#child.kill('SIGKILL');
  }
}

/** Without what moves the cursor or colours; a line drawn anew counts as a new line. */
function plain(text: string): string {
  const drawn = text.replace(/\r\x1b\[\d+C/g, '').replace(/\x1b\[[?0-9;]*[A-Za-z]/g, '');
  return drawn.replaceAll('\r\n', '\n').replaceAll('\r', '\n');
}
