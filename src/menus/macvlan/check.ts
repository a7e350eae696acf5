import type { Item } from '../../model/config.ts';
import { resolveInterface } from '../../model/names.ts';
import { Refused } from '../../model/refused.ts';
import { isOurs } from '../../model/seen.ts';
import type { World } from '../../model/world.ts';
import { checkNames } from '../names.ts';
import { macHolder } from './generate.ts';
import { isOnItself, parentFault, parentLink, parentName, takerOf } from './parent.ts';
import type { Macvlan } from './properties.ts';

/** Before a write: what the kernel would refuse, or accept and then not work, said with both values. */
export function check(item: Item, world: World, changed: ReadonlySet<string>): void {
  const values = item.values as Macvlan;
  const any = (...names: string[]) => names.some((name) => changed.has(name));
  if (any('name', 'ifname')) checkNames(item, world);
  if (any('name', 'interface')) checkParent(item, values, world);
  if (any('interface', 'mode', 'disabled')) checkPassthru(item, values, world);
  if (any('interface', 'mtu')) checkMtu(item, values, world);
  if (any('mac_address') && values.mac_address) checkMac(item, values.mac_address, world);
}

function checkMtu(item: Item, values: Macvlan, world: World): void {
  const { mtu } = item.given;
  const parent = parentLink(values, world);
  if (!parent || typeof mtu !== 'number' || mtu <= parent.mtu) return;
  throw new Refused(`mtu ${mtu} exceeds parent ${values.interface} mtu ${parent.mtu}`, 'mtu');
}

function checkMac(item: Item, mac: string, world: World): void {
  const holder = macHolder(mac, item, world);
  if (holder)
    throw new Refused(`mac_address ${mac} is already that of ${holder}; choose another or leave it out`, 'mac_address');
}

/** A parent that can never work is refused; one that is missing is waited for. */
function checkParent(item: Item, values: Macvlan, world: World): void {
  const { interface: name } = values;
  if (name === values.name || isOnItself(item, world.config))
    throw new Refused(`interface ${name} cannot be the parent of itself`, 'interface');
  const named = world.links.byName.get(resolveInterface(world.config, name).ifname);
  const parent = parentLink(values, world) ?? named;
  const reason = parent && parentFault(parent);
  if (reason) throw new Refused(`interface ${name} cannot carry a macvlan: ${reason}`, 'interface');
}

function checkPassthru(item: Item, values: Macvlan, world: World): void {
  if (values.disabled) return;
  const { interface: name, mode } = values;
  const taker = takerOf(item, world.config);
  if (taker)
    throw new Refused(
      `interface ${name} is taken by macvlan ${taker.values.name} in mode passthru, beside which there can be no other`,
      'interface',
    );
  const sibling = mode === 'passthru' ? siblingOf(item, world) : undefined;
  if (sibling !== undefined)
    throw new Refused(
      `mode passthru would take interface ${name} for itself, but it carries ${sibling}; disable or remove that first`,
      'mode',
    );
}

/** Another enabled macvlan on the same parent, ours or not, in words. */
function siblingOf(item: Item, world: World): string | undefined {
  const { config, seen } = world;
  const on = parentName(item, config);
  const twin = config.items.find(
    (other) =>
      other.type === 'macvlan' && other.id !== item.id && !other.values.disabled && parentName(other, config) === on,
  );
  if (twin) return `macvlan ${twin.values.name}`;
  const parent = parentLink(item.values as Macvlan, world);
  const link = seen.links.find((link) => link.kind === 'macvlan' && !isOurs(link) && link.link === parent?.ifindex);
  return link && `link ${link.ifname}`;
}
