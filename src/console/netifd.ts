import type { Entry } from '../model/menu.ts';
import { Fault } from '../routeros/scanner.ts';
import type { Other } from './commands.ts';
import type { Session } from './session.ts';

/**
 * A line as plain /etc/config/network, for the first boot after a sysupgrade that has dropped our package: netifd makes the
 * macvlan and runs the client. What netifd has no option for is said in a comment.
 */
export async function exportNetifd(session: Session, { statement }: Other, name: string): Promise<void> {
  const lists = new Map<string, Entry[]>();
  for (const menu of session.options.menus) if (TYPES.has(menu.type)) lists.set(menu.type, await session.list(menu));
  const of = (type: string) => lists.get(type) ?? [];
  const client = of('pppoe_client').find((one) => one.name === name);
  const below = client ? String(client.interface).split(',')[0] : name;
  const macvlan = of('macvlan').find((one) => one.name === below);
  const over = (type: string) => (client ? [] : of(type).filter((one) => one.interface === name));
  const parts = [
    ...(macvlan ? [deviceOf(macvlan)] : []),
    ...(client ? [pppoeOf(client, deviceName(macvlan, below!))] : []),
    ...over('dhcp_client').map((one) => dhcpOf(one, deviceName(macvlan, name))),
    ...over('address').map((one, n) => addressOf(one, deviceName(macvlan, name), n)),
    ...of('dhcpv6_client')
      .filter((one) => one.interface === name)
      .map((one) => dhcpv6Of(one, deviceName(macvlan, name))),
  ];
  if (parts.length === 0)
    throw new Fault(`no line ${name}: it is no macvlan, pppoe-client or interface of a client`, statement);
  session.options.write(parts.map(printSection).join('\n'));
}

const TYPES = new Set(['macvlan', 'dhcp_client', 'dhcpv6_client', 'pppoe_client', 'address']);

/** A section; `missing` says what netifd cannot do, or must not be told here. */
interface Section {
  readonly type: 'device' | 'interface';
  readonly name: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly missing?: readonly string[];
}

const MODES = ['private', 'vepa', 'bridge', 'passthru'];

function deviceOf(macvlan: Entry): Section {
  const { actual_ifname, actual_interface, interface: parent, mode, mac_address, mtu, source_mac } = macvlan;
  return {
    type: 'device',
    name: sectionName(String(macvlan.name), ''),
    options: {
      name: actual_ifname ?? macvlan.name,
      type: 'macvlan',
      ifname: actual_interface ?? parent,
      mode: MODES.includes(String(mode)) ? mode : 'bridge',
      macaddr: mode === 'passthru' ? undefined : mac_address,
      mtu: mtu === 'auto' ? undefined : mtu,
    },
    missing: [
      ...(MODES.includes(String(mode)) ? [] : [`mode ${mode} is not one of netifd's: it would hear every host`]),
      ...(Array.isArray(source_mac) && source_mac.length > 0 ? ['source-mac is not known to netifd'] : []),
    ],
  };
}

function deviceName(macvlan: Entry | undefined, name: string): unknown {
  return macvlan?.actual_ifname ?? name;
}

function dhcpOf(
  { interface: name, add_default_route, default_route_distance: distance, use_peer_dns }: Entry,
  device: unknown,
): Section {
  const isDefault = add_default_route !== 'no' && add_default_route !== false;
  const options = { device, proto: 'dhcp', ...defaults(isDefault, distance), peerdns: use_peer_dns ? undefined : '0' };
  return { type: 'interface', name: sectionName(String(name), '_4'), options };
}

function dhcpv6Of({ interface: name, request, add_default_route, use_peer_dns }: Entry, device: unknown): Section {
  const wanted = String(request);
  const options = {
    device,
    proto: 'dhcpv6',
    reqaddress: wanted.includes('address') ? 'try' : 'none',
    reqprefix: wanted.includes('prefix') ? 'auto' : 'no',
    ...defaults(add_default_route !== false, undefined),
    peerdns: use_peer_dns ? undefined : '0',
  };
  return { type: 'interface', name: sectionName(String(name), '_6'), options };
}

function addressOf({ interface: name, address, gateway, distance }: Entry, device: unknown, n: number): Section {
  const options = { device, proto: 'static', ipaddr: address, gateway, metric: gateway ? distance : undefined };
  return { type: 'interface', name: sectionName(String(name), n === 0 ? '_static' : `_static${n}`), options };
}

function pppoeOf(client: Entry, device: unknown): Section {
  const { id, name, user, ac_name, service_name, host_uniq, keepalive_timeout, max_mtu, use_ipv6 } = client;
  const several = String(client.interface).includes(',');
  const options = {
    device,
    proto: 'pppoe',
    username: user,
    ac: ac_name,
    service: service_name,
    host_uniq,
    keepalive: keepalive_timeout === 'disabled' ? '0' : `5 ${keepalive_timeout}`,
    mtu: max_mtu === 'auto' ? undefined : max_mtu,
    ipv6: use_ipv6 ? 'auto' : '0',
    ...defaults(client.add_default_route === true, client.default_route_distance),
    peerdns: client.use_peer_dns ? undefined : '0',
  };
  const missing = [
    `the password is not shown: uci set network.${sectionName(String(name), '')}.password="$(uci get macvlan.${id}.password)"`,
    ...(several ? ['a session over several interfaces is not known to netifd: this is the first one alone'] : []),
  ];
  return { type: 'interface', name: sectionName(String(name), ''), options, missing };
}

function defaults(isDefault: boolean, distance: unknown): Record<string, unknown> {
  return isDefault ? { metric: distance } : { defaultroute: '0' };
}

/** netifd's names have 14 signs at most with what it appends, and are those of UCI. */
function sectionName(name: string, suffix: string): string {
  return `${name.replace(/\W/g, '_').slice(0, 12 - suffix.length)}${suffix}`;
}

function printSection({ type, name, options, missing = [] }: Section): string {
  const rows = Object.entries(options).filter(([, value]) => value !== undefined && value !== '');
  return [
    ...missing.map((text) => `# ${text}\n`),
    `config ${type} '${type === 'device' ? `${name}_dev` : name}'\n`,
    ...rows.map(([option, value]) => `\toption ${option} '${String(value).replaceAll("'", "'\\''")}'\n`),
  ].join('');
}
