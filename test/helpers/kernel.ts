import { networkOf } from '../../src/bytes/ip.ts';
import type { Event } from '../../src/model/facts.ts';
import {
  type Family,
  isOurs,
  OUR_GROUP,
  type Seen,
  type SeenAddress,
  type SeenArpTimes,
  type SeenChild,
  type SeenLink,
  type SeenNeighbour,
  type SeenRoute,
  type SeenRule,
} from '../../src/model/seen.ts';
import { commandOf, memoryOf, type Op, opKey, toldBy } from '../../src/plan/op.ts';
import { printRoute } from '../../src/plan/routes.ts';
import { printRule } from '../../src/plan/rules.ts';
import { addressFault, FakeIpv6, routeFault } from './ipv6.ts';
import { PORT } from './seen.ts';

const MAIN_TABLE = 254;
const SYSTEM_TIMES = { reachable: 30_000, proxyDelay: 800 };

export type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** What an op was refused with. `strict` marks what no plan may ever ask for. */
export class Refusal extends Error {
  constructor(
    message: string,
    readonly strict: boolean,
    readonly isMissing = false,
  ) {
    super(message);
  }
}

type FakeAddress = SeenAddress & { at: number };

interface FakeRoute extends SeenRoute {
  /** Ways that lead nowhere now; a multipath route keeps them and goes with the last living one. */
  readonly dead: ReadonlySet<number>;
}

/** Maps that refuse what the real kernel refuses, and what a careful daemon does not do. Tried against Linux 6.18. */
export class FakeKernel {
  links = new Map<number, Writable<SeenLink>>();
  addresses: FakeAddress[] = [];
  routes: FakeRoute[] = [];
  children: Writable<SeenChild>[] = [];
  neighbours: SeenNeighbour[] = [];
  /** Of links that do not have the system's. */
  arpTimes = new Map<number, SeenArpTimes>();
  rules: SeenRule[] = [];
  foreignDefaults: Seen['foreignDefaults'][number][] = [];
  rulesets: Partial<Record<Family, string>> = {};
  settings = new Map<string, string>([['net/ipv4/fib_multipath_hash_policy', '0']]);
  listening: number[] = [];
  /** The loop protect packets that were sent, by macvlan. */
  probes: string[] = [];
  /** Owners of the gateways with a socket, and all questions: when, and by which link. */
  asking = new Set<string>();
  asked: { at: number; name: string }[] = [];
  files = new Map<string, string>();
  readonly ipv6 = new FakeIpv6(this.settings, () => this.addresses as SeenAddress[]);
  /** What DHCP servers among the children have handed out. */
  leases = new Map<string, string>();
  /** nft(8) is not there, nor is odhcp6c. */
  withoutNft = false;
  withoutOdhcp6c = false;
  /** Children that ignore SIGTERM. */
  stubborn = new Set<number>();
  #next = 1;

