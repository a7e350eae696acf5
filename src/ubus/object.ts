import { BlobError, decodeTable, type Table } from './blob.ts';
import type { LocalObject, UbusConnection } from './conn.ts';
import {
  BLOBMSG_TYPE_ARRAY,
  BLOBMSG_TYPE_DOUBLE,
  BLOBMSG_TYPE_INT8,
  BLOBMSG_TYPE_INT16,
  BLOBMSG_TYPE_INT32,
  BLOBMSG_TYPE_INT64,
  BLOBMSG_TYPE_STRING,
  BLOBMSG_TYPE_TABLE,
  BLOBMSG_TYPE_UNSPEC,
  UBUS_MSG_DATA,
  UBUS_MSG_NOTIFY,
  UBUS_MSG_STATUS,
  UBUS_STATUS_INVALID_ARGUMENT,
  UBUS_STATUS_METHOD_NOT_FOUND,
  UBUS_STATUS_UNKNOWN_ERROR,
} from './constants.ts';
import type { Decoded, Message } from './message.ts';

/** What an argument is declared to be, in the words of `ubus -v list` where it has one. */
const policyTypes = {
  Any: BLOBMSG_TYPE_UNSPEC,
  Array: BLOBMSG_TYPE_ARRAY,
  Table: BLOBMSG_TYPE_TABLE,
  String: BLOBMSG_TYPE_STRING,
  Int64: BLOBMSG_TYPE_INT64,
  Integer: BLOBMSG_TYPE_INT32,
  Int16: BLOBMSG_TYPE_INT16,
  Boolean: BLOBMSG_TYPE_INT8,
  Double: BLOBMSG_TYPE_DOUBLE,
};
export type PolicyType = keyof typeof policyTypes;
export type Policy = Readonly<Record<string, PolicyType>>;

/** A method: its declared arguments, which nobody enforces, and what it does. A promise that it answers is watched for failure only. */
export interface Method {
  args: Policy;
  call(request: UbusRequest): void | Promise<void>;
}

export interface ObjectDefinition {
  path: string;
  methods: Readonly<Record<string, Method>>;
  onSubscribers?(active: boolean): void;
}

/** The policies of an object as ADD_OBJECT and LOOKUP carry them. */
export function encodeSignature(methods: Readonly<Record<string, { args: Policy }>>): Table {
  const numbers = (args: Policy): Table =>
    Object.fromEntries(Object.entries(args).map(([name, type]) => [name, policyTypes[type]]));
  return Object.fromEntries(Object.entries(methods).map(([name, { args }]) => [name, numbers(args)]));
}

export function decodeSignature(bytes: Uint8Array): Record<string, Policy> {
  const names = Object.keys(policyTypes) as PolicyType[];
  const typeOf = (number: unknown) => names.find((name) => policyTypes[name] === number) ?? 'Any';
  const policy = (table: object): Policy =>
    Object.fromEntries(Object.entries(table).map(([name, number]) => [name, typeOf(number)]));
  return Object.fromEntries(Object.entries(decodeTable(bytes)).map(([name, args]) => [name, policy(Object(args))]));
}

/** One call of a method. It may be answered at any later time; once the caller or the connection is gone, answers vanish. */
export class UbusRequest {
  readonly method: string;
  /** All that came, of whatever type. */
  args: Table = {};
  /** Names of the caller's uid and gid, vouched for by the broker. */
  readonly user: string | undefined;
  readonly group: string | undefined;
  readonly #connection: UbusConnection;
  readonly #epoch: number;
  readonly #message: Message;
  readonly #objid: number;
  #silent: boolean;
  #passed: number;

  constructor(connection: UbusConnection, message: Message, attributes: Decoded, passed: number) {
    this.#connection = connection;
    this.#epoch = connection.epoch;
    this.#message = message;
    this.#objid = attributes.objid!;
    this.#silent = attributes.no_reply === true;
    this.#passed = passed;
    this.method = attributes.method ?? '';
    this.user = attributes.user;
    this.group = attributes.group;
  }

  /** One data message; there may be several. Throws UbusError when it is too long. */
  reply(data: Table): void {
    if (!this.#silent) this.#connection.answer(this.#epoch, UBUS_MSG_DATA, this.#message, { objid: this.#objid, data });
  }

  /** The end of the call; a second one is ignored. A descriptor given is ours from here on. */
  finish(status: number, fd?: number): void {
    this.#connection.closeFd(this.takeFd());
    if (this.#silent) {
      this.#connection.closeFd(fd);
      return;
    }
    this.#silent = true;
    this.#connection.answer(this.#epoch, UBUS_MSG_STATUS, this.#message, { status, objid: this.#objid }, fd);
  }

  /** The descriptor that came along. Whoever takes it closes it; otherwise it is closed at the end of the call. */
  takeFd(): number | undefined {
    const passed = this.#passed;
    this.#passed = -1;
    return passed < 0 ? undefined : passed;
  }
}

/** An object of ours on the bus; it comes back with each reconnection. */
export class Publication implements LocalObject {
  readonly path: string;
  readonly signature: Table;
  readonly purpose: string;
  id = 0;
  /** Somebody listens to its notifications. */
  subscribed = false;
  readonly #connection: UbusConnection;
  readonly #definition: ObjectDefinition;

  constructor(connection: UbusConnection, definition: ObjectDefinition) {
    this.#connection = connection;
    this.#definition = definition;
    this.path = definition.path;
    this.purpose = `publish ${definition.path}`;
    this.signature = encodeSignature(definition.methods);
  }

  /** Tell the subscribers, if there are any; nobody answers. Throws UbusError when it is too long. */
  notify(method: string, data: Table): void {
    if (this.subscribed)
      this.#connection.tell(UBUS_MSG_NOTIFY, this.id, { objid: this.id, method, data, no_reply: true });
  }

  /** Tell the subscribers and wait for what each of them says: their statuses. */
  ask(method: string, data: Table, timeoutMs = 30000): Promise<number[]> {
    const wish = { attempted: `notify ${this.path} ${method}`, timeoutMs };
    return this.#connection.request(UBUS_MSG_NOTIFY, this.id, { objid: this.id, method, data }, wish);
  }

  remove(): Promise<void> {
    return this.#connection.remove(this);
  }

  subscribers(active: boolean): void {
    this.subscribed = active;
    this.#definition.onSubscribers?.(active);
  }

  lost(): void {
    if (this.subscribed) this.subscribers(false);
  }

  invoke(message: Message, attributes: Decoded, passed: number): boolean {
    const request = new UbusRequest(this.#connection, message, attributes, passed);
    const { methods } = this.#definition;
    if (attributes.method === undefined) request.finish(UBUS_STATUS_INVALID_ARGUMENT);
    else if (!Object.hasOwn(methods, attributes.method)) request.finish(UBUS_STATUS_METHOD_NOT_FOUND);
    else if (!attributes.data) request.finish(UBUS_STATUS_INVALID_ARGUMENT);
    else this.#call(methods[attributes.method]!, request, attributes.data);
    return true;
  }

  #call(method: Method, request: UbusRequest, data: Uint8Array): void {
    try {
      request.args = decodeTable(data);
      method.call(request)?.catch((error) => this.#failed(request, error));
    } catch (error) {
      if (error instanceof BlobError) request.finish(UBUS_STATUS_INVALID_ARGUMENT);
      else this.#failed(request, error);
    }
  }

  #failed(request: UbusRequest, error: unknown): void {
    this.#connection.log(`${this.path} ${request.method}: ${error instanceof Error ? error.message : error}`);
    request.finish(UBUS_STATUS_UNKNOWN_ERROR);
  }
}
