import type { MenuDescription } from '../../model/menu.ts';
import { properties, type Values } from '../../model/properties.ts';
import { text, time, yesNo } from '../../model/types.ts';
import { comment } from '../properties.ts';

/** RouterOS's word for no pool. */
export const STATIC_ONLY = 'static-only';

/** /ip dhcp-server: who hands out addresses on an interface. */
export const dhcpServerProperties = properties({
  name: {
    type: text('a name'),
    cost: 'live',
    help: "what it is called; the section's name, or dhcp1, dhcp2, … when left out",
  },
  interface: {
    type: text('an interface'),
    required: true,
    cost: 'respawn',
    help: 'the interface to serve: a macvlan or a port',
  },
  address_pool: {
    type: text(`${STATIC_ONLY} | the name of a pool`),
    default: STATIC_ONLY,
    cost: 'respawn',
    help: 'the addresses to hand out; static-only: none',
  },
  // dnsmasq takes no less than two minutes.
  lease_time: { type: time(120, 315_360_000), default: 1800, cost: 'respawn', help: 'for how long' },
  authoritative: {
    type: yesNo,
    default: true,
    cost: 'respawn',
    help: 'refuse at once what is asked for and is not of here, so that the client asks anew',
  },
  add_arp: {
    type: yesNo,
    default: false,
    cost: 'live',
    help: 'keep an ARP entry of each lease: an interface with arp=reply-only then answers to those with a lease',
  },
  conflict_detection: {
    type: yesNo,
    default: true,
    cost: 'respawn',
    help: 'ping an address before it is handed out',
  },
  dns: {
    type: yesNo,
    default: false,
    cost: 'respawn',
    help: "answer DNS there too, from the lines' name servers; port 53 has to be free on the interface",
  },
  comment,
  disabled: { type: yesNo, default: false, cost: 'respawn', help: 'whether the server is disabled' },
});

export type DhcpServer = Values<typeof dhcpServerProperties> & { name: string };

export const dhcpServerDescription: MenuDescription = {
  type: 'dhcp_server',
  path: 'ip dhcp-server',
  object: 'macvlan.dhcp_server',
  key: 'name',
  properties: dhcpServerProperties,
  readOnly: {
    status: { kind: 'text', help: 'serving, waiting, stopped or error' },
    about: { kind: 'text', help: 'one sentence why it does not serve, or what is wrong though it does' },
    actual_interface: { kind: 'text', help: "the link's name in the kernel" },
    leases: { kind: 'number', help: 'addresses that clients hold' },
    invalid: { kind: 'yes-no', help: 'the section cannot be used as it is' },
  },
  flags: [
    { letter: 'X', label: 'DISABLED', value: 'disabled' },
    { letter: 'I', label: 'INVALID', value: 'invalid' },
  ],
  columns: ['name', 'interface', 'address_pool', 'lease_time', 'status', 'leases'],
  methods: ['leases'],
};

/** /ip dhcp-server lease: what the servers have handed out, to look at. */
export const leaseDescription: MenuDescription = {
  type: 'leases',
  path: 'ip dhcp-server lease',
  object: 'macvlan.dhcp_server',
  key: 'address',
  properties: {},
  readOnly: {
    address: { kind: 'text', help: 'the address' },
    mac_address: { kind: 'text', help: 'the MAC address of who has it' },
    host_name: { kind: 'text', help: 'what the client calls itself' },
    server: { kind: 'text', help: 'the dhcp-server, or the network where that is implied' },
    status: { kind: 'text', help: 'bound' },
    expires_after: { kind: 'time', help: 'seconds until it ends unless it is renewed' },
    dynamic: { kind: 'yes-no', help: 'a server handed it out' },
  },
  flags: [{ letter: 'D', label: 'DYNAMIC', value: 'dynamic' }],
  columns: ['address', 'mac_address', 'host_name', 'server', 'status', 'expires_after'],
  methods: [],
  rows: 'leases',
};
