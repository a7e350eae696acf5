import { encodeTable, type Table } from '../ubus/blob.ts';
import { UBUS_MSG_INVOKE } from '../ubus/constants.ts';
import { binary } from './binary.ts';
import type { BusObject, Client } from './objects.ts';
import type { Outbox } from './outbox.ts';

interface Pattern {
  key: string;
  partial: boolean;
  object: BusObject;
}

/** Who listens for which events, and their delivery. */
export class Events {
  readonly #outbox: Outbox;
  /** In the order of their keys, those with the same key in the order of their coming. */
  readonly #patterns: Pattern[] = [];
  #seq = 0;

  constructor(outbox: Outbox) {
    this.#outbox = outbox;
  }

  listen(object: BusObject, key: string, partial: boolean): void {
    const after = this.#patterns.findIndex((pattern) => pattern.key > key);
    this.#patterns.splice(after < 0 ? this.#patterns.length : after, 0, { key, partial, object });
  }

  forget(object: BusObject): void {
    const kept = this.#patterns.filter((pattern) => pattern.object !== object);
    this.#patterns.splice(0, this.#patterns.length, ...kept);
  }

  /** To every listener once, but not back to the sender. */
  send(sender: Client | undefined, method: string, data: Uint8Array): void {
    const seen = new Set<BusObject>();
    for (const { key, partial, object } of this.#patterns) {
      if (method !== key && !(partial && method.startsWith(key))) continue;
      if (object.client === sender || seen.has(object)) continue;
      seen.add(object);
      this.#outbox.send(object.client.id, UBUS_MSG_INVOKE, ++this.#seq, 0, { objid: object.id, method, data });
    }
  }

  /** An event of the broker itself, which also its cause hears. */
  announce(method: string, data: Table): void {
    this.send(undefined, method, encodeTable(data, binary));
  }

  objectEvent(method: string, id: number, path: string): void {
    this.announce(method, { id: id | 0, path });
  }
}
