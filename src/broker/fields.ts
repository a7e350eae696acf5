import { stringIn, viewOf, walk } from '../ubus/blob.ts';
import {
  BLOBMSG_TYPE_DOUBLE,
  BLOBMSG_TYPE_INT8,
  BLOBMSG_TYPE_INT16,
  BLOBMSG_TYPE_INT32,
  BLOBMSG_TYPE_INT64,
  BLOBMSG_TYPE_STRING,
} from '../ubus/constants.ts';
import { binary } from './binary.ts';

/** A member of a blobmsg table, left in bytes: `data` is its value, `raw` the whole attribute with its padding. */
export interface Field {
  type: number;
  name: string;
  data: Uint8Array;
  raw: Uint8Array;
}

const sizes: Readonly<Record<number, number>> = {
  [BLOBMSG_TYPE_INT8]: 1,
  [BLOBMSG_TYPE_INT16]: 2,
  [BLOBMSG_TYPE_INT32]: 4,
  [BLOBMSG_TYPE_INT64]: 8,
};

/** The members up to the first malformed one, and whether there was one (libubox: blobmsg_check_attr). */
export function readFields(payload: Uint8Array): { fields: Field[]; sound: boolean } {
  const fields: Field[] = [];
  const view = viewOf(payload);
  let sound = true;
  walk(view, 0, payload.length, (head, start, end) => {
    const field = sound ? readField(payload, view, head, start, end) : undefined;
    if (field) fields.push(field);
    else sound = false;
  });
  return { fields, sound };
}

function readField(payload: Uint8Array, view: DataView, head: number, start: number, end: number): Field | undefined {
  if (head < 0x80 || end - start < 4) return undefined;
  const type = head & 0x7f;
  const length = view.getUint16(start);
  const at = start + ((length + 6) & ~3);
  if (at > end || payload[start + 2 + length] !== 0 || !fits(payload, type, at, end)) return undefined;
  const name = binary.decode(payload.subarray(start + 2, start + 2 + length));
  return { type, name, data: payload.subarray(at, end), raw: payload.subarray(start - 4, (end + 3) & ~3) };
}

function fits(payload: Uint8Array, type: number, from: number, to: number): boolean {
  if (type > BLOBMSG_TYPE_DOUBLE) return false;
  if (type === BLOBMSG_TYPE_STRING) return stringIn(payload, from, to) !== undefined;
  if (type === BLOBMSG_TYPE_DOUBLE) return to - from >= 8;
  return sizes[type] === undefined || sizes[type] === to - from;
}

/** The value of the first member of that name and type; any other type counts as absent (blobmsg_parse). */
export function pick(fields: readonly Field[], name: string, type: number): Uint8Array | undefined {
  return fields.find((field) => field.name === name && field.type === type)?.data;
}

/** The text of a string member. */
export function pickText(fields: readonly Field[], name: string): string | undefined {
  const data = pick(fields, name, BLOBMSG_TYPE_STRING);
  const bytes = data && stringIn(data, 0, data.length);
  return bytes && binary.decode(bytes);
}
