import { BlobError } from '../ubus/blob.ts';
import {
  UBUS_MSG_ADD_OBJECT,
  UBUS_MSG_DATA,
  UBUS_MSG_HELLO,
  UBUS_MSG_INVOKE,
  UBUS_MSG_LOOKUP,
  UBUS_MSG_NOTIFY,
  UBUS_MSG_PING,
  UBUS_MSG_REMOVE_OBJECT,
  UBUS_MSG_STATUS,
  UBUS_MSG_SUBSCRIBE,
  UBUS_MSG_UNSUBSCRIBE,
  UBUS_STATUS_INVALID_ARGUMENT,
  UBUS_STATUS_INVALID_COMMAND,
  UBUS_STATUS_NOT_FOUND,
  UBUS_STATUS_OK,
  UBUS_STATUS_PERMISSION_DENIED,
  UBUS_SYSTEM_OBJECT_MAX,
} from '../ubus/constants.ts';
import { type Decoded, decodeAttributes, type Message } from '../ubus/message.ts';
import { Acl, type Peer } from './acl.ts';
import { binary } from './binary.ts';
import { Events } from './events.ts';
import { type BusObject, type Client, freeId, Objects, type ObjectType } from './objects.ts';
import { Outbox, type Outgoing } from './outbox.ts';
import { systemObjects } from './system.ts';

/** One request and who sent it. */
export interface Request {
  client: Client;
  message: Message;
  attributes: Decoded;
}

/** Answers the status to be sent, or undefined where none is. */
type Handler = (request: Request) => number | undefined;

/**
 * The bus itself: a message of a client in, messages to clients out. It knows no sockets and no clock; ids come from
 * `random`, any 32 bit numbers.
 */
