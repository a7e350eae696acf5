import { networkOf, parseIpv4, prefixOfNetmask, printIpv4 } from '../../bytes/ip.ts';
import type { Item } from '../../model/config.ts';
import { holdsLease, type News } from '../../model/facts.ts';
import { resolveInterface } from '../../model/names.ts';
import { once } from '../../model/once.ts';
import type { World } from '../../model/world.ts';
import { DEFAULT_ROUTE } from '../line.ts';

/** What udhcpc's script was given with `bound` or `renew`. Times are uptime in ms. */
export interface Lease {
  readonly address: string;
  readonly prefix: number;
  readonly network: string;
  readonly broadcast?: string | undefined;
  /** The routes that the server names, mostly the default one. Without a gateway the destination is on the link. */
  readonly routes: readonly { readonly destination: string; readonly gateway?: string | undefined }[];
  readonly server?: string | undefined;
  readonly nameServers: readonly string[];
  readonly domain?: string | undefined;
  readonly timeServers: readonly string[];
  readonly seconds: number;
  /** Seconds after which it is to be renewed at its server, and at any. */
  readonly renewAfter: number;
  readonly rebindAfter: number;
  readonly obtainedAt: number;
}

/** Kernel name of the interface that the client is for. */
export function target(item: Item, world: World): string {
  return resolveInterface(world.config, String(item.values.interface)).ifname;
}

/** Only a living client holds its lease, and only on the incarnation of the link on which it got it. */
export function leaseOf(item: Item, world: World): Lease | undefined {
  const link = world.links.byName.get(target(item, world));
  if (world.children.get(item.id)?.ifindex !== link?.ifindex) return undefined;
  const news = world.facts.news.get(item.id);
  return news && (item.values.add_default_route === 'special-classless' ? withBoth : withClassless)(news);
}

/**
 * The lease in a client's last news, or undefined while it has none. What the server sent is believed only where it
 * parses. `both`: its router counts beside its classless routes.
 */
export function readLease(news: News | undefined, both = false): Lease | undefined {
  if (!holdsLease(news)) return undefined;
  const { env } = news;
  const address = host(env.ip);
  if (!address) return undefined;
  const prefix = prefixLength(env.mask, env.subnet);
  return {
    address,
    prefix,
    network: networkOf(address, prefix),
    broadcast: ipv4(env.broadcast),
    routes: routes(env.staticroutes, env.router, both),
    server: ipv4(env.serverid),
    nameServers: hosts(env.dns),
    domain: env.domain && /^[A-Za-z0-9._-]{1,253}$/.test(env.domain) ? env.domain : undefined,
    timeServers: hosts(env.ntpsrv),
    ...times(env),
    obtainedAt: news.at,
  };
}

const withClassless = once((news: News) => readLease(news));
const withBoth = once((news: News) => readLease(news, true));

/** RFC 2131 4.4.5: what the server does not say (options 58 and 59) is half of the lease, and seven eighths of it. */
function times({ lease, opt58, opt59 }: News['env']): Pick<Lease, 'seconds' | 'renewAfter' | 'rebindAfter'> {
  const seconds = /^\d{1,10}$/.test(lease ?? '') ? Number(lease) : 0xffffffff;
  const [first, second] = [opt58, opt59].map((hex) => (/^[\da-f]{8}$/i.test(hex ?? '') ? Number(`0x${hex}`) : 0));
  if (0 < first! && first! < second! && second! < seconds) return { seconds, renewAfter: first!, rebindAfter: second! };
  return { seconds, renewAfter: seconds / 2, rebindAfter: (seconds * 7) / 8 };
}

/**
 * busybox gives the prefix length as `mask` and the netmask as `subnet`; a server may send neither: then it is a host's.
 * No line is the whole Internet: 0 is none either.
 */
function prefixLength(mask: string | undefined, subnet: string | undefined): number {
  if (mask !== undefined && /^\d{1,2}$/.test(mask) && Number(mask) >= 1 && Number(mask) <= 32) return Number(mask);
  return (subnet && prefixOfNetmask(subnet)) || 32;
}

/** `10.0.0.0/8 192.0.2.3 0.0.0.0/0 192.0.2.4`. Where there are such routes, the routers do not count (RFC 3442). */
function routes(classless: string | undefined, routers: string | undefined, both: boolean): Lease['routes'] {
  const words = (classless ?? '').split(/\s+/);
  const named = words.flatMap((word, i) => (i % 2 === 0 ? route(word, words[i + 1]) : []));
  const hasDefault = named.some(({ destination }) => destination === DEFAULT_ROUTE);
  if (named.length > 0 && (!both || hasDefault)) return named;
  const [gateway] = hosts(routers);
  return gateway === undefined ? named : [...named, { destination: DEFAULT_ROUTE, gateway }];
}

function route(destination: string, router: string | undefined): Lease['routes'] {
  const [address, length] = destination.split('/') as [string, string | undefined];
  if (!parseIpv4(address) || !/^(\d|[12]\d|3[0-2])$/.test(length ?? '')) return [];
  const gateway = host(router);
  if (!gateway && router !== '0.0.0.0') return [];
  return [{ destination: `${networkOf(address, Number(length))}/${length}`, gateway }];
}

function ipv4(text: string | undefined): string | undefined {
  const bytes = text === undefined ? undefined : parseIpv4(text);
  return bytes && printIpv4(bytes);
}

/** The address of one machine on a network: neither this one's own loopback nor many machines'. */
function host(text: string | undefined): string | undefined {
  const address = ipv4(text);
  const first = Number(address?.split('.')[0] ?? 0);
  return first > 0 && first !== 127 && first < 224 ? address : undefined;
}

function hosts(list: string | undefined): string[] {
  return (list ?? '').split(/\s+/).filter((text) => host(text) !== undefined);
}
