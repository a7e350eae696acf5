import type { Config, Item } from '../../model/config.ts';
import { resolveInterface } from '../../model/names.ts';
import type { AnyValues } from '../../model/properties.ts';
import { isOurs, type SeenLink } from '../../model/seen.ts';
import type { Want } from '../../model/want.ts';
import type { World } from '../../model/world.ts';
import type { Arp } from './properties.ts';

/** Nothing is made up. */
export function generate(): AnyValues {
  return {};
}

/** The kernel has one entry of an address for each link, and one published. */
export function claims(item: Item, config: Config): [string, string][] {
  const { address, interface: name, published } = item.values as Arp;
  return [['address', `${address}${published ? ' published' : ''} on ${resolveInterface(config, name).ifname}`]];
}

/** The link that is meant. A foreign one that bears our macvlan's name is not it. */
export function linkOf(item: Item, world: World): SeenLink | undefined {
  const { ifname, item: macvlan } = resolveInterface(world.config, (item.values as Arp).interface);
  const link = world.links.byName.get(ifname);
  return link && macvlan && !isOurs(link) ? undefined : link;
}

export function want(item: Item, world: World, want: Want): void {
  const { address, mac_address, published, disabled } = item.values as Arp;
  const link = linkOf(item, world);
  if (disabled || !link || (!published && mac_address === undefined)) return;
  const mac = published ? undefined : mac_address;
  want.neighbours.push({ owner: item.id, ifname: link.ifname, address, mac });
}

export function state(item: Item, world: World): AnyValues {
  const link = linkOf(item, world);
  const { address, interface: name, mac_address, published, disabled } = item.values as Arp;
  const mac = published ? undefined : mac_address;
  const complete = world.seen.neighbours.some(
    (seen) => seen.ifindex === link?.ifindex && seen.address === address && seen.mac === mac,
  );
  return {
    complete,
    about: complete || disabled ? undefined : missing(item, name, link, world),
    actual_interface: link?.ifname,
    invalid: item.problems.length > 0,
  };
}

function missing(item: Item, name: string, link: SeenLink | undefined, world: World): string | undefined {
  if (item.problems.length > 0) return item.problems[0]!.error;
  if (!link) return `interface ${name} does not exist; it is waited for`;
  const failure = [...world.facts.failures.values()].find(
    ({ owner, retryAt }) => owner === item.id && retryAt > world.now,
  );
  if (failure) return failure.error;
  const { mac_address, published } = item.values as Arp;
  if (!published && mac_address === undefined) return 'mac_address is missing; only a published entry needs none';
  return undefined;
}
