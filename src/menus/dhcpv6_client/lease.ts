import { ipv6NetworkOf, parseIpv6, printIpv6 } from '../../bytes/ipv6.ts';
import type { News } from '../../model/facts.ts';

export const DEFAULT_ROUTE = '::/0';
const FOREVER = 0xffffffff;

/** Until when something may be used for what is new, and at all; uptime in ms. */
export interface Lifetime {
  readonly preferred: number;
  readonly valid: number;
}

export interface LeasedAddress extends Lifetime {
  readonly address: string;
  readonly prefix: number;
  /** When to ask for more time, of what a server gave. */
  readonly renewAt: number;
  readonly rebindAt: number;
}

/** What odhcp6c knows: of a server, and of routers. */
export interface Lease {
  /** Those of the server come first. */
  readonly addresses: readonly LeasedAddress[];
  readonly prefixes: readonly LeasedAddress[];
  /** Without a gateway the destination is on the link. One default route at most. */
  readonly routes: readonly { readonly destination: string; readonly gateway?: string | undefined }[];
  readonly server?: string | undefined;
  readonly nameServers: readonly string[];
  readonly domain?: string | undefined;
}

/** The last news of a client as a lease, or undefined while it has nothing. What others sent is believed only where it parses. */
export function readLease(news: News | undefined, now: number): Lease | undefined {
  if (!news || news.verb === 'stopped') return undefined;
  const { env, at } = news;
  const entries = (name: string) => leased(env[name], at).filter(({ valid }) => valid > now);
  const given = [...entries('ADDRESSES'), ...entries('RA_ADDRESSES')];
  const addresses = given.filter(({ address }, n) => given.findIndex((other) => other.address === address) === n);
  const prefixes = entries('PREFIXES').map((one) => ({ ...one, address: ipv6NetworkOf(one.address, one.prefix) }));
  if (addresses.length + prefixes.length === 0) return undefined;
  const domain = words(env.DOMAINS)[0] ?? words(env.RA_DOMAINS)[0];
  return {
    addresses,
    prefixes,
    routes: routes(env.RA_ROUTES, now - at),
    server: hosts(env.SERVER)[0],
    nameServers: [...new Set([...hosts(env.RDNSS), ...hosts(env.RA_DNS)])],
    domain: domain && /^[A-Za-z0-9._-]{1,253}$/.test(domain) ? domain : undefined,
  };
}

/** `2001:db8::5/128,preferred,valid,t1,t2`, seconds each; words of other kinds may follow. */
function leased(list: string | undefined, at: number): LeasedAddress[] {
  return words(list).flatMap((word) => {
    const [cidr = '', ...times] = word.split(',');
    const [text, length] = cidr.split('/');
    const address = global(text);
    const [preferred, valid, t1, t2] = times.map((seconds) => until(seconds, at));
    const prefix = prefixLength(length);
    if (!address || !prefix || preferred === undefined || valid === undefined) return [];
    return [{ address, prefix, preferred, valid, renewAt: t1 || valid, rebindAt: t2 || valid }];
  });
}

function until(seconds: string, at: number): number | undefined {
  if (!/^\d{1,10}$/.test(seconds)) return undefined;
  return Number(seconds) >= FOREVER ? Number.POSITIVE_INFINITY : Number(seconds) && at + Number(seconds) * 1000;
}

/** `2001:db8::/64,,valid,metric` or `::/0,fe80::1,valid,metric`: the best default router, and all else. */
function routes(list: string | undefined, age: number): Lease['routes'] {
  const found = words(list).flatMap((word) => {
    const [cidr = '', router = '', valid = '', metric = ''] = word.split(',');
    const [network = '', length = ''] = cidr.split('/');
    const gateway = router === '' ? undefined : unicast(router);
    if (!parseIpv6(network) || !/^\d{1,3}$/.test(length) || Number(length) > 128) return [];
    const lives = Number(valid) >= FOREVER || Number(valid) * 1000 > age;
    if (!lives || (!gateway && (router !== '' || Number(length) === 0))) return [];
    return [
      { destination: `${ipv6NetworkOf(network, Number(length))}/${Number(length)}`, gateway, metric: Number(metric) },
    ];
  });
  const best = found.filter(({ destination }) => destination === DEFAULT_ROUTE).sort((a, b) => a.metric - b.metric)[0];
  return found
    .filter((route) => route.destination !== DEFAULT_ROUTE || route === best)
    .map(({ destination, gateway }) => ({ destination, gateway }));
}

function prefixLength(text = ''): number | undefined {
  return /^\d{1,3}$/.test(text) && Number(text) <= 128 ? Number(text) : undefined;
}

function words(list: string | undefined): string[] {
  return (list ?? '').split(/\s+/).filter((word) => word !== '');
}

/** The address of one machine, be it known on its link only. */
function unicast(text: string | undefined): string | undefined {
  const bytes = parseIpv6(text ?? '');
  if (!bytes || bytes[0] === 0xff || bytes.subarray(0, 12).every((byte) => byte === 0)) return undefined;
  return printIpv6(bytes);
}

function global(text: string | undefined): string | undefined {
  const address = unicast(text);
  return address && !isLinkLocal(address) ? address : undefined;
}

export function isLinkLocal(address: string): boolean {
  return /^fe[89ab]/.test(address);
}

function hosts(list: string | undefined): string[] {
  return words(list).flatMap((word) => unicast(word) ?? []);
}
