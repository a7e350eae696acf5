import type { Machine } from '../runtime/machine.ts';
import * as c from './constants.ts';
import { type Listener, listen } from './listen.ts';
import { type Message, objectOf } from './message.ts';
import type { Input } from './wire.ts';

/**
 * What changed since the last call. `indexes` are the interfaces whose link, addresses or neighbours were touched. After an
 * `overrun` (more news than the socket holds) everything may have changed.
 */
export interface Change {
  overrun: boolean;
  links: boolean;
  addresses: boolean;
  routes: boolean;
  rules: boolean;
  /** Only for who joined RTNLGRP_NEIGH, where every dynamic entry that comes, ages or goes is news. */
  neighbours: boolean;
  indexes: Set<number>;
}

type Kind = 'links' | 'addresses' | 'routes' | 'rules' | 'neighbours';
const kinds: Readonly<Record<number, Kind>> = {
  [c.RTM_NEWLINK]: 'links',
  [c.RTM_NEWADDR]: 'addresses',
  [c.RTM_NEWROUTE]: 'routes',
  [c.RTM_NEWRULE]: 'rules',
  [c.RTM_NEWNEIGH]: 'neighbours',
};

const nothing = { overrun: false, links: false, addresses: false, routes: false, rules: false, neighbours: false };

/** Tells of news in `groups` (RTNLGRP_*). It is not decoded: it says where to look, and looking is cheaper than trusting it. */
export function subscribe(machine: Machine, groups: readonly number[], onChange: (change: Change) => void): Listener {
  return listen(machine, c.NETLINK_ROUTE, groups, (read) => {
    const change: Change = { ...nothing, indexes: new Set() };
    change.overrun = read((input, message) => note(input, message, change));
    if (Object.values(change).includes(true)) onChange(change);
  });
}

function note(input: Input, message: Message, change: Change): void {
  const kind = kinds[objectOf(message.type)];
  if (!kind) return;
  change[kind] = true;
  if (kind !== 'routes' && kind !== 'rules') change.indexes.add(indexOf(input, message));
}

/** ifi_index of struct ifinfomsg, ifa_index of ifaddrmsg and ndm_ifindex of ndmsg happen to lie at the same place. */
function indexOf(input: Input, { at, end }: Message): number {
  input.need(8, at, end, 'message body');
  return input.s32(at + 4);
}
