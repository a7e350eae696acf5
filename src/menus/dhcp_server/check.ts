import type { Item } from '../../model/config.ts';
import { resolveInterface } from '../../model/names.ts';
import { Refused } from '../../model/refused.ts';
import { linkFault } from '../../model/seen.ts';
import type { World } from '../../model/world.ts';
import { poolOf } from '../pool/want.ts';
import { CLIENT, clientOn, nameFault } from './place.ts';
import { type DhcpServer, STATIC_ONLY } from './properties.ts';
import { serverNamed } from './want.ts';

export function check(item: Item, world: World, changed: ReadonlySet<string>): void {
  const { name, address_pool: pool } = item.values as DhcpServer;
  const twin = serverNamed(name, world.config);
  if (changed.has('name') && twin && twin.id !== item.id)
    throw new Refused(`name ${name} is already that of another dhcp-server (${twin.id})`, 'name');
  if (changed.has('interface') || changed.has('disabled')) checkInterface(item, world);
  if (changed.has('address_pool') && pool !== STATIC_ONLY && !poolOf(world.config, pool))
    throw new Refused(`address_pool ${pool} does not exist; add it to /ip pool first`, 'address_pool');
}

function checkInterface(item: Item, world: World): void {
  const { interface: name, disabled } = item.values as DhcpServer;
  const { ifname } = resolveInterface(world.config, name);
  const twin = world.config.items.find(
    ({ id, type, values }) =>
      id !== item.id &&
      type === 'dhcp_server' &&
      resolveInterface(world.config, String(values.interface)).ifname === ifname,
  );
  if (twin) throw new Refused(`interface ${name} already has a dhcp-server: ${twin.values.name}`, 'interface');
  const link = world.links.byName.get(ifname);
  const fault =
    (link && linkFault(link)) ?? nameFault(ifname) ?? (!disabled && clientOn(ifname, world) ? CLIENT : undefined);
  if (fault) throw new Refused(`interface ${name} cannot have a dhcp-server: ${fault}`, 'interface');
}
