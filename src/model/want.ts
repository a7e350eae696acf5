import type { Told } from './facts.ts';
import type { Family, Nexthop } from './seen.ts';

/** Our nftables table in each family. */
export const OUR_TABLE = 'macvlan';

/** Under which a failure to set one is remembered. */
export function rulesetKey(family: Family): string {
  return `setRuleset ${family} ${OUR_TABLE}`;
}

/** Whether an address, a prefix or a destination is one of IPv6. */
export function isIpv6(text: string): boolean {
  return text.includes(':');
}

/** What should exist. `owner` is the item's id, for errors and back-off. */
export interface WantLink {
  readonly owner: string;
  readonly ifname: string;
  /** Name of the parent link. */
  readonly parent: string;
  /** Undefined: the parent's (mode passthru). */
  readonly address: string | undefined;
  readonly mode: string;
  readonly sourceMacs: readonly string[];
  readonly bcQueueLen: number;
  readonly arp: boolean;
  readonly proxyArp: boolean;
  readonly localProxyArp: boolean;
  /** Uptime in ms until which a loop keeps it down. */
  readonly downUntil?: number | undefined;
  /** Undefined: the parent's. */
  readonly mtu: number | undefined;
  /** The item's name where the kernel's differs from it. */
  readonly ifalias: string;
}

export interface WantAddress {
  readonly owner: string;
  readonly ifname: string;
  readonly address: string;
  readonly prefix: number;
  readonly broadcast?: string | undefined;
  /** Whose address `prefix` belongs to, where it is not the line's own: the other end of a point-to-point link. */
  readonly peer?: string | undefined;
  /** Of IPv6, as of SeenAddress. */
  readonly preferred?: number;
  readonly valid?: number;
}

/** A link that makes its IPv6 addresses itself, of what routers announce (SLAAC). */
export interface WantSlaac {
  readonly owner: string;
  readonly ifname: string;
}

/** A permanent neighbour, or without `mac` a published one. */
export interface WantNeighbour {
  readonly owner: string;
  readonly ifname: string;
  readonly address: string;
  readonly mac?: string | undefined;
}

/** Times of a link's ARP in ms where they are not the system's. */
export interface WantArpTimes {
  readonly owner: string;
  readonly ifname: string;
  readonly reachable?: number | undefined;
  readonly proxyDelay?: number | undefined;
}

/** A macvlan whose own frames must not come back: they leave by `parent` (an ifindex) every so many seconds. */
export interface WantProbe {
  readonly owner: string;
  readonly ifname: string;
  readonly parent: number;
  readonly address: string;
  readonly interval: number;
}

/** A gateway that is asked now and then whether it is there; without an answer nothing new leaves by it. */
export interface WantGateway {
  readonly owner: string;
  readonly ifname: string;
  readonly address: string;
  /** Our address on the link. */
  readonly source: string;
  readonly how: 'arp' | 'ping';
}

/**
 * Tables of ours: each line has the one of this number plus its ifindex, and with 0 in its place it is that of the
 * default routes that all lines share.
 */
export const OUR_TABLES = 28_022_000;
export const MAIN_TABLE = 254;
/** The bits of packet and connection marks that are ours: outside those of mwan3 (0x3f00) and pbr (0xff0000). */
export const MARK_MASK = 0xff000000;

/** One line's part of a route. Parts with the same table, destination and metric become one multipath route. */
export interface WantRoute {
  readonly owner: string;
  readonly ifname: string;
  /** Undefined: the line's own. */
  readonly table: number | undefined;
  readonly destination: string;
  /** Undefined: one of the link's own, so that lines in one subnet do not replace each other's. */
  readonly metric: number | undefined;
  readonly gateway?: string | undefined;
  readonly source?: string | undefined;
  readonly weight: Nexthop['weight'];
  /** What is not better known is to be refused: a delegated prefix. */
  readonly isUnreachable?: boolean;
}

/** What has this source leaves by the link, by way of the table of the link. */
export interface WantSource {
  readonly owner: string;
  readonly ifname: string;
  /** An address, or IPv6 prefix. */
  readonly source: string;
  /** Whether that table has a default route. */
  readonly isOpen: boolean;
}

