import { BlobError, BlobWriter, stringIn, type Table, type TextCodec, utf8, viewOf, walk } from './blob.ts';
import { UBUS_MAX_MSGLEN } from './constants.ts';

/** One message: struct ubus_msghdr and the attributes. `body` is the payload of the outer blob. */
export interface Message {
  version: number;
  type: number;
  seq: number;
  peer: number;
  body: Uint8Array;
}

/** A message's attributes by name. `signature` and `data` are left as bytes; a table is taken when encoding. */
export interface Attributes {
  status?: number;
  objpath?: string;
  objid?: number;
  method?: string;
  objtype?: number;
  signature?: Uint8Array | Table;
  data?: Uint8Array | Table;
  target?: number;
  active?: boolean;
  no_reply?: boolean;
  subscribers?: readonly number[];
  user?: string;
  group?: string;
}
/** What decoding gives. */
export type Decoded = Attributes & { signature?: Uint8Array; data?: Uint8Array };

type Kind = 'int32' | 'id' | 'int8' | 'string' | 'nested' | 'ids';
interface Row {
  name: keyof Attributes;
  kind: Kind;
}

/** enum ubus_msg_attr (ubusmsg.h), by number. */
const rows: readonly (Row | undefined)[] = [
  undefined,
  { name: 'status', kind: 'int32' },
  { name: 'objpath', kind: 'string' },
  { name: 'objid', kind: 'id' },
  { name: 'method', kind: 'string' },
  { name: 'objtype', kind: 'id' },
  { name: 'signature', kind: 'nested' },
  { name: 'data', kind: 'nested' },
  { name: 'target', kind: 'id' },
  { name: 'active', kind: 'int8' },
  { name: 'no_reply', kind: 'int8' },
  { name: 'subscribers', kind: 'ids' },
  { name: 'user', kind: 'string' },
  { name: 'group', kind: 'string' },
];
const numbers = new Map<string, number>(rows.map((row, id) => [row?.name ?? '', id]));

/** A whole message. The attributes travel in the order of the object's members. Throws BlobError when it is too long to be sent. */
export function encodeMessage(
  type: number,
  seq: number,
  peer: number,
  attributes: Attributes,
  text = utf8,
): Uint8Array {
  const writer = new BlobWriter(8 + UBUS_MAX_MSGLEN, 8, text);
  const outer = writer.open(0);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined) put(writer, numbers.get(name)!, value);
  }
  writer.close(outer);
  return header(writer.take(), type, seq, peer);
}

/** A message around a body that is there already. */
export function frameMessage(type: number, seq: number, peer: number, body: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(12 + body.length);
  viewOf(bytes).setUint32(8, 4 + body.length);
  bytes.set(body, 12);
  return header(bytes, type, seq, peer);
}

function header(bytes: Uint8Array, type: number, seq: number, peer: number): Uint8Array {
  const view = viewOf(bytes);
  view.setUint8(1, type);
  view.setUint16(2, seq);
  view.setUint32(4, peer);
  return bytes;
}

function put(writer: BlobWriter, id: number, value: NonNullable<Attributes[keyof Attributes]>): void {
  if (typeof value === 'string') writer.string(id, value);
  else if (typeof value === 'number') writer.int32(id, value);
  else if (typeof value === 'boolean') writer.int8(id, value);
  else if (value instanceof Uint8Array) writer.raw(id, value);
  else {
    const at = writer.open(id);
    if (rows[id]!.kind === 'ids') for (const item of value as readonly number[]) writer.int32(0, item);
    else writer.fields(value as Table);
    writer.close(at);
  }
}

/** The attributes of a body. As libubox does, it stops at a malformed one and takes one of the wrong size as absent; it never throws. */
export function decodeAttributes(body: Uint8Array, text: TextCodec = utf8): Decoded {
  const found: Record<string, unknown> = {};
  const view = viewOf(body);
  walk(view, 0, body.length, (head, start, end) => {
    const row = rows[head & 0x7f];
    const value = row && read(row.kind, body, view, start, end, text);
    if (value !== undefined) found[row!.name] = value;
  });
  return found;
}

function read(kind: Kind, body: Uint8Array, view: DataView, start: number, end: number, text: TextCodec): unknown {
  const size = end - start;
  switch (kind) {
    case 'int32':
      return size === 4 ? view.getInt32(start) : undefined;
    case 'id':
      return size === 4 ? view.getUint32(start) : undefined;
    case 'int8':
      return size === 1 ? view.getInt8(start) !== 0 : undefined;
    case 'nested':
      return body.subarray(start, end);
    case 'ids':
      return idsIn(view, start, end);
    case 'string': {
      const bytes = stringIn(body, start, end);
      return bytes && text.decode(bytes);
    }
  }
}

function idsIn(view: DataView, from: number, to: number): number[] {
  const ids: number[] = [];
  walk(view, from, to, (_, start, end) => {
    if (end - start === 4) ids.push(view.getUint32(start));
  });
  return ids;
}

/**
 * Cuts a byte stream into messages. It says where the next bytes go, never asking for more than the message at hand
 * needs: so a descriptor that comes with the first byte of a message belongs to that message.
 */
export class MessageReader {
  buffer = new ArrayBuffer(12);
  offset = 0;
  #inBody = false;

  get wanted(): number {
    return this.buffer.byteLength - this.offset;
  }

  /** To be called after `count` bytes were put at `offset` of `buffer`. Answers the message that they complete; throws BlobError. */
  advance(count: number): Message | undefined {
    this.offset += count;
    if (this.wanted > 0) return undefined;
    const bytes = new Uint8Array(this.buffer);
    const view = viewOf(bytes);
    if (!this.#inBody) {
      const length = view.getUint32(8) & 0xffffff;
      if (length < 4 || length > UBUS_MAX_MSGLEN) throw new BlobError(`message of ${length} bytes`);
      if (length > 4) return this.#expectBody(bytes, 8 + length);
    }
    this.#inBody = false;
    this.buffer = new ArrayBuffer(12);
    this.offset = 0;
    return {
      version: bytes[0]!,
      type: bytes[1]!,
      seq: view.getUint16(2),
      peer: view.getUint32(4),
      body: bytes.subarray(12),
    };
  }

  #expectBody(head: Uint8Array, length: number): undefined {
    const bytes = new Uint8Array(length);
    bytes.set(head);
    this.buffer = bytes.buffer;
    this.#inBody = true;
  }
}
