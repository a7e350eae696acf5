import { parseMac, printMac } from '../bytes/ip.ts';
import { decodeUtf8 } from '../bytes/utf8.ts';
import { comingIn, ETH_ALEN, ETH_HLEN, macAt, word } from './frames.ts';

/** Frames of PPPoE's discovery (RFC 2516): who on an Ethernet offers sessions, and the end of a session. */

// include/uapi/linux/if_ether.h, if_pppox.h
export const ETH_P_PPP_DISC = 0x8863;
const [PADO_CODE, PADI_CODE, PADT_CODE] = [0x07, 0x09, 0xa7];
const [PTT_EOL, PTT_SRV_NAME, PTT_AC_NAME, PTT_HOST_UNIQ] = [0, 0x0101, 0x0102, 0x0103];
const ERRORS = [0x0201, 0x0202, 0x0203]; // PTT_SRV_ERR, PTT_SYS_ERR, PTT_GEN_ERR
/** Version 1 of type 1, before the code; then come the session and how long the tags are. */
const VERSION = 0x11;
const [CODE, SESSION, LENGTH, TAGS] = [ETH_HLEN + 1, ETH_HLEN + 2, ETH_HLEN + 4, ETH_HLEN + 6];
/** Type and length of a tag. */
const TAG_HLEN = 4;

/** What an access concentrator says of itself. */
export interface Offer {
  readonly mac: string;
  readonly acName: string;
  /** Without one any will do. */
  readonly services: readonly string[];
  /** Why it would not serve now. */
  readonly error?: string;
}

interface Tag {
  readonly type: number;
  readonly value: Uint8Array;
}

/** PADI: who serves any service at all? `uniq`, of 32 bits, comes back in the answers. */
export function padi(mac: string, uniq: number): Uint8Array<ArrayBuffer> {
  const value = new Uint8Array(4);
  new DataView(value.buffer).setUint32(0, uniq);
  const tags = [
    { type: PTT_SRV_NAME, value: new Uint8Array() },
    { type: PTT_HOST_UNIQ, value },
  ];
  return frameOf('FF:FF:FF:FF:FF:FF', mac, PADI_CODE, 0, tags);
}

/** PADT: to the access concentrator that has it, this session is over. */
export function padt(mac: string, acMac: string, session: number): Uint8Array<ArrayBuffer> {
  return frameOf(acMac, mac, PADT_CODE, session, []);
}

function frameOf(to: string, from: string, code: number, session: number, tags: Tag[]): Uint8Array<ArrayBuffer> {
  const length = tags.reduce((sum, { value }) => sum + TAG_HLEN + value.length, 0);
  const frame = new Uint8Array(TAGS + length);
  const view = new DataView(frame.buffer);
  frame.set(parseMac(to)!);
  frame.set(parseMac(from)!, ETH_ALEN);
  view.setUint16(2 * ETH_ALEN, ETH_P_PPP_DISC);
  view.setUint16(ETH_HLEN, (VERSION << 8) | code);
  view.setUint16(SESSION, session);
  view.setUint16(LENGTH, length);
  let at = TAGS;
  for (const { type, value } of tags) {
    view.setUint16(at, type);
    view.setUint16(at + 2, value.length);
    frame.set(value, at + TAG_HLEN);
    at += TAG_HLEN + value.length;
  }
  return frame;
}

/** PADOs to this address that come in. */
export function padosTo(mac: string): ArrayBuffer {
  return comingIn(...macAt(0, mac), word(2 * ETH_ALEN, ((ETH_P_PPP_DISC << 16) | (VERSION << 8) | PADO_CODE) >>> 0));
}

/**
 * What a PADO offers to whoever sent `uniq`; undefined when it is none, another's, or not whole. As a client does it, one
 * without an AC-Name or a Service-Name is passed over. What is in its cookie and relay tags is for those who made them.
 */
export function offerOf(frame: Uint8Array, uniq: number): Offer | undefined {
  const tags = tagsOf(frame, PADO_CODE);
  const all = (type: number) => (tags ?? []).filter((tag) => tag.type === type).map(({ value }) => value);
  const [acName] = all(PTT_AC_NAME);
  const services = all(PTT_SRV_NAME);
  const [own] = all(PTT_HOST_UNIQ);
  if (!acName || services.length === 0 || !own || !isUniq(own, uniq)) return undefined;
  const error = tags?.find(({ type }) => ERRORS.includes(type));
  return {
    mac: printMac(frame.subarray(ETH_ALEN, 2 * ETH_ALEN)),
    acName: decodeUtf8(acName),
    // The empty one that was asked for is answered too.
    services: services.filter(({ length }) => length > 0).map((value) => decodeUtf8(value)),
    ...(error && { error: decodeUtf8(error.value) || 'it reports an error' }),
  };
}

function isUniq({ buffer, byteOffset, length }: Uint8Array, uniq: number): boolean {
  return length === 4 && new DataView(buffer, byteOffset, 4).getUint32(0) === uniq;
}

/** The tags of a frame with this code, before there is a session; undefined when it is none, or ends too early. */
function tagsOf(frame: Uint8Array, code: number): Tag[] | undefined {
  if (frame.length < TAGS) return undefined;
  const view = new DataView(frame.buffer, frame.byteOffset, frame.length);
  if (view.getUint16(2 * ETH_ALEN) !== ETH_P_PPP_DISC || frame[ETH_HLEN] !== VERSION) return undefined;
  // A group's address is nobody's.
  if (frame[CODE] !== code || view.getUint16(SESSION) !== 0 || frame[ETH_ALEN]! & 1) return undefined;
  // What stands behind is padding.
  const end = TAGS + view.getUint16(LENGTH);
  const tags: Tag[] = [];
  for (let at = TAGS; at < end; ) {
    if (end > frame.length || at + TAG_HLEN > end) return undefined;
    const [type, length] = [view.getUint16(at), view.getUint16(at + 2)];
    if (type === PTT_EOL) break;
    at += TAG_HLEN + length;
    if (at > end) return undefined;
    tags.push({ type, value: frame.subarray(at - length, at) });
  }
  return tags;
}
