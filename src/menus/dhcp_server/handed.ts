import { ipv4Number } from '../../bytes/range.ts';
import type { Item } from '../../model/config.ts';
import { NOT_FOUND, Refused } from '../../model/refused.ts';
import type { Arguments } from '../../model/select.ts';
import type { World } from '../../model/world.ts';
import { readLeases } from './leases.ts';

/** A ubus message holds them easily. */
const MOST = 256;

/** The `leases` method: what all servers have handed out, or one of them, a part at a time. `now` is ms since 1970, dnsmasq's clock. */
export function leases({ id, name, offset, limit }: Arguments, world: World, now: number) {
  const items = world.config.items.filter(({ type }) => type === 'dhcp_server' || type === 'dhcp_network');
  const chosen = items.filter((item) => (id ?? item.id) === item.id && (name ?? titleOf(item)) === titleOf(item));
  if (chosen.length === 0 && (id ?? name) !== undefined)
    throw new Refused(`no such item: dhcp_server ${id ?? name}`, id === undefined ? 'name' : 'id', NOT_FOUND);
  const rows = chosen.flatMap((item) => rowsOf(item, world, now));
  rows.sort((a, b) => ipv4Number(a.address)! - ipv4Number(b.address)!);
  const from = Number(offset ?? 0);
  const part = rows
    .map((row, n) => ({ id: `lease_${n + 1}`, ...row }))
    .slice(from, from + Math.min(MOST, Number(limit ?? MOST)));
  return { leases: part, total: rows.length };
}

function rowsOf(item: Item, { seen }: World, now: number) {
  return readLeases(seen.leases.get(item.id)).map(({ address, mac_address, host_name, expires }) => ({
    address,
    mac_address,
    ...(host_name !== undefined && { host_name }),
    server: titleOf(item),
    status: 'bound',
    ...(expires > 0 && { expires_after: Math.max(0, Math.round(expires - now / 1000)) }),
    dynamic: true,
  }));
}

/** How people know a server; an implied one by its network. */
function titleOf({ type, values }: Item): string {
  return String(type === 'dhcp_server' ? values.name : values.address);
}
