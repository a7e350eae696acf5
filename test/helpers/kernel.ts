import { networkOf } from '../../src/bytes/ip.ts';
import type { Event } from '../../src/model/facts.ts';
import {
  isOurs,
  OUR_GROUP,
  type Seen,
  type SeenAddress,
  type SeenChild,
  type SeenLink,
  type SeenRoute,
} from '../../src/model/seen.ts';
import { type Op, opKey } from '../../src/plan/op.ts';
import { printRoute } from '../../src/plan/routes.ts';

const MAIN_TABLE = 254;

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** What an op was refused with. `strict` marks what no plan may ever ask for. */
export class Refusal extends Error {
  constructor(
    message: string,
    readonly strict: boolean,
  ) {
    super(message);
  }
}

interface FakeRoute extends SeenRoute {
  /** Ways that lead nowhere now; a multipath route keeps them and goes with the last living one. */
  readonly dead: ReadonlySet<number>;
}

/** Maps that refuse what the real kernel refuses, and what a careful daemon does not do. Tried against Linux 6.18. */
export class FakeKernel {
  links = new Map<number, Writable<SeenLink>>();
  addresses: (SeenAddress & { at: number })[] = [];
  routes: FakeRoute[] = [];
  children: Writable<SeenChild>[] = [];
  resolv: string | undefined;
  /** Children that ignore SIGTERM. */
  stubborn = new Set<number>();
  #next = 1;

  seen(): Seen {
    return {
      links: [...this.links.values()].map((link) => ({ ...link, ...this.#state(link) })),
      addresses: [...this.addresses],
      routes: this.routes.map(({ dead: _, ...route }) => route),
      children: this.children.map((child) => ({ ...child })),
      resolv: this.resolv,
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
      mtu: 1500,
      group: 0,
      loopback: false,
      ethernet: true,
      up: false,
      carrier: true,
      running: false,
      ...options,
    });
    return ifindex;
  }

  /** Deleting a link takes along its children, addresses and routes, multipath ones whole. */
  unplug(ifindex: number): void {
    for (const link of [...this.links.values()]) if (link.link === ifindex) this.unplug(link.ifindex);
    this.links.delete(ifindex);
    this.addresses = this.addresses.filter((address) => address.ifindex !== ifindex);
    this.routes = this.routes.filter(({ nexthops }) => nexthops.every((hop) => hop.ifindex !== ifindex));
    this.#dropSourced();
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
      .filter(({ nexthops, dead }) => nexthops.some((hop) => !dead.has(hop.ifindex)));
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
      return { type: 'failed', op: opKey(op), owner: op.owner, error: error.message, at: now };
    }
    return op.op === 'spawn' ? { type: 'started', key: op.name, at: now } : { type: 'done', op: opKey(op) };
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
      case 'addAddress':
        this.#addAddress(op);
        break;
      case 'deleteAddress':
        this.#deleteAddress(op.ifindex, op.address, op.prefix);
        break;
      case 'addRoute':
        this.#addRoute(op.route);
        break;
      case 'deleteRoute':
        // Gone already is fine: links and addresses take their routes along.
        this.routes = this.routes.filter((other) => printRoute(other) !== printRoute(op.route));
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
      case 'writeResolver':
        this.resolv = op.text;
    }
  }

