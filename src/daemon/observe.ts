import type { Counters } from '../model/facts.ts';
import {
  type Family,
  hasOwnTimes,
  isSlaac,
  type Nexthop,
  OUR_PROTOCOL,
  type Rulesets,
  type Seen,
  type SeenAddress,
  type SeenArpTimes,
  type SeenLink,
  type SeenNeighbour,
  type SeenRoute,
  type SeenRule,
} from '../model/seen.ts';
import { isIpv6, OUR_TABLE, type Want } from '../model/want.ts';
import type { Address } from '../netlink/addr.ts';
import type { Netlink } from '../netlink/conn.ts';
import {
  AF_INET,
  AF_INET6,
  IFF_LOWER_UP,
  IFF_NOARP,
  IFF_UP,
  NFPROTO_ARP,
  NFPROTO_INET,
  NFPROTO_NETDEV,
  RT_SCOPE_UNIVERSE,
  RT_TABLE_MAIN,
  RTN_UNREACHABLE,
  RTNLGRP_IPV6_IFADDR,
  RTNLGRP_IPV6_ROUTE,
  RTNLGRP_IPV6_RULE,
  RTPROT_RA,
} from '../netlink/constants.ts';
import type { Link } from '../netlink/link.ts';
import type { Listener } from '../netlink/listen.ts';
import type { NeighbourParameters } from '../netlink/neightbl.ts';
import { Nftables } from '../netlink/nftables.ts';
import type { Route } from '../netlink/route.ts';
import type { Rule } from '../netlink/rule.ts';
import type { Counters as LinkCounters } from '../netlink/stats.ts';
import { type Change, subscribe } from '../netlink/subscribe.ts';
import type { Wireless, WirelessInterface } from '../netlink/wireless.ts';
import type { Machine } from '../runtime/machine.ts';
import type { Turns } from './turns.ts';

// include/uapi/linux/if_arp.h, if.h
const ARPHRD_ETHER = 1;
const IFF_LOOPBACK = 0x8;
// include/net/addrconf.h, INFINITY_LIFE_TIME
const FOREVER = 0xffffffff;

const IPV6_GROUPS = [RTNLGRP_IPV6_IFADDR, RTNLGRP_IPV6_ROUTE, RTNLGRP_IPV6_RULE];

/** What the kernel can tell; the rest of `Seen` is our own. */
export type Kernel = Omit<Seen, 'children' | 'listening' | 'asking' | 'files' | 'leases'>;

/** Parts that few configurations have anything in, and that cost much to look at or make news all the time. */
const PARTS = ['ipv6', 'neighbours', 'arpTimes', 'rulesets', 'foreignDefaults'] as const;
type Part = (typeof PARTS)[number];

/** What can be looked at by itself. Of the rest no news comes: it is looked at along with anything else. */
const KINDS = ['links', 'addresses', 'routes', 'rules', 'rest'] as const;
type Kind = (typeof KINDS)[number];

/** What may have changed. */
export type News = Partial<Pick<Change, 'overrun' | 'links' | 'addresses' | 'routes' | 'rules'>>;

/** A route that goes with its link, or with its source, is no news of its own (fib_flush). */
function outdatedBy({ overrun, links, addresses, routes, rules }: News): Kind[] {
  if (overrun) return [...KINDS];
  const outdated = { links, addresses, routes: routes || links || addresses, rules, rest: true };
  return KINDS.filter((kind) => outdated[kind]);
}

/**
 * The kernel's side of the world. A look is kept until somebody says what of it is out of date: with a thousand lines it
 * costs more than a tenth of a second.
 */
export class Observer {
  readonly #machine: Machine;
  readonly #netlink: Netlink;
  readonly #nftables: Nftables;
  #wireless: Wireless | undefined;
  readonly #onNews: (news: News) => void;
  #kept = {} as Kernel;
  readonly #outdated = new Set<Kind>(KINDS);
  #hearsOfRules = false;
  #ipv6News: Listener | undefined;
  /** Files below /proc/sys that somebody asked for. */
  #settings: readonly string[] = [];
  /** The parts that are looked at; at first all, for an earlier daemon may have left something in them. */
  #parts: ReadonlySet<Part> = new Set(PARTS);

  constructor(machine: Machine, netlink: Netlink, onNews: (news: News) => void) {
    this.#machine = machine;
    this.#netlink = netlink;
    this.#nftables = new Nftables(machine);
    this.#onNews = onNews;
  }

