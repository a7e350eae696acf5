import type { Config, Item } from '../../model/config.ts';
import { ifnameOf, itemsBy, resolveInterface } from '../../model/names.ts';
import { isOurs, linkFault, type SeenLink } from '../../model/seen.ts';
import type { World } from '../../model/world.ts';
import type { Macvlan } from './properties.ts';

/**
 * The link that carries a macvlan, once it is there. One on a macvlan is put on the link below that by the kernel
 * (macvlan_common_newlink), and waits for both.
 */
export function parentLink(values: Macvlan, world: World): SeenLink | undefined {
  const { ifname, item } = resolveInterface(world.config, values.interface);
  const link = world.links.byName.get(ifname);
  // A link of ours that no item wants is about to go, and a foreign one is no item's.
  const isWanted = item !== undefined && !item.values.disabled && item.problems.length === 0;
  if (!link || isOurs(link) !== isWanted || (item && !isWanted)) return undefined;
  return link.kind === 'macvlan' ? world.links.byIndex.get(link.link ?? 0) : link;
}

/** Why the link can never carry a macvlan. */
export function parentFault(parent: SeenLink): string | undefined {
  const fault = linkFault(parent);
  if (fault || !parent.station) return fault;
  return 'it is a Wi-Fi client, of which the access point knows one MAC address only; use a wired port, or WDS (4addr)';
}

/** Whether the item would stand on itself by way of others. */
export function isOnItself(item: Item, config: Config): boolean {
  // Nearly all stand on a port.
  return itemOn(item, config) !== undefined && itemsBelow(item, config).some(({ id }) => id === item.id);
}

/** The macvlans that the item stands on, the nearest first, as far as they can be followed. */
function itemsBelow(item: Item, config: Config): Item[] {
  const below: Item[] = [];
  for (let on = itemOn(item, config); on && !below.includes(on); on = itemOn(on, config)) below.push(on);
  return below;
}

function itemOn(item: Item, config: Config): Item | undefined {
  return resolveInterface(config, String(item.values.interface)).item;
}

/** Kernel name of the link below all macvlans. */
export function parentName(item: Item, config: Config): string {
  const lowest = itemsBelow(item, config).at(-1) ?? item;
  return resolveInterface(config, String(lowest.values.interface)).ifname;
}

/** Enabled in mode passthru: the kernel lets nobody else be on its parent. */
const isTaker = ({ values }: Item) => values.mode === 'passthru' && !values.disabled;

/** Who has the item's parent for itself, if it is another one. Of two the first has it; there are as many as ports at most. */
export function takerOf(item: Item, config: Config): Item | undefined {
  const takers = itemsBy(config, isTaker, true);
  const parent = takers.length > 0 ? parentName(item, config) : undefined;
  const taker = takers.find((other) => parentName(other, config) === parent);
  return taker?.id === item.id ? undefined : taker;
}

/** The item's own link. One of its name that is not ours is not it. */
export function linkOf(item: Item, world: World): SeenLink | undefined {
  const link = world.links.byName.get(ifnameOf(item));
  return link && isOurs(link) ? link : undefined;
}

/** VLAN ids in use on each link, by its ifindex. */
const vlans = new WeakMap<readonly SeenLink[], ReadonlyMap<number, readonly number[]>>();

/** The ids of the VLANs on a link. */
export function vlansOf({ ifindex }: SeenLink, { seen: { links } }: World): readonly number[] {
  let known = vlans.get(links);
  if (!known) {
    const found = new Map<number, number[]>();
    for (const { vlanId, link } of links)
      if (vlanId !== undefined && link !== undefined) found.set(link, [...(found.get(link) ?? []), vlanId]);
    known = found;
    vlans.set(links, known);
  }
  return known.get(ifindex) ?? [];
}

/** The VLAN id that is in use on both: its frames go to the parent's before a macvlan sees them (vlan_do_receive). */
export function vlanClash(link: SeenLink, parent: SeenLink, world: World): number | undefined {
  const parents = vlansOf(parent, world);
  return parents.length > 0 ? vlansOf(link, world).find((id) => parents.includes(id)) : undefined;
}
