import type { Config, Item } from '../../model/config.ts';
import { failureOf } from '../../model/facts.ts';
import { resolveInterface } from '../../model/names.ts';
import type { AnyValues } from '../../model/properties.ts';
import type { SeenLink } from '../../model/seen.ts';
import type { Want } from '../../model/want.ts';
import { interfaceLink, type World } from '../../model/world.ts';
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

export function want(item: Item, world: World, want: Want): void {
  const { address, interface: name, mac_address, published, disabled } = item.values as Arp;
  const link = interfaceLink(name, world);
  if (disabled || !link || (!published && mac_address === undefined)) return;
  const mac = published ? undefined : mac_address;
  want.neighbours.push({ owner: item.id, ifname: link.ifname, address, mac });
}

export function state(item: Item, world: World): AnyValues {
  const { address, interface: name, mac_address, published, disabled } = item.values as Arp;
  const link = interfaceLink(name, world);
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
  const failure = failureOf(item.id, world.facts, world.now);
  if (failure) return failure.error;
  const { mac_address, published } = item.values as Arp;
  if (!published && mac_address === undefined) return 'mac_address is missing; only a published entry needs none';
  return undefined;
}
