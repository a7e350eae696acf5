import { networkOf, parseIpv4, prefixOfNetmask, printIpv4 } from '../../bytes/ip.ts';
import type { News } from '../../model/facts.ts';

/** What udhcpc's script was given with `bound` or `renew`. Times are uptime in ms. */
export interface Lease {
  readonly address: string;
  readonly prefix: number;
  readonly network: string;
  readonly broadcast?: string | undefined;
  readonly gateway?: string | undefined;
  readonly server?: string | undefined;
  readonly nameServers: readonly string[];
  readonly domain?: string | undefined;
  readonly seconds: number;
  readonly obtainedAt: number;
}

/** The lease in a client's last news, or undefined while it has none. What the server sent is believed only where it parses. */
export function readLease(news: News | undefined): Lease | undefined {
  if (!news || (news.verb !== 'bound' && news.verb !== 'renew')) return undefined;
  const { env } = news;
  const address = ipv4(env.ip);
  if (!address || address.startsWith('0.')) return undefined;
  const prefix = prefixLength(env.mask, env.subnet);
  return {
    address,
    prefix,
    network: networkOf(address, prefix),
    broadcast: ipv4(env.broadcast),
    gateway: addresses(env.router)[0],
    server: ipv4(env.serverid),
    nameServers: addresses(env.dns),
    domain: env.domain && /^[A-Za-z0-9._-]{1,253}$/.test(env.domain) ? env.domain : undefined,
    seconds: /^\d{1,10}$/.test(env.lease ?? '') ? Number(env.lease) : 0xffffffff,
    obtainedAt: news.at,
  };
}

/** busybox gives the prefix length as `mask` and the netmask as `subnet`; a server may send neither: then it is a host's. */
function prefixLength(mask: string | undefined, subnet: string | undefined): number {
  if (mask !== undefined && /^\d{1,2}$/.test(mask) && Number(mask) <= 32) return Number(mask);
  return (subnet && prefixOfNetmask(subnet)) || 32;
}

function ipv4(text: string | undefined): string | undefined {
  const bytes = text === undefined ? undefined : parseIpv4(text);
  return bytes && printIpv4(bytes);
}

function addresses(list: string | undefined): string[] {
  return (list ?? '').split(/\s+/).filter((text) => parseIpv4(text) !== undefined && text !== '0.0.0.0');
}
