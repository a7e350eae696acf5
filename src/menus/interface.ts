import type { Item } from '../model/config.ts';
import { ifnameOf } from '../model/names.ts';
import type { Want } from '../model/want.ts';
import type { World } from '../model/world.ts';

/** The item's link as an interface of netifd's, where there is one and the user has it so. */
export function wantInterface(item: Item, parent: string, { facts }: World, want: Want): void {
  const { netifd, zone } = item.values as { netifd: boolean; zone: string | undefined };
  if (facts.netifd && netifd) want.interfaces.push({ owner: item.id, ifname: ifnameOf(item), parent, zone });
}
