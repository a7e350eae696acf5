import type { Item } from '../../model/config.ts';
import { resolveInterface } from '../../model/names.ts';
import { Refused } from '../../model/refused.ts';
import { linkFault } from '../../model/seen.ts';
import type { World } from '../../model/world.ts';
import { target } from './lease.ts';
import type { DhcpClient } from './properties.ts';

export function check(item: Item, world: World, changed: ReadonlySet<string>): void {
  const { script } = item.values as DhcpClient;
  if (changed.has('script') && script !== undefined && !world.isExecutable(script))
    throw new Refused(`script ${script} is no executable file; make it one with chmod +x`, 'script');
  if (!changed.has('interface')) return;
  const { interface: name } = item.values as DhcpClient;
  const { ifname } = resolveInterface(world.config, name);
  const twin = world.config.items.find(
    (other) => other.type === 'dhcp_client' && other.id !== item.id && target(other, world) === ifname,
  );
  if (twin) throw new Refused(`interface ${name} already has a dhcp-client (${twin.id})`, 'interface');
  const link = world.links.byName.get(ifname);
  const fault = link && linkFault(link);
  if (fault) throw new Refused(`interface ${name} cannot have a dhcp-client: ${fault}`, 'interface');
}
