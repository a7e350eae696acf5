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
  const { interface: name, disabled } = item.values as DhcpClient;
  const { ifname } = resolveInterface(world.config, name);
  const server = !disabled && (changed.has('interface') || changed.has('disabled')) && serverOf(ifname, world);
  if (server)
    throw new Refused(
      `interface ${name} cannot have a dhcp-client: ${server} would answer it; remove or disable that first`,
      'interface',
    );
  if (!changed.has('interface')) return;
  const twin = world.config.items.find(
    (other) => other.type === 'dhcp_client' && other.id !== item.id && target(other, world) === ifname,
  );
  if (twin) throw new Refused(`interface ${name} already has a dhcp-client (${twin.id})`, 'interface');
  const link = world.links.byName.get(ifname);
  const fault = link && linkFault(link);
  if (fault) throw new Refused(`interface ${name} cannot have a dhcp-client: ${fault}`, 'interface');
}

/** The dhcp-server that runs on a link, or the network that implies one: a gateway of its is an address there. */
function serverOf(ifname: string, { config }: World): string | undefined {
  const items = config.items.filter(({ problems }) => problems.length === 0);
  const on = items.filter(
    ({ type, values }) =>
      (type === 'dhcp_server' || (type === 'address' && !values.disabled)) &&
      resolveInterface(config, String(values.interface)).ifname === ifname,
  );
  const server = on.find(({ type }) => type === 'dhcp_server');
  if (server) return server.values.disabled ? undefined : `dhcp-server ${server.values.name}`;
  const own = on.map(({ values }) => String(values.address).split('/')[0]!);
  const network = items.find(
    ({ type, values: { disabled, gateway = [] } }) =>
      type === 'dhcp_network' && !disabled && (gateway as string[]).some((one) => own.includes(one)),
  );
  return network && `dhcp-server network ${network.values.address}`;
}
