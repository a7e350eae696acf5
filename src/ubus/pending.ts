import type { Machine } from '../runtime/machine.ts';
import type { Timer } from '../runtime/runtime.ts';
import { BlobError, type Table } from './blob.ts';
import {
  statusText,
  UBUS_STATUS_INVALID_ARGUMENT,
  UBUS_STATUS_OK,
  UBUS_STATUS_PARSE_ERROR,
  UBUS_STATUS_TIMEOUT,
} from './constants.ts';
import type { Decoded, Message } from './message.ts';

/** A request that failed: `call macvlan add: Invalid argument`. `data` is what came before the status. */
export class UbusError extends Error {
  constructor(
    readonly status: number,
    readonly attempted: string,
    readonly data?: Table,
  ) {
    super(`${attempted}: ${statusText(status)}`);
    this.name = 'UbusError';
  }
}

/** What the sender of a request wants of it. `timeoutMs` 0 waits as long as the connection lives. */
export interface Wish {
  attempted: string;
  timeoutMs?: number;
  /** Each DATA message. */
  onData?(attributes: Decoded): void;
  /** A descriptor that came with the status; it is the taker's. */
  onFd?(fd: number): void;
  /** One to be sent along; it is ours from then on. */
  passFd?: number;
}

interface Entry {
  wish: Wish;
  /** Who is still to answer: one, but after a notification each subscriber. */
  peers: number[];
  /** Of the subscribers; absent for all but notifications. */
  statuses?: number[];
  timer: Timer | undefined;
  resolve(statuses: number[]): void;
  reject(error: Error): void;
}

/** The requests of one connection that are not answered yet, by their sequence numbers. */
export class PendingRequests {
  readonly #machine: Machine;
  readonly #entries = new Map<number, Entry>();
  #seq = 0;

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  /** Start waiting. The promise resolves with the statuses of subscribers (of a notification), or rejects with UbusError. */
  start(peer: number, wish: Wish): { seq: number; answer: Promise<number[]> } {
    const seq = this.nextSeq();
    const answer = new Promise<number[]>((resolve, reject) => {
      const timer = wish.timeoutMs
        ? this.#machine.runtime.setTimer(wish.timeoutMs, () => this.fail(seq, UBUS_STATUS_TIMEOUT))
        : undefined;
      this.#entries.set(seq, { wish, peers: [peer], timer, resolve, reject });
    });
    return { seq, answer };
  }

  /** One that no request waits under. */
  nextSeq(): number {
    do this.#seq = (this.#seq + 1) & 0xffff;
    while (this.#entries.has(this.#seq));
    return this.#seq;
  }

  data(message: Message, attributes: Decoded): void {
    const entry = this.#entries.get(message.seq);
    if (!entry?.peers.includes(message.peer)) return;
    try {
      entry.wish.onData?.(attributes);
    } catch (error) {
      const { attempted } = entry.wish;
      const failure = error instanceof BlobError ? new UbusError(UBUS_STATUS_PARSE_ERROR, attempted) : (error as Error);
      this.#end(message.seq)?.reject(failure);
    }
  }

  /** True when the descriptor was taken. */
  status(message: Message, attributes: Decoded, passed: number): boolean {
    const entry = this.#entries.get(message.seq);
    const at = entry ? entry.peers.indexOf(message.peer) : -1;
    if (!entry || at < 0) return false;
    entry.peers.splice(at, 1);
    const taken = passed >= 0 && entry.wish.onFd !== undefined;
    if (taken) entry.wish.onFd!(passed);
    this.#settle(message.seq, entry, attributes);
    return taken;
  }

  #settle(seq: number, entry: Entry, { status = UBUS_STATUS_INVALID_ARGUMENT, subscribers }: Decoded): void {
    if (subscribers) {
      // The broker's answer to a notification names those whose answers are to follow.
      for (const subscriber of subscribers) entry.peers.push(subscriber);
      entry.statuses = [];
    } else if (entry.statuses) entry.statuses.push(status);
    else if (status !== UBUS_STATUS_OK) this.fail(seq, status);
    if (entry.peers.length === 0) this.#end(seq)?.resolve(entry.statuses ?? []);
  }

  fail(seq: number, status: number): void {
    const entry = this.#end(seq);
    entry?.reject(new UbusError(status, entry.wish.attempted));
  }

  /** Fail those addressed to one peer, or all. */
  failAll(status: number, peer?: number): void {
    for (const [seq, { peers }] of [...this.#entries]) {
      if (peer === undefined || peers.includes(peer)) this.fail(seq, status);
    }
  }

  #end(seq: number): Entry | undefined {
    const entry = this.#entries.get(seq);
    if (entry?.timer !== undefined) this.#machine.runtime.clearTimer(entry.timer);
    this.#entries.delete(seq);
    return entry;
  }
}