  seen(): Seen {
    return {
      links: [...this.links.values()].map((link) => ({ ...link, ...this.#state(link) })),
      addresses: [...this.addresses],
      routes: this.routes.map(({ dead: _, ...route }) => route),
      children: this.children.map((child) => ({ ...child })),
      neighbours: [...this.neighbours],
      arpTimes: [0, ...this.links.keys()].map((ifindex) => this.arpTimes.get(ifindex) ?? { ...SYSTEM_TIMES, ifindex }),
      routers: [...this.ipv6.routers],
      rules: [...this.rules],
      foreignDefaults: [...this.foreignDefaults],
      rulesets: { ...this.rulesets },
      settings: new Map(this.settings),
      listening: [...this.listening],
      asking: [...this.asking],
      files: new Map(this.files),
      leases: new Map([...this.leases].filter(([key]) => this.children.some((child) => child.key === key))),
    };
  }

  #state(link: SeenLink): { carrier: boolean; running: boolean } {
    const below = link.link === undefined ? link : this.links.get(link.link);
    const carrier = below?.carrier === true && below.up;
    return { carrier: link.link === undefined ? link.carrier : carrier, running: link.up && carrier };
  }

  /** A link that is not ours. */
  port(ifname: string, options: Partial<SeenLink> = {}): number {
    const ifindex = this.#next++;
    this.links.set(ifindex, {
      ifindex,
      ifname,
      address: `02:99:00:00:00:${ifindex.toString(16).padStart(2, '0').toUpperCase()}`,
      ...PORT,
      conf: { arpIgnore: 0, arpAnnounce: 0, rpFilter: 1 },
      up: false,
      running: false,
      ...options,
    });
    this.ipv6.plugged(ifname);
    return ifindex;
  }

  /** Deleting a link takes along its children, addresses and routes, multipath ones whole. */
  unplug(ifindex: number): void {
    for (const link of [...this.links.values()]) if (link.link === ifindex) this.unplug(link.ifindex);
    const link = this.links.get(ifindex);
    if (link) this.ipv6.unplugged(link);
    this.links.delete(ifindex);
    this.arpTimes.delete(ifindex);
    this.#dropNeighbours(ifindex);
    this.addresses = this.addresses.filter((address) => address.ifindex !== ifindex);
    this.routes = this.routes.filter(({ nexthops }) => nexthops.every((hop) => hop.ifindex !== ifindex));
    this.#dropSourced();
  }

  /** Entries go when the link goes down or changes its MAC or its ARP, permanent ones too (neigh_flush_dev). */
  #dropNeighbours(ifindex: number): void {
    this.neighbours = this.neighbours.filter((neighbour) => neighbour.ifindex !== ifindex);
  }

  /** A parent's lower MTU lowers that of its macvlans; a higher one does not raise it. */
  setMtu(ifindex: number, mtu: number): void {
    const link = this.links.get(ifindex)!;
    link.mtu = mtu;
    for (const child of this.links.values()) if (child.link === ifindex) child.mtu = Math.min(child.mtu, mtu);
  }

  /** Down, or without its last address, a link carries no route (fib_disable_ip). */
  #disableRoutes(ifindex: number): void {
    this.routes = this.routes
      .map((route) =>
        route.nexthops.some((hop) => hop.ifindex === ifindex)
          ? { ...route, dead: new Set([...route.dead, ifindex]) }
          : route,
      )
      .filter(({ nexthops, dead }) => nexthops.length === 0 || nexthops.some((hop) => !dead.has(hop.ifindex)));
  }

