import type { Machine } from '../runtime/machine.ts';
import { type Address, address } from './addr.ts';
import * as c from './constants.ts';
import { NetlinkError } from './error.ts';
import { type Link, link, linkWithoutCounters } from './link.ts';
import {
  type Outcome,
  type Packet,
  readBody,
  readMessages,
  readOutcome,
  writeMessage,
  writePackets,
} from './message.ts';
import type { Request } from './request.ts';
import { type Route, route } from './route.ts';
import { type Rule, rule } from './rule.ts';
import type { Decoder } from './scalars.ts';
import { type Change, subscribe } from './subscribe.ts';
import { Input, Output } from './wire.ts';

const TRIES = 5;

/**
 * The kernel's network objects. Nothing here waits: rtnetlink works off a request while it is being sent, so its
 * answer lies in the socket when `send` returns. Failures of a call as a whole are thrown as NetlinkError.
 */
export class Netlink {
  readonly #machine: Machine;
  readonly #fd: number;
  // A part of a dump is at most 32 KiB (net/netlink/af_netlink.c, netlink_recvmsg).
  readonly #buffer = new ArrayBuffer(65536);
  #seq = 0;
  #unsubscribe: (() => void) | undefined;

  constructor(machine: Machine) {
    this.#machine = machine;
    this.#fd = machine.sockets.netlink(c.NETLINK_ROUTE);
  }

  /** All of them, or those of one kind (`macvlan`); with `stats64` if `counters` are wanted. */
  links({ kind, counters }: { kind?: string; counters?: boolean } = {}): Link[] {
    const shape = counters ? link : linkWithoutCounters;
    // SKIP_STATS leaves out the IPv6 and VF counters, a quarter of the bytes; IFLA_STATS64 comes all the same.
    const body = { extMask: c.RTEXT_FILTER_SKIP_STATS, ...(kind && { linkinfo: { kind } }) };
    const links = this.#dump('list links', c.RTM_GETLINK, shape, body);
    // The kernel does not filter by a kind whose module is not loaded.
    return kind ? links.filter((one) => one.linkinfo?.kind === kind) : links;
  }

  /** Of all interfaces, or of the one with `index`. */
  addresses(options: { family?: number; index?: number } = {}): Address[] {
    return this.#dump('list addresses', c.RTM_GETADDR, address, options);
  }

  /** Without the cached ones. */
  routes(options: { family?: number; table?: number; protocol?: number; oif?: number } = {}): Route[] {
    return this.#dump('list routes', c.RTM_GETROUTE, route, options);
  }

  rules(options: { family?: number } = {}): Rule[] {
    return this.#dump('list rules', c.RTM_GETRULE, rule, options);
  }

  /** One link, with its counters; undefined when there is none. */
  link(query: { index: number } | { ifname: string }): Link | undefined {
    const attempted = `look at link ${'index' in query ? query.index : query.ifname}`;
    const seq = this.#ask(attempted, c.RTM_GETLINK, 0, query);
    for (;;) {
      const input = this.#receive(attempted);
      const message = readMessages(input).find((one) => one.seq === seq);
      if (!message) continue;
      if (message.type === c.RTM_NEWLINK) return readBody(input, message, link);
      const error = this.#error(attempted, readOutcome(input, message));
      if (error.code === 'ENODEV') return undefined;
      throw error;
    }
  }

  /**
   * Sends all in few system calls and answers, request by request, undefined or its error. One that fails does not stop
   * the others. If an answer is lost for want of buffer, its error is ENOBUFS and its effect unknown.
   */
  execute(requests: readonly Request[]): (NetlinkError | undefined)[] {
    const seq = this.#seq + 1;
    this.#seq += requests.length;
    return writePackets(requests, seq).flatMap((packet) => this.#deliver(packet, requests, seq));
  }

  /**
   * Tells what kinds of objects changed in the namespace, by us too, from now on; `groups` are RTNLGRP_*. At most one call
   * a turn of the loop. Subscribing again replaces what was.
   */
  subscribe(groups: readonly number[], onChange: (change: Change) => void): void {
    this.#unsubscribe?.();
    this.#unsubscribe = subscribe(this.#machine, groups, onChange);
  }

  close(): void {
    this.#unsubscribe?.();
    this.#machine.libc.close(this.#fd);
  }

  /** All objects of one kind. A dump during which something changed may have holes, and is asked again. */
  #dump<T extends { family: number }>(attempted: string, type: number, shape: Decoder<T>, body: object): T[] {
    for (let tries = 0; tries < TRIES; tries++) {
      const found: T[] = [];
      const outcome = this.#collect(attempted, type, shape, body, found);
      // Asked for an interface or a table that is not there, the kernel refuses instead of listing nothing.
      const error = outcome.errno === 0 ? undefined : this.#error(attempted, outcome);
      if (error && error.code !== 'ENODEV' && error.code !== 'ENOENT') throw error;
      if (!outcome.interrupted) return found;
    }
    throw new NetlinkError(attempted, 0, undefined, `changed under our hands ${TRIES} times`, undefined);
  }

