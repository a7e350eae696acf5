import { table } from './attrs.ts';
import * as c from './constants.ts';
import { malformed } from './error.ts';
import type { Request } from './request.ts';
import { type Decoder, text, u32 } from './scalars.ts';
import { align, type ByteOrder, hostOrder, type Input, Output } from './wire.ts';

// include/uapi/linux/netlink.h, struct nlmsghdr: len 4, type 2, flags 2, seq 4, pid 4
const NLMSG_HDRLEN = 16;

/** A message within a packet; what follows its header lies between `at` and `end`. */
export interface Message {
  type: number;
  flags: number;
  seq: number;
  at: number;
  end: number;
}

/** Of each object rtnetlink has four numbers in a row (RTM_NEWLINK, DELLINK, GETLINK, SETLINK), for messages of the same form. */
export const objectOf = (type: number): number => type & ~3;

/** The messages of one packet, which ends at `end`. */
export function readMessages(input: Input, end = input.bytes.length): Message[] {
  const messages: Message[] = [];
  const { words } = input;
  for (let at = 0; at < end; ) {
    const length = words[at >> 2]!;
    if (length < NLMSG_HDRLEN || length > end - at) {
      input.need(NLMSG_HDRLEN, at, end, 'message header');
      if (length < NLMSG_HDRLEN) throw malformed(`message of length ${length}`, at);
      input.need(length, at, end, 'message');
    }
    messages.push({
      type: input.u16(at + 4),
      flags: input.u16(at + 6),
      seq: words[(at >> 2) + 2]!,
      at: at + NLMSG_HDRLEN,
      end: at + length,
    });
    at += align(length);
  }
  return messages;
}

export function readBody<T>(input: Input, message: Message, type: Decoder<T>): T {
  input.need(type.size, message.at, message.end, 'message body');
  return type.decode(input, message.at, message.end);
}

/** `flags` come on top of the request's own. */
export function writeMessage(output: Output, request: Omit<Request, 'attempted'>, flags: number, seq: number): void {
  const at = output.take(NLMSG_HDRLEN);
  request.shape.encode(output, request.body);
  output.view.setUint32(at, output.length - at, output.little);
  output.view.setUint16(at + 4, request.type, output.little);
  output.view.setUint16(at + 6, request.flags | flags, output.little);
  output.view.setUint32(at + 8, seq, output.little);
  output.align();
}

/** Requests that go out with one system call: `count` of them from number `first` on. */
export interface Packet {
  first: number;
  count: number;
  bytes: Uint8Array<ArrayBuffer>;
}

// So many that the acks to one packet, each with the request in it when it failed, fit a default receive buffer.
const PACKET_MESSAGES = 64;
const PACKET_BYTES = 32768;

/** The requests as packets; the request number i has the sequence number `seq + i`, and `flags` beside its own. */
export function writePackets(
  requests: readonly Request[],
  flags: number,
  seq: number,
  order: ByteOrder = hostOrder,
): Packet[] {
  const packets: Packet[] = [];
  for (let first = 0; first < requests.length; ) {
    const output = new Output(order);
    let count = 0;
    while (first + count < requests.length && count < PACKET_MESSAGES && output.length < PACKET_BYTES) {
      writeMessage(output, requests[first + count]!, c.NLM_F_REQUEST | flags, seq + first + count);
      count++;
    }
    packets.push({ first, count, bytes: output.bytes() });
    first += count;
  }
  return packets;
}

/** The outcome in an NLMSG_ERROR or NLMSG_DONE: `errno` 0 is success. `text` and `offset` are the extended ack. */
export interface Outcome {
  errno: number;
  text?: string;
  offset?: number;
}

// include/uapi/linux/netlink.h, enum nlmsgerr_attrs
const extendedAck = table({ text: [c.NLMSGERR_ATTR_MSG, text], offset: [c.NLMSGERR_ATTR_OFFS, u32] });

export function readOutcome(input: Input, message: Message): Outcome {
  input.need(4, message.at, message.end, 'error number');
  const errno = -input.s32(message.at);
  if (!(message.flags & c.NLM_F_ACK_TLVS)) return { errno };
  return { errno, ...extendedAck.decode(input, acksAt(input, message), message.end) };
}

/** An NLMSG_ERROR repeats the request before the attributes, only its header when it is capped; an NLMSG_DONE has none. */
function acksAt(input: Input, { type, flags, at, end }: Message): number {
  if (type === c.NLMSG_DONE) return at + 4;
  input.need(4 + NLMSG_HDRLEN, at, end, 'failed request');
  const length = flags & c.NLM_F_CAPPED ? NLMSG_HDRLEN : input.u32(at + 4);
  input.need(4 + length, at, end, 'failed request');
  return at + 4 + align(length);
}
