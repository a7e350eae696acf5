import { type Message, readMessages, writeMessage } from '../../src/netlink/message.ts';
import { bodyOf } from '../../src/netlink/print.ts';
import type { Request } from '../../src/netlink/request.ts';
import { Input, Output } from '../../src/netlink/wire.ts';
import type { Machine } from '../../src/runtime/machine.ts';

/** What the next `recv` answers: a packet, or -errno. */
export type Arrival = Uint8Array | number;

const constants = {
  ...{ EAGAIN: 11, EINTR: 4, ENOBUFS: 105, ENODEV: 19, ENOENT: 2, EINVAL: 22, EOPNOTSUPP: 95 },
  ...{ EPOLLIN: 1, MSG_TRUNC: 32 },
};

/** A machine whose kernel is a function: what is sent goes to `answer`, what that returns is received. */
export class FakeKernel {
  readonly sent: { input: Input; messages: Message[] }[] = [];
  readonly joined: number[] = [];
  readonly open = new Set<number>();
  readonly waiting = new Map<number, Arrival[]>();
  readonly handlers = new Map<number, () => void>();
  /** What opening a socket throws, when it does. */
  noSocket: Error | undefined;
  /** What `send` answers in the place of the length, when it is not 0. */
  refuses = 0;
  #next = 3;

  constructor(readonly answer: (input: Input, messages: Message[]) => Arrival[] = () => []) {}

  get machine(): Machine {
    const libc = {
      constants,
      strerror: (errno: number) => `strerror ${errno}`,
      send: (fd: number, data: ArrayBuffer, offset: number, length: number) =>
        this.#send(fd, data.slice(offset, offset + length)),
      recv: (fd: number, out: ArrayBuffer) => this.#recv(fd, out),
      close: (fd: number) => (this.open.delete(fd) ? 0 : -9),
    };
    const poller = {
      watch: (fd: number, fn: () => void) => void this.handlers.set(fd, fn),
      unwatch: (fd: number) => void this.handlers.delete(fd),
    };
    const sockets = {
      netlink: () => this.#socket(),
      joinGroup: (_: number, group: number) => void this.joined.push(group),
    };
    return { libc, poller, sockets } as unknown as Machine;
  }

  /** The loop finds the descriptor readable. */
  turn(): void {
    for (const [fd, handler] of this.handlers) if (this.waiting.get(fd)?.length) handler();
  }

  #socket(): number {
    if (this.noSocket) throw this.noSocket;
    this.open.add(this.#next);
    this.waiting.set(this.#next, []);
    return this.#next++;
  }

  #send(fd: number, data: ArrayBuffer): number {
    if (this.refuses) return this.refuses;
    const input = new Input(new Uint8Array(data));
    const messages = readMessages(input);
    this.sent.push({ input, messages });
    this.waiting.get(fd)!.push(...this.answer(input, messages));
    return data.byteLength;
  }

  #recv(fd: number, out: ArrayBuffer): number {
    const next = this.waiting.get(fd)!.shift();
    if (next === undefined) return -constants.EAGAIN;
    if (typeof next === 'number') return next;
    new Uint8Array(out).set(next.subarray(0, out.byteLength));
    return next.length;
  }
}

/** One message of an object, as `writeMessage` has it; `shape` for what rtnetlink does not know. */
export function told(
  type: number,
  flags: number,
  seq: number,
  body: object,
  shape: Request['shape'] = bodyOf(type)!,
): Uint8Array {
  const output = new Output();
  writeMessage(output, { type, flags, shape, body }, 0, seq);
  return output.bytes();
}

/** NLMSG_ERROR (2, with the header of the request) or NLMSG_DONE (3). */
export function outcome(type: 2 | 3, flags: number, seq: number, errno: number): Uint8Array {
  const words = [type === 2 ? 36 : 20, 0, seq, 0, -errno, ...(type === 2 ? [16, 0, seq, 0] : [])];
  const output = new Output();
  const at = output.take(4 * words.length);
  for (const [i, word] of words.entries()) output.view.setInt32(at + 4 * i, word, output.little);
  output.view.setUint16(at + 4, type, output.little);
  output.view.setUint16(at + 6, flags, output.little);
  return output.bytes();
}

export function joined(...packets: Uint8Array[]): Uint8Array {
  return Uint8Array.from(packets.flatMap((packet) => [...packet]));
}
