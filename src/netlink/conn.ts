import type { Machine } from '../runtime/machine.ts';
import { type Address, address } from './addr.ts';
import * as c from './constants.ts';
import { NetlinkError } from './error.ts';
import { type Link, link, linkWithoutCounters } from './link.ts';
import type { Listener } from './listen.ts';
import { getNeighbours, type Neighbour, type NeighbourFilter, neighbour } from './neigh.ts';
import { getNeighbourTables, type NeighbourParameters, neighbourTable } from './neightbl.ts';
import { question, type Request } from './request.ts';
import { type Route, route } from './route.ts';
import { type Rule, rule } from './rule.ts';
import type { Decoder } from './scalars.ts';
import { NetlinkSocket, orNothing } from './socket.ts';
import { type Counters, getStats, stats } from './stats.ts';
import { type Change, subscribe } from './subscribe.ts';

/** Asked about an interface or a table that is not there, or objects that it was built without, the kernel refuses. */
const NONE: readonly string[] = ['ENODEV', 'ENOENT', 'EOPNOTSUPP'];

/** The kernel's network objects. Nothing here waits. Failures of a call as a whole are thrown as NetlinkError. */
export class Netlink {
  readonly #machine: Machine;
  readonly #socket: NetlinkSocket;
  #listener: Listener | undefined;

  constructor(machine: Machine) {
    this.#machine = machine;
    this.#socket = new NetlinkSocket(machine, c.NETLINK_ROUTE);
  }

  /** All of them, or those of one kind (`macvlan`); with `stats64` if `counters` are wanted. */
  links({ kind, counters }: { kind?: string; counters?: boolean } = {}): Link[] {
    // SKIP_STATS leaves out the IPv6 and VF counters, a quarter of the bytes; IFLA_STATS64 comes all the same.
    const body = { extMask: c.RTEXT_FILTER_SKIP_STATS, ...(kind && { linkinfo: { kind } }) };
    const asked = question('list links', c.RTM_GETLINK, link, body);
    const links = this.#dump(asked, counters ? link : linkWithoutCounters);
    // The kernel does not filter by a kind whose module is not loaded.
    return kind ? links.filter((one) => one.linkinfo?.kind === kind) : links;
  }

  /** Of all interfaces, or of the one with `index`. */
  addresses(options: { family?: number; index?: number } = {}): Address[] {
    return this.#dump(question('list addresses', c.RTM_GETADDR, address, options), address);
  }

  /** Without the cached ones. */
  routes(options: { family?: number; table?: number; protocol?: number; oif?: number } = {}): Route[] {
    return this.#dump(question('list routes', c.RTM_GETROUTE, route, options), route);
  }

  /** The default routes of a table, without reading the others. */
  defaultRoutes(table: number, family: number): Route[] {
    const asked = question('list default routes', c.RTM_GETROUTE, route, { family, table });
    return orNothing(NONE, () => this.#socket.dump(asked, route, (of, dstLen) => of === family && dstLen === 0));
  }

  rules(options: { family?: number } = {}): Rule[] {
    return this.#dump(question('list rules', c.RTM_GETRULE, rule, options), rule);
  }

  /**
   * Of all links, or of the one with `index`; proxy entries alone, or all others. With `family` left out every link tells
   * its IPv6 multicast addresses too (NUD_NOARP).
   */
  neighbours(options: NeighbourFilter = {}): Neighbour[] {
    return this.#dump(getNeighbours(options), neighbour);
  }

  /** Of every link, and the defaults for new ones under index 0. */
  neighbourParameters(): NeighbourParameters[] {
    return this.#dump(getNeighbourTables(), neighbourTable).flatMap(({ parms }) => parms ?? []);
  }

  /** One link, with its counters; undefined when there is none. */
  link(query: { index: number } | { ifname: string }): Link | undefined {
    const attempted = `look at link ${'index' in query ? query.index : query.ifname}`;
    const answer = this.#socket.ask([question(attempted, c.RTM_GETLINK, link, query)], link)[0]!;
    if (!(answer instanceof NetlinkError)) return answer;
    if (answer.code === 'ENODEV') return undefined;
    throw answer;
  }

  /** The counters of these links by index, without the links, many in a system call. One that is gone is not in the map. */
  counters(indexes: readonly number[]): Map<number, Counters> {
    const counters = new Map<number, Counters>();
    for (const answer of this.#socket.ask(indexes.map(getStats), stats)) {
      if (answer instanceof NetlinkError) {
        if (!NONE.includes(answer.code!)) throw answer;
      } else if (answer.stats64) counters.set(answer.index, answer.stats64);
    }
    return counters;
  }

  /**
   * Sends all in few system calls and answers, request by request, undefined or its error. One that fails does not stop
   * the others. If an answer is lost for want of buffer, its error is ENOBUFS and its effect unknown.
   */
  execute(requests: readonly Request[]): (NetlinkError | undefined)[] {
    return this.#socket.execute(requests);
  }

  /**
   * Tells what kinds of objects changed in the namespace, by us too, from now on; `groups` are RTNLGRP_*. At most one call
   * a turn of the loop. Subscribing again replaces what was; where it fails, that stays.
   */
  subscribe(groups: readonly number[], onChange: (change: Change) => void): void {
    const listener = subscribe(this.#machine, groups, onChange);
    this.#listener?.close();
    this.#listener = listener;
  }

  /** Hear the news that has come so far, now. */
  hear(): void {
    this.#listener?.hear();
  }

  close(): void {
    this.#listener?.close();
    this.#socket.close();
  }

  #dump<T>(asked: Request, shape: Decoder<T>): T[] {
    return orNothing(NONE, () => this.#socket.dump(asked, shape, isOurs));
  }
}

/** A dump of all families also holds multicast and MPLS routes, which have other attributes. */
const isOurs = (family: number): boolean => family === 0 || family === c.AF_INET || family === c.AF_INET6;