  /** The next look is a new one, at what the news is about. */
  outdate(news: News = { overrun: true }): void {
    for (const kind of outdatedBy(news)) this.#outdated.add(kind);
  }

  /** To be waited for before anything is decided: what asks for Wi-Fi is loaded where there is any, and others have their turns. */
  async prepare(turns: Turns): Promise<void> {
    if (!this.#wireless && this.#hasWifi()) {
      const { Wireless } = await import('../netlink/wireless.ts');
      this.#wireless ??= new Wireless(this.#machine);
    }
    for (const kind of [...this.#outdated]) {
      this.#lookAt(kind);
      await turns.take();
    }
  }

  look(): Kernel {
    for (const kind of this.#outdated) this.#lookAt(kind);
    return this.#kept;
  }

  #lookAt(kind: Kind): void {
    this.#kept = { ...this.#kept, ...this.#looks[kind]() };
    this.#outdated.delete(kind);
  }

  counters(indexes: readonly number[]): Map<number, Counters> {
    const counted = [...this.#netlink.counters(indexes)];
    return new Map(counted.map(([index, counters]) => [index, countersOf(counters)]));
  }

  /**
   * From now on the parts are looked at that something is wanted in, or was found, and the settings that are wanted or
   * `remembered`. True when one of them was not before.
   */
  expect(want: Want, seen: Kernel, remembered: Iterable<string>): boolean {
    const wanted: Record<Part, boolean> = {
      ipv6:
        wantsIpv6(want) || seen.links.some(isSlaac) || seen.addresses.some(isOurIpv6) || seen.routes.some(isIpv6Route),
      neighbours: want.neighbours.length + seen.neighbours.length > 0,
      arpTimes: want.arpTimes.length > 0 || hasOwnTimes(seen),
      rulesets:
        want.replyOnly.length + want.keeping.size + want.isolated.length + want.dscp.length > 0 ||
        Object.keys(seen.rulesets).length > 0,
      foreignDefaults: want.sources.length > 0,
    };
    const parts = new Set(PARTS.filter((part) => wanted[part]));
    const settings = [...new Set([...want.settings.map(({ path }) => path), ...remembered])];
    const isNew =
      [...parts].some((part) => !this.#parts.has(part)) || settings.some((path) => !this.#settings.includes(path));
    this.#parts = parts;
    this.#settings = settings;
    this.#hearOfRules(parts.has('rulesets'));
    this.#hearOfIpv6(parts.has('ipv6'));
    if (isNew) this.outdate({ addresses: true, routes: true, rules: true });
    return isNew;
  }

  /** Whoever flushes all rules takes our table along. */
  #hearOfRules(wanted: boolean): void {
    if (wanted === this.#hearsOfRules) return;
    this.#hearsOfRules = wanted;
    if (wanted) this.#nftables.subscribe(() => this.#onNews({}));
    else this.#nftables.unsubscribe();
  }

  /** Each announcement of a router on any link is news. */
  #hearOfIpv6(wanted: boolean): void {
    if (wanted === (this.#ipv6News !== undefined)) return;
    this.#ipv6News?.close();
    this.#ipv6News = wanted ? subscribe(this.#machine, IPV6_GROUPS, this.#onNews) : undefined;
  }

  readonly #looks: Readonly<Record<Kind, () => Partial<Kernel>>> = {
    links: () => ({ links: this.#seenLinks(this.#netlink.links()) }),
    addresses: () => ({
      addresses: [...this.#netlink.addresses({ family: AF_INET }).map(seenAddress), ...this.#ipv6Addresses()],
    }),
    routes: () => {
      const ipv4 = this.#netlink.routes({ family: AF_INET, protocol: OUR_PROTOCOL });
      const foreignDefaults = this.#parts.has('foreignDefaults') ? this.#foreignDefaults() : [];
      const { routes, routers } = this.#ipv6Routes();
      return { routes: [...ipv4.map(seenRoute), ...routes], routers, foreignDefaults };
    },
    rules: () => ({
      rules: this.#families.flatMap((family) => this.#netlink.rules({ family }).filter(isOurRule).map(seenRule)),
    }),
    rest: () => ({
      neighbours: this.#parts.has('neighbours') ? this.#neighbours() : [],
      arpTimes: this.#parts.has('arpTimes') ? this.#netlink.neighbourParameters().map(seenArpTimes) : [],
      rulesets: this.#parts.has('rulesets') ? this.#rulesets() : {},
      settings: new Map(this.#settings.flatMap((path) => this.#setting(path))),
    }),
  };

  get #families(): number[] {
    return this.#parts.has('ipv6') ? [AF_INET, AF_INET6] : [AF_INET];
  }

  #ipv6Addresses(): SeenAddress[] {
    if (!this.#parts.has('ipv6')) return [];
    const now = this.#machine.libc.uptime();
    const addresses = this.#netlink.addresses({ family: AF_INET6 }).filter(({ scope }) => scope === RT_SCOPE_UNIVERSE);
    return addresses.map((address) => ({ ...seenAddress(address), ...lifetimesOf(address, now) }));
  }

  #ipv6Routes(): Pick<Kernel, 'routes' | 'routers'> {
    if (!this.#parts.has('ipv6')) return { routes: [], routers: [] };
    const family = AF_INET6;
    const learned = this.#netlink.routes({ family, protocol: RTPROT_RA }).filter(({ dstLen }) => dstLen === 0);
    return {
      routes: this.#netlink.routes({ family, protocol: OUR_PROTOCOL }).flatMap(seenIpv6Routes),
      routers: learned.flatMap(waysOf).map(({ ifindex, gateway = '' }) => ({ ifindex, gateway })),
    };
  }

  #seenLinks(links: readonly Link[]): SeenLink[] {
    const stations = this.#wifi().filter(({ iftype, use4addr }) => iftype === 'station' && !use4addr);
    const indexes = new Set(stations.map(({ index }) => index));
    return links.map((link) => seenLink(link, indexes));
  }

  #wifi(): WirelessInterface[] {
    if (this.#hasWifi()) return this.#wireless?.interfaces() ?? [];
    this.#wireless?.forget();
    return [];
  }

  /** Where cfg80211 is not loaded there is nobody to ask. */
  #hasWifi(): boolean {
    return this.#machine.files.isDirectory('/sys/class/ieee80211');
  }

  #neighbours(): SeenNeighbour[] {
    const of = (proxy: boolean) => this.#netlink.neighbours({ family: AF_INET, proxy });
    return [...of(false), ...of(true)]
      .filter(({ protocol }) => protocol === OUR_PROTOCOL)
      .map(({ index, dst, lladdr }) => ({ ifindex: index, address: dst!, mac: lladdr }));
  }

  #foreignDefaults(): Seen['foreignDefaults'] {
    return this.#families
      .flatMap((family) => this.#netlink.defaultRoutes(RT_TABLE_MAIN, family))
      .filter(({ protocol }) => protocol !== OUR_PROTOCOL)
      .map((route) => ({ ...seenRoute(route), isV6: route.family === AF_INET6 || undefined }));
  }

  #rulesets(): Rulesets {
    const ours = this.#nftables.tables().filter(({ name }) => name === OUR_TABLE);
    return Object.fromEntries(
      ours.flatMap(({ family, comment = '' }) => (family in FAMILIES ? [[FAMILIES[family], comment]] : [])),
    );
  }

  #setting(path: string): [string, string][] {
    const text = this.#machine.files.readText(`/proc/sys/${path}`);
    return text === undefined ? [] : [[path, text.trim()]];
  }
}

const FAMILIES: Readonly<Record<number, Family>> = {
  [NFPROTO_ARP]: 'arp',
  [NFPROTO_INET]: 'inet',
  [NFPROTO_NETDEV]: 'netdev',
};

function isOurRule({ protocol }: Rule): boolean {
  return protocol === OUR_PROTOCOL;
}

function seenRule(rule: Rule): SeenRule {
  const { family, priority, table, src, srcLen, fwmark, iifname, suppressPrefixlen } = rule;
  return {
    isV6: family === AF_INET6 || undefined,
    priority,
    table,
    source: src && `${src}/${srcLen}`,
    fwmark: fwmark || undefined,
    isLocal: iifname === 'lo' || undefined,
    isSpecific: suppressPrefixlen === 0 || undefined,
  };
}

function seenLink(link: Link, stations: ReadonlySet<number>): SeenLink {
  const up = (link.flags & IFF_UP) !== 0;
  const carrier = (link.flags & IFF_LOWER_UP) !== 0;
  const { kind, slaveKind, macvlan, vlan } = link.linkinfo ?? {};
  const conf = link.afSpec?.inet?.conf;
  const token = link.afSpec?.inet6?.token;
  return {
    ifindex: link.index,
    ifname: link.ifname,
    address: link.address,
    mtu: link.mtu,
    // The parent's index counts in another namespace when there is a netnsid.
    link: link.linkNetnsid === undefined ? link.link : undefined,
    kind,
    slaveKind,
    macvlanMode: macvlan?.mode,
    sourceMacs: macvlan?.macaddrData?.macaddr,
    bcQueueLen: macvlan?.bcQueueLen,
    vlanId: vlan?.id,
    group: link.group,
    ifalias: link.ifalias,
    loopback: (link.flags & IFF_LOOPBACK) !== 0,
    ethernet: link.type === ARPHRD_ETHER,
    station: stations.has(link.index),
    arp: (link.flags & IFF_NOARP) === 0,
    token: token === '::' ? undefined : token,
    proxyArp: conf?.proxyArp === undefined ? undefined : conf.proxyArp !== 0,
    promotes: conf?.promoteSecondaries === 1,
    localProxyArp: conf?.proxyArpPvlan === undefined ? undefined : conf.proxyArpPvlan !== 0,
    conf:
      conf?.arpIgnore === undefined
        ? undefined
        : { arpIgnore: conf.arpIgnore, arpAnnounce: conf.arpAnnounce!, rpFilter: conf.rpFilter! },
    up,
    carrier,
    running: up && carrier && (link.operstate === 'up' || link.operstate === 'unknown'),
  };
}

function seenAddress({ index, local, address, broadcast, prefixlen, proto }: Address): SeenAddress {
  const peer = address === local ? undefined : address;
  return { ifindex: index, address: local, prefix: prefixlen, peer, broadcast, ours: proto === OUR_PROTOCOL };
}

/** IFA_CACHEINFO as uptime in ms. */
function lifetimesOf({ cacheinfo }: Address, now: number) {
  const until = (seconds = FOREVER) => (seconds === FOREVER ? Number.POSITIVE_INFINITY : now + seconds * 1000);
  return { preferred: until(cacheinfo?.prefered), valid: until(cacheinfo?.valid) };
}

function seenRoute(route: Route): SeenRoute {
  const { table, dst, dstLen, priority, prefsrc, family } = route;
  const any = family === AF_INET6 ? '::' : '0.0.0.0';
  const nexthops = waysOf(route).sort((a, b) => a.ifindex - b.ifindex);
  return { table, destination: `${dst ?? any}/${dstLen}`, metric: priority, source: prefsrc, nexthops };
}

function waysOf({ oif, gateway, multipath }: Route): Nexthop[] {
  const single = oif === undefined ? [] : [{ ifindex: oif, gateway, weight: 1 }];
  return multipath?.map((hop) => ({ ifindex: hop.ifindex, gateway: hop.gateway, weight: hop.weight })) ?? single;
}

/** Each way is one; what is unreachable has the loopback for its way. */
function seenIpv6Routes(route: Route): SeenRoute[] {
  const whole = seenRoute(route);
  if (route.type === RTN_UNREACHABLE) return [{ ...whole, nexthops: [] }];
  return whole.nexthops.map((hop) => ({ ...whole, nexthops: [hop] }));
}

function isOurIpv6({ ours, address }: SeenAddress): boolean {
  return ours && isIpv6(address);
}

function isIpv6Route({ destination }: { destination: string }): boolean {
  return isIpv6(destination);
}

function wantsIpv6({ slaac, addresses, routes }: Want): boolean {
  return slaac.length > 0 || routes.some(isIpv6Route) || addresses.some(({ address }) => isIpv6(address));
}

function seenArpTimes({ index, baseReachableTime, proxyDelay }: NeighbourParameters): SeenArpTimes {
  return { ifindex: index, reachable: baseReachableTime, proxyDelay };
}

/** RouterOS's names for what the kernel counts. */
function countersOf(stats: LinkCounters): Counters {
  return {
    rx_byte: stats.rxBytes,
    tx_byte: stats.txBytes,
    rx_packet: stats.rxPackets,
    tx_packet: stats.txPackets,
    rx_error: stats.rxErrors,
    tx_error: stats.txErrors,
    rx_drop: stats.rxDropped,
    tx_drop: stats.txDropped,
  };
}
