import type { Check, CheckedMenu, Menu } from '../model/menu.ts';
import * as arp from './arp/check.ts';
import * as dhcpClient from './dhcp_client/check.ts';
import * as macvlan from './macvlan/check.ts';

/** What each menu refuses, by its type: only who writes needs it. */
const checks: Readonly<Record<string, Check>> = {
  macvlan: macvlan.check,
  dhcp_client: dhcpClient.check,
  arp: arp.check,
};

/** The menu as `edit` wants it. */
export function checked(menu: Menu): CheckedMenu {
  return { ...menu, check: checks[menu.type]! };
}
