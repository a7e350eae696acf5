import type { Nexthop } from './seen.ts';

/** What should exist. `owner` is the item's id, for errors and back-off. */
export interface WantLink {
  readonly owner: string;
  readonly ifname: string;
  /** Name of the parent link. */
  readonly parent: string;
  readonly address: string;
  readonly mode: string;
  /** Undefined: the parent's. */
  readonly mtu: number | undefined;
  /** The item's name where the kernel's differs from it. */
  readonly ifalias: string;
}

export interface WantAddress {
  readonly owner: string;
  readonly ifname: string;
  readonly address: string;
  readonly prefix: number;
  readonly broadcast?: string | undefined;
}

/** One line's part of a route. Parts with the same table, destination and metric become one multipath route. */
export interface WantRoute {
  readonly owner: string;
  readonly ifname: string;
  readonly table: number;
  readonly destination: string;
  /** Undefined: one of the link's own, so that lines in one subnet do not replace each other's. */
  readonly metric: number | undefined;
  readonly gateway?: string | undefined;
  readonly source?: string | undefined;
  readonly weight: Nexthop['weight'];
}

/** A child that should run on an existing, up link. */
export interface WantChild {
  readonly key: string;
  readonly ifname: string;
  /** The MAC that the link must have: a client must not start under another identity. */
  readonly address: string;
  readonly argv: readonly string[];
}

/** Name servers of one line, for the resolver file; the lowest distance first. */
export interface WantResolver {
  readonly owner: string;
  readonly comment: string;
  readonly distance: number;
  readonly servers: readonly string[];
  readonly domain?: string | undefined;
}

export interface Want {
  readonly links: WantLink[];
  /** Names of links that are not ours and have to be up. */
  readonly ports: Set<string>;
  readonly addresses: WantAddress[];
  readonly routes: WantRoute[];
  readonly children: WantChild[];
  readonly resolvers: WantResolver[];
}

export function nothing(): Want {
  return { links: [], ports: new Set(), addresses: [], routes: [], children: [], resolvers: [] };
}
