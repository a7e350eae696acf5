import type { News } from '../../model/facts.ts';
import { DEFAULT_ROUTE } from '../line.ts';
import type { Lease } from './lease.ts';

/** What the script is told: RouterOS's variables with names that a shell has, and ours behind them. */
export function hookEnv(lease: Lease, { env }: News, name: string, ifname: string): Record<string, string> {
  const gateway = lease.routes.find(({ destination }) => destination === DEFAULT_ROUTE)?.gateway;
  return {
    bound: '1',
    interface: name,
    lease_address: lease.address,
    server_address: lease.server ?? '',
    gateway_address: gateway ?? '',
    vendor_specific: printed(env.opt43),
    lease_options: options(env),
    ifname,
    lease_prefix: String(lease.prefix),
  };
}

/** Names that are no option of the server's (ours, and what udhcpc adds), and times, which each renewal may change. */
const NOT_SENT = /^(?:ip|interface|opt53|mask|lease|opt58|opt59|[A-Z_]+)$/;

/** `name=value`, one a line, by udhcpc's names; what has none is `opt` and its number, in hex. */
function options(env: News['env']): string {
  const sent = Object.keys(env).filter((name) => /^\w+$/.test(name) && !NOT_SENT.test(name));
  return sent
    .sort()
    .map((name) => `${name}=${printed(env[name])}`)
    .join('\n');
}

/** A server's text cannot begin a line of its own. */
function printed(text = ''): string {
  return text.replace(/[\x00-\x1f\x7f]/g, '?');
}
