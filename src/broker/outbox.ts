import { BlobWriter } from '../ubus/blob.ts';
import { UBUS_MAX_MSGLEN, UBUS_MSG_MONITOR } from '../ubus/constants.ts';
import { type Attributes, encodeMessage, frameMessage } from '../ubus/message.ts';
import { binary } from './binary.ts';

/** One message to a client. */
export interface Outgoing {
  to: number;
  bytes: Uint8Array;
  /** The descriptor that came with the message being handled goes along. */
  passed?: boolean;
  /** Not to be dropped when the client is slow: it asked for all of it. */
  patient?: boolean;
}
export interface Manner extends Pick<Outgoing, 'passed' | 'patient'> {
  /** Of a message that is handed on as it came; ubusd does not look at it. */
  version?: number;
}

interface Watched {
  type: number;
  seq: number;
  peer: number;
  body: Uint8Array;
}

// enum ubus_monitor_attr (ubusmsg.h)
const UBUS_MONITOR_CLIENT = 0;
const UBUS_MONITOR_PEER = 1;
const UBUS_MONITOR_SEND = 2;
const UBUS_MONITOR_SEQ = 3;
const UBUS_MONITOR_TYPE = 4;
const UBUS_MONITOR_DATA = 5;

/** Collects what is to be sent, with a copy to each monitor. */
export class Outbox {
  readonly #monitors = new Map<number, number>();
  #messages: Outgoing[] = [];

  /** What came together since the last time. */
  take(): Outgoing[] {
    const messages = this.#messages;
    this.#messages = [];
    return messages;
  }

  /** Throws BlobError when the attributes make more than a message holds. */
  send(
    to: number,
    type: number,
    seq: number,
    peer: number,
    content: Uint8Array | Attributes,
    manner: Manner = {},
  ): void {
    const { version = 0, passed, patient } = manner;
    const bytes =
      content instanceof Uint8Array
        ? frameMessage(type, seq, peer, content)
        : encodeMessage(type, seq, peer, content, binary);
    bytes[0] = version;
    // The monitors hear of it first.
    this.observe(to, { type, seq, peer, body: bytes.subarray(12) }, true);
    this.#messages.push({ to, bytes, passed, patient });
  }

  /** A client begins to watch, or begins anew. */
  watch(client: number): void {
    this.unwatch(client);
    this.#monitors.set(client, 0);
  }

  unwatch(client: number): void {
    this.#monitors.delete(client);
  }

  /** Tell the monitors of a message on its way to (`sent`) or from a client. */
  observe(client: number, message: Watched, sent: boolean): void {
    if (this.#monitors.size === 0) return;
    const body = monitorBody(client, message, sent);
    if (body.length + 4 > UBUS_MAX_MSGLEN) return;
    for (const [monitor, seq] of this.#monitors) {
      this.#monitors.set(monitor, seq + 1);
      this.#messages.push({ to: monitor, bytes: frameMessage(UBUS_MSG_MONITOR, seq + 1, 0, body) });
    }
  }
}

function monitorBody(client: number, { type, seq, peer, body }: Watched, sent: boolean): Uint8Array {
  const writer = new BlobWriter(UBUS_MAX_MSGLEN + 64, 0, binary);
  writer.int32(UBUS_MONITOR_CLIENT, client);
  writer.int32(UBUS_MONITOR_PEER, peer);
  writer.int32(UBUS_MONITOR_SEQ, seq);
  writer.int32(UBUS_MONITOR_TYPE, type);
  writer.int8(UBUS_MONITOR_SEND, sent);
  writer.raw(UBUS_MONITOR_DATA, body);
  return writer.take();
}
