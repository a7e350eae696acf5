import type { Item } from '../../model/config.ts';
import { resolveInterface } from '../../model/names.ts';
import { Refused } from '../../model/refused.ts';
import { linkFault } from '../../model/seen.ts';
import { interfaceLink, type World } from '../../model/world.ts';
import { checkNames } from '../names.ts';
import type { PppoeClient } from './properties.ts';

/** Before a write: what cannot be dialed on, or would be cut short. */
export function check(item: Item, world: World, changed: ReadonlySet<string>): void {
  if (changed.has('name')) checkNames(item, world);
  const { interface: name, dial_group, min_online, stagger } = item.values as PppoeClient;
  if (dial_group === undefined && (min_online > 0 || stagger > 0)) {
    const property = min_online > 0 ? 'min_online' : 'stagger';
    throw new Refused(
      `${property} ${item.values[property]} is for clients of a dial-group; give dial_group too`,
      property,
    );
  }
  const { item: below } = resolveInterface(world.config, name);
  const link = interfaceLink(name, world);
  const fault = below?.type === 'pppoe_client' ? 'it is no Ethernet link' : link && linkFault(link);
  if (fault && changed.has('interface'))
    throw new Refused(`interface ${name} cannot have a pppoe-client: ${fault}`, 'interface');
  for (const property of ['max_mtu', 'max_mru'] as const) {
    const size = item.given[property];
    if (!link || !changed.has(property) || typeof size !== 'number' || size <= link.mtu - 8) continue;
    throw new Refused(`${property} ${size} exceeds interface ${name} mtu ${link.mtu} less the 8 of PPPoE`, property);
  }
}
