import type { Menu } from '../model/menu.ts';
import { menuOnDemand } from '../model/ondemand.ts';
import { addressDescription } from './address/properties.ts';
import { arpDescription } from './arp/properties.ts';
import { dhcpClientDescription } from './dhcp_client/properties.ts';
import { dhcpNetworkDescription } from './dhcp_network/properties.ts';
import { dhcpServerDescription } from './dhcp_server/properties.ts';
import { dhcpv6ClientDescription } from './dhcpv6_client/properties.ts';
import * as macvlan from './macvlan/behaviour.ts';
import { macvlanDescription } from './macvlan/properties.ts';
import { poolDescription } from './pool/properties.ts';

/** None of the three is used without the others. */
const served = () => import('./dhcp_server/served.ts');

/** Every menu with its behaviour, for the daemon. What only some configurations use is loaded when one does. */
export const menus: readonly Menu[] = [
  { ...macvlanDescription, ...macvlan },
  menuOnDemand(dhcpClientDescription, () => import('./dhcp_client/behaviour.ts')),
  menuOnDemand(dhcpv6ClientDescription, () => import('./dhcpv6_client/behaviour.ts')),
  menuOnDemand(addressDescription, () => import('./address/behaviour.ts')),
  menuOnDemand(poolDescription, async () => (await served()).pool),
  menuOnDemand(dhcpServerDescription, async () => (await served()).server),
  menuOnDemand(dhcpNetworkDescription, async () => (await served()).network),
  menuOnDemand(arpDescription, () => import('./arp/behaviour.ts')),
];
