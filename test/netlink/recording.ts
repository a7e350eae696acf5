import * as assert from 'uvu/assert';
import { fromHex } from '../../src/bytes/hex.ts';
import * as constants from '../../src/netlink/constants.ts';
import { readBody, readMessages, readOutcome, writePackets } from '../../src/netlink/message.ts';
import { nftTable } from '../../src/netlink/nftables.ts';
import { bodyOf } from '../../src/netlink/print.ts';
import type { Request } from '../../src/netlink/request.ts';
import { type ByteOrder, Input } from '../../src/netlink/wire.ts';
import { genlFamily, wirelessInterface } from '../../src/netlink/wireless.ts';
import { fixture } from '../helpers/fixture.ts';

/** A message as the JSON of a .dump file has it. */
export interface Told {
  type: string;
  flags: number;
  seq: number;
  body: Record<string, unknown>;
}

/** What lies behind the header of a message, and how the kernel names its type: in each protocol something else. */
const protocols = {
  rtnetlink: { shapeOf: bodyOf, names: /^RTM_/, numberOf: (type: number) => type },
  nftables: {
    shapeOf: (type: number) => (type >> 8 === constants.NFNL_SUBSYS_NFTABLES ? nftTable : undefined),
    names: /^NFT_MSG_/,
    numberOf: (type: number) => type & 0xff,
  },
  // The type is the family's number, and only that of families themselves is fixed.
  nl80211: {
    shapeOf: (type: number) =>
      type <= constants.NLMSG_DONE ? undefined : type === 16 ? genlFamily : wirelessInterface,
    names: /^GENL_ID_/,
    numberOf: (type: number) => type,
  },
};
export type Protocol = keyof typeof protocols;

interface Recording {
  bytes: Uint8Array;
  order: ByteOrder;
  protocol?: Protocol;
  messages: Told[];
}

/** test/fixtures/netlink/NAME.dump: `#` lines, the packet in hex, what it says as JSON. */
export function recording(name: string): Recording {
  const text = fixture(`netlink/${name}.dump`).replace(/^#.*\n/gm, '');
  const json = text.indexOf('{');
  return { bytes: fromHex(text.slice(0, json)), ...JSON.parse(text.slice(json)) };
}

export function tell(bytes: Uint8Array, order: ByteOrder, protocol: Protocol = 'rtnetlink'): Told[] {
  const input = new Input(bytes, order);
  const { shapeOf, names, numberOf } = protocols[protocol];
  return readMessages(input).map((message) => {
    const { type, flags, seq } = message;
    const shape = shapeOf(type);
    const body = shape ? readBody(input, message, shape) : readOutcome(input, message);
    const name = shape ? nameOf(numberOf(type), names) : nameOf(type, /^NLMSG_/);
    return { type: name, flags, seq, body: { ...body } };
  });
}

/** Our request says what the recorded one says. (The bytes may differ: attributes have no order, a NUL is optional.) */
export function saysTheSame(
  request: Request,
  name: string,
  but: Record<string, unknown> = {},
  flags = constants.NLM_F_ACK,
): void {
  const { order, protocol, messages } = recording(name);
  const [theirs] = messages;
  const [packet] = writePackets([request], flags, theirs!.seq, order);
  assert.equal(tell(packet!.bytes, order, protocol), [{ ...theirs, body: { ...theirs!.body, ...but } }], name);
}

function nameOf(number: number, names: RegExp): string {
  return Object.entries(constants).find(([name, value]) => names.test(name) && value === number)?.[0] ?? `${number}`;
}
