import { networkOf, parseIpv4 } from '../../bytes/ip.ts';
import { parseCidr } from '../../bytes/range.ts';
import type { MenuDescription } from '../../model/menu.ts';
import { properties, type Values } from '../../model/properties.ts';
import { integer, ipAddress, listOf, text, type ValueType, yesNo } from '../../model/types.ts';
import { comment } from '../properties.ts';

const network: ValueType<string> = {
  ...text('a network such as 192.0.2.0/24'),
  parse: (value) => {
    const cidr = parseCidr(value);
    return cidr && cidr.prefix > 0 ? `${networkOf(cidr.address, cidr.prefix)}/${cidr.prefix}` : undefined;
  },
};

/** What stands in an argument of dnsmasq, where a comma would end it, and "tag:" begin something else. */
function word(expected: string, pattern: RegExp): ValueType<string> {
  return { ...text(expected), parse: (value) => (pattern.test(value) ? value : undefined) };
}

const option = word('CODE:VALUE such as 114:http://192.0.2.1/', /^([1-9]|[1-9]\d|1\d\d|2[0-4]\d|25[0-4]):[^\s,"\\]+$/);

/** What one of them is to dnsmasq, which does not start with what it cannot make that of (opttab in its dhcp-common.c). */
const ADDRESSES = new Set([
  1, 3, 4, 5, 6, 7, 9, 16, 21, 28, 32, 33, 41, 42, 44, 45, 48, 49, 50, 54, 65, 68, 69, 70, 71, 74, 150,
]);
const NO_NUMBERS = new Set([43, 52, 53, 55, 56, 57, 61, 81, 82, 118]);
const LONGEST_OPTION = 255;

function optionFault(text: string): string | undefined {
  const at = text.indexOf(':');
  const [code, value] = [Number(text.slice(0, at)), text.slice(at + 1)];
  if (value.length > LONGEST_OPTION) return `an option holds ${LONGEST_OPTION} characters, this has ${value.length}`;
  if (parseIpv4(value)) return undefined;
  if (ADDRESSES.has(code) || /^(?=.*\d)\d*\.[\d.]*$/.test(value)) return `${value} is no IPv4 address`;
  if (NO_NUMBERS.has(code) && /^-?\d+$/.test(value))
    return `option ${code} is no number; write it as hex such as 01:2a`;
  return undefined;
}

const dhcpOption: ValueType<string> = {
  ...option,
  parse: (text) => (optionFault(text) ? undefined : option.parse(text)),
  refuse: (text) => (option.parse(text) ? optionFault(text) : undefined),
};

/** /ip dhcp-server network: what clients of a subnet are told. */
export const dhcpNetworkProperties = properties({
  address: {
    type: network,
    required: true,
    cost: 'respawn',
    help: 'the subnet; if one of its gateways is an address of an interface without a dhcp-server, all of it is served there',
  },
  gateway: { type: listOf(ipAddress), cost: 'respawn', help: 'the routers; without any, clients get no default route' },
  netmask: {
    type: integer(0, 32),
    default: 0,
    cost: 'respawn',
    help: "prefix length that clients are told; 0 = the address's",
  },
  dns_server: {
    type: listOf(ipAddress),
    cost: 'respawn',
    help: 'the name servers; left out: those of the lines, or with dns of the server this router',
  },
  dns_none: {
    type: yesNo,
    default: false,
    cost: 'respawn',
    help: 'tell clients of no name servers without dns_server',
  },
  ntp_server: { type: listOf(ipAddress), cost: 'respawn', help: 'the time servers' },
  wins_server: { type: listOf(ipAddress), cost: 'respawn', help: 'the WINS servers' },
  domain: { type: word('a domain', /^[A-Za-z0-9._-]{1,253}$/), cost: 'respawn', help: 'the domain of the clients' },
  next_server: { type: ipAddress, cost: 'respawn', help: 'the server to boot from' },
  boot_file_name: {
    type: word('a path', /^(?!tag:|net:)[^\s,"\\]{1,127}$/),
    cost: 'respawn',
    help: 'the file to boot',
  },
  dhcp_option: {
    type: listOf(dhcpOption),
    cost: 'respawn',
    help: 'further options as CODE:VALUE; a value is an address, a number, hex such as 01:2a, or text',
  },
  comment,
  disabled: { type: yesNo, default: false, cost: 'respawn', help: 'whether it is left out of account' },
});

export type DhcpNetwork = Values<typeof dhcpNetworkProperties>;

export const dhcpNetworkDescription: MenuDescription = {
  type: 'dhcp_network',
  path: 'ip dhcp-server network',
  object: 'macvlan.dhcp_network',
  key: 'address',
  properties: dhcpNetworkProperties,
  readOnly: {
    status: { kind: 'text', help: 'serving, waiting, stopped or error' },
    about: { kind: 'text', help: 'one sentence why it is not served, or what is wrong though it is' },
    actual_interface: { kind: 'text', help: 'name in the kernel of the link on which it is served' },
    server: { kind: 'text', help: 'the dhcp-server that serves it, where there is one' },
    leases: { kind: 'number', help: 'addresses that clients hold' },
    dynamic: { kind: 'yes-no', help: 'its server is implied by its gateway' },
    invalid: { kind: 'yes-no', help: 'the section cannot be used as it is' },
  },
  flags: [
    { letter: 'X', label: 'DISABLED', value: 'disabled' },
    { letter: 'I', label: 'INVALID', value: 'invalid' },
    { letter: 'D', label: 'DYNAMIC', value: 'dynamic' },
  ],
  columns: ['address', 'gateway', 'dns_server', 'status', 'leases'],
  methods: [],
};
