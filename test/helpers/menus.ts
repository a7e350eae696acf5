import * as address from '../../src/menus/address/behaviour.ts';
import { addressDescription } from '../../src/menus/address/properties.ts';
import * as arp from '../../src/menus/arp/behaviour.ts';
import { arpDescription } from '../../src/menus/arp/properties.ts';
import * as dhcpClient from '../../src/menus/dhcp_client/behaviour.ts';
import { dhcpClientDescription } from '../../src/menus/dhcp_client/properties.ts';
import * as dhcpNetwork from '../../src/menus/dhcp_network/behaviour.ts';
import { dhcpNetworkDescription } from '../../src/menus/dhcp_network/properties.ts';
import * as dhcpServer from '../../src/menus/dhcp_server/behaviour.ts';
import { dhcpServerDescription } from '../../src/menus/dhcp_server/properties.ts';
import * as dhcpv6Client from '../../src/menus/dhcpv6_client/behaviour.ts';
import { dhcpv6ClientDescription } from '../../src/menus/dhcpv6_client/properties.ts';
import * as macvlan from '../../src/menus/macvlan/behaviour.ts';
import { macvlanDescription } from '../../src/menus/macvlan/properties.ts';
import * as pool from '../../src/menus/pool/behaviour.ts';
import { poolDescription } from '../../src/menus/pool/properties.ts';
import * as pppoeClient from '../../src/menus/pppoe_client/behaviour.ts';
import { pppoeClientDescription } from '../../src/menus/pppoe_client/properties.ts';
import type { Menu } from '../../src/model/menu.ts';

/** Every menu with its behaviour in memory, for tests that wait for nothing. */
export const menus: readonly Menu[] = [
  { ...macvlanDescription, ...macvlan },
  { ...dhcpClientDescription, ...dhcpClient },
  { ...dhcpv6ClientDescription, ...dhcpv6Client },
  { ...pppoeClientDescription, ...pppoeClient },
  { ...addressDescription, ...address },
  { ...poolDescription, ...pool },
  { ...dhcpServerDescription, ...dhcpServer },
  { ...dhcpNetworkDescription, ...dhcpNetwork },
  { ...arpDescription, ...arp },
];
