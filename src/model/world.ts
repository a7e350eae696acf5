import type { Config, Item } from './config.ts';
import type { Counters, Facts } from './facts.ts';
import { resolveInterface } from './names.ts';
import { isOurs, type Seen, type SeenChild, type SeenLink } from './seen.ts';

/** All that a decision may look at. Immutable while a pass lasts. */
export interface World {
  /** The observed children by the item that they run for. */
  readonly children: ReadonlyMap<string, SeenChild>;
  readonly config: Config;
  readonly facts: Facts;
  readonly seen: Seen;
  readonly links: Links;
  /** By ifindex; only where somebody wants to see them. */
  readonly counters?: ReadonlyMap<number, Counters>;
  /** Uptime in ms. */
  readonly now: number;
  /** A number in [0, 1). */
  readonly random: () => number;
  /** Where children keep their files, and where our scripts lie. */
  readonly runDir: string;
  readonly scripts: string;
  /** Whether /etc/hotplug.d/macvlan is there, and what lies in it is to hear of lines. */
  readonly hasListeners: boolean;
  /** Whether a path is that of a file that can be run. */
  readonly isExecutable: (path: string) => boolean;
}

/** The observed links by name and by index. */
export interface Links {
  readonly byName: ReadonlyMap<string, SeenLink>;
  readonly byIndex: ReadonlyMap<number, SeenLink>;
}

/** The link that an `interface` property means. A foreign one that bears our macvlan's name is not it. */
export function interfaceLink(name: string, { config, links }: World): SeenLink | undefined {
  const { ifname, item } = resolveInterface(config, name);
  const link = links.byName.get(ifname);
  return link && item && !isItems(link, item) ? undefined : link;
}

/** The MAC address that what runs on an Ethernet link is started for. In mode passthru the link has that of its parent. */
export function macOn(link: SeenLink, macvlan: Item | undefined): string {
  const own = macvlan?.values.mode === 'passthru' ? undefined : macvlan?.values.mac_address;
  return (own as string | undefined) ?? link.address!;
}

/** Whether the link may be the item's. Of a PPP link the kernel does not tell whose it is. */
export function isItems(link: SeenLink, { type }: Item): boolean {
  return type === 'pppoe_client' ? link.kind === 'ppp' : isOurs(link);
}

/** What was observed, with its indexes: of a thousand lines each would look at all others. */
export function indexed(seen: Seen): Pick<World, 'seen' | 'links' | 'children'> {
  const children = new Map<string, SeenChild>();
  for (const child of seen.children) if (!children.has(child.key)) children.set(child.key, child);
  return { seen, links: indexLinks(seen.links), children };
}

function indexLinks(links: readonly SeenLink[]): Links {
  return {
    byName: new Map(links.map((link) => [link.ifname, link])),
    byIndex: new Map(links.map((link) => [link.ifindex, link])),
  };
}
