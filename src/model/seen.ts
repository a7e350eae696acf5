import { eui64Of } from '../bytes/ipv6.ts';

/** The observed world, looked at anew in each pass. Plain values in the kernel's words. */

export interface SeenLink {
  readonly ifindex: number;
  readonly ifname: string;
  /** Upper-case with colons; undefined for links without an Ethernet address. */
  readonly address?: string | undefined;
  readonly mtu: number;
  /** ifindex of the link below (IFLA_LINK). */
  readonly link?: number | undefined;
  readonly kind?: string | undefined;
  readonly slaveKind?: string | undefined;
  readonly macvlanMode?: string | undefined;
  /** Of a macvlan in mode source, in the kernel's order. */
  readonly sourceMacs?: readonly string[] | undefined;
  readonly bcQueueLen?: number | undefined;
  readonly vlanId?: number | undefined;
  readonly group: number;
  readonly ifalias?: string | undefined;
  readonly loopback: boolean;
  /** ARPHRD_ETHER */
  readonly ethernet: boolean;
  /** A Wi-Fi client: its access point knows one address only. */
  readonly station?: boolean | undefined;
  /** Without IFF_NOARP. */
  readonly arp: boolean;
  /** `proxy_arp` and `proxy_arp_pvlan` of its IPv4 settings. */
  readonly proxyArp?: boolean | undefined;
  readonly localProxyArp?: boolean | undefined;
  /** Undefined where the kernel does not tell. */
  readonly conf?: Conf | undefined;
  /** Whether an address outlives the one of its subnet that was there before it (promote_secondaries). */
  readonly promotes?: boolean | undefined;
  /** The lower half of the IPv6 addresses that it makes itself, where somebody set one: `::ff:fe00:1`. */
  readonly token?: string | undefined;
  /** IFF_UP, IFF_LOWER_UP, and operstate UP or UNKNOWN together with both. */
  readonly up: boolean;
  readonly carrier: boolean;
  readonly running: boolean;
}

/** Those of a link's IPv4 settings on which it depends that a line keeps to itself. */
export interface Conf {
  readonly arpIgnore: number;
  readonly arpAnnounce: number;
  readonly rpFilter: number;
}

/** An address, of IPv6 not those of the link only; `ours` when it bears our IFA_PROTO. */
export interface SeenAddress {
  readonly ifindex: number;
  readonly address: string;
  readonly prefix: number;
  /** The other end of a point-to-point link, to whose address `prefix` belongs then. */
  readonly peer?: string | undefined;
  readonly broadcast?: string | undefined;
  readonly ours: boolean;
  /** Of IPv6: until when it is used for what is new, and at all; uptime in ms, Infinity for ever. */
  readonly preferred?: number;
  readonly valid?: number;
}

/** A default route that the kernel learned from a router's announcement on the link. */
export interface SeenRouter {
  readonly ifindex: number;
  readonly gateway: string;
}

export interface Nexthop {
  readonly ifindex: number;
  /** None: the destination is on the link. */
  readonly gateway?: string | undefined;
  readonly weight: number;
}

/**
 * A route of ours (protocol 109); `destination` is CIDR text, `0.0.0.0/0` or `::/0` the default. Without next hops it is
 * unreachable. Of IPv6 each next hop is a route of its own.
 */
export interface SeenRoute {
  readonly table: number;
  readonly destination: string;
  readonly metric: number;
  readonly source?: string | undefined;
  readonly nexthops: readonly Nexthop[];
}

export interface ForeignDefault {
  readonly isV6?: boolean | undefined;
  readonly metric: number;
  readonly nexthops: readonly Nexthop[];
}

/** A policy rule of ours (protocol 109): what has this source, or this mark, is looked up in the table. */
export interface SeenRule {
  /** It is one of IPv6. */
  readonly isV6?: boolean | undefined;
  readonly priority: number;
  readonly table: number;
  /** An address or prefix with its length; undefined: any. */
  readonly source?: string | undefined;
  /** Under our mask. */
  readonly fwmark?: number | undefined;
  /** Only what this machine itself sends. */
  readonly isLocal?: boolean | undefined;
  /** The default route of the table does not count. */
  readonly isSpecific?: boolean | undefined;
}

