import { decodeTable, type Table } from './blob.ts';
import type { LocalObject, UbusConnection } from './conn.ts';
import {
  UBUS_MSG_INVOKE,
  UBUS_MSG_LOOKUP,
  UBUS_MSG_STATUS,
  UBUS_MSG_SUBSCRIBE,
  UBUS_STATUS_INVALID_ARGUMENT,
  UBUS_STATUS_NOT_FOUND,
  UBUS_STATUS_OK,
  UBUS_STATUS_UNKNOWN_ERROR,
  UBUS_SYSTEM_OBJECT_EVENT,
} from './constants.ts';
import type { Decoded, Message } from './message.ts';
import { UbusError } from './pending.ts';

/** Ask the broker to send events to one of our objects. A `*` at the end of the pattern stands for anything. */
async function register(connection: UbusConnection, object: LocalObject, pattern: string): Promise<void> {
  const attributes = {
    objid: UBUS_SYSTEM_OBJECT_EVENT,
    method: 'register',
    data: { object: object.id | 0, pattern },
  };
  await connection.request(UBUS_MSG_INVOKE, UBUS_SYSTEM_OBJECT_EVENT, attributes, { attempted: `listen ${pattern}` });
}

/** Hands on the name and the data of an INVOKE and says how that went. */
function deliver(
  connection: UbusConnection,
  message: Message,
  attributes: Decoded,
  take: (name: string, data: Table) => void,
): void {
  const { objid, method, data } = attributes;
  let status = UBUS_STATUS_INVALID_ARGUMENT;
  try {
    if (method !== undefined && data) {
      take(method, decodeTable(data));
      status = UBUS_STATUS_OK;
    }
  } catch (error) {
    connection.log(`${method}: ${(error as Error).message}`);
    status = UBUS_STATUS_UNKNOWN_ERROR;
  }
  if (!attributes.no_reply) connection.answer(connection.epoch, UBUS_MSG_STATUS, message, { status, objid });
}

/** Takes the events that match any of its patterns. */
export class Listener implements LocalObject {
  readonly purpose: string;
  id = 0;
  readonly #connection: UbusConnection;
  readonly #patterns: readonly string[];
  readonly #onEvent: (event: string, data: Table) => void;

  constructor(connection: UbusConnection, patterns: readonly string[], onEvent: (event: string, data: Table) => void) {
    this.#connection = connection;
    this.#patterns = patterns;
    this.#onEvent = onEvent;
    this.purpose = `listen ${patterns.join(' ')}`;
  }

  async added(): Promise<void> {
    for (const pattern of this.#patterns) await register(this.#connection, this, pattern);
  }

  invoke(message: Message, attributes: Decoded): boolean {
    deliver(this.#connection, message, attributes, this.#onEvent);
    return false;
  }

  remove(): Promise<void> {
    return this.#connection.remove(this);
  }
}

/** Takes the notifications of the object at a path, also when that comes later or comes back. */
export class Subscription implements LocalObject {
  readonly purpose: string;
  id = 0;
  readonly #connection: UbusConnection;
  readonly #path: string;
  readonly #onNotify: (type: string, data: Table) => void;
  #target = 0;

  constructor(connection: UbusConnection, path: string, onNotify: (type: string, data: Table) => void) {
    this.#connection = connection;
    this.#path = path;
    this.#onNotify = onNotify;
    this.purpose = `subscribe ${path}`;
  }

  /** The object is there and its notifications come. */
  get active(): boolean {
    return this.#target !== 0;
  }

  remove(): Promise<void> {
    return this.#connection.remove(this);
  }

  async added(): Promise<void> {
    // First listen, then look, so that the object cannot appear in between unseen.
    await register(this.#connection, this, 'ubus.object.add').catch((error: Error) =>
      this.#connection.log(error.message),
    );
    await this.#look();
  }

  lost(): void {
    this.#target = 0;
  }

  targetGone(target: number | undefined): void {
    if (target === this.#target) this.#target = 0;
  }

  invoke(message: Message, attributes: Decoded): boolean {
    // Events come from nobody (peer 0), notifications from the client that owns the object.
    const take = message.peer === 0 ? (_: string, data: Table) => this.#appeared(data) : this.#onNotify;
    deliver(this.#connection, message, attributes, take);
    return false;
  }

  #appeared({ id, path }: Table): void {
    if (path !== this.#path || typeof id !== 'number') return;
    this.#subscribe(id >>> 0).catch((error: Error) => this.#connection.log(error.message));
  }

  async #look(): Promise<void> {
    const { purpose: attempted } = this;
    let target = 0;
    const onData = ({ objid = 0 }: Decoded) => {
      target = objid;
    };
    try {
      await this.#connection.request(UBUS_MSG_LOOKUP, 0, { objpath: this.#path }, { attempted, onData });
    } catch (error) {
      if (!(error instanceof UbusError && error.status === UBUS_STATUS_NOT_FOUND)) throw error;
    }
    if (target) await this.#subscribe(target);
  }

  /** A second subscription to the same object would double its notifications. */
  async #subscribe(target: number): Promise<void> {
    if (target === this.#target) return;
    this.#target = target;
    const attributes = { objid: this.id, target };
    try {
      await this.#connection.request(UBUS_MSG_SUBSCRIBE, 0, attributes, { attempted: this.purpose });
    } catch (error) {
      if (this.#target === target) this.#target = 0;
      // Gone again already: its next coming will be told.
      if (!(error instanceof UbusError && error.status === UBUS_STATUS_NOT_FOUND)) throw error;
    }
  }
}
