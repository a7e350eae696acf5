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

/** Maps that refuse what the real kernel refuses, and what a careful daemon does not do. */
export class FakeKernel {
  links = new Map<number, Writable<SeenLink>>();
  addresses: (SeenAddress & { at: number })[] = [];
  routes: SeenRoute[] = [];
  children: Writable<SeenChild>[] = [];
  resolv: string | undefined;
  /** Children that ignore SIGTERM. */
  stubborn = new Set<number>();
  #next = 1;

  seen(): Seen {
    return {
      links: [...this.links.values()].map((link) => ({ ...link, ...this.#state(link) })),
      addresses: [...this.addresses],
      routes: [...this.routes],
      children: this.children.map((child) => ({ ...child })),
      resolv: this.resolv,
    };
  }

  #state(link: SeenLink): { carrier: boolean; running: boolean } {
    const below = link.link === undefined ? link : this.links.get(link.link);
    const carrier = below !== undefined && below.carrier && below.up;
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

  /** Deleting a link takes along its children, addresses and routes. */
  unplug(ifindex: number): void {
    for (const link of [...this.links.values()]) if (link.link === ifindex) this.unplug(link.ifindex);
    this.links.delete(ifindex);
    this.addresses = this.addresses.filter((address) => address.ifindex !== ifindex);
    this.#dropRoutes(ifindex);
  }

  #dropRoutes(ifindex: number): void {
    this.routes = this.routes
      .map((route) => ({ ...route, nexthops: route.nexthops.filter((hop) => hop.ifindex !== ifindex) }))
      .filter((route) => route.nexthops.length > 0);
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
      case 'addLink': {
        if (this.#named(op.name)) refuse(`EEXIST ${op.name}`, true);
        const parent = this.links.get(op.parent) ?? refuse(`ENODEV parent ${op.parent}`, true);
        if (parent.loopback) refuse('EINVAL loopback', true);
        if (op.mtu > parent.mtu) refuse('EINVAL mtu', true);
        this.#unique(op.address, undefined);
        const ifindex = this.#next++;
        this.links.set(ifindex, {
          ifindex,
          ifname: op.name,
          address: op.address,
          mtu: op.mtu,
          link: op.parent,
          kind: 'macvlan',
          macvlanMode: op.mode,
          group: OUR_GROUP,
          ifalias: op.ifalias,
          loopback: false,
          ethernet: true,
          up: true,
          carrier: true,
          running: true,
        });
        return;
      }
      case 'setLink':
        return this.#setLink(this.links.get(op.ifindex) ?? refuse(`ENODEV ${op.name}`, true), op.change);
      case 'deleteLink': {
        const link = this.links.get(op.ifindex) ?? refuse(`ENODEV ${op.name}`, true);
        if (!isOurs(link)) refuse(`foreign link ${op.name}`, true);
        if (this.children.some((child) => child.ifindex === op.ifindex)) refuse(`child still on ${op.name}`, true);
        return this.unplug(op.ifindex);
      }
      case 'addAddress': {
        if (!this.links.has(op.ifindex)) refuse('ENODEV', true);
        if (this.addresses.some((a) => a.ifindex === op.ifindex && a.address === op.address && a.prefix === op.prefix))
          refuse('EEXIST', true);
        this.addresses.push({
          ifindex: op.ifindex,
          address: op.address,
          prefix: op.prefix,
          ours: true,
          at: this.#next++,
        });
        return;
      }
      case 'deleteAddress':
        return this.#deleteAddress(op.ifindex, op.address, op.prefix);
      case 'addRoute': {
        const { route } = op;
        if (this.routes.some((other) => printRoute(other) === printRoute(route))) refuse('EEXIST', true);
        for (const hop of route.nexthops) if (!this.links.get(hop.ifindex)?.up) refuse('ENETDOWN', true);
        if (route.source && !this.addresses.some((a) => a.address === route.source)) refuse('EINVAL source', true);
        this.routes.push(route);
        return;
      }
      case 'deleteRoute': {
        // Gone already is fine: links and addresses take their routes along.
        this.routes = this.routes.filter((other) => printRoute(other) !== printRoute(op.route));
        return;
      }
      case 'spawn': {
        if (!this.links.get(op.ifindex)?.up) refuse(`spawn on a link that is down: ${op.ifname}`, true);
        if (this.children.some((child) => child.key === op.name)) refuse(`twice: ${op.name}`, true);
        this.children.push({ key: op.name, pid: this.#next++, argv: op.argv, ifindex: op.ifindex });
        return;
      }
      case 'kill': {
        const child = this.children.find((child) => child.pid === op.pid) ?? refuse('ESRCH', true);
        child.stoppingSince ??= now;
        child.killed = op.signal === 'SIGKILL';
        return;
      }
      case 'signal':
        if (!this.children.some((child) => child.pid === op.pid)) refuse('ESRCH', true);
        return;
      case 'writeResolver':
        this.resolv = op.text;
    }
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
      if (link.up) this.#unique(change.address, link);
      link.address = change.address;
    }
    if (change.up === true) {
      this.#unique(link.address!, link);
      link.up = true;
    }
    if (change.up === false) {
      link.up = false;
      this.#dropRoutes(link.ifindex);
    }
  }

  /** EADDRINUSE comes only from links that are up (macvlan_open, macvlan_set_mac_address). */
  #unique(address: string, link: SeenLink | undefined): void {
    const other = [...this.links.values()].find(
      (other) => other !== link && other.up && other.kind === 'macvlan' && other.address === address,
    );
    if (other) refuse(`EADDRINUSE ${address} of ${other.ifname}`, false);
  }

  #deleteAddress(ifindex: number, address: string, prefix: number): void {
    const gone = this.addresses.find((a) => a.ifindex === ifindex && a.address === address && a.prefix === prefix);
    if (!gone) return; // gone already, with the primary of its subnet
    if (!gone.ours) refuse(`foreign address ${address}`, true);
    const secondary = (other: SeenAddress & { at: number }) =>
      other.ifindex === ifindex &&
      other.prefix === prefix &&
      other.at > gone.at &&
      networkOf(other.address, prefix) === networkOf(address, prefix);
    this.addresses = this.addresses.filter((other) => other !== gone && !secondary(other));
    this.routes = this.routes.filter((route) => route.source !== address);
  }

  #named(ifname: string): SeenLink | undefined {
    return [...this.links.values()].find((link) => link.ifname === ifname);
  }
}

function refuse(message: string, strict: boolean): never {
  throw new Refusal(message, strict);
}