  /** One dump to its end, so that nothing of it is left in the socket, whatever is wrong with a message of it. */
  #collect<T extends { family: number }>(
    attempted: string,
    type: number,
    shape: Decoder<T>,
    body: object,
    found: T[],
  ): Outcome & { interrupted: boolean } {
    const seq = this.#ask(attempted, type, c.NLM_F_DUMP, body);
    let interrupted = false;
    let failure: unknown;
    for (;;) {
      const input = this.#receive(attempted);
      for (const message of readMessages(input)) {
        if (message.seq !== seq) continue;
        if (message.flags & c.NLM_F_DUMP_INTR) interrupted = true;
        if (message.type === c.NLMSG_DONE || message.type === c.NLMSG_ERROR) {
          if (failure) throw failure;
          return { ...readOutcome(input, message), interrupted };
        }
        try {
          // A dump of all families also holds multicast and MPLS routes, which have other attributes.
          if (isOurs(input.bytes[message.at])) found.push(readBody(input, message, shape));
        } catch (error) {
          failure ??= error;
        }
      }
    }
  }

  /** Sends one question and answers its sequence number. */
  #ask(attempted: string, type: number, flags: number, body: object): number {
    const output = new Output();
    const seq = ++this.#seq;
    writeMessage(output, type, flags | c.NLM_F_REQUEST, seq, body);
    const refused = this.#send(output.bytes());
    if (refused) throw this.#error(attempted, { errno: refused });
    return seq;
  }

  #deliver(packet: Packet, requests: readonly Request[], seq: number): (NetlinkError | undefined)[] {
    const { first, count } = packet;
    const refused = this.#send(packet.bytes);
    const outcomes = refused ? new Map<number, Outcome>() : this.#outcomes(packet, seq);
    const unheard = refused
      ? { errno: refused }
      : { errno: this.#machine.libc.constants.ENOBUFS, text: 'the answer was lost' };
    return requests.slice(first, first + count).map(({ attempted }, i) => {
      const outcome = outcomes.get(first + i) ?? unheard;
      return outcome.errno === 0 ? undefined : this.#error(attempted, outcome);
    });
  }

  /** The answers to a packet by the number of the request, as many as there are. */
  #outcomes({ first, count }: Packet, seq: number): Map<number, Outcome> {
    const outcomes = new Map<number, Outcome>();
    while (outcomes.size < count) {
      const input = this.#tryReceive('execute');
      if (!input) break;
      for (const message of readMessages(input)) {
        const number = message.seq - seq;
        if (message.type === c.NLMSG_ERROR && number >= first) outcomes.set(number, readOutcome(input, message));
      }
    }
    return outcomes;
  }

  /** 0, or the errno. */
  #send(bytes: Uint8Array<ArrayBuffer>): number {
    const sent = this.#machine.libc.send(this.#fd, bytes.buffer, bytes.byteOffset, bytes.length, 0);
    return sent < 0 ? -sent : 0;
  }

  #receive(attempted: string): Input {
    const input = this.#tryReceive(attempted);
    if (!input) throw new NetlinkError(attempted, 0, undefined, 'the kernel did not answer', undefined);
    return input;
  }

  /** What lies in the socket next; undefined when nothing does. */
  #tryReceive(attempted: string): Input | undefined {
    const { libc } = this.#machine;
    for (;;) {
      const length = libc.recv(this.#fd, this.#buffer, 0, this.#buffer.byteLength, libc.constants.MSG_TRUNC);
      if (length > this.#buffer.byteLength) throw this.#error(attempted, { errno: libc.constants.ENOBUFS });
      if (length >= 0) return new Input(new Uint8Array(this.#buffer, 0, length));
      if (length === -libc.constants.EAGAIN) return undefined;
      // ENOBUFS tells once that something was dropped; what was not is still there.
      if (length !== -libc.constants.ENOBUFS && length !== -libc.constants.EINTR)
        throw this.#error(attempted, { errno: -length });
    }
  }

  #error(attempted: string, { errno, text, offset }: Outcome): NetlinkError {
    const { libc } = this.#machine;
    const name = Object.entries(libc.constants).find(([key, value]) => value === errno && /^E(?!POLL)/.test(key));
    return new NetlinkError(attempted, errno, name?.[0], text, offset, libc.strerror(errno));
  }
}

const isOurs = (family: number | undefined): boolean => family === 0 || family === c.AF_INET || family === c.AF_INET6;
