import type { Machine } from '../runtime/machine.ts';
import { type Message, MessageReader } from './message.ts';

/** What is done with what comes. `passed` is a descriptor that came along and is now the taker's, or -1. */
export interface StreamHandler {
  message(message: Message, passed: number): void;
  /** Once, when the other end is gone or sent what is no message. Not after `close`. */
  lost(): void;
  /** The queue became empty again. */
  drained?(): void;
}

interface Outgoing {
  bytes: Uint8Array;
  passed: number;
}

/** Messages taken in one go, so that one busy peer does not starve the others. */
const readBudget = 64;

/** Whole messages over one socket, on either end. Nothing blocks: what the socket does not take waits in a queue. */
export class Stream {
  readonly #machine: Machine;
  readonly #handler: StreamHandler;
  readonly #reader = new MessageReader();
  readonly #passedIn = new Int32Array(1);
  readonly #queue: Outgoing[] = [];
  #fd: number;
  #passed = -1;
  #written = 0;
  /** Bytes that wait to be written. */
  queued = 0;

  constructor(machine: Machine, fd: number, handler: StreamHandler) {
    this.#machine = machine;
    this.#fd = fd;
    this.#handler = handler;
    this.#watch();
  }

  /** The passed descriptor is ours from here on: closed when it is sent, or when it cannot be. */
  send(bytes: Uint8Array, passed = -1): void {
    this.#queue.push({ bytes, passed });
    this.queued += bytes.length;
    if (this.#fd < 0) this.#drop();
    else if (this.#queue.length === 1) {
      this.#flush();
      if (this.#queue.length > 0) this.#watch();
    }
  }

  close(): void {
    if (this.#fd < 0) return;
    this.#machine.poller.unwatch(this.#fd);
    this.#machine.libc.close(this.#fd);
    this.#fd = -1;
    this.#drop();
    this.#closePassed(this.#passed);
  }

  #watch(): void {
    const { EPOLLIN, EPOLLOUT } = this.#machine.libc.constants;
    const events = this.#queue.length > 0 ? EPOLLIN | EPOLLOUT : EPOLLIN;
    this.#machine.poller.watch(this.#fd, (ready) => this.#ready(ready), events);
  }

  #ready(events: number): void {
    if (events & this.#machine.libc.constants.EPOLLOUT) this.#resume();
    if (this.#fd >= 0) this.#read();
  }

  #resume(): void {
    this.#flush();
    if (this.#queue.length > 0) return;
    this.#watch();
    this.#handler.drained?.();
  }

  #flush(): void {
    const { EAGAIN, EINTR } = this.#machine.libc.constants;
    for (let next = this.#queue[0]; next; next = this.#queue[0]) {
      const count = this.#write(next);
      if (count === -EINTR) continue;
      if (count === -EAGAIN) return;
      // Anything else means that the other end is gone, which reading is about to tell.
      if (count < 0) this.#drop();
      else this.#sent(next, count);
    }
  }

  #write({ bytes, passed }: Outgoing): number {
    const { libc } = this.#machine;
    const start = bytes.byteOffset + this.#written;
    const length = bytes.length - this.#written;
    const data = bytes.buffer as ArrayBuffer;
    if (passed >= 0) return libc.sendfd(this.#fd, data, start, length, passed);
    return libc.send(this.#fd, data, start, length, libc.constants.MSG_DONTWAIT | libc.constants.MSG_NOSIGNAL);
  }

  #sent(outgoing: Outgoing, count: number): void {
    this.#written += count;
    this.queued -= count;
    this.#closePassed(outgoing.passed);
    outgoing.passed = -1;
    if (this.#written < outgoing.bytes.length) return;
    this.#written = 0;
    this.#queue.shift();
  }

  #drop(): void {
    for (const { passed } of this.#queue) this.#closePassed(passed);
    this.#queue.length = 0;
    this.#written = 0;
    this.queued = 0;
  }

  #closePassed(passed: number): void {
    if (passed >= 0) this.#machine.libc.close(passed);
  }

  #read(): void {
    const { EAGAIN, EINTR } = this.#machine.libc.constants;
    for (let budget = readBudget; budget > 0 && this.#fd >= 0; ) {
      const count = this.#receive();
      if (count === -EINTR) continue;
      if (count === -EAGAIN) return;
      if (count <= 0) this.#lose();
      else if (this.#take(count)) budget--;
    }
  }

  /** A descriptor is taken with the first byte of a message only; what comes with any other the kernel throws away. */
  #receive(): number {
    const { libc } = this.#machine;
    const { buffer, offset, wanted } = this.#reader;
    if (offset > 0) return libc.recv(this.#fd, buffer, offset, wanted, libc.constants.MSG_DONTWAIT);
    const count = libc.recvfd(this.#fd, buffer, offset, wanted, this.#passedIn.buffer);
    if (count > 0) this.#passed = this.#passedIn[0]!;
    return count;
  }

  #take(count: number): boolean {
    let message: Message | undefined;
    try {
      message = this.#reader.advance(count);
    } catch {
      this.#lose();
      return true;
    }
    if (!message) return false;
    const passed = this.#passed;
    this.#passed = -1;
    this.#handler.message(message, passed);
    return true;
  }

  #lose(): void {
    this.close();
    this.#handler.lost();
  }
}
