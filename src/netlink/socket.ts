import type { Machine } from '../runtime/machine.ts';
import * as c from './constants.ts';
import { NetlinkError } from './error.ts';
import {
  type Message,
  type Outcome,
  type Packet,
  readBody,
  readMessages,
  readOutcome,
  writeMessage,
  writePackets,
} from './message.ts';
import type { Request } from './request.ts';
import type { Decoder } from './scalars.ts';
import { Input, Output } from './wire.ts';

const TRIES = 5;

/**
 * What any socket received last. One for all of them, because nothing here waits: it is read before anything else can be
 * received. A part of a dump is at most 32 KiB (net/netlink/af_netlink.c, netlink_recvmsg).
 */
export const receiveBuffer = new ArrayBuffer(65536);
export const received = new Input(new Uint8Array(receiveBuffer));

/** By the family, and what is behind it: of a route the length of its destination. */
type Wanted = (family: number, length: number) => boolean;

/** Reads a message of what was `received`. */
type Read<T> = (message: Message) => T;

/**
 * Questions to the kernel and its answers, in one protocol. The kernel works off a request while it is being sent, so
 * its answer lies in the socket when `send` returns, and nothing here waits.
 */
export class NetlinkSocket {
  readonly #machine: Machine;
  readonly #fd: number;
  #seq = 0;

  constructor(machine: Machine, protocol: number) {
    this.#machine = machine;
    this.#fd = machine.sockets.netlink(protocol);
  }

  /**
   * Sends all in few system calls and answers, request by request, undefined or its error. One that fails does not stop
   * the others. If an answer is lost for want of buffer, its error is ENOBUFS and its effect unknown.
   */
  execute(requests: readonly Request[]): (NetlinkError | undefined)[] {
    return this.#exchange(requests, c.NLM_F_ACK, () => undefined);
  }

  /** The one message that answers each question, or its error. */
  ask<T>(questions: readonly Request[], shape: Decoder<T>): (T | NetlinkError)[] {
    return this.#exchange(questions, 0, (message) => readBody(received, message, shape));
  }

  /**
   * All objects of one kind, of those that are `wanted` by their first two bytes. A dump during which something changed
   * may have holes, and is asked again.
   */
  dump<T>(question: Request, shape: Decoder<T>, wanted: Wanted = () => true): T[] {
    for (let tries = 0; tries < TRIES; tries++) {
      const found: T[] = [];
      const outcome = this.#collect(question, shape, wanted, found);
      if (outcome.errno !== 0) throw this.#error(question, outcome);
      if (!outcome.interrupted) return found;
    }
    throw new NetlinkError(question.attempted, 0, undefined, `changed under our hands ${TRIES} times`, undefined);
  }

  close(): void {
    this.#machine.libc.close(this.#fd);
  }

