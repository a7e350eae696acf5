import type { Machine } from '../runtime/machine.ts';
import { body, struct, table, type ValueOf } from './attrs.ts';
import * as c from './constants.ts';
import { NetlinkError } from './error.ts';
import { question, type Request } from './request.ts';
import { bool, padding, text, u8, u16, u32, words } from './scalars.ts';
import { NetlinkSocket, orNothing, unlessRefused } from './socket.ts';

/** struct genlmsghdr. `cmd` says within the family what the message is. */
const genlmsghdr = struct({ cmd: u8, _version: padding(1), _reserved: padding(2) });

/** Generic netlink gives the families their numbers while the machine runs. */
export const genlFamily = body(
  genlmsghdr,
  table({ id: [c.CTRL_ATTR_FAMILY_ID, u16, 0], name: [c.CTRL_ATTR_FAMILY_NAME, text, ''] }),
);

// include/uapi/linux/nl80211.h, enum nl80211_iftype
const iftype = words(u32, {
  unspecified: 0,
  adhoc: 1,
  station: 2,
  ap: 3,
  ap_vlan: 4,
  wds: 5,
  monitor: 6,
  mesh_point: 7,
  p2p_client: 8,
  p2p_go: 9,
  p2p_device: 10,
  ocb: 11,
  nan: 12,
});

export const wirelessInterface = body(
  genlmsghdr,
  table({
    index: [c.NL80211_ATTR_IFINDEX, u32, 0],
    iftype: [c.NL80211_ATTR_IFTYPE, iftype, 'unspecified'],
    use4addr: [c.NL80211_ATTR_4ADDR, bool, false],
  }),
);

/** A link that is Wi-Fi. A station carries one MAC address only, unless it speaks with four (WDS). */
export type WirelessInterface = Omit<ValueOf<typeof wirelessInterface>, 'cmd'>;

/** The question for a family's number. ENOENT when there is none. */
export function getFamily(name: string): Request {
  return question(`find ${name}`, c.GENL_ID_CTRL, genlFamily, { cmd: c.CTRL_CMD_GETFAMILY, name });
}

/** The question for a dump; `family` is nl80211's number. */
export function getInterfaces(family: number): Request {
  return question('list Wi-Fi', family, wirelessInterface, { cmd: c.NL80211_CMD_GET_INTERFACE });
}

/** Which links of the namespace are Wi-Fi, and in what mode. */
export class Wireless {
  readonly #machine: Machine;
  #nl80211: { socket: NetlinkSocket; family: number } | 'none' | undefined;

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  /** None where there is no nl80211 (no such module, qemu-user); the kernel is asked for it again only after `forget`. */
  interfaces(): WirelessInterface[] {
    this.#nl80211 ??= this.#find();
    if (this.#nl80211 === 'none') return [];
    const { socket, family } = this.#nl80211;
    const found = orNothing(['ENOENT'], () => socket.dump(getInterfaces(family), wirelessInterface));
    // A P2P device is no link.
    return found.flatMap(({ index, iftype, use4addr }) => (index === 0 ? [] : { index, iftype, use4addr }));
  }

  /** Closes the socket; the module may have come or gone when next asked. */
  forget(): void {
    if (this.#nl80211 !== 'none') this.#nl80211?.socket.close();
    this.#nl80211 = undefined;
  }

  #find(): { socket: NetlinkSocket; family: number } | 'none' {
    const socket = unlessRefused(() => new NetlinkSocket(this.#machine, c.NETLINK_GENERIC));
    const answer = socket?.ask([getFamily('nl80211')], genlFamily)[0];
    if (socket && answer && !(answer instanceof NetlinkError)) return { socket, family: answer.id };
    socket?.close();
    if (answer instanceof NetlinkError && answer.code !== 'ENOENT') throw answer;
    return 'none';
  }
}
