import { UBUS_MSG_NOTIFY, UBUS_MSG_UNSUBSCRIBE, UBUS_SYSTEM_OBJECT_MAX } from '../ubus/constants.ts';
import type { Peer } from './acl.ts';
import type { Events } from './events.ts';
import { readFields } from './fields.ts';
import type { Outbox } from './outbox.ts';

export interface Client {
  readonly id: number;
  readonly peer: Peer;
  /** The newest first. */
  readonly objects: BusObject[];
}

/** The shape of objects: their methods with the bytes of their policies. Lives as long as an object has it. */
export interface ObjectType {
  readonly id: number;
  readonly methods: readonly { name: string; raw: Uint8Array }[];
  users: number;
}

export interface BusObject {
  readonly id: number;
  readonly client: Client;
  readonly path?: string;
  readonly type?: ObjectType;
  /** Those who subscribed to it, and those it subscribed to; the newest first, one entry for each subscription. */
  readonly subscribers: BusObject[];
  readonly targets: BusObject[];
  /** Counts the broker's own messages to the owner about this object. */
  seq: number;
}

/** All objects and types of objects, and who is subscribed to whom. */
export class Objects {
  readonly #random: () => number;
  readonly #outbox: Outbox;
  readonly #events: Events;
  readonly #objects = new Map<number, BusObject>();
  readonly #types = new Map<number, ObjectType>();
  readonly #paths = new Map<string, BusObject>();

  constructor(random: () => number, outbox: Outbox, events: Events) {
    this.#random = random;
    this.#outbox = outbox;
    this.#events = events;
  }

  get(id: number): BusObject | undefined {
    return this.#objects.get(id);
  }

  at(path: string): BusObject | undefined {
    return this.#paths.get(path);
  }

  /** Objects whose path begins so, in the order of strcmp(3). */
  startingWith(prefix: string): BusObject[] {
    const paths = [...this.#paths.keys()].filter((path) => path.startsWith(prefix)).sort();
    return paths.map((path) => this.#paths.get(path)!);
  }

  type(id: number): ObjectType | undefined {
    return this.#types.get(id);
  }

  /** The type with this signature, not in use yet; undefined when it is malformed. */
  createType(signature: Uint8Array): ObjectType | undefined {
    const { fields, sound } = readFields(signature);
    const id = freeId(this.#random, this.#types);
    if (!sound || fields.some(({ name }) => name === '')) return undefined;
    return { id, methods: fields, users: 0 };
  }

  create(client: Client, type: ObjectType | undefined, path: string | undefined): BusObject {
    const id = freeId(this.#random, this.#objects);
    const object: BusObject = { id, client, path, type, subscribers: [], targets: [], seq: 0 };
    this.#objects.set(id, object);
    if (type) {
      type.users++;
      this.#types.set(type.id, type);
    }
    if (path !== undefined) {
      this.#paths.set(path, object);
      this.#events.objectEvent('ubus.object.add', id, path);
    }
    client.objects.unshift(object);
    return object;
  }

  /** The order is ubusd's: others rely on hearing of it in this order. */
  remove(object: BusObject): void {
    for (const target of [...object.targets]) this.unsubscribe(object, target);
    for (const subscriber of [...object.subscribers]) {
      const attributes = { objid: subscriber.id, target: object.id };
      this.#outbox.send(subscriber.client.id, UBUS_MSG_UNSUBSCRIBE, ++subscriber.seq, 0, attributes);
      this.unsubscribe(subscriber, object);
    }
    this.#events.forget(object);
    if (object.path !== undefined) {
      this.#events.objectEvent('ubus.object.remove', object.id, object.path);
      this.#paths.delete(object.path);
    }
    take(object.client.objects, object);
    this.#objects.delete(object.id);
    if (object.type && --object.type.users === 0) this.#types.delete(object.type.id);
  }

  /** Each subscription counts: a second one doubles the notifications. */
  subscribe(subscriber: BusObject, target: BusObject): void {
    target.subscribers.unshift(subscriber);
    subscriber.targets.unshift(target);
    if (target.subscribers.length === 1) this.#tellActive(target, true);
  }

  /** False when there was no subscription. */
  unsubscribe(subscriber: BusObject, target: BusObject): boolean {
    if (!take(subscriber.targets, target)) return false;
    take(target.subscribers, subscriber);
    if (target.subscribers.length === 0) this.#tellActive(target, false);
    return true;
  }

  #tellActive(object: BusObject, active: boolean): void {
    this.#outbox.send(object.client.id, UBUS_MSG_NOTIFY, ++object.seq, 0, { objid: object.id, active });
  }
}

/** An id that is not in use; those below 1024 belong to ubusd. */
export function freeId(random: () => number, used: ReadonlyMap<number, unknown>): number {
  for (;;) {
    const id = random() >>> 0;
    if (id >= UBUS_SYSTEM_OBJECT_MAX && !used.has(id)) return id;
  }
}

function take<T>(list: T[], item: T): boolean {
  const at = list.indexOf(item);
  if (at >= 0) list.splice(at, 1);
  return at >= 0;
}
