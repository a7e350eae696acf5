import type { Config } from './config.ts';
import type { Facts } from './facts.ts';
import type { Seen, SeenLink } from './seen.ts';

/** All that a decision may look at. Immutable while a pass lasts. */
export interface World {
  readonly config: Config;
  readonly facts: Facts;
  readonly seen: Seen;
  readonly links: Links;
  /** Uptime in ms. */
  readonly now: number;
  /** A number in [0, 1). */
  readonly random: () => number;
  /** Where children keep their files, and where our scripts lie. */
  readonly runDir: string;
  readonly scripts: string;
}

/** The observed links by name and by index. */
export interface Links {
  readonly byName: ReadonlyMap<string, SeenLink>;
  readonly byIndex: ReadonlyMap<number, SeenLink>;
}

export function indexLinks(links: readonly SeenLink[]): Links {
  return {
    byName: new Map(links.map((link) => [link.ifname, link])),
    byIndex: new Map(links.map((link) => [link.ifindex, link])),
  };
}
