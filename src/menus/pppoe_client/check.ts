import type { Item } from '../../model/config.ts';
import { resolveInterface } from '../../model/names.ts';
import { Refused } from '../../model/refused.ts';
import { linkFault } from '../../model/seen.ts';
import { interfaceLink, type World } from '../../model/world.ts';
import { checkNames } from '../names.ts';
import type { PppoeClient } from './properties.ts';
import { interfacesOf } from './session.ts';

/** Before a write: what cannot be dialed on, or would be cut short. */
export function check(item: Item, world: World, changed: ReadonlySet<string>): void {
  if (changed.has('name')) checkNames(item, world);
  checkTogether(item.values as PppoeClient);
  const names = interfacesOf(item);
  const twice = names.find((name, at) => name === '' || names.indexOf(name) !== at);
  if (twice !== undefined)
    throw new Refused(`interface ${names}: ${twice === '' ? 'an empty name' : `${twice} stands twice`}`, 'interface');
  for (const name of names) checkInterface(name, item, world, changed);
}

function checkInterface(name: string, item: Item, world: World, changed: ReadonlySet<string>): void {
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

/** What says nothing without another one. */
function checkTogether(values: PppoeClient): void {
  const { dial_group, dial_on_demand, idle_timeout, profile, allow } = values;
  for (const property of ['min_online', 'stagger'] as const)
    if (dial_group === undefined && values[property] > 0)
      throw new Refused(`${property} ${values[property]} is for a dial-group; give dial_group too`, property);
  if (idle_timeout !== 'none' && !dial_on_demand)
    throw new Refused(`idle_timeout ${idle_timeout} is for dial_on_demand yes; set that too`, 'idle_timeout');
  if (profile === 'default-encryption' && !allow.some((protocol) => protocol.startsWith('mschap')))
    throw new Refused(`profile ${profile} takes mschap1 or mschap2, and allow has only ${allow.join(', ')}`, 'profile');
}
