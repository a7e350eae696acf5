import { parseIpv4, prefixOfNetmask } from '../../bytes/ip.ts';
import type { MenuDescription } from '../../model/menu.ts';
import { properties, type Values } from '../../model/properties.ts';
import { ipAddress, text, yesNo } from '../../model/types.ts';
import { checkGateway, comment, distance, sourceRouting, weight } from '../properties.ts';

const cidr = {
  ...text('an IPv4 address with the length of its network such as 192.0.2.1/24'),
  parse: (value: string) => (addressFault(value) === undefined ? value : undefined),
  refuse: addressFault,
};
const netmask = {
  ...text('a netmask such as 255.255.255.0'),
  parse: (value: string) => (prefixOfNetmask(value) ? value : undefined),
};
const broadcast = {
  ...text('an IPv4 address such as 192.0.2.255'),
  parse: (value: string) => (parseIpv4(value) ? value : undefined),
};

/** Why a text is no address that a link can have. */
function addressFault(text: string): string | undefined {
  const [, host, length] = /^([\d.]+)(?:\/(\d{1,2}))?$/.exec(text) ?? [];
  const first = parseIpv4(host ?? '')?.[0];
  if (first === undefined) return 'expected an IPv4 address with the length of its network such as 192.0.2.1/24';
  if (length !== undefined && !/^([1-9]|[12]\d|3[0-2])$/.test(length))
    return `the length of a network is 1 to 32, not ${length}`;
  if (first === 0) return '0.0.0.0/8 is no address of a host';
  if (first === 127) return '127.0.0.0/8 does not leave this machine';
  if (first < 224) return undefined;
  return first < 240 ? 'it is a multicast address' : 'it is reserved';
}

/** /ip address, and what RouterOS has /ip route for: the way out of each address. */
export const addressProperties = properties({
  address: {
    type: cidr,
    required: true,
    cost: 'live',
    help: 'the address with the length of its network; without one it is a single host, /32',
  },
  interface: { type: text('an interface'), required: true, cost: 'live', help: 'where it is: a macvlan or a port' },
  network: {
    type: ipAddress,
    cost: 'live',
    help: 'follows from the address; of a /32 the other end of a point-to-point link',
  },
  netmask: { type: netmask, cost: 'live', help: 'another way to say the length; it is kept in address' },
  broadcast: { type: broadcast, cost: 'live', help: 'follows from the address when left out; none for /31 and /32' },
  gateway: {
    type: ipAddress,
    cost: 'live',
    help: 'the router to everywhere else; left out: only answers leave, by a gateway that another line has in this network',
  },
  check_gateway: checkGateway,
  default_route_distance: distance,
  default_route_weight: weight,
  source_routing: sourceRouting,
  comment,
  disabled: { type: yesNo, default: false, cost: 'live', help: 'whether the address is disabled' },
});

export type StaticAddress = Values<typeof addressProperties>;

export const addressDescription: MenuDescription = {
  type: 'address',
  path: 'ip address',
  object: 'macvlan.address',
  key: 'address',
  properties: addressProperties,
  readOnly: {
    about: { kind: 'text', help: 'one sentence why it does not work, or not as expected' },
    actual_interface: { kind: 'text', help: "the link's name in the kernel" },
    gateway_status: { kind: 'text', help: 'reachable or unreachable, where check_gateway asks' },
    dynamic: { kind: 'yes-no', help: 'made by something else than this menu; never so far' },
    invalid: { kind: 'yes-no', help: 'its interface is missing, or the section cannot be used as it is' },
  },
  flags: [
    { letter: 'X', label: 'DISABLED', value: 'disabled' },
    { letter: 'I', label: 'INVALID', value: 'invalid' },
    { letter: 'D', label: 'DYNAMIC', value: 'dynamic' },
  ],
  columns: ['address', 'network', 'interface'],
  methods: [],
};