  #reviveRoutes(ifindex: number): void {
    this.routes = this.routes.map((route) => ({
      ...route,
      dead: new Set([...route.dead].filter((other) => other !== ifindex)),
    }));
  }

  /** Routes of the main table go with the last link that holds their source (fib_sync_down_addr). */
  #dropSourced(): void {
    this.routes = this.routes.filter(
      ({ source, table }) =>
        source === undefined || table !== MAIN_TABLE || this.addresses.some(({ address }) => address === source),
    );
  }

  /** Time passes: what was told to end ends. Answers what a daemon would hear. */
  tick(now: number): Event[] {
    const ended = this.children.filter(
      (child) => child.killed || (child.stoppingSince !== undefined && !this.stubborn.has(child.pid)),
    );
    this.children = this.children.filter((child) => !ended.includes(child));
    return ended.map(({ key }) => ({
      type: 'ended',
      key,
      at: now,
      exit: 'exit 0',
      expected: true,
      threshold: 60,
      jitter: 0.5,
    }));
  }

  apply(op: Op, now: number): Event {
    try {
      this.#apply(op, now);
    } catch (error) {
      if (!(error instanceof Refusal) || error.strict) throw error;
      const { message, isMissing } = error;
      return { type: 'failed', op: opKey(op), owner: op.owner, error: message, isMissing, at: now };
    }
    if (op.op === 'spawn') return { type: 'started', key: op.name, at: now, command: commandOf(op.argv) };
    if (op.op === 'hook') return { type: 'told', key: op.key, told: toldBy(op) };
    if (op.op === 'endSession') return { type: 'parted', key: op.owner };
    if (op.op === 'announce') return { type: 'announced' };
    if (op.op === 'probe') return { type: 'probed', key: op.owner, at: now };
    if (op.op === 'askGateway') return { type: 'asked', key: op.owner, address: op.address, at: now };
    const memory = memoryOf(op);
    if (memory) return memory;
    return { type: 'done', op: opKey(op) };
  }

  #apply(op: Op, now: number): void {
    switch (op.op) {
      case 'addLink':
        this.#addLink(op);
        break;
      case 'setLink':
        this.#setLink(this.#link(op.ifindex), op.change);
        break;
      case 'deleteLink':
        this.#deleteLink(this.#link(op.ifindex));
        break;
      case 'deleteLinks':
        for (const ifindex of op.ifindexes) this.#deleteLink(this.#link(ifindex));
        // The group takes along whoever is in it.
        if (op.all && [...this.links.values()].some(({ group }) => group === OUR_GROUP))
          refuse('not all of them', true);
        break;
      case 'addAddress':
        this.#addAddress(op, now);
        break;
      case 'deleteAddress':
        this.#deleteAddress(op);
        break;
      case 'deleteSlaac':
        strictly(this.ipv6.deleteSlaac(this.#link(op.ifindex), op));
        break;
      case 'addRoute':
        this.#addRoute(op.route);
        break;
      case 'deleteRoute':
        // Gone already is fine: links and addresses take their routes along.
        this.routes = this.routes.filter((other) => printRoute(other) !== printRoute(op.route));
        break;
      case 'addRule':
        if (this.rules.some((other) => printRule(other) === printRule(op.rule))) refuse('EEXIST rule', true);
        this.rules.push(op.rule);
        break;
      case 'deleteRule':
        if (!this.rules.some((other) => printRule(other) === printRule(op.rule))) refuse('ENOENT rule', true);
        this.rules = this.rules.filter((other) => printRule(other) !== printRule(op.rule));
        break;
      case 'setConf': {
        const link = this.#link(op.ifindex);
        if (JSON.stringify(link.conf) === JSON.stringify(op.conf)) refuse('conf that is there', true);
        link.conf = op.conf;
        break;
      }
      case 'writeSetting':
        if (!this.settings.has(op.name)) refuse(`ENOENT ${op.name}`, true);
        // A link that was made anew has it already; it is remembered all the same until it is put back.
        if (this.settings.get(op.name) === op.value && !op.isBack) refuse('setting that is there', true);
        this.settings.set(op.name, op.value);
        break;
      case 'spawn':
        this.#spawn(op);
        break;
      case 'kill': {
        const child = this.#child(op.pid);
        child.stoppingSince ??= now;
        child.killed = op.signal === 'SIGKILL';
        break;
      }
      case 'signal':
        this.#child(op.pid);
        break;
      case 'setNeighbour':
        this.#setNeighbour(op);
        break;
      case 'deleteNeighbour':
        // Gone already is fine: a link that went down took it along.
        this.neighbours = this.neighbours.filter((other) => !isSameNeighbour(other, op, op.isProxy));
        break;
      case 'setArpTimes':
        if (!isOurs(this.#link(op.ifindex))) refuse(`foreign link ${op.name}`, true);
        this.arpTimes.set(op.ifindex, op);
        break;
      case 'setRuleset':
        this.#setRuleset(op.text);
        break;
      case 'listen':
        this.#link(op.ifindex);
        if (this.listening.includes(op.ifindex)) refuse(`listens already: ${op.name}`, true);
        this.listening.push(op.ifindex);
        break;
      case 'ignore':
        if (!this.listening.includes(op.ifindex)) refuse(`does not listen: ${op.name}`, true);
        this.listening = this.listening.filter((ifindex) => ifindex !== op.ifindex);
        break;
      case 'probe':
        if (!this.listening.includes(op.ifindex)) refuse(`no socket to send from: ${op.name}`, true);
        if (!this.#link(op.ifindex).up) refuse('ENETDOWN', true);
        this.probes.push(op.name);
        break;
      case 'askGateway':
        this.#askGateway(op, now);
        break;
      case 'forgetGateway':
        if (!this.asking.delete(op.owner)) refuse(`asks no gateway: ${op.owner}`, true);
        break;
      case 'hook':
        break;
      case 'writeFile':
        this.files.set(op.name, op.text);
    }
  }

  #link(ifindex: number): Writable<SeenLink> {
    return this.links.get(ifindex) ?? refuse(`ENODEV ${ifindex}`, true);
  }

  #child(pid: number): Writable<SeenChild> {
    return this.children.find((child) => child.pid === pid) ?? refuse(`ESRCH ${pid}`, true);
  }

  #addLink({ name, parent: above, mtu, mode, ifalias, ...op }: Extract<Op, { op: 'addLink' }>): void {
    if (this.#named(name)) refuse(`EEXIST ${name}`, true);
    if (!/^[^\s/:%]{1,15}$/.test(name) || name === 'all' || name === 'default') refuse(`EINVAL ${name}`, true);
    const parent = this.#link(above);
    if (parent.loopback) refuse('EINVAL loopback', true);
    if (parent.slaveKind === 'bridge') refuse('EBUSY port of a bridge', true);
    if (mtu > parent.mtu) refuse('EINVAL mtu', true);
    // A macvlan on a macvlan is put on the parent of that one.
    if (parent.kind === 'macvlan') refuse('not where it was wanted', true);
    this.#checkPassthru(mode, above);
    if (op.sourceMacs.length > 0 && mode !== 'source') refuse('EINVAL macaddr outside of mode source', true);
    if (op.address === undefined && mode !== 'passthru') refuse('a random MAC address', true);
    const address = mode === 'passthru' ? parent.address! : op.address!;
    if (mode !== 'passthru') this.#unique(address, above, undefined);
    const { sourceMacs, bcQueueLen, arp, up } = op;
    const given = { address, mtu, link: above, kind: 'macvlan', macvlanMode: mode, ifalias, arp, up, bcQueueLen };
    const ifindex = this.port(name, { ...given, sourceMacs: mode === 'source' ? sourceMacs : undefined });
    this.#link(ifindex).group = OUR_GROUP;
  }

  /** One in mode passthru has the port for itself (macvlan_common_newlink). Beside a foreign one a plan may try. */
  #checkPassthru(mode: string, parent: number): void {
    const siblings = [...this.links.values()].filter(({ kind, link }) => kind === 'macvlan' && link === parent);
    const bar = siblings.find(({ macvlanMode }) => mode === 'passthru' || macvlanMode === 'passthru');
    if (bar) refuse(`EINVAL passthru beside ${bar.ifname}`, siblings.every(isOurs));
  }

  #deleteLink(link: SeenLink): void {
    if (!isOurs(link)) refuse(`foreign link ${link.ifname}`, true);
    if (this.children.some((child) => child.ifindex === link.ifindex)) refuse(`child still on ${link.ifname}`, true);
    this.unplug(link.ifindex);
  }

  #addAddress(op: Extract<Op, { op: 'addAddress' }>, now: number): void {
    const { ifindex, address, prefix, peer, broadcast } = op;
    this.#link(ifindex);
    if (address.includes(':')) {
      strictly(addressFault(op));
      const [preferred, valid] = [op.preferred!, op.valid!].map((seconds) => now + seconds * 1000);
      this.addresses = this.addresses.filter((one) => one.ifindex !== ifindex || one.address !== address);
      this.addresses.push({
        ifindex,
        address,
        prefix,
        ours: true,
        preferred: preferred!,
        valid: valid!,
        at: this.#next++,
      });
      return;
    }
    // The kernel takes these, but no line has one.
    if (/^(0|127|22[4-9]|2[345]\d)\./.test(address) || prefix < 1) refuse(`no host's address: ${address}`, true);
    const added = { ifindex, address, prefix, peer, broadcast, ours: true, at: this.#next++ };
    const twin = this.addresses.find((other) => other.address === address && isSameSubnet(other, added));
    // Beside a foreign one that differs in its peer only a plan may try.
    if (twin) refuse(`EEXIST ${address}/${prefix}`, twin.ours || twin.peer === peer);
    this.addresses.push(added);
    this.#reviveRoutes(ifindex);
  }

  #addRoute(route: SeenRoute): void {
    if (this.routes.some((other) => printRoute(other) === printRoute(route))) refuse('EEXIST route', true);
    if (route.destination.includes(':')) strictly(routeFault(route));
    for (const { ifindex, gateway } of route.nexthops) {
      if (!this.links.get(ifindex)?.up) refuse('ENETDOWN', true);
      if (this.addresses.some(({ address }) => address === gateway)) refuse('EINVAL invalid gateway', false);
    }
    if (route.source && !this.addresses.some((a) => a.address === route.source)) refuse('EINVAL source', true);
    this.routes.push({ ...route, dead: new Set() });
  }

  /** The echo's socket is bound to its address. */
  #askGateway({ owner, name, ifindex, source, mac }: Extract<Op, { op: 'askGateway' }>, now: number): void {
    const link = this.#link(ifindex);
    if (!link.up) refuse('ENETDOWN', true);
    if (link.address !== mac) refuse(`${mac} is not the MAC of ${name}`, true);
    if (!this.addresses.some((seen) => seen.ifindex === ifindex && seen.address === source))
      refuse(`EADDRNOTAVAIL ${source}`, true);
    this.asking.add(owner);
    this.asked.push({ at: now, name });
  }

  #spawn({ name: key, ifindex, ifname, argv, secrets }: Extract<Op, { op: 'spawn' }>): void {
    if (argv[0] === 'odhcp6c' && this.withoutOdhcp6c) throw new Refusal('ENOENT odhcp6c', false, true);
    if (!this.links.get(ifindex)?.up) refuse(`spawn on a link that is down: ${ifname}`, true);
    if (this.children.some((child) => child.key === key)) refuse(`twice: ${key}`, true);
    this.children.push({ key, pid: this.#next++, argv, ifindex, secrets });
  }

  #setLink(link: Writable<SeenLink>, change: Extract<Op, { op: 'setLink' }>['change']): void {
    // A PPP link is its pppd's, and takes another size.
    const isHarmless = change.up || change.token || (change.mtu && link.kind === 'ppp');
    if (!isOurs(link) && (Object.keys(change).length !== 1 || !isHarmless)) refuse(`foreign link ${link.ifname}`, true);
    if (change.token) {
      strictly(this.ipv6.setToken(link, change.token));
      this.ipv6.solicit(link, link.link ?? link.ifindex);
    }
    if (change.mode) this.#setMode(link, change.mode);
    if (change.sourceMacs) {
      if (link.macvlanMode !== 'source') refuse('EINVAL macaddr outside of mode source', true);
      link.sourceMacs = [...change.sourceMacs].reverse();
    }
    if (change.arp !== undefined) this.#dropNeighbours(link.ifindex);
    for (const name of ['arp', 'bcQueueLen', 'proxyArp', 'localProxyArp'] as const)
      if (change[name] !== undefined) Object.assign(link, { [name]: change[name] });
    if (change.ifalias !== undefined) link.ifalias = change.ifalias;
    if (change.mtu) {
      if (change.mtu > (this.links.get(link.link ?? 0)?.mtu ?? 65535)) refuse('EINVAL mtu', true);
      link.mtu = change.mtu;
    }
    if (change.address) {
      if (this.children.some((child) => child.ifindex === link.ifindex)) refuse('address changed under a child', true);
      if (link.up) this.#unique(change.address, link.link, link);
      link.address = change.address;
      this.#dropNeighbours(link.ifindex);
    }
    if (change.up === true) {
      if (link.kind === 'macvlan') this.#unique(link.address!, link.link, link);
      // vlan_dev_open
      if (link.kind === 'vlan' && this.links.get(link.link ?? 0)?.up === false) refuse('ENETDOWN', true);
      link.up = true;
      if (link.token) this.ipv6.solicit(link, link.link ?? link.ifindex);
      this.#reviveRoutes(link.ifindex);
    }
    if (change.up === false) {
      link.up = false;
      this.ipv6.down(link.ifindex);
      this.#disableRoutes(link.ifindex);
      this.#dropNeighbours(link.ifindex);
    }
  }

  /** macvlan_changelink; the list of senders goes with mode source. */
  #setMode(link: Writable<SeenLink>, mode: string): void {
    if (mode === 'passthru' || link.macvlanMode === 'passthru') refuse('EINVAL passthru on a living link', true);
    if (mode !== 'source') link.sourceMacs = undefined;
    link.macvlanMode = mode;
  }

  #setNeighbour({ ifindex, address, mac }: Extract<Op, { op: 'setNeighbour' }>): void {
    this.#link(ifindex);
    if (this.neighbours.some((other) => isSameNeighbour(other, { ifindex, address }, !mac) && other.mac === mac))
      refuse('neighbour that is there', true);
    this.neighbours = this.neighbours.filter((other) => !isSameNeighbour(other, { ifindex, address }, !mac));
    this.neighbours.push({ ifindex, address, mac });
  }

  /** The script is whole: it may be done over an older table, or where there is none. */
  #setRuleset(text: string): void {
    if (this.withoutNft) refuse('start nft: No such file or directory', false);
    const [first, second, third] = text.split('\n');
    const family = /^table (arp|inet|netdev) macvlan$/.exec(first!)?.[1] as Family | undefined;
    if (!family || second !== `delete ${first}`) throw new Refusal(`nft: ${text}`, true);
    if (!third && this.rulesets[family] === undefined) refuse('no table to take away', true);
    // nf_tables looks a device up when its chain is made: ENOENT.
    for (const [, name] of text.matchAll(/ device "(.+?)"/g)) if (!this.#named(name!)) refuse(`ENOENT ${name}`, true);
    if (third) this.rulesets[family] = /comment "(\w+)"/.exec(text)![1]!;
    else delete this.rulesets[family];
  }

  /** EADDRINUSE comes from the parent, and from macvlans on it that are up (macvlan_addr_busy). */
  #unique(address: string, parent: number | undefined, link: SeenLink | undefined): void {
    const other = [...this.links.values()].find(
      (other) =>
        other !== link &&
        other.address === address &&
        (other.ifindex === parent || (other.link === parent && other.up && other.kind === 'macvlan')),
    );
    if (other) refuse(`EADDRINUSE ${address} of ${other.ifname}`, false);
  }

  #deleteAddress({ promote, ...op }: Extract<Op, { op: 'deleteAddress' }>): void {
    const { ifindex, address } = op;
    const gone = this.addresses.find((other) => other.address === address && isSameSubnet(other, op));
    // An older one of its subnet took it along: EADDRNOTAVAIL, which apply counts as done.
    if (!gone) return;
    if (!gone.ours) refuse(`foreign address ${address}`, true);
    const isSecondary = (other: FakeAddress) => isSameSubnet(other, gone) && other.at > gone.at;
    const secondaries = promote || this.#link(ifindex).promotes ? [] : this.addresses.filter(isSecondary);
    if (secondaries.some(({ ours }) => !ours)) refuse(`${address} takes a foreign address along`, true);
    this.addresses = this.addresses.filter((other) => other !== gone && !secondaries.includes(other));
    if (!this.addresses.some((other) => other.ifindex === ifindex)) this.#disableRoutes(ifindex);
    this.#dropSourced();
  }

  #named(ifname: string): SeenLink | undefined {
    return [...this.links.values()].find((link) => link.ifname === ifname);
  }
}

type OnLink = Pick<SeenAddress, 'ifindex' | 'address' | 'prefix' | 'peer'>;

/** One link, one length, and the subnet of the other end where there is one (inet_ifa_match). */
function isSameSubnet(a: OnLink, b: OnLink): boolean {
  const subnet = ({ peer, address, prefix }: OnLink) => networkOf(peer ?? address, prefix);
  return a.ifindex === b.ifindex && a.prefix === b.prefix && subnet(a) === subnet(b);
}

function isSameNeighbour(
  { ifindex, address, mac }: SeenNeighbour,
  other: { ifindex: number; address: string },
  isProxy: boolean,
): boolean {
  return ifindex === other.ifindex && address === other.address && (mac === undefined) === isProxy;
}

function strictly(fault: string | undefined): void {
  if (fault) refuse(fault, true);
}

function refuse(message: string, strict: boolean): never {
  throw new Refusal(message, strict);
}
