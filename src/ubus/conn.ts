import type { Machine } from '../runtime/machine.ts';
import type { Timer } from '../runtime/runtime.ts';
import type { Table } from './blob.ts';
import {
  UBUS_MSG_ADD_OBJECT,
  UBUS_MSG_DATA,
  UBUS_MSG_HELLO,
  UBUS_MSG_INVOKE,
  UBUS_MSG_NOTIFY,
  UBUS_MSG_REMOVE_OBJECT,
  UBUS_MSG_STATUS,
  UBUS_MSG_UNSUBSCRIBE,
  UBUS_STATUS_CONNECTION_FAILED,
  UBUS_STATUS_INVALID_ARGUMENT,
} from './constants.ts';
import { Gate } from './gate.ts';
import { type Attributes, type Decoded, decodeAttributes, encodeMessage, type Message } from './message.ts';
import { PendingRequests, UbusError, type Wish } from './pending.ts';
import { Stream } from './stream.ts';

export interface ConnectionOptions {
  /** Come back after a loss, and go on trying at the start. Otherwise the first failure is the last. */
  reconnect?: boolean;
  /** Hear of objects that go away, so that a call to one fails at once; with `reconnect` always so. */
  watch?: boolean;
  /** Told of what goes wrong without anybody asking. */
  log?(text: string): void;
}

/** Something of ours that others can reach: a published object, a subscriber, a listener for events. */
export interface LocalObject {
  readonly path?: string;
  readonly signature?: Table;
  /** For messages: `publish macvlan`. */
  readonly purpose: string;
  /** Given anew by the broker on each connection; 0 where it is not known there. */
  id: number;
  /** True when it took the passed descriptor. */
  invoke(message: Message, attributes: Decoded, passed: number): boolean;
  /** The first subscriber came, or the last one left. */
  subscribers?(active: boolean): void;
  targetGone?(target: number | undefined): void;
  /** What has to follow each registration. */
  added?(): Promise<void>;
  lost?(): void;
}

/** Reached within a second after the broker is back: hence no longer pause than this. */
const longestPause = 800;
const shortestPause = 100;
const helloPatience = 5000;
const refusalPause = 1000;

/** One connection to the broker, made again when it breaks, with the objects of ours that live on it. */
export class UbusConnection {
  readonly #machine: Machine;
  readonly #path: string;
  readonly #options: ConnectionOptions;
  readonly #objects = new Map<LocalObject, Gate>();
  readonly #greeted = new Gate();
  #pending: PendingRequests;
  #stream: Stream | undefined;
  #timer: Timer | undefined;
  #pause = shortestPause;
  #connected = false;
  #closed = false;
  /** Counts the connections: an answer to a request of an earlier one has nowhere to go. */
  epoch = 0;

  constructor(machine: Machine, path: string, options: ConnectionOptions) {
    this.#machine = machine;
    this.#path = path;
    this.#options = options;
    this.#pending = new PendingRequests(machine);
    this.#connect();
  }

  /** The broker has greeted us and every object is in place; rejects when it cannot be so. */
  async ready(): Promise<void> {
    await this.#greeted.wait();
    for (const gate of [...this.#objects.values()]) await gate.wait();
  }

  close(): void {
    this.#closed = true;
    this.#forget();
    this.#fail();
  }

  log(text: string): void {
    this.#options.log?.(`ubus: ${text}`);
  }

  /** Ask the broker (peer 0) or, through it, an object. Rejects with UbusError; nothing is sent of what is too long. */
  request(type: number, peer: number, attributes: Attributes, wish: Wish): Promise<number[]> {
    const { seq, answer } = this.#pending.start(peer, wish);
    const trouble = this.#connected
      ? this.#send(type, seq, peer, attributes, wish.passFd)
      : UBUS_STATUS_CONNECTION_FAILED;
    if (trouble) {
      this.closeFd(wish.passFd);
      this.#pending.fail(seq, trouble);
    }
    return answer;
  }

  /** Send what nobody answers. Throws UbusError when it is too long. */
  tell(type: number, peer: number, attributes: Attributes): void {
    const trouble = this.#connected ? this.#send(type, this.#pending.nextSeq(), peer, attributes) : 0;
    if (trouble) throw new UbusError(trouble, 'notify');
  }

  /** Answer what came on the connection `epoch`. Throws UbusError when it is too long. */
  answer(epoch: number, type: number, { seq, peer }: Message, attributes: Attributes, passed?: number): void {
    const current = epoch === this.epoch && this.#connected;
    const trouble = current ? this.#send(type, seq, peer, attributes, passed) : 0;
    if (!current || trouble) this.closeFd(passed);
    if (trouble) throw new UbusError(trouble, 'answer');
  }

  /** Fails what is asked of an object that is gone. */
  abandon(peer: number): void {
    this.#pending.failAll(UBUS_STATUS_CONNECTION_FAILED, peer);
  }

  closeFd(fd = -1): void {
    if (fd >= 0) this.#machine.libc.close(fd);
  }

  /** Put an object up, now and after each reconnection. The promise is for the first time; a refusal is tried again. */
  add(object: LocalObject): Promise<void> {
    const gate = new Gate();
    this.#objects.set(object, gate);
    if (this.#connected) void this.#put(object, gate);
    else if (this.#closed) gate.fail(this.#failure());
    return gate.wait();
  }

  async remove(object: LocalObject): Promise<void> {
    this.#objects.delete(object);
    const objid = object.id;
    object.id = 0;
    if (objid) await this.request(UBUS_MSG_REMOVE_OBJECT, 0, { objid }, { attempted: `remove of ${object.purpose}` });
  }

  #connect(): void {
    try {
      const fd = this.#machine.sockets.connectUnix(this.#path);
      this.#stream = new Stream(this.#machine, fd, {
        message: (message, passed) => this.#take(message, passed),
        lost: () => this.#lose('connection lost'),
      });
      this.#after(helloPatience, () => this.#lose('no greeting'));
    } catch (error) {
      this.#lose((error as Error).message);
    }
  }

  #after(ms: number, fn: () => void): void {
    this.#stopTimer();
    this.#timer = this.#machine.runtime.setTimer(ms, fn);
  }