  #link(ifindex: number): Writable<SeenLink> {
    return this.links.get(ifindex) ?? refuse(`ENODEV ${ifindex}`, true);
  }

  #child(pid: number): Writable<SeenChild> {
    return this.children.find((child) => child.pid === pid) ?? refuse(`ESRCH ${pid}`, true);
  }

  #addLink({ name, parent: above, address, mtu, mode, ifalias }: Extract<Op, { op: 'addLink' }>): void {
    if (this.#named(name)) refuse(`EEXIST ${name}`, true);
    if (!/^[^\s/:%]{1,15}$/.test(name) || name === 'all' || name === 'default') refuse(`EINVAL ${name}`, true);
    const parent = this.#link(above);
    if (parent.loopback) refuse('EINVAL loopback', true);
    if (parent.slaveKind === 'bridge') refuse('EBUSY port of a bridge', true);
    if (mtu > parent.mtu) refuse('EINVAL mtu', true);
    // A macvlan on a macvlan is put on the parent of that one.
    const link = parent.kind === 'macvlan' ? parent.link! : parent.ifindex;
    this.#unique(address, link, undefined);
    const ifindex = this.port(name, { address, mtu, link, kind: 'macvlan', macvlanMode: mode, ifalias, up: true });
    this.#link(ifindex).group = OUR_GROUP;
  }

  #deleteLink(link: SeenLink): void {
    if (!isOurs(link)) refuse(`foreign link ${link.ifname}`, true);
    if (this.children.some((child) => child.ifindex === link.ifindex)) refuse(`child still on ${link.ifname}`, true);
    this.unplug(link.ifindex);
  }

  #addAddress({ ifindex, address, prefix }: Extract<Op, { op: 'addAddress' }>): void {
    this.#link(ifindex);
    // The kernel takes these, but no line has one.
    if (/^(0|127|22[4-9]|2[345]\d)\./.test(address) || prefix < 1) refuse(`no host's address: ${address}`, true);
    if (this.addresses.some((a) => a.ifindex === ifindex && a.address === address && a.prefix === prefix))
      refuse(`EEXIST ${address}/${prefix}`, true);
    this.addresses.push({ ifindex, address, prefix, ours: true, at: this.#next++ });
    this.#reviveRoutes(ifindex);
  }

  #addRoute(route: SeenRoute): void {
    if (this.routes.some((other) => printRoute(other) === printRoute(route))) refuse('EEXIST route', true);
    for (const { ifindex, gateway } of route.nexthops) {
      if (!this.links.get(ifindex)?.up) refuse('ENETDOWN', true);
      if (this.addresses.some(({ address }) => address === gateway)) refuse('EINVAL invalid gateway', false);
    }
    if (route.source && !this.addresses.some((a) => a.address === route.source)) refuse('EINVAL source', true);
    this.routes.push({ ...route, dead: new Set() });
  }

  #spawn({ name: key, ifindex, ifname, argv }: Extract<Op, { op: 'spawn' }>): void {
    if (!this.links.get(ifindex)?.up) refuse(`spawn on a link that is down: ${ifname}`, true);
    if (this.children.some((child) => child.key === key)) refuse(`twice: ${key}`, true);
    this.children.push({ key, pid: this.#next++, argv, ifindex });
  }

  #setLink(link: Writable<SeenLink>, change: Extract<Op, { op: 'setLink' }>['change']): void {
    if (!isOurs(link) && (Object.keys(change).length !== 1 || change.up !== true))
      refuse(`foreign link ${link.ifname}`, true);
    if (change.mode) link.macvlanMode = change.mode;
    if (change.ifalias !== undefined) link.ifalias = change.ifalias;
    if (change.mtu) {
      if (change.mtu > (this.links.get(link.link ?? 0)?.mtu ?? 65535)) refuse('EINVAL mtu', true);
      link.mtu = change.mtu;
    }
    if (change.address) {
      if (this.children.some((child) => child.ifindex === link.ifindex)) refuse('address changed under a child', true);
      if (link.up) this.#unique(change.address, link.link, link);
      link.address = change.address;
    }
    if (change.up === true) {
      if (link.kind === 'macvlan') this.#unique(link.address!, link.link, link);
      link.up = true;
      this.#reviveRoutes(link.ifindex);
    }
    if (change.up === false) {
      link.up = false;
      this.#disableRoutes(link.ifindex);
    }
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

  #deleteAddress(ifindex: number, address: string, prefix: number): void {
    const gone = this.addresses.find((a) => a.ifindex === ifindex && a.address === address && a.prefix === prefix);
    // An older one of its subnet took it along: EADDRNOTAVAIL, which apply counts as done.
    if (!gone) return;
    if (!gone.ours) refuse(`foreign address ${address}`, true);
    const secondary = (other: SeenAddress & { at: number }) =>
      other.ifindex === ifindex &&
      other.prefix === prefix &&
      other.at > gone.at &&
      networkOf(other.address, prefix) === networkOf(address, prefix);
    this.addresses = this.addresses.filter((other) => other !== gone && !secondary(other));
    if (!this.addresses.some((other) => other.ifindex === ifindex)) this.#disableRoutes(ifindex);
    this.#dropSourced();
  }

  #named(ifname: string): SeenLink | undefined {
    return [...this.links.values()].find((link) => link.ifname === ifname);
  }
}

function refuse(message: string, strict: boolean): never {
  throw new Refusal(message, strict);
}
