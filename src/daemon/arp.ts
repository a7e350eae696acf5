import { parseIpv4, parseMac, printIpv4, printMac } from '../bytes/ip.ts';
import { comingIn, ETH_ALEN, ETH_HLEN, ETH_ZLEN, half, word } from './frames.ts';

/** ARP for IPv4 on Ethernet (RFC 826). */

// include/uapi/linux/if_ether.h, if_arp.h
export const ETH_P_ARP = 0x0806;
const [ETH_P_IP, ARPHRD_ETHER, ARPOP_REQUEST, ARPOP_REPLY] = [0x0800, 1, 1, 2];
/** Places in a frame: the operation; the sender's MAC and IPv4 address; the target's IPv4 address. */
const [OPERATION, SHA, SPA, TPA] = [ETH_HLEN + 6, ETH_HLEN + 8, ETH_HLEN + 14, ETH_HLEN + 24];

/** Who has `target`? With the sender 0.0.0.0 it is a probe (RFC 5227). */
export function arpRequest(mac: string, sender: string, target: string): Uint8Array<ArrayBuffer> {
  const frame = new Uint8Array(ETH_ZLEN);
  const view = new DataView(frame.buffer);
  frame.fill(0xff, 0, ETH_ALEN);
  for (const at of [ETH_ALEN, SHA]) frame.set(parseMac(mac)!, at);
  for (const [i, word] of [ETH_P_ARP, ARPHRD_ETHER, ETH_P_IP, (ETH_ALEN << 8) | 4, ARPOP_REQUEST].entries())
    view.setUint16(2 * ETH_ALEN + 2 * i, word);
  frame.set(parseIpv4(sender)!, SPA);
  frame.set(parseIpv4(target)!, TPA);
  return frame;
}

/** `sender` tells `target` where it is. What others are told wakes nobody, and a provider's gateway asks all day. */
export function arpReply(target: string, sender: string): ArrayBuffer {
  return comingIn(half(OPERATION, ARPOP_REPLY), word(SPA, number(sender)), word(TPA, number(target)));
}

/** Who sent an ARP frame, request or answer. */
export function arpSender(frame: Uint8Array): { mac: string; address: string } {
  return {
    mac: printMac(frame.subarray(SHA, SHA + ETH_ALEN)),
    address: printIpv4(frame.subarray(SPA, SPA + 4)),
  };
}

function number(address: string): number {
  return new DataView(parseIpv4(address)!.buffer).getUint32(0);
}
