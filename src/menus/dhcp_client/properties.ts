import type { MenuDescription } from '../../model/menu.ts';
import { properties, type Values } from '../../model/properties.ts';
import { checkGateway, integer, text, yesNo } from '../../model/types.ts';

/** /ip dhcp-client. Unlike RouterOS's, a new client is enabled: the manual's examples expect it to run. */
export const dhcpClientProperties = properties({
  interface: {
    type: text('an interface'),
    required: true,
    cost: 'respawn',
    help: 'the interface to get an address for: a macvlan or a port',
  },
  add_default_route: {
    type: yesNo,
    default: true,
    cost: 'live',
    help: 'install a default route through the gateway that the server names',
  },
  default_route_distance: {
    type: integer(0, 255),
    default: 1,
    cost: 'live',
    help: 'metric of that route; equal distances share one multipath route; 255 = not installed',
  },
  default_route_weight: {
    type: integer(1, 256),
    default: 1,
    cost: 'live',
    help: 'its share of the connections among default routes of the same distance',
  },
  check_gateway: {
    type: checkGateway,
    default: 'none',
    cost: 'live',
    help: 'ask the gateway every 10 s; after two without an answer its default route is not used until it answers; by ping, or by arp where it answers no ping',
  },
  source_routing: {
    type: yesNo,
    default: true,
    cost: 'live',
    help: 'what has the address of this line leaves by this line; no: only the main table decides',
  },
  use_peer_dns: { type: yesNo, default: true, cost: 'live', help: 'use the name servers that the server names' },
  comment: { type: text(), cost: 'live', help: 'short description' },
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
    status: { kind: 'text', help: 'stopped, searching, bound, renewing, rebinding or error' },
    about: { kind: 'text', help: 'one sentence why it is not bound' },
    address: { kind: 'text', help: 'the leased address with its prefix length' },
    gateway: { kind: 'text', help: "the lease's router" },
    gateway_status: { kind: 'text', help: 'reachable or unreachable, where check_gateway asks it' },
    dhcp_server: { kind: 'text', help: 'address of the server' },
    primary_dns: { kind: 'text', help: 'first name server' },
    secondary_dns: { kind: 'text', help: 'second name server' },
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
