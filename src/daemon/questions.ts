import { comingIn, half } from './frames.ts';

/** ICMP echo (RFC 792): what a gateway is asked with, and the filter that lets its answers through. */

/** The identifier of our echoes (RFC 792), "mv". */
const IDENTIFIER = 0x6d76;
const [ICMP_ECHO, ICMP_ECHOREPLY] = [8, 0];
/** A raw IPv4 socket hears the IP header too, which has no options in practice. */
const IP_HLEN = 20;

/** ICMP as a raw socket takes it; with no data a switch on the way pads the frame. */
export function echoRequest(sequence: number): Uint8Array<ArrayBuffer> {
  const packet = new Uint8Array(8);
  const view = new DataView(packet.buffer);
  packet[0] = ICMP_ECHO;
  view.setUint16(4, IDENTIFIER);
  view.setUint16(6, sequence);
  view.setUint16(2, checksum(packet));
  return packet;
}

/** An answer to any of our echoes. */
export function echoReply(): ArrayBuffer {
  return comingIn(half(IP_HLEN, ICMP_ECHOREPLY << 8), half(IP_HLEN + 4, IDENTIFIER));
}

/** Which of them it answers; undefined for something else. */
export function answeredEcho(packet: DataView): number | undefined {
  if (packet.byteLength < IP_HLEN + 8 || packet.getUint16(IP_HLEN + 4) !== IDENTIFIER) return undefined;
  return packet.getUint16(IP_HLEN) === ICMP_ECHOREPLY << 8 ? packet.getUint16(IP_HLEN + 6) : undefined;
}

/** RFC 1071, of an even number of bytes: the complement of the ones' complement sum. */
export function checksum(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 2) sum += view.getUint16(at);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  return ~sum & 0xffff;
}
