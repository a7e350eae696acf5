import type { Item } from '../../model/config.ts';
import { resolveInterface } from '../../model/names.ts';
import { Refused } from '../../model/refused.ts';
import type { World } from '../../model/world.ts';
import type { Dhcpv6Client } from './properties.ts';
import { faultOf, targetOf } from './want.ts';

export function check(item: Item, world: World, changed: ReadonlySet<string>): void {
  if (!changed.has('interface')) return;
  const { interface: name } = item.values as Dhcpv6Client;
  const { ifname } = resolveInterface(world.config, name);
  const twin = world.config.items.find(
    (other) => other.type === item.type && other.id !== item.id && targetOf(other, world.config) === ifname,
  );
  if (twin) throw new Refused(`interface ${name} already has an IPv6 dhcp-client (${twin.id})`, 'interface');
  const link = world.links.byName.get(ifname);
  const fault = link && faultOf(link);
  if (fault) throw new Refused(`interface ${name} cannot have a dhcp-client: ${fault}`, 'interface');
}
