import { parseMac, printMac } from '../bytes/ip.ts';
import { encodeUtf8 } from '../bytes/utf8.ts';
import { check } from '../runtime/errors.ts';
import type { Machine } from '../runtime/machine.ts';
import { ETH_ALEN, ETH_HLEN, ETH_P_ALL, ETH_ZLEN, ofEthertype } from './frames.ts';

/** RouterOS's loop protect: ethertype 0x9003. Only that and the source count; what follows is for people with tcpdump. */
const LOOP_PROTECT = 0x9003;
/**
 * One packet socket on each parent. It has to be there and not on the macvlans, and for all ethertypes: frames that one
 * sibling sends to another never pass there, and a frame that comes back is not given to the macvlan it came from in
 * mode bridge, nor to the parent's protocol handlers in mode private.
 */
export class LoopProtect {
  readonly #machine: Machine;
  readonly #onFrame: (parent: number, source: string) => void;
  readonly #sockets = new Map<number, number>();
  readonly #buffer = new ArrayBuffer(ETH_ZLEN);

  /** `onFrame` hears the parent's ifindex and the MAC address that the frame bears as its source. */
  constructor(machine: Machine, onFrame: (parent: number, source: string) => void) {
    this.#machine = machine;
    this.#onFrame = onFrame;
  }

  /** ifindexes of the parents. */
  get listening(): number[] {
    return [...this.#sockets.keys()];
  }

  /** Throws OsError. */
  listen(parent: number): void {
    const { sockets, poller } = this.#machine;
    const fd = sockets.packet(parent, ETH_P_ALL, ofEthertype(LOOP_PROTECT));
    this.#sockets.set(parent, fd);
    poller.watch(fd, () => this.#drain(parent, fd));
  }

  ignore(parent: number): void {
    const fd = this.#sockets.get(parent);
    if (fd === undefined) return;
    this.#machine.poller.unwatch(fd);
    this.#machine.libc.close(fd);
    this.#sockets.delete(parent);
  }

  /** Send a frame out of the parent in the macvlan's name. Throws OsError. */
  probe(parent: number, ifname: string, source: string): void {
    const { libc } = this.#machine;
    const frame = frameOf(ifname, source);
    const fd = this.#sockets.get(parent) ?? -1;
    check(libc, libc.send(fd, frame.buffer, 0, frame.length, 0), `send loop protect packet of ${ifname}`);
  }

  #drain(parent: number, fd: number): void {
    const { libc } = this.#machine;
    // ENETDOWN, once, when the parent goes down; the socket hears again when it is back.
    while (libc.recv(fd, this.#buffer, 0, ETH_ZLEN, 0) >= ETH_HLEN)
      this.#onFrame(parent, printMac(new Uint8Array(this.#buffer, ETH_ALEN, ETH_ALEN)));
  }
}

function frameOf(ifname: string, source: string): Uint8Array<ArrayBuffer> {
  const frame = new Uint8Array(ETH_ZLEN);
  frame.fill(0xff, 0, ETH_ALEN);
  frame.set(parseMac(source) ?? [], ETH_ALEN);
  new DataView(frame.buffer).setUint16(2 * ETH_ALEN, LOOP_PROTECT);
  frame.set(encodeUtf8(`openwrt-macvlan ${ifname}`).subarray(0, ETH_ZLEN - ETH_HLEN), ETH_HLEN);
  return frame;
}
