import type { MenuDescription } from '../../model/menu.ts';
import { properties, type Values } from '../../model/properties.ts';
import { autoOr, ifname, integer, listOf, macAddress, oneOf, text, time, yesNo } from '../../model/types.ts';
import { comment, netifd, zone } from '../properties.ts';

const counters = {
  rx_byte: { kind: 'counter', help: 'bytes received' },
  tx_byte: { kind: 'counter', help: 'bytes sent' },
  rx_packet: { kind: 'counter', help: 'packets received' },
  tx_packet: { kind: 'counter', help: 'packets sent' },
  rx_error: { kind: 'counter', help: 'packets received with errors' },
  tx_error: { kind: 'counter', help: 'packets that could not be sent' },
  rx_drop: { kind: 'counter', help: 'packets received and dropped' },
  tx_drop: { kind: 'counter', help: 'packets dropped in place of being sent' },
} as const;

/** /interface macvlan (the manual's property table, and the modes that the kernel has beyond it). */
export const macvlanProperties = properties({
  name: {
    type: text('a name'),
    cost: 'recreate',
    help: "interface name; the section's, or macvlan1, macvlan2, … when left out",
  },
  interface: { type: text('an interface'), required: true, cost: 'recreate', help: 'the underlying interface' },
  mode: {
    type: oneOf('bridge', 'private', 'vepa', 'passthru', 'source'),
    default: 'bridge',
    cost: 'live',
    help: 'how instances on one parent reach each other: bridge: directly; private: not at all; vepa: by a switch that sends back; passthru: the only one, with the MAC of the parent (recreate); source: hears the senders in source_mac only',
  },
  source_mac: {
    type: listOf(macAddress),
    cost: 'live',
    help: 'whom mode source hears',
  },
  mac_address: {
    type: macAddress,
    cost: 'live',
    help: 'static MAC address; a random one is generated and kept when left out',
  },
  mtu: {
    type: autoOr(integer(68, 65535)),
    default: 1500,
    cost: 'live',
    help: 'layer 3 MTU, at most that of the parent; auto follows the parent',
  },
  arp: {
    type: oneOf('enabled', 'disabled', 'proxy-arp', 'local-proxy-arp', 'reply-only'),
    default: 'enabled',
    cost: 'live',
    help: 'who is answered: enabled: all; disabled: none; proxy-arp: also for hosts behind other interfaces; local-proxy-arp: also for hosts behind this one; reply-only: the pairs in /ip arp only, and nobody is learned',
  },
  arp_timeout: {
    type: autoOr(time(1, 86400)),
    default: 'auto',
    cost: 'live',
    help: "how long a learned address is taken as reachable, on average; auto: the system's",
  },
  loop_protect: {
    type: oneOf('on', 'off', 'default'),
    default: 'default',
    cost: 'live',
    help: 'disable the interface while its own frames come back to it; default: off',
  },
  loop_protect_disable_time: {
    type: time(0, 604800),
    default: 300,
    cost: 'live',
    help: 'how long it is disabled then; 0: until the item is changed',
  },
  loop_protect_send_interval: {
    type: time(1, 3600),
    default: 5,
    cost: 'live',
    help: 'how often a loop protect packet is sent',
  },
  isolate: {
    type: yesNo,
    cost: 'live',
    help: 'nothing is forwarded between it and other isolated ones; left out: in mode private only',
  },
  bcqueuelen: {
    type: integer(0, 4294967295),
    default: 1000,
    cost: 'live',
    help: 'broadcasts that may wait to be handed out; the largest of all on the parent counts',
  },
  ifname: {
    type: ifname,
    cost: 'recreate',
    help: "the kernel's name of the link, when it is not to be made from name",
  },
  zone,
  netifd,
  comment,
  disabled: { type: yesNo, default: false, cost: 'live', help: 'whether the interface is disabled' },
});

/** A usable item has a name: given, its section's or generated. */
export type Macvlan = Values<typeof macvlanProperties> & { name: string };

export const macvlanDescription: MenuDescription = {
  type: 'macvlan',
  path: 'interface macvlan',
  object: 'macvlan',
  key: 'name',
  properties: macvlanProperties,
  readOnly: {
    running: { kind: 'yes-no', help: 'up, with the parent up and its carrier present' },
    state: { kind: 'text', help: 'running, disabled, down, error or what it waits for' },
    about: { kind: 'text', help: 'one sentence why it is not running' },
    actual_ifname: { kind: 'text', help: "the link's name in the kernel" },
    actual_interface: { kind: 'text', help: 'the link that carries it; of a macvlan on a macvlan the one below both' },
    actual_mac_address: {
      kind: 'text',
      help: "the link's address where it is not mac_address: the parent's in mode passthru",
    },
    actual_mtu: { kind: 'number', help: "the link's MTU now" },
    isolated: { kind: 'yes-no', help: 'nothing is forwarded between it and other isolated macvlans' },
    l2mtu: { kind: 'number', help: 'the largest packet that the parent carries' },
    loop_protect_status: { kind: 'text', help: 'off, on, or disabled after a loop was seen' },
    ...counters,
    invalid: { kind: 'yes-no', help: 'the section cannot be used as it is' },
  },
  flags: [
    { letter: 'X', label: 'DISABLED', value: 'disabled' },
    { letter: 'I', label: 'INVALID', value: 'invalid' },
    { letter: 'R', label: 'RUNNING', value: 'running' },
  ],
  columns: ['name', 'mtu', 'interface', 'mac_address', 'mode'],
  methods: ['diagnose', 'event', 'export', 'import', 'plan', 'reload', 'reset_counters', 'shutdown', 'status'],
};
