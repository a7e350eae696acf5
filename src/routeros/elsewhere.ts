import type { Missing } from './statement.ts';

/**
 * What RouterOS has beyond `descriptions`: it is known by name, so that it is not taken for a slip of the pen, and does
 * not make a longer word of one of ours. Inside of a menu that is not ours any word may be a menu.
 */

/** `menu /ip firewall filter`, `property dhcp-options of /ip dhcp-client`, `command :log` */
export function nameOf({ menu, command, property }: Missing): string {
  const what =
    command !== undefined ? `command ${command}` : property !== undefined ? `property ${property}` : undefined;
  return what === undefined ? `menu ${menu}` : menu === undefined ? what : `${what} of ${menu}`;
}

/** Names of submenus by the menu above; the root's is empty (RouterOS 7). */
const SUBMENUS: Readonly<Record<string, string>> = {
  '': `app caps-man certificate console container disk dude file interface iot ip ipv6 log lora mpls openflow partitions
    port ppp queue radius routing snmp special-login system task tool tr069-client user user-manager zerotier`,
  interface: `6to4 amt bonding bridge detect-internet dot1x eoip eoipv6 ethernet gre gre6 ipip ipipv6 l2tp-client
    l2tp-ether l2tp-server list lte macsec macvlan mesh ovpn-client ovpn-server ppp-client ppp-server pppoe-server pptp-client pptp-server sstp-client sstp-server traffic-eng veth vlan vpls vrrp vxlan w60g wifi
    wireguard wireless`,
  ip: `address arp cloud dhcp-client dhcp-relay dhcp-server dns firewall hotspot ipsec kid-control media nat-pmp neighbor
    packing pool proxy reverse-proxy route service settings smb socks ssh tftp traffic-flow upnp vrf`,
  'ip dhcp-client': 'option',
  'ip dhcp-server': 'alert config lease matcher network option',
  'ip pool': 'used',
  ipv6: 'address dhcp-client dhcp-relay dhcp-server firewall nd neighbor pool route settings',
  'ipv6 dhcp-client': 'option',
};

export function routerosSubmenus(path: string): string[] {
  return Object.hasOwn(SUBMENUS, path) ? SUBMENUS[path]!.split(/\s+/) : [];
}

/** Commands that RouterOS's menus have; in a path that is not ours they end it. */
const COMMANDS = `add blink bound-to clear comment disable edit enable export fetch find flush get import init make-static
  monitor monitor-traffic move ping print release remove renew reset reset-counters reset-mac-address run scan set unset`;

const commands = new Set(COMMANDS.split(/\s+/));

export function isRouterosCommand(word: string): boolean {
  return commands.has(word);
}

/** Properties that RouterOS has in our menus, and we have not: an import leaves them out and says so. */
const PROPERTIES: Readonly<Record<string, string>> = {
  'interface pppoe-client': 'async-map dial-on-demand mrru mru mtu profile',
  'ip address': 'vrf',
  'ip arp': 'vrf',
  'ip dhcp-client': 'name vlan-priority',
  'ip dhcp-server': `address-lists allow-dual-stack-queue always-broadcast bootp-lease-time bootp-support
    client-mac-limit delay-threshold dhcp-option-set dynamic-lease-identifiers insert-queue-before lease-script
    parent-queue relay server-address support-broadband-tr101 use-framed-as-classless use-radius use-reconfigure`,
  'ip dhcp-server network': 'caps-manager dhcp-option-set ntp-none',
  'ipv6 dhcp-client': `accept-prefix-without-address allow-reconfigure check-gateway custom-duid custom-iana-id
    custom-iapd-id default-route-tables dhcp-options pool-name pool-prefix-length prefix-address-lists script
    use-interface-duid validate-server-duid`,
};

export function routerosProperties(path: string): string[] {
  return Object.hasOwn(PROPERTIES, path) ? PROPERTIES[path]!.split(/\s+/) : [];
}
