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
  readonly group: number;
  readonly ifalias?: string | undefined;
  readonly loopback: boolean;
  /** ARPHRD_ETHER */
  readonly ethernet: boolean;
  /** IFF_UP, IFF_LOWER_UP, and operstate UP or UNKNOWN together with both. */
  readonly up: boolean;
  readonly carrier: boolean;
  readonly running: boolean;
}

/** An IPv4 address; `ours` when it bears our IFA_PROTO. */
export interface SeenAddress {
  readonly ifindex: number;
  readonly address: string;
  readonly prefix: number;
  readonly ours: boolean;
}

export interface Nexthop {
  readonly ifindex: number;
  /** None: the destination is on the link. */
  readonly gateway?: string | undefined;
  readonly weight: number;
}

/** An IPv4 route of ours (protocol 109); `destination` is CIDR text, `0.0.0.0/0` the default. */
export interface SeenRoute {
  readonly table: number;
  readonly destination: string;
  readonly metric: number;
  readonly source?: string | undefined;
  readonly nexthops: readonly Nexthop[];
}

/** A child process of ours, started by this daemon or found running. */
export interface SeenChild {
  /** The id of the item that it runs for. */
  readonly key: string;
  readonly pid: number;
  readonly argv: readonly string[];
  /** The incarnation of the link that it was started on. */
  readonly ifindex: number;
  /** Uptime in ms when it was told to stop. */
  readonly stoppingSince?: number | undefined;
  /** It was sent SIGKILL: nothing more can be done. */
  readonly killed?: boolean | undefined;
}

export interface Seen {
  readonly links: readonly SeenLink[];
  readonly addresses: readonly SeenAddress[];
  readonly routes: readonly SeenRoute[];
  readonly children: readonly SeenChild[];
  /** Text of the resolver file in the run directory, if there is one. */
  readonly resolv?: string | undefined;
}

/** IFLA_GROUP of our links, and of those that are being deleted. */
export const OUR_GROUP = 28022;
export const DOOMED_GROUP = 28023;
/** IFA_PROTO, rtm_protocol and FRA_PROTOCOL of what is ours. */
export const OUR_PROTOCOL = 109;

export function isOurs(link: SeenLink): boolean {
  return link.group === OUR_GROUP || link.group === DOOMED_GROUP;
}
