import { type Cidr, parseCidr, parseRange } from '../../bytes/range.ts';
import { includes, overlap } from '../../bytes/subnet.ts';
import type { Config, Item } from '../../model/config.ts';
import type { Fault } from '../../model/menu.ts';
import { itemsBy } from '../../model/names.ts';
import { once } from '../../model/once.ts';
import type { AnyValues } from '../../model/properties.ts';
import type { DhcpNetwork } from './properties.ts';

const typeOf = ({ type }: Item) => type;
/** Of a thousand networks each looks at all before it. */
const rangeOf = once((values: AnyValues): Cidr | undefined => parseCidr(String(values.address)));

export function fault({ id, values }: Item, config: Config): Fault | undefined {
  const { address, gateway = [] } = values as DhcpNetwork;
  const network = rangeOf(values)!;
  for (const other of itemsBy(config, typeOf, 'dhcp_network')) {
    if (other.id === id) break;
    const range = rangeOf(other.values);
    if (range && overlap(network, range))
      return ['address', `address ${address} overlaps with network ${other.values.address} (${other.id})`];
  }
  const outside = gateway.find((text) => !includes(network, parseRange(text)!));
  return outside === undefined ? undefined : ['gateway', `gateway ${outside} is not in network ${address}`];
}
