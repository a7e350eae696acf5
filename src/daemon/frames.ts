import { parseMac } from '../bytes/ip.ts';

/** Ethernet frames on packet sockets: their layout, and classic BPF programs that pick some out. */

export const ETH_ALEN = 6;
export const ETH_HLEN = 14;
/** A frame is padded to so many bytes without its checksum. */
export const ETH_ZLEN = 60;
/** So much of a frame is read at most: up to a DHCP client's MAC address. */
export const HEAD = 76;
// include/uapi/linux/if_ether.h
export const ETH_P_ALL = 3;

// include/uapi/linux/bpf_common.h, filter.h, if_packet.h
const [LDH_ABS, LDW_ABS, JEQ, RET] = [0x28, 0x20, 0x15, 0x06];
const SKF_AD_PKTTYPE = 0xfffff004;
const PACKET_OUTGOING = 4;
/** A filter cuts nothing off: how much of a frame is read is the reader's matter. */
const WHOLE = 0xffffffff;

/** struct sock_filter; jumps are counted from the next row. */
type Row = readonly [code: number, jt: number, jf: number, k: number];

/** Frames of one ethertype that come in: what is sent wakes nobody. */
export function ofEthertype(ethertype: number): ArrayBuffer {
  return comingIn(half(2 * ETH_ALEN, ethertype));
}

/** Frames that come in with this source. */
export function fromSource(mac: string): ArrayBuffer {
  return comingIn(...macAt(ETH_ALEN, mac));
}

type Test = readonly [load: number, at: number, value: number];

/** That there are these 16 bits at a place; then 32. */
export const half = (at: number, value: number): Test => [LDH_ABS, at, value];
export const word = (at: number, value: number): Test => [LDW_ABS, at, value];

/** That a MAC address stands there. */
export function macAt(at: number, mac: string): Test[] {
  const view = new DataView(parseMac(mac)!.buffer);
  return [word(at, view.getUint32(0)), half(at + 4, view.getUint16(4))];
}

/** What stands all of these tests, and is not on its way out. */
export function comingIn(...wanted: Test[]): ArrayBuffer {
  const tests = wanted.length;
  const rows = wanted.flatMap(([load, at, value], i): Row[] => [
    [load, 0, 0, at],
    [JEQ, 0, 2 * (tests - i) + 1, value],
  ]);
  return program([
    ...rows,
    [LDW_ABS, 0, 0, SKF_AD_PKTTYPE],
    [JEQ, 1, 0, PACKET_OUTGOING],
    [RET, 0, 0, WHOLE],
    [RET, 0, 0, 0],
  ]);
}

/** In host order. */
function program(rows: readonly Row[]): ArrayBuffer {
  const bytes = new ArrayBuffer(8 * rows.length);
  const [halves, words, octets] = [new Uint16Array(bytes), new Uint32Array(bytes), new Uint8Array(bytes)];
  for (const [i, [code, jt, jf, k]] of rows.entries()) {
    halves[4 * i] = code;
    octets.set([jt, jf], 8 * i + 2);
    words[2 * i + 1] = k;
  }
  return bytes;
}
