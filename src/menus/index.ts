import type { Menu } from '../model/menu.ts';
import { dhcpClientDescription } from './dhcp_client/properties.ts';
import * as dhcpClient from './dhcp_client/want.ts';
import { macvlanDescription } from './macvlan/properties.ts';
import * as macvlan from './macvlan/want.ts';

/** Every menu with its behaviour: for the daemon. */
export const menus: readonly Menu[] = [
  { ...macvlanDescription, ...macvlan },
  { ...dhcpClientDescription, ...dhcpClient },
];
