import type { MenuDescription } from '../../model/menu.ts';
import { properties, type Values } from '../../model/properties.ts';
import { ipAddress, macAddress, text, yesNo } from '../../model/types.ts';
import { comment } from '../properties.ts';

/** /ip arp: the static entries of the ARP table. What the kernel learns by itself is not configuration. */
export const arpProperties = properties({
  address: { type: ipAddress, required: true, cost: 'live', help: 'the IPv4 address' },
  interface: {
    type: text('an interface'),
    required: true,
    cost: 'live',
    help: 'the interface that it is reached by, or answered on: a macvlan or a port',
  },
  mac_address: {
    type: macAddress,
    cost: 'live',
    help: 'the MAC address that goes with it; a published entry needs none',
  },
  published: {
    type: yesNo,
    default: false,
    cost: 'live',
    help: 'answer for the address with the MAC address of the interface, as long as the way to it leads through another one',
  },
  comment,
  disabled: { type: yesNo, default: false, cost: 'live', help: 'whether the entry is disabled' },
});

export type Arp = Values<typeof arpProperties>;

export const arpDescription: MenuDescription = {
  type: 'arp',
  path: 'ip arp',
  object: 'macvlan.arp',
  key: 'address',
  properties: arpProperties,
  readOnly: {
    complete: { kind: 'yes-no', help: 'the entry stands in the ARP table of the kernel' },
    about: { kind: 'text', help: 'one sentence why it does not' },
    actual_interface: { kind: 'text', help: "the link's name in the kernel" },
    invalid: { kind: 'yes-no', help: 'the section cannot be used as it is' },
  },
  flags: [
    { letter: 'X', label: 'DISABLED', value: 'disabled' },
    { letter: 'I', label: 'INVALID', value: 'invalid' },
    { letter: 'P', label: 'PUBLISHED', value: 'published' },
    { letter: 'C', label: 'COMPLETE', value: 'complete' },
  ],
  columns: ['address', 'mac_address', 'interface'],
  methods: [],
};
