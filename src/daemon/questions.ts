import { parseIpv4, parseMac } from '../bytes/ip.ts';
import { comingIn, ETH_ALEN, ETH_HLEN, ETH_ZLEN, half, word } from './frames.ts';

/** What a gateway is asked with, and the filters that let its answers through. */

// include/uapi/linux/if_ether.h, if_arp.h
export const ETH_P_ARP = 0x0806;
const [ETH_P_IP, ARPHRD_ETHER, ARPOP_REQUEST, ARPOP_REPLY] = [0x0800, 1, 1, 2];
/** Places in an ARP packet (RFC 826): operation; our hardware and protocol address; the other's protocol address. */
const [OPERATION, SENDER_MAC, SENDER_IP, TARGET_IP] = [ETH_HLEN + 6, ETH_HLEN + 8, ETH_HLEN + 14, ETH_HLEN + 24];

/** A whole frame: who has `address`, tell `source`. */
export function arpRequest(mac: string, source: string, address: string): Uint8Array<ArrayBuffer> {
  const frame = new Uint8Array(ETH_ZLEN);
  const view = new DataView(frame.buffer);
  frame.fill(0xff, 0, ETH_ALEN);
  frame.set(parseMac(mac)!, ETH_ALEN);
  view.setUint16(2 * ETH_ALEN, ETH_P_ARP);
  view.setUint16(ETH_HLEN, ARPHRD_ETHER);
  view.setUint16(ETH_HLEN + 2, ETH_P_IP);
  view.setUint16(ETH_HLEN + 4, (ETH_ALEN << 8) | 4);
  view.setUint16(OPERATION, ARPOP_REQUEST);
  frame.set(parseMac(mac)!, SENDER_MAC);
  frame.set(parseIpv4(source)!, SENDER_IP);
  frame.set(parseIpv4(address)!, TARGET_IP);
  return frame;
}

/** `address` tells `source` where it is. What others are told wakes nobody, and a provider's gateway asks all day. */
export function arpReply(source: string, address: string): ArrayBuffer {
  return comingIn(half(OPERATION, ARPOP_REPLY), word(SENDER_IP, number(address)), word(TARGET_IP, number(source)));
}

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

function number(address: string): number {
  return new DataView(parseIpv4(address)!.buffer).getUint32(0);
}
