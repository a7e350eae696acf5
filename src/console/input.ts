import type { Machine } from '../runtime/machine.ts';

const STDIN = 0;

/** Standard input, chunk by chunk as it comes; undefined at its end. A regular file cannot be watched and never waits. */
export class Input {
  readonly #machine: Machine;
  readonly #buffer = new ArrayBuffer(65536);

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  get isTerminal(): boolean {
    return this.#machine.libc.isatty(STDIN) === 1;
  }

  async read(): Promise<Uint8Array | undefined>;
  /** `nothing` when nothing came in so many ms. */
  async read(ms: number): Promise<Uint8Array | 'nothing' | undefined>;
  async read(ms?: number): Promise<Uint8Array | 'nothing' | undefined> {
    if (this.#canWait() && !(await this.#readable(ms))) return 'nothing';
    const length = this.#machine.libc.read(STDIN, this.#buffer, 0, this.#buffer.byteLength);
    return length > 0 ? new Uint8Array(this.#buffer.slice(0, length)) : undefined;
  }

  /** All of it. */
  async readAll(): Promise<Uint8Array> {
    const chunks: number[] = [];
    for (let chunk = await this.read(); chunk; chunk = await this.read()) for (const byte of chunk) chunks.push(byte);
    return Uint8Array.from(chunks);
  }

  /** epoll takes anything but regular files and directories (EPERM). */
  #canWait(): boolean {
    const { poller } = this.#machine;
    try {
      poller.watch(STDIN, () => {});
      poller.unwatch(STDIN);
      return true;
    } catch {
      return false;
    }
  }

  /** False when it did not get so in time. */
  #readable(ms: number | undefined): Promise<boolean> {
    const { poller, runtime } = this.#machine;
    return new Promise((resolve) => {
      const done = (is: boolean) => {
        poller.unwatch(STDIN);
        if (timer !== undefined) runtime.clearTimer(timer);
        resolve(is);
      };
      const timer = ms === undefined ? undefined : runtime.setTimer(Math.max(1, ms), () => done(false));
      poller.watch(STDIN, () => done(true));
    });
  }
}
