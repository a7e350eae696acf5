import { decodeUtf8 } from '../bytes/utf8.ts';
import { check } from '../runtime/errors.ts';
import type { Machine } from '../runtime/machine.ts';

const LONGEST_LINE = 400;
/** pppd's last words, before which it said why (2.4 and 2.5). */
const DULL =
  /^(?:Connection terminated|Modem hangup|Connect time|Sent \d|(?:CHAP|PAP) authentication failed$|Unable to complete PPPoE)/;

/**
 * What children print, line by line. A child writes into a FIFO that it holds open for reading too: with a plain pipe it
 * would die of SIGPIPE when this daemon does. Non-blocking: with nobody reading, lines are lost rather than the child stuck.
 */
export class ChildLog {
  readonly #machine: Machine;
  readonly #folder: string;
  readonly #print: (key: string, line: string) => void;
  readonly #readers = new Map<string, { fd: number; rest: string; last?: string }>();
  readonly #buffer = new ArrayBuffer(4096);

  constructor(machine: Machine, folder: string, print: (key: string, line: string) => void) {
    this.#machine = machine;
    this.#folder = folder;
    this.#print = print;
  }

  /** The descriptor that a child is given to print to, and that we read from; it stays ours. */
  open(key: string): number {
    const known = this.#readers.get(key);
    if (known) return known.fd;
    const { libc, poller } = this.#machine;
    const { O_RDWR, O_NONBLOCK, O_CLOEXEC, EEXIST } = libc.constants;
    const path = `${this.#folder}/${key}.log`;
    const made = libc.mkfifo(path, 0o600);
    if (made !== -EEXIST) check(libc, made, `mkfifo ${path}`);
    // For writing too, so that it is never hung up on.
    const fd = check(libc, libc.open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC, 0), `open ${path}`);
    this.#readers.set(key, { fd, rest: '' });
    poller.watch(fd, () => this.drain(key));
    return fd;
  }

  /** What was printed last and says something. */
  last(key: string): string | undefined {
    return this.#readers.get(key)?.last;
  }

  close(key: string): void {
    const reader = this.#readers.get(key);
    if (!reader) return;
    this.#machine.poller.unwatch(reader.fd);
    this.#machine.libc.close(reader.fd);
    this.#readers.delete(key);
    this.#machine.files.remove(`${this.#folder}/${key}.log`);
  }

  drain(key: string): void {
    const reader = this.#readers.get(key);
    if (!reader) return;
    const { libc } = this.#machine;
    for (let turn = 0; turn < 16; turn++) {
      const length = libc.read(reader.fd, this.#buffer, 0, this.#buffer.byteLength);
      if (length <= 0) break;
      const lines = (reader.rest + decodeUtf8(new Uint8Array(this.#buffer, 0, length))).split('\n');
      reader.rest = lines.pop()!.slice(0, LONGEST_LINE);
      for (const line of lines) {
        if (line.trim() === '') continue;
        const said = line.slice(0, LONGEST_LINE);
        if (!DULL.test(said)) reader.last = said;
        this.#print(key, said);
      }
    }
  }
}
