import { fromHex } from '../../src/bytes/hex.ts';
import { type Message, MessageReader } from '../../src/ubus/message.ts';
import { fixture } from '../helpers/fixture.ts';

/** One recorded message: connection, direction (> towards ubusd), hex, descriptors passed. */
export type Row = [conn: string, direction: '>' | '<', hex: string, fds?: number];

export interface Scenario {
  name: string;
  about: string;
  /** Connection → the number of the message after which it was seen to end. */
  closed: Record<string, number>;
  messages: Row[];
}

/** What was recorded on the socket of the real ubusd. */
export const scenarios: readonly Scenario[] = JSON.parse(fixture('ubus/captures.json')).scenarios;

export function scenario(name: string): Scenario {
  const found = scenarios.find((candidate) => candidate.name === name);
  if (!found) throw new Error(`no scenario ${name}`);
  return found;
}

/** The hex of what one connection sent (>) or got (<), in its order. */
export function side({ messages }: Scenario, conn: string, direction: '>' | '<'): string[] {
  return messages.filter((row) => row[0] === conn && row[1] === direction).map((row) => row[2]);
}

/** A whole message from hex or bytes; throws BlobError where the reader would. */
export function parse(whole: string | Uint8Array): Message {
  const message = feed(new MessageReader(), typeof whole === 'string' ? fromHex(whole) : whole)[0];
  if (!message) throw new Error('not a whole message');
  return message;
}

/** Give bytes to a reader as a socket would; answers the messages that were completed. */
export function feed(reader: MessageReader, bytes: Uint8Array): Message[] {
  const messages: Message[] = [];
  for (let at = 0; at < bytes.length; ) {
    const count = Math.min(reader.wanted, bytes.length - at);
    new Uint8Array(reader.buffer).set(bytes.subarray(at, at + count), reader.offset);
    at += count;
    const message = reader.advance(count);
    if (message) messages.push(message);
  }
  return messages;
}
