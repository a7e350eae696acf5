import type { Machine } from '../runtime/machine.ts';
import { decodeTable, type Table } from './blob.ts';
import { type ConnectionOptions, type LocalObject, UbusConnection } from './conn.ts';
import { UBUS_MSG_INVOKE, UBUS_MSG_LOOKUP, UBUS_STATUS_NOT_FOUND, UBUS_SYSTEM_OBJECT_EVENT } from './constants.ts';
import type { Decoded } from './message.ts';
import { decodeSignature, type ObjectDefinition, type Policy, Publication } from './object.ts';
import { UbusError } from './pending.ts';
import { Listener, Subscription } from './subscribe.ts';

export interface CallOptions {
  /** Default 30 s, as the ubus command has it; 0 waits as long as the connection lives. */
  timeoutMs?: number;
  /** Each data message, where a method answers several. */
  onData?(data: Table): void;
  /** A descriptor that came with the answer, the taker's to close. Without this it is closed. */
  onFd?(fd: number): void;
  /** A descriptor for the method; ours from the call on. */
  passFd?: number;
}

export interface ObjectInfo {
  path: string;
  id: number;
  methods: Record<string, Policy>;
}

const defaultTimeout = 30000;

/** A client of the bus: calls and serves methods, notifies and subscribes, sends and hears events. */
export class UbusClient {
  readonly #connection: UbusConnection;
  /** Object ids by path, as far as they were asked for on the connection `#epoch`. */
  readonly #ids = new Map<string, number>();
  #epoch = 0;

  /** Starts connecting and answers at once: `ready` says when it is done. */
  static connect(machine: Machine, path: string, options: ConnectionOptions = {}): UbusClient {
    return new UbusClient(new UbusConnection(machine, path, options), options);
  }

  private constructor(connection: UbusConnection, options: ConnectionOptions) {
    this.#connection = connection;
    if (options.reconnect || options.watch)
      connection.add(new Watcher(connection, (data) => this.#gone(data))).catch(() => {});
  }

  /** The broker has greeted us and all that was published, subscribed and listened for is in place. Rejects with UbusError. */
  ready(): Promise<void> {
    return this.#connection.ready();
  }

  close(): void {
    this.#connection.close();
  }

  /** Call a method. Answers its data, several messages merged into one. Rejects with UbusError, whose `data` came before the status. */
  async call(path: string, method: string, args: Table = {}, options: CallOptions = {}): Promise<Table> {
    const attempted = `call ${path} ${method}`;
    const id = await this.#find(path, attempted).catch((error) => {
      this.#connection.closeFd(options.passFd);
      throw error;
    });
    try {
      return await this.#invoke(id, attempted, method, args, options);
    } catch (error) {
      if (!isNotFound(error) || options.passFd !== undefined) throw error;
      // An object that was published anew has another id; the method's own "not found" is not asked for twice.
      this.#ids.delete(path);
      const found = await this.#find(path, attempted);
      if (found === id) throw error;
      return this.#invoke(found, attempted, method, args, options);
    }
  }

  /** What is on the bus: one path, all that begin with `prefix*`, or everything. Nothing found is an empty list. */
  async lookup(pattern?: string): Promise<ObjectInfo[]> {
    const objects: ObjectInfo[] = [];
    const onData = ({ objpath, objid, signature }: Decoded) => {
      if (objpath !== undefined && objid !== undefined && signature) {
        objects.push({ path: objpath, id: objid, methods: decodeSignature(signature) });
      }
    };
    await this.#lookup(pattern, { attempted: `lookup ${pattern ?? '*'}`, onData });
    return objects;
  }

  /** Put an object on the bus, now and after each reconnection. A refusal is logged, tried again, and told by `ready`. */
  publish(definition: ObjectDefinition): Publication {
    const publication = new Publication(this.#connection, definition);
    this.#connection.add(publication).catch(() => {});
    return publication;
  }

  /** Take notifications. Resolves as soon as the object is subscribed, or is known not to be there yet. */
  async subscribe(path: string, onNotify: (type: string, data: Table) => void): Promise<Subscription> {
    const subscription = new Subscription(this.#connection, path, onNotify);
    await this.#add(subscription);
    return subscription;
  }

  /** Take events; a `*` at the end of a pattern stands for anything. */
  async listen(pattern: string | readonly string[], onEvent: (event: string, data: Table) => void): Promise<Listener> {
    const patterns = typeof pattern === 'string' ? [pattern] : pattern;
    const listener = new Listener(this.#connection, patterns, onEvent);
    await this.#add(listener);
    return listener;
  }

  /** What is refused is not tried again: whoever asked for it is told. */
  async #add(object: LocalObject): Promise<void> {
    try {
      await this.#connection.add(object);
    } catch (error) {
      this.#connection.remove(object).catch(() => {});
      throw error;
    }
  }

  /** Send an event to whoever listens. */
  async send(event: string, data: Table = {}): Promise<void> {
    const args = { id: event, data };
    await this.#invoke(UBUS_SYSTEM_OBJECT_EVENT, `send ${event}`, 'send', args, {});
  }

  async #invoke(id: number, attempted: string, method: string, args: Table, options: CallOptions): Promise<Table> {
    const { timeoutMs = defaultTimeout, onFd, passFd } = options;
    let result: Table | undefined;
    const onData = ({ data }: Decoded) => {
      const table = decodeTable(data ?? new Uint8Array(0));
      options.onData?.(table);
      result = result ? { ...result, ...table } : table;
    };
    const attributes = { objid: id, method, data: args };
    try {
      await this.#connection.request(UBUS_MSG_INVOKE, id, attributes, { attempted, timeoutMs, onData, onFd, passFd });
    } catch (error) {
      throw error instanceof UbusError ? new UbusError(error.status, attempted, result) : error;
    }
    return result ?? {};
  }

  async #find(path: string, attempted: string): Promise<number> {
    if (this.#epoch !== this.#connection.epoch) this.#ids.clear();
    this.#epoch = this.#connection.epoch;
    const known = this.#ids.get(path);
    if (known) return known;
    let id = 0;
    const onData = ({ objid = 0 }: Decoded) => {
      id = objid;
    };
    const { epoch } = this.#connection;
    await this.#lookup(path, { attempted, onData });
    // Of an object hidden by an ACL the broker says "success" and nothing else.
    if (!id) throw new UbusError(UBUS_STATUS_NOT_FOUND, attempted);
    if (epoch === this.#epoch) this.#ids.set(path, id);
    return id;
  }

  async #lookup(
    objpath: string | undefined,
    wish: { attempted: string; onData(attributes: Decoded): void },
  ): Promise<void> {
    try {
      await this.#connection.request(UBUS_MSG_LOOKUP, 0, { objpath }, { timeoutMs: defaultTimeout, ...wish });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  /** The broker does not tell a caller that the object it waits for died; this event does. */
  #gone({ id, path }: Table): void {
    if (typeof path === 'string') this.#ids.delete(path);
    if (typeof id === 'number') this.#connection.abandon(id >>> 0);
  }
}

/** Hears of objects that go away. A user who may not hear of it does without. */
class Watcher extends Listener {
  constructor(connection: UbusConnection, onGone: (data: Table) => void) {
    super(connection, ['ubus.object.remove'], (_, data) => onGone(data));
  }

  override added(): Promise<void> {
    return super.added().catch(() => {});
  }
}

function isNotFound(error: unknown): boolean {
  return error instanceof UbusError && error.status === UBUS_STATUS_NOT_FOUND;
}
