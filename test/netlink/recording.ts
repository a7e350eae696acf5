import * as assert from 'uvu/assert';
import { fromHex } from '../../src/bytes/hex.ts';
import * as constants from '../../src/netlink/constants.ts';
import { readBody, readMessages, readOutcome, writePackets } from '../../src/netlink/message.ts';
import { bodyOf } from '../../src/netlink/print.ts';
import type { Request } from '../../src/netlink/request.ts';
import { type ByteOrder, Input } from '../../src/netlink/wire.ts';
import { fixture } from '../helpers/fixture.ts';

/** A message as the JSON of a .dump file has it. */
export interface Told {
  type: string;
  flags: number;
  seq: number;
  body: Record<string, unknown>;
}

/** test/fixtures/netlink/NAME.dump: `#` lines, the packet in hex, what it says as JSON. */
export function recording(name: string): { bytes: Uint8Array; order: ByteOrder; messages: Told[] } {
  const text = fixture(`netlink/${name}.dump`).replace(/^#.*\n/gm, '');
  const json = text.indexOf('{');
  return { bytes: fromHex(text.slice(0, json)), ...JSON.parse(text.slice(json)) };
}

export function tell(bytes: Uint8Array, order: ByteOrder): Told[] {
  const input = new Input(bytes, order);
  return readMessages(input).map((message) => {
    const type = bodyOf(message.type);
    const body = type ? readBody(input, message, type) : readOutcome(input, message);
    return { type: typeName(message.type), flags: message.flags, seq: message.seq, body: { ...body } };
  });
}

/** Our request says what the recorded one says. (The bytes may differ: attributes have no order, a NUL is optional.) */
export function saysTheSame(
  request: Request,
  name: string,
  but: Record<string, unknown> = {},
  flags = constants.NLM_F_ACK,
): void {
  const { order, messages } = recording(name);
  const [theirs] = messages;
  const [packet] = writePackets([request], flags, theirs!.seq, order);
  assert.equal(tell(packet!.bytes, order), [{ ...theirs, body: { ...theirs!.body, ...but } }], name);
}

function typeName(type: number): string {
  return (
    Object.entries(constants).find(([name, value]) => /^(RTM|NLMSG)_/.test(name) && value === type)?.[0] ?? `${type}`
  );
}
