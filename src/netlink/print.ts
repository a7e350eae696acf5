import { toHex } from '../bytes/hex.ts';
import { address } from './addr.ts';
import type { Rows, Table } from './attrs.ts';
import * as constants from './constants.ts';
import { NetlinkError } from './error.ts';
import { link } from './link.ts';
import { type Message, objectOf, readBody, readMessages, readOutcome } from './message.ts';
import { neighbour, neighbourFilter } from './neigh.ts';
import { neighbourTable } from './neightbl.ts';
import { route } from './route.ts';
import { rule } from './rule.ts';
import type { Type } from './scalars.ts';
import { stats } from './stats.ts';
import { type ByteOrder, hostOrder, Input } from './wire.ts';

type Shape = Type<object> & { attributes: Pick<Table<Rows>, 'read'> };

/** What the messages of rtnetlink hold, by the first of the object's four numbers, or by its own where a question is different. */
const bodies: Readonly<Record<number, Shape>> = {
  [constants.RTM_NEWLINK]: link,
  [constants.RTM_NEWADDR]: address,
  [constants.RTM_NEWROUTE]: route,
  [constants.RTM_NEWNEIGH]: neighbour,
  [constants.RTM_GETNEIGH]: neighbourFilter,
  [constants.RTM_NEWRULE]: rule,
  [constants.RTM_NEWNEIGHTBL]: neighbourTable,
  [constants.RTM_NEWSTATS]: stats,
};

/** What lies behind the header of a message of this type, where that is known. */
export const bodyOf = (type: number): Shape | undefined => bodies[type] ?? bodies[objectOf(type)];

/**
 * A packet as text for people: a line for each message, what was understood of it, and the attributes that no table
 * knows. It is for debugging, so nothing is thrown: what cannot be read is shown as bytes with the reason.
 */
export function printPacket(bytes: Uint8Array, order: ByteOrder = hostOrder): string {
  const input = new Input(bytes, order);
  return orBytes(bytes, () =>
    readMessages(input)
      .map((message) =>
        [headLine(message), ...orBytes(rest(input, message), () => content(input, message))].join('\n  '),
      )
      .join('\n')
      .split('\n'),
  ).join('\n');
}

function headLine({ type, flags, seq, at, end }: Message): string {
  return `${typeName(type)} flags 0x${flags.toString(16)} seq ${seq} body ${end - at}`;
}

function content(input: Input, message: Message): string[] {
  const { type } = message;
  if (type === constants.NLMSG_ERROR || type === constants.NLMSG_DONE)
    return [JSON.stringify(readOutcome(input, message))];
  const body = bodyOf(type);
  if (!body) return [toHex(rest(input, message))];
  const known = JSON.stringify(readBody(input, message, body));
  return [known, ...unknown(input, message, body)];
}

function unknown(input: Input, { at, end }: Message, { size, attributes }: Shape): string[] {
  const lines: string[] = [];
  attributes.read(input, at + size, end, {}, (number, from, to) => {
    lines.push(`attribute ${number}: ${toHex(input.bytes.subarray(from, to))}`);
  });
  return lines;
}

/** The kernel's name, found in constants.ts, so that it need not be written twice. */
function typeName(type: number): string {
  const named = Object.entries(constants).find(([name, value]) => /^(RTM|NLMSG)_/.test(name) && value === type);
  return named?.[0] ?? `message ${type}`;
}

const rest = (input: Input, { at, end }: Message): Uint8Array => input.bytes.subarray(at, end);

function orBytes(bytes: Uint8Array, lines: () => string[]): string[] {
  try {
    return lines();
  } catch (error) {
    if (!(error instanceof NetlinkError)) throw error;
    return [`${error.message}: ${toHex(bytes)}`];
  }
}