export class Broker {
  readonly outbox = new Outbox();
  readonly events = new Events(this.outbox);
  readonly objects: Objects;
  acl = new Acl([]);
  aclSequence = 0;
  readonly #random: () => number;
  readonly #clients = new Map<number, Client>();
  readonly #handlers: Readonly<Record<number, Handler>> = {
    [UBUS_MSG_PING]: (request) => this.#ping(request),
    [UBUS_MSG_LOOKUP]: (request) => this.#lookup(request),
    [UBUS_MSG_ADD_OBJECT]: (request) => this.#addObject(request),
    [UBUS_MSG_REMOVE_OBJECT]: (request) => this.#removeObject(request),
    [UBUS_MSG_INVOKE]: (request) => this.#invoke(request),
    [UBUS_MSG_STATUS]: (request) => this.#respond(request, request.attributes.status !== undefined),
    [UBUS_MSG_DATA]: (request) => this.#respond(request, request.attributes.data !== undefined),
    [UBUS_MSG_SUBSCRIBE]: (request) => this.#subscribe(request),
    [UBUS_MSG_UNSUBSCRIBE]: (request) => this.#unsubscribe(request),
    [UBUS_MSG_NOTIFY]: (request) => this.#notify(request),
  };

  constructor(random: () => number) {
    this.#random = random;
    this.objects = new Objects(random, this.outbox, this.events);
  }

  /** A new client and what it is greeted with. */
  connect(peer: Peer): { id: number; out: Outgoing[] } {
    const client: Client = { id: freeId(this.#random, this.#clients), peer, objects: [] };
    this.#clients.set(client.id, client);
    this.outbox.send(client.id, UBUS_MSG_HELLO, 0, client.id, {});
    return { id: client.id, out: this.outbox.take() };
  }

  /** The client is gone, and what it had goes too. */
  disconnect(id: number): Outgoing[] {
    const client = this.#clients.get(id);
    if (!client) return [];
    this.outbox.unwatch(id);
    for (const object of [...client.objects]) this.objects.remove(object);
    this.#clients.delete(id);
    return this.outbox.take();
  }

  receive(id: number, message: Message): Outgoing[] {
    const client = this.#clients.get(id);
    if (!client) return [];
    this.outbox.observe(id, message, false);
    const status = this.#handle({ client, message, attributes: decodeAttributes(message.body, binary) });
    const patient = message.type === UBUS_MSG_LOOKUP;
    if (status !== undefined) this.outbox.send(id, UBUS_MSG_STATUS, message.seq, message.peer, { status }, { patient });
    return this.outbox.take();
  }

  /** New rules count at once, and whoever listens hears of it. */
  setAcl(acl: Acl): Outgoing[] {
    this.acl = acl;
    this.aclSequence++;
    this.events.announce('ubus.acl.sequence', { sequence: this.aclSequence });
    return this.outbox.take();
  }

  #handle(request: Request): number | undefined {
    const handler = this.#handlers[request.message.type];
    if (!handler) return UBUS_STATUS_INVALID_COMMAND;
    try {
      return handler(request);
    } catch (error) {
      // With what the broker adds (user, group) it became longer than a message may be.
      if (error instanceof BlobError) return UBUS_STATUS_INVALID_ARGUMENT;
      throw error;
    }
  }

  #ping({ client, message: { version, seq, peer, body } }: Request): number {
    this.outbox.send(client.id, UBUS_MSG_DATA, seq, peer, body, { version });
    return UBUS_STATUS_OK;
  }

  #lookup(request: Request): number {
    const { objpath } = request.attributes;
    if (objpath === '') return UBUS_STATUS_INVALID_ARGUMENT;
    const found = this.#found(objpath);
    for (const object of found) this.#describe(request, object);
    return found.length === 0 && objpath !== undefined ? UBUS_STATUS_NOT_FOUND : UBUS_STATUS_OK;
  }

  #found(pattern = '*'): BusObject[] {
    if (pattern.endsWith('*')) return this.objects.startingWith(pattern.slice(0, -1));
    const object = this.objects.at(pattern);
    return object ? [object] : [];
  }

  /** Of what the client may not call nothing is said, nor of an object none of whose methods it may call. */
  #describe({ client, message: { seq, peer } }: Request, { id, path, type }: BusObject): void {
    if (!type || path === undefined) return;
    const allowed = type.methods.filter(({ name }) => this.acl.allowsCall(client.peer, path, name));
    if (allowed.length === 0 && type.methods.length > 0) return;
    const signature = concatenate(allowed.map(({ raw }) => raw));
    const attributes = { objpath: path, objid: id, objtype: type.id, signature };
    this.outbox.send(client.id, UBUS_MSG_DATA, seq, peer, attributes, { patient: true });
  }

  #addObject({ client, message: { seq, peer }, attributes: { objpath, objtype, signature } }: Request): number {
    const type = this.#typeOf(objtype, signature);
    if (objpath !== undefined) {
      if (!this.acl.allows(client.peer, 'publish', objpath)) return UBUS_STATUS_INVALID_ARGUMENT;
      if (this.objects.at(objpath)) return UBUS_STATUS_INVALID_ARGUMENT;
    }
    const { id } = this.objects.create(client, type, objpath);
    const attributes = { objid: id, objtype: signature && type?.id };
    this.outbox.send(client.id, UBUS_MSG_DATA, seq, peer, attributes);
    return UBUS_STATUS_OK;
  }

  /** An unknown type or a malformed signature is no error: the object has no type then, and LOOKUP leaves it out. */
  #typeOf(objtype: number | undefined, signature: Uint8Array | undefined): ObjectType | undefined {
    if (objtype !== undefined) return this.objects.type(objtype);
    return signature && this.objects.createType(signature);
  }

  #removeObject({ client, message: { seq, peer }, attributes: { objid } }: Request): number {
    if (objid === undefined) return UBUS_STATUS_INVALID_ARGUMENT;
    const object = this.objects.get(objid);
    if (!object) return isSystem(objid) ? UBUS_STATUS_PERMISSION_DENIED : UBUS_STATUS_NOT_FOUND;
    if (object.client !== client) return UBUS_STATUS_PERMISSION_DENIED;
    const objtype = object.type?.users === 1 ? object.type.id : undefined;
    this.outbox.send(client.id, UBUS_MSG_DATA, seq, peer, { objid, objtype });
    this.objects.remove(object);
    return UBUS_STATUS_OK;
  }

  #invoke(request: Request): number | undefined {
    const { client, message, attributes } = request;
    const { objid, method, data } = attributes;
    if (objid === undefined || method === undefined) return UBUS_STATUS_INVALID_ARGUMENT;
    const system = systemObjects[objid];
    if (system) return system(this, request, method);
    const object = this.objects.get(objid);
    if (!object) return UBUS_STATUS_NOT_FOUND;
    if (object.path !== undefined && !this.acl.allowsCall(client.peer, object.path, method)) {
      return UBUS_STATUS_PERMISSION_DENIED;
    }
    this.#forward(client, message.seq, object, { method, data }, true);
    return undefined;
  }

  #forward(client: Client, seq: number, to: BusObject, { method, data, no_reply }: Decoded, passed = false): void {
    const { user, group } = client.peer;
    const attributes = { no_reply, objid: to.id, method, user, group, data };
    this.outbox.send(to.client.id, UBUS_MSG_INVOKE, seq, client.id, attributes, { passed });
  }

  /** The answer of a provider. No call is remembered: it goes to whoever is named, if the object is the provider's own. */
  #respond({ client, message, attributes: { objid } }: Request, complete: boolean): undefined {
    const object = objid === undefined ? undefined : this.objects.get(objid);
    const caller = this.#clients.get(message.peer);
    if (!complete || !caller || object?.client !== client) return;
    const { version, type, seq, body } = message;
    this.outbox.send(caller.id, type, seq, object.id, body, { version, passed: type === UBUS_MSG_STATUS });
  }

  #subscribe({ client, attributes: { objid, target: targetId } }: Request): number {
    if (objid === undefined || targetId === undefined) return UBUS_STATUS_INVALID_ARGUMENT;
    const object = this.objects.get(objid);
    if (!object) return isSystem(objid) ? UBUS_STATUS_INVALID_ARGUMENT : UBUS_STATUS_NOT_FOUND;
    if (object.client !== client) return UBUS_STATUS_INVALID_ARGUMENT;
    const target = this.objects.get(targetId);
    if (!target) return UBUS_STATUS_NOT_FOUND;
    if (target.client === client) return UBUS_STATUS_INVALID_ARGUMENT;
    if (!this.#maySubscribe(client.peer, target)) return UBUS_STATUS_NOT_FOUND;
    this.objects.subscribe(object, target);
    return UBUS_STATUS_OK;
  }

  #maySubscribe(peer: Peer, target: BusObject): boolean {
    if (target.path !== undefined) return this.acl.allows(peer, 'subscribe', target.path);
    const { user, group } = target.client.peer;
    return user === peer.user || group === peer.group;
  }

  #unsubscribe({ client, attributes: { objid, target: targetId } }: Request): number {
    if (objid === undefined || targetId === undefined) return UBUS_STATUS_INVALID_ARGUMENT;
    const object = this.objects.get(objid);
    if (!object) return isSystem(objid) ? UBUS_STATUS_INVALID_ARGUMENT : UBUS_STATUS_NOT_FOUND;
    if (object.client !== client) return UBUS_STATUS_INVALID_ARGUMENT;
    const target = this.objects.get(targetId);
    return target && this.objects.unsubscribe(object, target) ? UBUS_STATUS_OK : UBUS_STATUS_NOT_FOUND;
  }

  #notify({ client, message: { seq, peer }, attributes }: Request): number | undefined {
    const { objid, method, data, no_reply } = attributes;
    if (objid === undefined || method === undefined) return UBUS_STATUS_INVALID_ARGUMENT;
    const object = this.objects.get(objid);
    if (!object) return isSystem(objid) ? UBUS_STATUS_PERMISSION_DENIED : UBUS_STATUS_NOT_FOUND;
    if (object.client !== client) return UBUS_STATUS_PERMISSION_DENIED;
    if (!no_reply) {
      const subscribers = object.subscribers.map(({ id }) => id);
      this.outbox.send(client.id, UBUS_MSG_STATUS, seq, peer, { objid, subscribers, status: UBUS_STATUS_OK });
    }
    for (const subscriber of object.subscribers) {
      this.#forward(client, seq, subscriber, { method, data, no_reply: no_reply || undefined });
    }
    return undefined;
  }
}

/** One of ubusd's own objects, which belong to no client. */
function isSystem(id: number): boolean {
  return id < UBUS_SYSTEM_OBJECT_MAX && systemObjects[id] !== undefined;
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
