import type { Item } from '../model/config.ts';
import { ifnameOf, interfaceIfname, interfaceName, itemsBy } from '../model/names.ts';
import { Refused } from '../model/refused.ts';
import { isItems, type World } from '../model/world.ts';

/** What a new name of an interface may not be: that of another item, of an alias, of a link that is none of the item's. */
export function checkNames(item: Item, world: World): void {
  const { config } = world;
  const name = String(item.values.name);
  const others = [...itemsBy(config, interfaceName, name), ...itemsBy(config, interfaceIfname, ifnameOf(item))];
  const twin = others.find(({ id }) => id !== item.id);
  if (twin?.values.name === name) throw new Refused(`already have interface with such name: ${name}`, 'name');
  const alias = config.portAlias.get(name);
  if (alias !== undefined)
    throw new Refused(`already have interface with such name: ${name} is the port alias of ${alias}`, 'name');
  const ifname = ifnameOf(item);
  if (twin) throw new Refused(`ifname ${ifname} is already that of ${twin.type} ${twin.values.name}`, 'ifname');
  const link = world.links.byName.get(ifname);
  if (link && !isItems(link, item)) {
    const property = item.given.ifname === undefined ? 'name' : 'ifname';
    throw new Refused(`already have interface with such name: ${ifname} is a link that is not ours`, property);
  }
}
