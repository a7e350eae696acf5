import type { SeenLink } from '../model/seen.ts';

/** What a check of `diagnose` answers, whichever menu it is of. */
export interface Finding {
  readonly check: string;
  /** `cause`: here is why it does not work. `unknown`: it could not be told. */
  readonly result: 'ok' | 'cause' | 'unknown';
  readonly text: string;
  /** What to do. */
  readonly cure?: string | undefined;
}

export type Result = Omit<Finding, 'check'>;

export const ok = (text: string): Result[] => [{ result: 'ok', text }];
export const unknown = (text: string): Result[] => [{ result: 'unknown', text }];
export const cause = (text: string, cure: string): Result[] => [{ result: 'cause', text, cure }];

/** What has to be found out on the wire for both: a link's own frames, and those of others. */
export interface WireProbes {
  /** Whether somebody else was heard with the MAC address of the link; undefined where nobody could listen. */
  isUsedByOthers(ifindex: number): boolean | undefined;
  /** MAC addresses that speak for an IPv4 address on the link; undefined where nobody could ask. */
  ownersOf(ifindex: number, address: string): readonly string[] | undefined;
  /** What DHCP servers sent to clients, by the link that was to hear it or stands on what heard it. */
  answersOn(ifindex: number): readonly Answer[];
  /** The last line that an item's child printed. */
  lastLine(key: string): string | undefined;
}

/** A DHCP server's message. */
export interface Answer {
  readonly server: string;
  /** MAC address of the client that it is for. */
  readonly client: string;
}

/** Whether anything can pass; `what` is the link in the user's words. */
export function wireState(what: string, link: SeenLink): Result[] {
  if (!link.up) return cause(`${what} is down`, `ip link set ${link.ifname} up`);
  if (!link.carrier) return cause(`${what} has no carrier`, 'check its cable and the device at its other end');
  return ok(`${what} is up with a carrier, mtu ${link.mtu}`);
}

/** Whether another host has the link's MAC address; `wire` names where it was listened. */
export function othersWith({ ifindex, ifname, address }: SeenLink, wire: string, probes: WireProbes): Result[] {
  const used = probes.isUsedByOthers(ifindex);
  if (used === undefined) return unknown(`nobody can listen while ${ifname} is not running`);
  if (used)
    return cause(`another host on ${wire} sends with ${address}`, 'find it, or give this macvlan another mac-address');
  return ok(`nobody else on ${wire} was heard with ${address}`);
}
