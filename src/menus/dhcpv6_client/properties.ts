import type { MenuDescription } from '../../model/menu.ts';
import { properties, type Values } from '../../model/properties.ts';
import { integer, ipv6Prefix, listOf, oneOf, text, yesNo } from '../../model/types.ts';
import { comment, sourceRouting } from '../properties.ts';

/** /ipv6 dhcp-client. What it needs no server for (SLAAC) it has without odhcp6c too. */
export const dhcpv6ClientProperties = properties({
  interface: {
    type: text('an interface'),
    required: true,
    cost: 'respawn',
    help: 'the interface to get addresses for: a macvlan or a port',
  },
  request: {
    type: listOf(oneOf('info', 'address', 'prefix')),
    default: ['address'],
    cost: 'respawn',
    help: 'what a DHCPv6 server is asked for; addresses that routers announce (SLAAC) are taken in any case',
  },
  rapid_commit: {
    type: yesNo,
    default: true,
    cost: 'live',
    help: 'taken as RouterOS has it, but odhcp6c always exchanges four messages',
  },
  prefix_hint: {
    type: ipv6Prefix,
    cost: 'respawn',
    help: 'the prefix to ask for, such as ::/60 where only its length matters',
  },
  add_default_route: {
    type: yesNo,
    default: true,
    cost: 'live',
    help: 'install a default route through the router that announces itself (RouterOS asks for it, here it is the default)',
  },
  default_route_distance: {
    type: integer(1, 255),
    default: 1,
    cost: 'live',
    help: 'metric of that route; equal distances share one multipath route; 255 = not installed',
  },
  source_routing: sourceRouting,
  use_peer_dns: { type: yesNo, default: true, cost: 'live', help: 'use the name servers that server and router name' },
  comment,
  disabled: { type: yesNo, default: false, cost: 'live', help: 'whether the client is disabled' },
});

export type Dhcpv6Client = Values<typeof dhcpv6ClientProperties>;

export const dhcpv6ClientDescription: MenuDescription = {
  type: 'dhcpv6_client',
  path: 'ipv6 dhcp-client',
  object: 'macvlan.dhcpv6_client',
  key: 'interface',
  properties: dhcpv6ClientProperties,
  readOnly: {
    status: { kind: 'text', help: 'stopped, searching, bound, renewing, rebinding or error' },
    about: { kind: 'text', help: 'one sentence why it is not bound, or what it has to do without' },
    address: { kind: 'text', help: 'the first of its addresses with its prefix length' },
    prefix: { kind: 'text', help: 'the delegated prefix' },
    gateway: { kind: 'text', help: 'the router that announces itself' },
    dhcp_server: { kind: 'text', help: 'address of the server' },
    primary_dns: { kind: 'text', help: 'first name server' },
    secondary_dns: { kind: 'text', help: 'second name server' },
    expires_after: { kind: 'time', help: 'seconds until the address or prefix ends unless it is renewed' },
    duid: { kind: 'text', help: 'how the server knows the line: made of its MAC address' },
    actual_interface: { kind: 'text', help: "the link's name in the kernel" },
    invalid: { kind: 'yes-no', help: 'the section cannot be used as it is' },
  },
  flags: [
    { letter: 'X', label: 'DISABLED', value: 'disabled' },
    { letter: 'I', label: 'INVALID', value: 'invalid' },
  ],
  columns: ['interface', 'status', 'request', 'address', 'prefix', 'gateway'],
  methods: ['renew', 'release'],
};
