import type { Menu } from '../model/menu.ts';
import { arpDescription } from './arp/properties.ts';
import * as arp from './arp/want.ts';
import { dhcpClientDescription } from './dhcp_client/properties.ts';
import * as dhcpClient from './dhcp_client/want.ts';
import * as macvlan from './macvlan/behaviour.ts';
import { macvlanDescription } from './macvlan/properties.ts';

/** Every menu with its behaviour: for the daemon. */
export const menus: readonly Menu[] = [
  { ...macvlanDescription, ...macvlan },
  { ...dhcpClientDescription, ...dhcpClient },
  { ...arpDescription, ...arp },
];
