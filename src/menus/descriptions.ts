import type { MenuDescription } from '../model/menu.ts';
import { addressDescription } from './address/properties.ts';
import { arpDescription } from './arp/properties.ts';
import { dhcpClientDescription } from './dhcp_client/properties.ts';
import { dhcpNetworkDescription } from './dhcp_network/properties.ts';
import { dhcpServerDescription, leaseDescription } from './dhcp_server/properties.ts';
import { dhcpv6ClientDescription } from './dhcpv6_client/properties.ts';
import { macvlanDescription } from './macvlan/properties.ts';
import { poolDescription } from './pool/properties.ts';
import { pppoeClientDescription } from './pppoe_client/properties.ts';

/** Every menu, in the order of the manual: for the console and the docs, which need no behaviour. */
export const descriptions: readonly MenuDescription[] = [
  macvlanDescription,
  dhcpClientDescription,
  dhcpv6ClientDescription,
  pppoeClientDescription,
  addressDescription,
  poolDescription,
  dhcpServerDescription,
  dhcpNetworkDescription,
  arpDescription,
];

/** What is only looked at, at the console. */
export const views: readonly MenuDescription[] = [leaseDescription];