/** A file below /proc/sys that is to hold this while we are here; what it held before comes back. */
export interface WantSetting {
  readonly owner: string;
  /** `net/ipv6/conf/macvlan1/accept_ra` */
  readonly path: string;
  readonly value: string;
}

/** A child that should run on an existing, up link. */
export interface WantChild {
  readonly key: string;
  readonly ifname: string;
  /** The MAC that the link must have: a client must not start under another identity. A PPP link has none. */
  readonly address: string | undefined;
  readonly argv: readonly string[];
  /** An address that the link has to have before it starts. */
  readonly needs?: string | undefined;
  /** What is in the file that its command line names, for its eyes only: a password. */
  readonly secrets?: string | undefined;
  /** When it may start again, where its menu knows better than the supervision of all; uptime in ms. */
  readonly startableAt?: number | undefined;
  /** Those of one name start in one pass, however many they are. */
  readonly together?: string | undefined;
}

/** A link that a child has made, and the greatest packet that it can take where the child set less. */
export interface WantSize {
  readonly owner: string;
  readonly ifname: string;
  readonly mtu: number;
}

/** A session to be ended in the name of a client that did not live to do it. */
export interface WantParting {
  readonly owner: string;
  /** The link that the client dialed on. */
  readonly ifname: string;
  readonly acMac: string;
  readonly session: number;
}

/** Name servers of one line, for the resolver file; the lowest distance first. */
export interface WantResolver {
  readonly owner: string;
  readonly comment: string;
  readonly distance: number;
  readonly servers: readonly string[];
  readonly domain?: string | undefined;
}

/** What an item's script should know of a lease; each name is a variable of its environment. */
export type WantHook = Told;

/** What calls all scripts of a folder of /etc/hotplug.d (OpenWrt's base-files). */
export const HOTPLUG_CALL = 'hotplug-call';

/** The mark that DHCP requests leave a link with. */
export interface WantDscp {
  readonly ifname: string;
  readonly dscp: number;
}

/** A link that netifd, where there is one, is to have as an interface. */
export interface WantInterface {
  readonly owner: string;
  readonly ifname: string;
  readonly parent: string;
  /** What the user says of its fw4 zone. */
  readonly zone: string | undefined;
}

export interface Want {
  readonly links: WantLink[];
  /** Names of links that are not ours and have to be up. */
  readonly ports: Set<string>;
  readonly addresses: WantAddress[];
  readonly slaac: WantSlaac[];
  readonly neighbours: WantNeighbour[];
  readonly arpTimes: WantArpTimes[];
  /** Kernel names of links that answer the ARP of static neighbours only (reply-only). */
  readonly replyOnly: string[];
  readonly probes: WantProbe[];
  readonly gateways: WantGateway[];
  readonly routes: WantRoute[];
  readonly sources: WantSource[];
  /** Kernel names of links whose connections are to stay on them, whether they have an address yet or not. */
  readonly keeping: Set<string>;
  /** Kernel names of links of ours between which nothing is forwarded. */
  readonly isolated: string[];
  readonly settings: WantSetting[];
  readonly children: WantChild[];
  readonly partings: WantParting[];
  readonly sizes: WantSize[];
  readonly resolvers: WantResolver[];
  /** NTP servers likewise. */
  readonly timeServers: WantResolver[];
  readonly hooks: WantHook[];
  readonly dscp: WantDscp[];
  readonly interfaces: WantInterface[];
  /** Kernel names of links on which a DHCP server of ours answers. */
  readonly served: Set<string>;
  /** What is wrong though it can be done: said once in the log. */
  readonly warnings: string[];
}

export function nothing(): Want {
  return {
    links: [],
    ports: new Set(),
    addresses: [],
    slaac: [],
    neighbours: [],
    arpTimes: [],
    replyOnly: [],
    probes: [],
    gateways: [],
    routes: [],
    sources: [],
    keeping: new Set(),
    isolated: [],
    settings: [],
    children: [],
    partings: [],
    sizes: [],
    resolvers: [],
    timeServers: [],
    hooks: [],
    dscp: [],
    interfaces: [],
    served: new Set(),
    warnings: [],
  };
}