/** A child process of ours, started by this daemon or found running. */
export interface SeenChild {
  /** The id of the item that it runs for. */
  readonly key: string;
  readonly pid: number;
  readonly argv: readonly string[];
  /** What it was given in its file, where it was given one. */
  readonly secrets?: string | undefined;
  /** The incarnation of the link that it was started on. */
  readonly ifindex: number;
  /** Uptime in ms when it was told to stop. */
  readonly stoppingSince?: number | undefined;
  /** It was sent SIGKILL: nothing more can be done. */
  readonly killed?: boolean | undefined;
}

/** A permanent IPv4 neighbour, or a published (proxy) one, of ours. */
export interface SeenNeighbour {
  readonly ifindex: number;
  readonly address: string;
  /** None of a published one. */
  readonly mac?: string | undefined;
}

/** How a link's ARP behaves, in ms; that of links to come has the ifindex 0. */
export interface SeenArpTimes {
  readonly ifindex: number;
  readonly reachable: number;
  readonly proxyDelay: number;
}

export interface Seen {
  readonly links: readonly SeenLink[];
  readonly addresses: readonly SeenAddress[];
  readonly routes: readonly SeenRoute[];
  readonly rules: readonly SeenRule[];
  /** Default routes of the main table that are not ours. */
  readonly foreignDefaults: readonly ForeignDefault[];
  readonly children: readonly SeenChild[];
  readonly routers: readonly SeenRouter[];
  /** Only looked at while something in them is wanted or ours. */
  readonly neighbours: readonly SeenNeighbour[];
  readonly arpTimes: readonly SeenArpTimes[];
  /** What our nftables tables say they hold, by their families; one that is not there is not in it. */
  readonly rulesets: Rulesets;
  /** Values of files below /proc/sys that are wanted otherwise than they may be, or were set by us. */
  readonly settings: ReadonlyMap<string, string>;
  /** ifindexes of parents on which loop protect packets are listened for. */
  readonly listening: readonly number[];
  /** Owners of the gateways for which there is a socket to ask them. */
  readonly asking: readonly string[];
  /** Lease files of our DHCP servers, by the key of the child. */
  readonly leases: ReadonlyMap<string, string>;
  /** Texts of our files in the run directory, by name. */
  readonly files: ReadonlyMap<string, string>;
}

export type Rulesets = Readonly<Partial<Record<Family, string>>>;
/** nft's families in which we have a table. */
export type Family = 'arp' | 'inet' | 'netdev';

/** IFLA_GROUP of our links, and of those that are being deleted. */
export const OUR_GROUP = 28022;
export const DOOMED_GROUP = 28023;
/** IFA_PROTO, rtm_protocol and FRA_PROTOCOL of what is ours. */
export const OUR_PROTOCOL = 109;

/** Who takes all frames of its slaves for itself (the one rx_handler of a link), by its kind. */
const MASTERS: Readonly<Record<string, string>> = {
  bridge: 'it is a port of a bridge; use the bridge itself',
  bond: 'it is the slave of a bond; use the bond itself',
  team: 'it is a port of a team; use the team itself',
};

/** Why nothing can be put on a link. */
export function linkFault(link: SeenLink): string | undefined {
  if (link.loopback) return 'it is the loopback';
  if (!link.ethernet) return 'it is no Ethernet link';
  return MASTERS[link.slaveKind ?? ''];
}

export function isOurs(link: SeenLink): boolean {
  return link.group === OUR_GROUP || link.group === DOOMED_GROUP;
}

/** Whether a link of ours has other times of ARP than links to come have. */
export function hasOwnTimes({ arpTimes, links }: Pick<Seen, 'arpTimes' | 'links'>): boolean {
  if (arpTimes.length === 0) return false;
  const system = arpTimes.find(({ ifindex }) => ifindex === 0);
  const ours = new Set(links.filter(isOurs).map(({ ifindex }) => ifindex));
  return arpTimes.some(
    ({ ifindex, reachable, proxyDelay }) =>
      ours.has(ifindex) && (reachable !== system?.reachable || proxyDelay !== system.proxyDelay),
  );
}

/** The lower half of the IPv6 addresses that a link makes itself. */
export function tokenOf({ address = '' }: SeenLink): string {
  return eui64Of(address);
}

/** Whether it makes IPv6 addresses because we made it: the kernel would need no token for that. */
export function isSlaac(link: SeenLink): boolean {
  return link.token !== undefined && (isOurs(link) || link.token === tokenOf(link));
}
