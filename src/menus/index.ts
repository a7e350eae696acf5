import type { Behaviour, Menu, MenuDescription, WholeMenu } from '../model/menu.ts';
import { menuOnDemand } from '../model/ondemand.ts';
import * as macvlan from './macvlan/behaviour.ts';
import { macvlanDescription } from './macvlan/properties.ts';
import { stubs } from './stubs.ts';

type Room = Behaviour & { readonly description: MenuDescription };

const onDemand = (type: string, load: () => Promise<Room>): Menu =>
  menuOnDemand(stubs[type]!, async () => whole(await load()));

/** Every menu, for the daemon. What only some configurations use is loaded when one does. */
export const menus: readonly Menu[] = [
  { ...macvlanDescription, ...macvlan },
  onDemand('dhcp_client', () => import('./dhcp_client/behaviour.ts')),
  onDemand('dhcpv6_client', () => import('./dhcpv6_client/behaviour.ts')),
  onDemand('pppoe_client', () => import('./pppoe_client/behaviour.ts')),
  onDemand('address', () => import('./address/behaviour.ts')),
  onDemand('pool', async () => (await served()).pool),
  onDemand('dhcp_server', async () => (await served()).server),
  onDemand('dhcp_network', async () => (await served()).network),
  onDemand('arp', () => import('./arp/behaviour.ts')),
];

function whole({ description, ...behaviour }: Room): WholeMenu {
  return { ...description, ...behaviour };
}

/** None of the three is used without the others. */
function served() {
  return import('./dhcp_server/served.ts');
}
