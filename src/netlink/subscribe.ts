import type { Machine } from '../runtime/machine.ts';
import * as c from './constants.ts';
import { type Message, objectOf, readMessages } from './message.ts';
import { Input } from './wire.ts';

/**
 * What changed since the last call. `indexes` are the interfaces whose link or addresses were touched. After an
 * `overrun` (more news than the socket holds) everything may have changed.
 */
export interface Change {
  overrun: boolean;
  links: boolean;
  addresses: boolean;
  routes: boolean;
  rules: boolean;
  indexes: Set<number>;
}

type Kind = 'links' | 'addresses' | 'routes' | 'rules';
const kinds: Readonly<Record<number, Kind>> = {
  [c.RTM_NEWLINK]: 'links',
  [c.RTM_NEWADDR]: 'addresses',
  [c.RTM_NEWROUTE]: 'routes',
  [c.RTM_NEWRULE]: 'rules',
};

// So much is read in one turn of the loop; what is left makes the socket readable again.
const PACKETS_A_TURN = 256;

/**
 * Joins `groups` (RTNLGRP_*) with a socket of its own, so that news never mixes with answers. Answers the function that
 * ends it. News is not decoded: it says where to look, and looking is cheaper than trusting it.
 */
export function subscribe(machine: Machine, groups: readonly number[], onChange: (change: Change) => void): () => void {
  const { libc, sockets, poller } = machine;
  const fd = sockets.netlink(c.NETLINK_ROUTE);
  for (const group of groups) sockets.joinGroup(fd, group);
  const buffer = new ArrayBuffer(65536);
  poller.watch(fd, () => {
    const change = drain(machine, fd, buffer);
    if (change) onChange(change);
  });
  return () => {
    poller.unwatch(fd);
    libc.close(fd);
  };
}

function drain({ libc }: Machine, fd: number, buffer: ArrayBuffer): Change | undefined {
  const change: Change = {
    overrun: false,
    links: false,
    addresses: false,
    routes: false,
    rules: false,
    indexes: new Set(),
  };
  for (let packets = 0; packets < PACKETS_A_TURN; packets++) {
    const length = libc.recv(fd, buffer, 0, buffer.byteLength, 0);
    if (length === -libc.constants.EAGAIN) break;
    if (length === -libc.constants.EINTR) continue;
    // ENOBUFS; any other failure of this socket means missed news just as well.
    if (length < 0) change.overrun = true;
    else note(new Input(new Uint8Array(buffer, 0, length)), change);
  }
  return change.overrun || change.links || change.addresses || change.routes || change.rules ? change : undefined;
}

function note(input: Input, change: Change): void {
  for (const message of readMessages(input)) {
    const kind = kinds[objectOf(message.type)];
    if (!kind) continue;
    change[kind] = true;
    if (kind === 'links' || kind === 'addresses') change.indexes.add(indexOf(input, message));
  }
}

/** ifi_index of struct ifinfomsg and ifa_index of struct ifaddrmsg happen to lie at the same place. */
function indexOf(input: Input, { at, end }: Message): number {
  input.need(8, at, end, 'message body');
  return input.s32(at + 4);
}
