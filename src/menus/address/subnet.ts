import { broadcastOf, networkOf, prefixOfNetmask } from '../../bytes/ip.ts';
import type { Item } from '../../model/config.ts';
import type { Fault } from '../../model/menu.ts';
import { once } from '../../model/once.ts';
import type { StaticAddress } from './properties.ts';

type Given = Pick<StaticAddress, 'address' | 'netmask' | 'network' | 'broadcast' | 'gateway'>;

/** What an item's values come to. */
export interface Subnet {
  readonly address: string;
  readonly prefix: number;
  readonly network: string;
  readonly broadcast?: string | undefined;
  readonly peer?: string | undefined;
}

/** Without a length, here or as a netmask, it is one host: RouterOS's way. */
export const subnetOf = once(({ address: text, netmask = '255.255.255.255', network, broadcast }: Given): Subnet => {
  const [address, length] = text.split('/') as [string, string | undefined];
  const prefix = Number(length ?? prefixOfNetmask(netmask));
  return {
    address,
    prefix,
    network: (prefix > 30 && network) || networkOf(address, prefix),
    // Of the two of a /31 none is left to mean all (RFC 3021).
    broadcast: broadcast ?? (prefix < 31 ? broadcastOf(address, prefix) : undefined),
    peer: prefix === 32 && network !== address ? network : undefined,
  };
});

export function fault({ values }: Item): Fault | undefined {
  const { network, broadcast, gateway } = values as StaticAddress;
  const { address, prefix } = subnetOf(values as StaticAddress);
  const [first, last] = [networkOf(address, prefix), broadcastOf(address, prefix)];
  const text = `address ${address}/${prefix}`;
  if (prefix < 31 && (address === first || address === last)) {
    const what = address === first ? 'network' : 'broadcast';
    return ['address', `${text} is the ${what} address of its network; take one between ${first} and ${last}`];
  }
  if (network && prefix < 32 && network !== first && (prefix < 31 || network !== last))
    return ['network', `network ${network} is not that of ${text}; leave it out, or give the address as a /32`];
  if (broadcast && broadcast !== '255.255.255.255' && networkOf(broadcast, prefix) !== first)
    return ['broadcast', `broadcast ${broadcast} is not in the network of ${text}; leave it out`];
  if (gateway === address) return ['gateway', `gateway ${gateway} is the address itself; give that of the router`];
  return undefined;
}
