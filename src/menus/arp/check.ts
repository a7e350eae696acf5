import type { Item } from '../../model/config.ts';
import { itemsBy } from '../../model/names.ts';
import { Refused } from '../../model/refused.ts';
import { interfaceLink, type World } from '../../model/world.ts';
import type { Arp } from './properties.ts';
import { claims } from './want.ts';

export function check(item: Item, world: World, changed: ReadonlySet<string>): void {
  const { address, interface: name, mac_address, published } = item.values as Arp;
  if (!published && mac_address === undefined && (changed.has('mac_address') || changed.has('published')))
    throw new Refused(`mac_address is missing; only a published entry needs none`, 'mac_address');
  const [[, claim]] = claims(item, world.config) as [[string, string]];
  const twin = itemsBy(world.config, addressOf, address).find(
    (other) => other.id !== item.id && claims(other, world.config)[0]![1] === claim,
  );
  if (twin) throw new Refused(`address ${address} on ${name} already has an entry (${twin.id})`, 'address');
  const link = changed.has('interface') ? interfaceLink(name, world) : undefined;
  if (link?.loopback || link?.ethernet === false)
    throw new Refused(`interface ${name} has no ARP: it is no Ethernet link`, 'interface');
}

const addressOf = (item: Item) => (item.type === 'arp' ? item.values.address : undefined);
