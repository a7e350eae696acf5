import { printIpv4, printMac } from '../bytes/ip.ts';
import type { Answer, WireProbes } from '../menus/finding.ts';
import { OsError } from '../runtime/errors.ts';
import type { Machine } from '../runtime/machine.ts';
import { arpRequest, arpSender, ETH_P_ARP } from './arp.ts';
import { comingIn, ETH_ALEN, ETH_HLEN, ETH_P_ALL, fromSource, HEAD, half, ofEthertype, word } from './frames.ts';

/** One second on the wire: who else sends with a link's MAC address, answers for its address, or serves DHCP. */

/** How long others are listened to, in ms. */
const LISTEN = 1000;
/** Of each kind on each link. */
const MOST = 256;
/** IPv4 without options, UDP from port 67 to 68: a DHCP server speaks to a client. */
const [ETH_P_IP, PORTS, SERVER_TO_CLIENT] = [0x0800, ETH_HLEN + 20, (67 << 16) | 68];
/** Where its source address and the client's MAC address (chaddr) are. */
const [SADDR, CHADDR] = [ETH_HLEN + 12, ETH_HLEN + 20 + 8 + 28];

/** A link to listen for, and what to ask by ARP on it. */
export interface Ear {
  readonly ifindex: number;
  /** ifindex of what its frames pass: the parent of a macvlan. */
  readonly wire: number;
  readonly mac: string;
  /** For DHCP too. */
  readonly isClient: boolean;
  readonly questions: readonly { readonly address: string; readonly sender?: string }[];
}

export type Heard = Pick<WireProbes, 'isUsedByOthers' | 'ownersOf' | 'answersOn'>;

/** Packet sockets of one kind by the ifindex that they listen for, and what their frames say. */
class Listeners<T> {
  readonly #machine: Machine;
  readonly #read: (frame: Uint8Array) => T;
  readonly #sockets = new Map<number, number>();

  constructor(machine: Machine, read: (frame: Uint8Array) => T) {
    this.#machine = machine;
    this.#read = read;
  }

  /** For all ethertypes: others never see what a parent hands to its macvlans. A link that is gone is not listened to. */
  open(ifindex: number, on: number, filter: ArrayBuffer): void {
    try {
      this.#sockets.set(ifindex, this.#machine.sockets.packet(on, ETH_P_ALL, filter));
    } catch (error) {
      if (!(error instanceof OsError)) throw error;
    }
  }

  send(ifindex: number, frame: Uint8Array<ArrayBuffer>): void {
    this.#machine.libc.send(this.#sockets.get(ifindex) ?? -1, frame.buffer, 0, frame.length, 0);
  }

  /** What came in; nothing more will. */
  close(): Map<number, T[]> {
    return new Map([...this.#sockets].map(([ifindex, fd]) => [ifindex, this.#drain(fd)]));
  }

  #drain(fd: number): T[] {
    const { libc } = this.#machine;
    const [buffer, heard] = [new Uint8Array(HEAD), [] as T[]];
    while (heard.length < MOST && libc.recv(fd, buffer.buffer, 0, HEAD, 0) > 0) heard.push(this.#read(buffer));
    libc.close(fd);
    return heard;
  }
}

/** `ours` are the MAC addresses of this machine. */
export async function listen(ears: readonly Ear[], ours: ReadonlySet<string>, machine: Machine): Promise<Heard> {
  // What one macvlan in mode bridge sends to another is shown to their parent as if it came in (macvlan_queue_xmit).
  const macs = new Listeners(machine, (frame) => !ours.has(printMac(frame.subarray(0, ETH_ALEN))));
  const arps = new Listeners(machine, arpSender);
  const servers = new Listeners(machine, answerOf);
  for (const { ifindex, wire, mac, isClient, questions } of ears) {
    macs.open(ifindex, wire, fromSource(mac));
    if (!isClient) continue;
    servers.open(ifindex, wire, ofServers());
    arps.open(ifindex, ifindex, ofEthertype(ETH_P_ARP));
    for (const { address, sender = '0.0.0.0' } of questions) arps.send(ifindex, arpRequest(mac, sender, address));
  }
  if (ears.length > 0) await new Promise<void>((resolve) => void machine.runtime.setTimer(LISTEN, resolve));
  const [used, senders, answers] = [macs.close(), arps.close(), servers.close()];
  return {
    isUsedByOthers: (ifindex) => used.get(ifindex)?.some(Boolean),
    ownersOf(ifindex, address) {
      const owners = senders.get(ifindex)?.filter((one) => one.address === address);
      return owners && [...new Set(owners.map(({ mac }) => mac))];
    },
    answersOn: (ifindex) => answers.get(ifindex) ?? [],
  };
}

function ofServers(): ArrayBuffer {
  return comingIn(half(2 * ETH_ALEN, ETH_P_IP), word(PORTS, SERVER_TO_CLIENT));
}

function answerOf(frame: Uint8Array): Answer {
  return {
    server: printIpv4(frame.subarray(SADDR, SADDR + 4)),
    client: printMac(frame.subarray(CHADDR, CHADDR + ETH_ALEN)),
  };
}
