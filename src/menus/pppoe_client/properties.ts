import type { MenuDescription } from '../../model/menu.ts';
import { properties, type Values } from '../../model/properties.ts';
import { autoOr, integer, listOf, macAddress, oneOf, text, time, yesNo } from '../../model/types.ts';
import { comment, distance, netifd, sourceRouting, weight, zone } from '../properties.ts';
import { credential, hostUniq, idleTimeout, keepaliveTimeout, mrru, PROTOCOLS } from './types.ts';

/** What a frame can hold beyond Ethernet's and PPPoE's headers (RFC 4638), and the least that IPv4 wants. */
const size = integer(576, 65527);

/** /interface pppoe-client. Unlike RouterOS's, a new client is enabled: the manual's examples expect it to dial. */
export const pppoeClientProperties = properties({
  name: {
    type: text('a name'),
    cost: 'respawn',
    help: "interface name; the section's, or pppoe-out1, pppoe-out2, … when left out",
  },
  interface: {
    type: text('an interface'),
    required: true,
    cost: 'respawn',
    help: 'the interface to dial on: a macvlan or a port; several, with commas between, are one session of many links (MLPPP)',
  },
  user: { type: credential, cost: 'respawn', help: 'name that the server is told' },
  password: { type: credential, secret: true, cost: 'respawn', help: 'password of that user; never shown' },
  service_name: { type: text(), cost: 'respawn', help: 'service to ask for; any when left out' },
  ac_name: { type: text(), cost: 'respawn', help: 'access concentrator to connect to; the first when left out' },
  ac_mac: { type: macAddress, cost: 'respawn', help: 'MAC address of the access concentrator to connect to' },
  host_uniq: {
    type: hostUniq,
    cost: 'respawn',
    help: "tag of the client's requests in hex; one of pppd's when left out",
  },
  allow: {
    type: listOf(oneOf(...PROTOCOLS)),
    default: [...PROTOCOLS],
    cost: 'respawn',
    help: 'ways to prove who one is that are taken when the server asks for them',
  },
  profile: {
    type: oneOf('default', 'default-encryption'),
    default: 'default',
    cost: 'respawn',
    help: 'default-encryption: the session is encrypted by MPPE, or there is none; takes mschap1 or mschap2',
  },
  max_mtu: {
    type: autoOr(size),
    default: 'auto',
    cost: 'respawn',
    help: 'largest packet that is sent; auto: 8 less than the MTU of interface, and 1500 at most (RFC 4638)',
  },
  max_mru: { type: autoOr(size), default: 'auto', cost: 'respawn', help: 'largest packet that is received, likewise' },
  mrru: {
    type: mrru,
    default: 'disabled',
    cost: 'respawn',
    help: 'largest packet that is put together of several (multilink PPP), so that whole ones of 1500 fit on any interface',
  },
  use_ipv6: {
    type: yesNo,
    default: true,
    cost: 'respawn',
    help: 'speak IPv6 too where the server does; not with dial-on-demand',
  },
  keepalive_timeout: {
    type: keepaliveTimeout,
    default: 10,
    cost: 'respawn',
    help: 'how often the server is asked whether it is there; three questions without an answer end the session',
  },
  add_default_route: { type: yesNo, default: false, cost: 'live', help: 'install a default route by this line' },
  default_route_distance: distance,
  default_route_weight: weight,
  source_routing: sourceRouting,
  use_peer_dns: { type: yesNo, default: false, cost: 'respawn', help: 'use the name servers that the server names' },
  dial_on_demand: {
    type: yesNo,
    default: false,
    cost: 'respawn',
    help: 'dial when there is something to send; until then its routes lead to a placeholder',
  },
  idle_timeout: {
    type: idleTimeout,
    default: 'none',
    cost: 'respawn',
    help: 'with dial-on-demand: hang up when nothing was sent or received for so long',
  },
  dial_group: {
    type: text('a name'),
    cost: 'respawn',
    help: 'clients with the same name here dial at the same moment, as some providers want it',
  },
  min_online: {
    type: integer(0, 1000),
    default: 0,
    cost: 'live',
    help: 'as long as fewer clients of its dial-group are connected, the missing ones dial again soon, also after a refusal',
  },
  stagger: {
    type: time(0, 3600),
    default: 0,
    cost: 'live',
    help: 'clients of its dial-group dial so long after each other instead',
  },
  zone,
  netifd,
  comment,
  disabled: { type: yesNo, default: false, cost: 'live', help: 'whether the client is disabled' },
});

export type PppoeClient = Values<typeof pppoeClientProperties>;

export const pppoeClientDescription: MenuDescription = {
  type: 'pppoe_client',
  path: 'interface pppoe-client',
  object: 'macvlan.pppoe_client',
  key: 'name',
  properties: pppoeClientProperties,
  readOnly: {
    running: { kind: 'yes-no', help: 'connected' },
    status: { kind: 'text', help: 'waiting for packets, dialing, verifying password, connected or disconnected' },
    about: { kind: 'text', help: 'one sentence why it is not connected, or what it has to do without' },
    uptime: { kind: 'time', help: 'seconds since it is connected' },
    active_ac_name: { kind: 'text', help: 'name of the access concentrator, as far as it was heard' },
    active_ac_mac: { kind: 'text', help: 'MAC address of the access concentrator' },
    session_id: { kind: 'number', help: 'number of the session' },
    mtu: { kind: 'number', help: 'largest packet that is sent now' },
    mru: { kind: 'number', help: 'largest packet that the server was told to send' },
    encoding: { kind: 'text', help: 'how packets are encrypted or compressed, if they are' },
    active_links: { kind: 'number', help: 'how many interfaces carry the session' },
    local_address: { kind: 'text', help: 'our address' },
    remote_address: { kind: 'text', help: 'address of the server' },
    local_ipv6_address: { kind: 'text', help: 'our IPv6 address on the link, as far as it was heard' },
    remote_ipv6_address: { kind: 'text', help: "the server's IPv6 address on the link" },
    primary_dns: { kind: 'text', help: 'first name server, where they are asked for' },
    secondary_dns: { kind: 'text', help: 'second name server' },
    last_error: { kind: 'text', help: 'why the last session ended or did not begin' },
    next_try: { kind: 'time', help: 'seconds until it dials again' },
    actual_interface: { kind: 'text', help: "the link's name in the kernel" },
    invalid: { kind: 'yes-no', help: 'the section cannot be used as it is' },
  },
  flags: [
    { letter: 'X', label: 'DISABLED', value: 'disabled' },
    { letter: 'I', label: 'INVALID', value: 'invalid' },
    { letter: 'R', label: 'RUNNING', value: 'running' },
  ],
  columns: ['name', 'interface', 'user', 'status', 'local_address'],
  methods: ['scan'],
};
