import { netmaskOf, printNumber } from '../../bytes/subnet.ts';
import type { Item } from '../../model/config.ts';
import type { World } from '../../model/world.ts';
import type { DhcpNetwork } from '../dhcp_network/properties.ts';
import { macvlanOf, type ServedRange, type Service } from './service.ts';

/** DHCP options by their numbers (RFC 2132). */
const [NETMASK, ROUTER, DNS, DOMAIN, NTP, WINS] = [1, 3, 6, 15, 42, 44];
/** More name servers than these no client asks. */
const MOST_SERVERS = 4;

/**
 * argv of dnsmasq for one link; there is no file beside it. Bound to the link, for of two wildcard sockets on port 67 one
 * would get the unicast renewals of the other's clients. By the pid file a later daemon knows the child as its own.
 */
export function argv({ key, link, ranges, settings }: Service, world: World): string[] {
  const { runDir, seen } = world;
  const { authoritative, conflict_detection, dns } = settings;
  const networks = [...new Set(ranges.map(({ network }) => network))];
  const tag = (network: Item | undefined) => `n${networks.indexOf(network)}`;
  return [
    'dnsmasq',
    '--keep-in-foreground',
    '--conf-file=/dev/null',
    '--bind-interfaces',
    `--interface=${link.ifname}`,
    '--except-interface=lo',
    `--port=${dns ? 53 : 0}`,
    '--no-hosts',
    ...(dns ? [`--resolv-file=${runDir}/resolv.conf`] : ['--no-resolv']),
    // A word of its own, which the long option does not take.
    '-x',
    `${runDir}/clients/${key}`,
    `--dhcp-leasefile=${runDir}/leases/${leaseFile(link.ifname, world)}`,
    '--log-facility=-',
    '--quiet-dhcp',
    ...(authoritative ? ['--dhcp-authoritative'] : []),
    ...(conflict_detection ? [] : ['--no-ping']),
    ...ranges.map((range) => rangeArgument(range, tag(range.network), settings.lease_time)),
    // By itself it would name itself.
    `--dhcp-option=${ROUTER}`,
    ...networks.flatMap((network) => {
      const range = ranges.find((range) => range.network === network)!;
      return network ? networkArguments(network, range, tag(network), dns ? [] : lineServers(seen.files)) : [];
    }),
  ];
}

/** Of the link, whoever serves it; of a macvlan also under another name. No link's name has a colon in it. */
function leaseFile(ifname: string, world: World): string {
  const macvlan = macvlanOf(ifname, world);
  return macvlan ? `macvlan:${macvlan.id}` : ifname;
}

function rangeArgument({ first, last, subnet }: ServedRange, tag: string, seconds: number): string {
  return `--dhcp-range=set:${tag},${printNumber(first)},${printNumber(last)},${netmaskOf(subnet.prefix)},${seconds}`;
}

function networkArguments(
  { values }: Item,
  { subnet }: ServedRange,
  tag: string,
  lineServers: readonly string[],
): string[] {
  const network = values as DhcpNetwork;
  const { gateway, dns_none, domain, ntp_server, wins_server, next_server, boot_file_name } = network;
  const option = (code: number | string, data: readonly string[]) =>
    data.length > 0 ? [`--dhcp-option=tag:${tag},${[code, ...data].join(',')}`] : [];
  const prefix = network.netmask || Number(network.address.split('/')[1]);
  const servers = network.dns_server ?? (dns_none ? [] : lineServers);
  const boots = boot_file_name !== undefined || next_server !== undefined;
  return [
    ...(prefix === subnet.prefix ? [] : option(NETMASK, [netmaskOf(prefix)])),
    ...option(ROUTER, gateway ?? []),
    ...option(DNS, servers),
    ...(dns_none && servers.length === 0 ? [`--dhcp-option=tag:${tag},${DNS}`] : []),
    ...option(DOMAIN, domain === undefined ? [] : [domain]),
    ...option(NTP, ntp_server ?? []),
    ...option(WINS, wins_server ?? []),
    ...(boots ? [`--dhcp-boot=tag:${tag},${boot_file_name ?? ''},,${next_server ?? ''}`] : []),
    ...(network.dhcp_option ?? []).flatMap((text) => {
      const at = text.indexOf(':');
      return option(text.slice(0, at), [text.slice(at + 1)]);
    }),
  ];
}

/** The name servers of our lines, as they stand in the resolver file. */
function lineServers(files: World['seen']['files']): string[] {
  const lines = (files.get('resolv.conf') ?? '').matchAll(/^nameserver (\d[\d.]+)$/gm);
  return [...new Set([...lines].map((match) => match[1]!))].slice(0, MOST_SERVERS);
}