  #stopTimer(): void {
    if (this.#timer !== undefined) this.#machine.runtime.clearTimer(this.#timer);
    this.#timer = undefined;
  }

  #lose(reason: string): void {
    if (this.#connected || !this.#options.reconnect) this.log(reason);
    if (!this.#options.reconnect) {
      this.close();
      return;
    }
    this.#forget();
    this.#after(this.#pause, () => this.#connect());
    this.#pause = Math.min(2 * this.#pause, longestPause);
  }

  /** Nothing that the broker gave us outlives the connection. */
  #forget(): void {
    this.epoch++;
    this.#connected = false;
    this.#stream?.close();
    this.#stream = undefined;
    this.#stopTimer();
    this.#greeted.shut();
    this.#pending.failAll(UBUS_STATUS_CONNECTION_FAILED);
    for (const [object, gate] of this.#objects) {
      object.id = 0;
      gate.shut();
      object.lost?.();
    }
  }

  #fail(): void {
    for (const gate of [this.#greeted, ...this.#objects.values()]) gate.fail(this.#failure());
  }

  #failure(): UbusError {
    return new UbusError(UBUS_STATUS_CONNECTION_FAILED, `connect ${this.#path}`);
  }

  #send(type: number, seq: number, peer: number, attributes: Attributes, passed?: number): number {
    let bytes: Uint8Array;
    try {
      bytes = encodeMessage(type, seq, peer, attributes);
    } catch {
      return UBUS_STATUS_INVALID_ARGUMENT;
    }
    this.#stream!.send(bytes, passed);
    return 0;
  }

  #take(message: Message, passed: number): void {
    let taken = false;
    if (!this.#connected) this.#greet(message);
    else if (message.version !== 0) this.#lose('malformed message');
    else {
      try {
        taken = this.#dispatch(message, decodeAttributes(message.body), passed);
      } catch (error) {
        this.log((error as Error).message);
      }
    }
    if (!taken) this.closeFd(passed);
  }

  #greet({ version, type, peer }: Message): void {
    if (version !== 0 || type !== UBUS_MSG_HELLO || peer <= 1) {
      this.#lose('not greeted');
      return;
    }
    this.#connected = true;
    this.#pause = shortestPause;
    this.#pending = new PendingRequests(this.#machine);
    this.#stopTimer();
    this.#greeted.open();
    for (const [object, gate] of this.#objects) void this.#put(object, gate);
  }

  /** True when the passed descriptor was taken. */
  #dispatch(message: Message, attributes: Decoded, passed: number): boolean {
    if (message.type === UBUS_MSG_STATUS) return this.#pending.status(message, attributes, passed);
    if (message.type === UBUS_MSG_DATA) {
      this.#pending.data(message, attributes);
      return false;
    }
    const object = this.#byId(attributes.objid);
    if (object && message.type === UBUS_MSG_INVOKE) return object.invoke(message, attributes, passed);
    if (message.type === UBUS_MSG_NOTIFY && attributes.active !== undefined) object?.subscribers?.(attributes.active);
    if (message.type === UBUS_MSG_UNSUBSCRIBE) object?.targetGone?.(attributes.target);
    return false;
  }

  #byId(id = 0): LocalObject | undefined {
    for (const object of this.#objects.keys()) if (id !== 0 && object.id === id) return object;
    return undefined;
  }

  async #put(object: LocalObject, gate: Gate): Promise<void> {
    const { epoch } = this;
    try {
      if (!object.id) await this.#register(object);
      // Taken away again while the broker was asked.
      if (!this.#objects.has(object)) return await this.remove(object);
      await object.added?.();
      if (epoch === this.epoch) gate.open();
    } catch (error) {
      // On the next connection it is put up anew.
      if (epoch !== this.epoch) return;
      if (gate.fail(error as Error)) this.log((error as Error).message);
      this.#machine.runtime.setTimer(refusalPause, () => {
        if (epoch === this.epoch && this.#objects.has(object)) void this.#put(object, gate);
      });
    }
  }

  async #register(object: LocalObject): Promise<void> {
    const { path: objpath, signature } = object;
    await this.request(
      UBUS_MSG_ADD_OBJECT,
      0,
      { objpath, signature },
      {
        attempted: object.purpose,
        onData: ({ objid = 0 }) => {
          object.id = objid;
        },
      },
    );
  }
}
