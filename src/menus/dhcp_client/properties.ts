import type { MenuDescription } from '../../model/menu.ts';
import { properties, type Values } from '../../model/properties.ts';
import { integer, listOf, oneOf, text, yesNo } from '../../model/types.ts';
import { checkGateway, comment, distance, sourceRouting, weight } from '../properties.ts';
import { addDefaultRoute, clientId, dhcpOption, hostName, noReconfigure, routeTable, scriptPath } from './types.ts';

/** /ip dhcp-client. Unlike RouterOS's, a new client is enabled: the manual's examples expect it to run. */
export const dhcpClientProperties = properties({
  interface: {
    type: text('an interface'),
    required: true,
    cost: 'respawn',
    help: 'the interface to get an address for: a macvlan or a port',
  },
  add_default_route: {
    type: addDefaultRoute,
    default: 'yes',
    cost: 'live',
    help: 'install the routes that the server names: classless ones (option 121) or else a default route; special-classless: both',
  },
  default_route_distance: distance,
  default_route_tables: {
    type: listOf(routeTable),
    cost: 'live',
    help: 'tables that get the default route in place of main, each by its number or as main, with a distance if it has its own',
  },
  default_route_weight: weight,
  check_gateway: checkGateway,
  source_routing: sourceRouting,
  use_peer_dns: { type: yesNo, default: true, cost: 'live', help: 'use the name servers that the server names' },
  use_peer_ntp: { type: yesNo, default: true, cost: 'live', help: 'list the NTP servers that the server names' },
  host_name: { type: hostName, cost: 'respawn', help: 'name that the server is told' },
  client_id: {
    type: clientId,
    cost: 'respawn',
    help: 'identity that the server is told, a text or bytes as 0x…; left out: made of the MAC address',
  },
  dhcp_options: {
    type: listOf(dhcpOption),
    default: ['hostname', 'clientid'],
    cost: 'respawn',
    help: "what is sent: hostname, clientid or clientid_duid, and any option as CODE:0xHEX or CODE:'TEXT'",
  },
  use_broadcast: {
    type: oneOf('both', 'always', 'never'),
    default: 'both',
    cost: 'respawn',
    help: 'always: the server is asked to answer by broadcast; otherwise it may choose, and either is heard',
  },
  dscp: { type: integer(0, 63), default: 0, cost: 'live', help: 'mark of the packets that the client sends' },
  allow_reconfigure: { type: noReconfigure, default: false, cost: 'live', help: 'only no: udhcpc has no FORCERENEW' },
  release_on_stop: {
    type: yesNo,
    default: true,
    cost: 'respawn',
    help: 'give the lease back when the client is stopped; no: for providers that know a line by its lease',
  },
  script: {
    type: scriptPath,
    cost: 'live',
    help: 'executable file that is run when a lease came, changed or went',
  },
  comment,
  disabled: { type: yesNo, default: false, cost: 'live', help: 'whether the client is disabled' },
});

export type DhcpClient = Values<typeof dhcpClientProperties>;

export const dhcpClientDescription: MenuDescription = {
  type: 'dhcp_client',
  path: 'ip dhcp-client',
  object: 'macvlan.dhcp_client',
  key: 'interface',
  properties: dhcpClientProperties,
  readOnly: {
    status: { kind: 'text', help: 'stopped, searching, requesting, bound, renewing, rebinding or error' },
    about: { kind: 'text', help: 'one sentence why it is not bound' },
    address: { kind: 'text', help: 'the leased address with its prefix length' },
    gateway: { kind: 'text', help: "the lease's router" },
    gateway_status: { kind: 'text', help: 'reachable or unreachable, where check_gateway asks it' },
    dhcp_server: { kind: 'text', help: 'address of the server' },
    primary_dns: { kind: 'text', help: 'first name server' },
    secondary_dns: { kind: 'text', help: 'second name server' },
    primary_ntp: { kind: 'text', help: 'first NTP server' },
    secondary_ntp: { kind: 'text', help: 'second NTP server' },
    expires_after: { kind: 'time', help: 'seconds until the lease ends unless it is renewed' },
    actual_interface: { kind: 'text', help: "the link's name in the kernel" },
    invalid: { kind: 'yes-no', help: 'the section cannot be used as it is' },
  },
  flags: [
    { letter: 'X', label: 'DISABLED', value: 'disabled' },
    { letter: 'I', label: 'INVALID', value: 'invalid' },
  ],
  columns: ['interface', 'use_peer_dns', 'add_default_route', 'status', 'address'],
  methods: ['diagnose', 'renew', 'release'],
};