  /** One dump to its end, so that nothing of it is left in the socket, whatever is wrong with a message of it. */
  #collect<T>(question: Request, shape: Decoder<T>, wanted: Wanted, found: T[]): Outcome & { interrupted: boolean } {
    const output = new Output();
    const seq = ++this.#seq;
    writeMessage(output, question, c.NLM_F_REQUEST | c.NLM_F_DUMP, seq);
    const refused = this.#send(output.bytes());
    if (refused) return { errno: refused, interrupted: false };
    let interrupted = false;
    let failure: unknown;
    for (;;) {
      const messages = this.#receive(question);
      if (!messages) throw new NetlinkError(question.attempted, 0, undefined, 'the kernel did not answer', undefined);
      for (const message of messages) {
        if (message.seq !== seq) continue;
        if (message.flags & c.NLM_F_DUMP_INTR) interrupted = true;
        if (message.type === c.NLMSG_DONE || message.type === c.NLMSG_ERROR) {
          if (failure) throw failure;
          return { ...readOutcome(received, message), interrupted };
        }
        try {
          if (wanted(received.bytes[message.at]!, received.bytes[message.at + 1]!))
            found.push(readBody(received, message, shape));
        } catch (error) {
          failure ??= error;
        }
      }
    }
  }

  #exchange<T>(requests: readonly Request[], flags: number, read: Read<T>): (T | NetlinkError)[] {
    const seq = this.#seq + 1;
    this.#seq += requests.length;
    return writePackets(requests, flags, seq).flatMap((packet) => this.#deliver(packet, requests, seq, read));
  }

  #deliver<T>(packet: Packet, requests: readonly Request[], seq: number, read: Read<T>): (T | NetlinkError)[] {
    const { first, count } = packet;
    const sent = requests.slice(first, first + count);
    const refused = this.#send(packet.bytes);
    if (refused) return sent.map((request) => this.#error(request, { errno: refused }));
    const answers = this.#answers(sent, seq + first, read);
    const lost = { errno: this.#machine.libc.constants.ENOBUFS, text: 'the answer was lost' };
    return sent.map((request, i) => (i in answers ? answers[i]! : this.#error(request, lost)));
  }

  /** The answers to what was sent with sequence numbers from `seq` on; there is a hole where one was lost. */
  #answers<T>(sent: readonly Request[], seq: number, read: Read<T>): (T | NetlinkError)[] {
    const answers: (T | NetlinkError)[] = [];
    for (let heard = 0; heard < sent.length; ) {
      const messages = this.#receive(sent[0]!);
      if (!messages) break;
      for (const message of messages) {
        const request = sent[message.seq - seq];
        if (!request) continue;
        answers[message.seq - seq] = this.#answer(request, message, read);
        heard++;
      }
    }
    return answers;
  }

  #answer<T>(request: Request, message: Message, read: Read<T>): T | NetlinkError {
    const outcome = message.type === c.NLMSG_ERROR ? readOutcome(received, message) : undefined;
    return outcome && outcome.errno !== 0 ? this.#error(request, outcome) : read(message);
  }

  /** 0, or the errno. */
  #send(bytes: Uint8Array<ArrayBuffer>): number {
    const sent = this.#machine.libc.send(this.#fd, bytes.buffer, bytes.byteOffset, bytes.length, 0);
    return sent < 0 ? -sent : 0;
  }

  /** The messages of the packet that lies in the socket next; undefined when none does. */
  #receive(request: Request): Message[] | undefined {
    const { libc } = this.#machine;
    for (;;) {
      const length = libc.recv(this.#fd, receiveBuffer, 0, receiveBuffer.byteLength, libc.constants.MSG_TRUNC);
      if (length > receiveBuffer.byteLength) throw this.#error(request, { errno: libc.constants.ENOBUFS });
      if (length >= 0) return readMessages(received, length);
      if (length === -libc.constants.EAGAIN) return undefined;
      // ENOBUFS tells once that something was dropped; what was not is still there.
      if (length !== -libc.constants.ENOBUFS && length !== -libc.constants.EINTR)
        throw this.#error(request, { errno: -length });
    }
  }

  #error({ attempted }: Request, { errno, text, offset }: Outcome): NetlinkError {
    const { libc } = this.#machine;
    const name = Object.entries(libc.constants).find(([key, value]) => value === errno && /^E(?!POLL)/.test(key));
    return new NetlinkError(attempted, errno, name?.[0], text, offset, libc.strerror(errno));
  }
}

/** What `look` finds, or nothing when the kernel refuses it with one of `codes`. */
export function orNothing<T>(codes: readonly string[], look: () => T[]): T[] {
  try {
    return look();
  } catch (error) {
    if (error instanceof NetlinkError && error.code !== undefined && codes.includes(error.code)) return [];
    throw error;
  }
}

/** What `open` opens; undefined where there is no such socket: a kernel without the protocol, qemu-user. */
export function unlessRefused<T>(open: () => T): T | undefined {
  try {
    return open();
  } catch (error) {
    if (error instanceof Error && error.name === 'OsError') return undefined;
    throw error;
  }
}
