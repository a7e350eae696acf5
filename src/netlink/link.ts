import { body, encodeAttribute, many, struct, table, type ValueOf } from './attrs.ts';
import * as c from './constants.ts';
import { inetConf } from './inet-conf.ts';
import type { Request } from './request.ts';
import {
  bareText,
  bool,
  type Decoder,
  ip,
  mac,
  padding,
  s32,
  type Type,
  text,
  u8,
  u16,
  u32,
  u64,
  words,
} from './scalars.ts';

// include/uapi/linux/if_link.h, enum macvlan_mode and macvlan_macaddr_mode
const macvlanMode = words(u32, { private: 1, vepa: 2, bridge: 4, passthru: 8, source: 16 });
const macaddrMode = words(u32, { add: 0, del: 1, flush: 2, set: 3 });

// include/uapi/linux/if.h: RFC 2863 operational status
const operstate = words(u8, { unknown: 0, notpresent: 1, down: 2, lowerlayerdown: 3, testing: 4, dormant: 5, up: 6 });

/** `macaddrData` is the list of a `source` mode link, `macaddr` one of it to add or del. `bcQueueLenUsed` is read only. */
const macvlan = table({
  mode: [c.IFLA_MACVLAN_MODE, macvlanMode],
  flags: [c.IFLA_MACVLAN_FLAGS, u16],
  macaddrMode: [c.IFLA_MACVLAN_MACADDR_MODE, macaddrMode],
  macaddr: [c.IFLA_MACVLAN_MACADDR, mac],
  macaddrData: [c.IFLA_MACVLAN_MACADDR_DATA, table({ macaddr: [c.IFLA_MACVLAN_MACADDR, many(mac)] })],
  macaddrCount: [c.IFLA_MACVLAN_MACADDR_COUNT, u32],
  bcQueueLen: [c.IFLA_MACVLAN_BC_QUEUE_LEN, u32],
  bcQueueLenUsed: [c.IFLA_MACVLAN_BC_QUEUE_LEN_USED, u32],
  bcCutoff: [c.IFLA_MACVLAN_BC_CUTOFF, s32],
});

const vlan = table({ id: [c.IFLA_VLAN_ID, u16] });

/** The kinds whose IFLA_INFO_DATA is understood. A further kind is a row here. */
const kinds = { macvlan, vlan };
type KindData = { [K in keyof typeof kinds]?: ValueOf<(typeof kinds)[K]> };

const infoRows = table({ kind: [c.IFLA_INFO_KIND, text], slaveKind: [c.IFLA_INFO_SLAVE_KIND, text] });

/** `{ kind: 'macvlan', macvlan: { mode: 'bridge' } }`: IFLA_INFO_DATA under the name of its kind. */
export type LinkInfo = { kind?: string; slaveKind?: string } & KindData;

/** What IFLA_INFO_DATA holds depends on the attribute beside it, which no row of a table can say. */
const linkinfo: Type<LinkInfo> = {
  size: 0,
  decode(input, at, end) {
    const info: LinkInfo = {};
    let dataAt = 0;
    let dataEnd = 0;
    infoRows.read(input, at, end, info, (number, from, to) => {
      if (number !== c.IFLA_INFO_DATA) return;
      dataAt = from;
      dataEnd = to;
    });
    const { kind } = info;
    if (dataAt > 0 && isKnown(kind)) info[kind] = kinds[kind].decode(input, dataAt, dataEnd);
    return info;
  },
  encode(output, info) {
    infoRows.encode(output, info);
    const { kind } = info;
    const data = isKnown(kind) ? info[kind] : undefined;
    if (isKnown(kind) && data) encodeAttribute<object>(output, c.IFLA_INFO_DATA, kinds[kind], data);
  },
};

function isKnown(kind: string | undefined): kind is keyof typeof kinds {
  return kind !== undefined && Object.hasOwn(kinds, kind);
}

/** struct rtnl_link_stats64, its first counters. */
export const stats64 = struct({
  rxPackets: u64,
  txPackets: u64,
  rxBytes: u64,
  txBytes: u64,
  rxErrors: u64,
  txErrors: u64,
  rxDropped: u64,
  txDropped: u64,
  multicast: u64,
  collisions: u64,
});

