import { parseCidr, parseRange } from '../../bytes/range.ts';
import { includes, overlap } from '../../bytes/subnet.ts';
import type { Item } from '../../model/config.ts';
import { Refused } from '../../model/refused.ts';
import type { World } from '../../model/world.ts';
import type { DhcpNetwork } from './properties.ts';

export function check(item: Item, { config }: World, changed: ReadonlySet<string>): void {
  if (!changed.has('address') && !changed.has('gateway')) return;
  const { address, gateway = [] } = item.values as DhcpNetwork;
  const network = parseCidr(address)!;
  const twin = config.items.find(
    ({ id, type, values }) =>
      type === 'dhcp_network' && id !== item.id && overlap(network, parseCidr(String(values.address)) ?? NOWHERE),
  );
  if (twin)
    throw new Refused(`address ${address} overlaps with network ${twin.values.address} (${twin.id})`, 'address');
  const outside = gateway.find((text) => !includes(network, parseRange(text)!));
  if (outside !== undefined) throw new Refused(`gateway ${outside} is not in network ${address}`, 'gateway');
}

const NOWHERE = { first: -1, last: -1 };
