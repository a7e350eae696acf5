import { prefixOfNetmask } from '../../bytes/ip.ts';
import type { Item } from '../../model/config.ts';
import type { Said } from '../../model/menu.ts';
import { itemsBy } from '../../model/names.ts';
import type { AnyValues } from '../../model/properties.ts';
import { Refused } from '../../model/refused.ts';
import { linkFault } from '../../model/seen.ts';
import { interfaceLink, type World } from '../../model/world.ts';
import { leaseOf } from '../dhcp_client/lease.ts';
import type { StaticAddress } from './properties.ts';
import { fault, subnetOf } from './subnet.ts';

export function check(item: Item, world: World, changed: ReadonlySet<string>): void {
  const values = item.values as StaticAddress;
  const wrong = fault(item);
  if (wrong && (changed.has(wrong[0]) || changed.has('address'))) throw new Refused(wrong[1], wrong[0]);
  const link = changed.has('interface') ? interfaceLink(values.interface, world) : undefined;
  const bar = link && linkFault(link);
  if (bar) throw new Refused(`interface ${values.interface} cannot have an address: ${bar}`, 'interface');
  if (values.disabled || !(changed.has('address') || changed.has('disabled'))) return;
  const { address } = subnetOf(values);
  const holder = holderOf(address, item, world);
  if (holder) throw new Refused(`already have such address: ${address} is on ${holder}`, 'address');
}

const hostOf = ({ type, values }: Item) => (type === 'address' ? String(values.address).split('/')[0] : undefined);
const typeOf = ({ type }: Item) => type;

/** Where an address is already, and whose it is there. */
function holderOf(address: string, { id }: Item, world: World): string | undefined {
  const { config, facts, links, seen } = world;
  const isLeased = (client: Item) =>
    // A lease is only read where it may be the one.
    facts.news.get(client.id)?.env.ip === address && leaseOf(client, world);
  const twin =
    itemsBy(config, hostOf, address).find((other) => other.id !== id && !other.values.disabled) ??
    itemsBy(config, typeOf, 'dhcp_client').find(isLeased);
  if (twin) return `${twin.values.interface} (${twin.id})`;
  const foreign = seen.addresses.find((other) => !other.ours && other.address === address);
  return foreign && `${links.byIndex.get(foreign.ifindex)?.ifname}, where somebody else has set it`;
}

const SUBNET = ['address', 'netmask', 'network', 'broadcast'];

/** The length stands in `address`, whichever way it was said, and what follows from it is not kept. */
export function fold(before: AnyValues, said: Said): Said {
  const text = (said.given.address ?? before.address) as string | undefined;
  if (text === undefined || !SUBNET.some((name) => said.given[name] !== undefined)) return said;
  const { netmask: _, ...given } = said.given;
  const length = lengthOf(before, said);
  const address = `${text.split('/')[0]}/${length}`;
  const follows = subnetOf({ address });
  const isNew = said.given.address !== undefined || said.given.netmask !== undefined;
  const dropped = ['network', 'broadcast'].filter((name) => {
    const value = given[name];
    // The other end of a point-to-point link is no consequence of this one's address.
    return value === undefined ? isNew && !(name === 'network' && length === 32) : value === follows[name as 'network'];
  });
  for (const name of dropped) delete given[name];
  given.address = address;
  const stale = ['netmask', ...dropped].filter((name) => before[name] !== undefined);
  return { given, reset: [...new Set([...said.reset, ...stale])] };
}

function lengthOf(before: AnyValues, { given }: Said): number {
  const { address, netmask } = given as { address?: string; netmask?: string };
  const mask = netmask === undefined ? undefined : prefixOfNetmask(netmask);
  const length = address?.split('/')[1];
  if (mask !== undefined && length !== undefined && Number(length) !== mask)
    throw new Refused(`netmask ${netmask} is /${mask}, but address is ${address}; leave one of them out`, 'netmask');
  if (address === undefined && mask === undefined) return subnetOf(before as { address: string }).prefix;
  return mask ?? Number(length ?? 32);
}