/** struct ifinfomsg. `type` is ARPHRD_*, `flags` IFF_*; in a request only the bits in `change` count. */
const ifinfomsg = struct({ family: u8, _pad: padding(1), type: u16, index: s32, flags: u32, change: u32 });

/** Every name is the kernel's without its prefix. `link` is the parent's index, in another namespace if `linkNetnsid` is there. */
const rows = {
  ifname: [c.IFLA_IFNAME, text, ''],
  address: [c.IFLA_ADDRESS, mac],
  mtu: [c.IFLA_MTU, u32, 0],
  link: [c.IFLA_LINK, s32],
  linkNetnsid: [c.IFLA_LINK_NETNSID, s32],
  master: [c.IFLA_MASTER, u32],
  operstate: [c.IFLA_OPERSTATE, operstate],
  carrier: [c.IFLA_CARRIER, bool],
  group: [c.IFLA_GROUP, u32, 0],
  ifalias: [c.IFLA_IFALIAS, bareText],
  promiscuity: [c.IFLA_PROMISCUITY, u32],
  linkinfo: [c.IFLA_LINKINFO, linkinfo],
  afSpec: [
    c.IFLA_AF_SPEC,
    table({
      inet: [c.AF_INET, table({ conf: [c.IFLA_INET_CONF, inetConf] })],
      inet6: [c.AF_INET6, table({ token: [c.IFLA_INET6_TOKEN, ip] })],
    }),
  ],
  propList: [c.IFLA_PROP_LIST, table({ altIfname: [c.IFLA_ALT_IFNAME, many(text)] })],
  extMask: [c.IFLA_EXT_MASK, u32],
} as const;

export const link = body(ifinfomsg, table({ ...rows, stats64: [c.IFLA_STATS64, stats64] }));

/** The same for those who do not want the counters, which take a sixth of the time to read. */
export const linkWithoutCounters: Decoder<Link> = body(ifinfomsg, table(rows));

/** A network interface as the kernel tells it. MACs are `AA:BB:…`, modes and states the words that `ip` prints. */
export type Link = ValueOf<typeof link>;
export type MacvlanMode = NonNullable<ValueOf<typeof macvlan>['mode']>;

/** What can be asked of a link; `up` is IFF_UP, `arp: false` IFF_NOARP. */
export type LinkChange = Omit<Partial<Link>, 'flags' | 'change' | 'type' | 'operstate' | 'stats64' | 'propList'> & {
  up?: boolean;
  arp?: boolean;
};

/** Makes a link: `group` is set from the first moment, `ifalias` and `afSpec` the kernel ignores or refuses here (set them after). */
export function addLink(link: LinkChange & { ifname: string }): Request {
  return request(c.RTM_NEWLINK, c.NLM_F_CREATE | c.NLM_F_EXCL, `add link ${link.ifname}`, link);
}

/** Changes what is given of the link `index`, which another `ifname` renames; with no index or 0, of the link `ifname`. */
export function setLink(link: LinkChange & ({ index: number } | { ifname: string })): Request {
  // RTM_NEWLINK without NLM_F_CREATE, as iproute2 does: of RTM_SETLINK the kernel does not take kind-specific values.
  return request(c.RTM_NEWLINK, 0, `change link ${link.index || link.ifname}`, link);
}

export function deleteLink(link: { index: number }): Request {
  return request(c.RTM_DELLINK, 0, `delete link ${link.index}`, { index: link.index });
}

/** Deletes every link of the group in one step, which is many times faster than one by one. ENODEV when there is none. */
export function deleteLinkGroup(group: number): Request {
  return request(c.RTM_DELLINK, 0, `delete links of group ${group}`, { group });
}

function request(type: number, flags: number, attempted: string, asked: LinkChange): Request {
  const { up, arp } = asked;
  const set = (up ? c.IFF_UP : 0) | (arp === false ? c.IFF_NOARP : 0);
  const change = (up === undefined ? 0 : c.IFF_UP) | (arp === undefined ? 0 : c.IFF_NOARP);
  return { attempted, type, flags, shape: link, body: { ...asked, flags: set, change } };
}
