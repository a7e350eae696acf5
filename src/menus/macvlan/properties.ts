import type { MenuDescription } from '../../model/menu.ts';
import { properties, type Values } from '../../model/properties.ts';
import { autoOr, ifname, integer, macAddress, oneOf, text, yesNo } from '../../model/types.ts';

/** /interface macvlan (the manual's property table). */
export const macvlanProperties = properties({
  name: {
    type: text('a name'),
    cost: 'recreate',
    help: "interface name; the section's, or macvlan1, macvlan2, … when left out",
  },
  interface: { type: text('an interface'), required: true, cost: 'recreate', help: 'the underlying interface' },
  mode: {
    type: oneOf('bridge', 'private'),
    default: 'bridge',
    cost: 'live',
    help: 'whether instances on the same parent reach each other',
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
  ifname: {
    type: ifname,
    cost: 'recreate',
    help: "the kernel's name of the link, when it is not to be made from name",
  },
  comment: { type: text(), cost: 'live', help: 'short description' },
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
    actual_mtu: { kind: 'number', help: "the link's MTU now" },
    invalid: { kind: 'yes-no', help: 'the section cannot be used as it is' },
  },
  flags: [
    { letter: 'X', label: 'DISABLED', value: 'disabled' },
    { letter: 'I', label: 'INVALID', value: 'invalid' },
    { letter: 'R', label: 'RUNNING', value: 'running' },
  ],
  columns: ['name', 'mtu', 'interface', 'mac_address', 'mode'],
  methods: ['status', 'plan', 'reload', 'shutdown', 'event'],
};
