import { networkOf } from '../bytes/ip.ts';
import { once } from '../model/once.ts';
import type { SeenAddress } from '../model/seen.ts';
import { isIpv6, type WantAddress } from '../model/want.ts';
import type { Context } from './context.ts';
import type { Op } from './op.ts';

type AddAddress = Extract<Op, { op: 'addAddress' }>;
type DeleteAddress = Extract<Op, { op: 'deleteAddress' }>;
type Address = Pick<WantAddress, 'address' | 'prefix' | 'peer'>;

/**
 * Addresses. Deletes come before adds: the kernel takes no second one that differs in its broadcast address, or in
 * a peer of the same subnet, only (net/ipv4/devinet.c).
 */
export function planAddresses(context: Context): { deletes: DeleteAddress[]; adds: AddAddress[] } {
  const { seen, links } = context.world;
  const here = new Map(seen.addresses.map((address) => [key(address.ifindex, address), address]));
  const wanted = new Map<string, WantAddress>();
  const adds: AddAddress[] = [];
  for (const want of context.want.addresses) {
    const link = links.byName.get(want.ifname);
    if (!link || context.leaving.has(link.ifindex) || wanted.has(key(link.ifindex, want))) continue;
    wanted.set(key(link.ifindex, want), want);
    if (context.theirs.has(want.ifname) && !isIpv6(want.address)) continue;
    const there = here.get(key(link.ifindex, want));
    if (!there || !isAsLong(there, want) || (isOther(there, want) && !isHeld(link.ifindex, context)))
      adds.push(addition(want, link.ifindex, context));
  }
  const gone = seen.addresses.filter((address) => {
    if (!address.ours || isHeld(address.ifindex, context)) return false;
    const want = wanted.get(key(address.ifindex, address));
    return !want || (isOther(address, want) && !context.theirs.has(want.ifname));
  });
  const due = context.due(adds);
  for (const { ifindex, address } of due) context.arriving.add(`${ifindex} ${address}`);
  return { deletes: gone.map((address) => deletion(address, context)), adds: due };
}

function addition(want: WantAddress, ifindex: number, context: Context): AddAddress {
  const { owner, ifname, ...address } = want;
  const op: AddAddress = { op: 'addAddress', owner, name: nameOf(want, ifname), ifindex, ...address };
  return want.valid === undefined ? op : { ...op, ...lifetimesOf(want, context) };
}

function deletion({ ifindex, ours: _, broadcast: __, ...address }: SeenAddress, { world }: Context): DeleteAddress {
  const link = world.links.byIndex.get(ifindex);
  const ifname = link?.ifname ?? String(ifindex);
  const promote = link?.promotes !== true && hasSecondaries({ ...address, ifindex }, world.seen.addresses);
  return { op: 'deleteAddress', owner: ifname, name: nameOf(address, ifname), ifindex, ...address, promote };
}

/** Whether there are more of its subnet on the link. */
function hasSecondaries(gone: Address & { ifindex: number }, addresses: readonly SeenAddress[]): boolean {
  if (isIpv6(gone.address)) return false;
  const subnet = networkOf(gone.peer ?? gone.address, gone.prefix);
  const isSame = ({ prefix, peer, address }: SeenAddress) =>
    prefix === gone.prefix && networkOf(peer ?? address, prefix) === subnet;
  return byLink(addresses).get(gone.ifindex)!.filter(isSame).length > 1;
}

/** Of a thousand addresses that go each would look at all others. */
const byLink = once((addresses: readonly SeenAddress[]): ReadonlyMap<number, readonly SeenAddress[]> => {
  const found = new Map<number, SeenAddress[]>();
  for (const address of addresses) {
    const others = found.get(address.ifindex);
    if (others) others.push(address);
    else found.set(address.ifindex, [address]);
  }
  return found;
});

/** One of ours that has to be made anew; that of somebody else is good as it is. */
function isOther(seen: SeenAddress, { broadcast }: WantAddress): boolean {
  return seen.ours && seen.broadcast !== broadcast;
}

/** The kernel tells whole seconds; a renewal gives minutes. */
const CLOSE = 5000;

/** IPv6 addresses end by themselves when their time is over, so that nobody has to be there to take them away. */
function isAsLong(seen: SeenAddress, { preferred, valid }: WantAddress): boolean {
  const isClose = (a = 0, b = 0) => a === b || Math.abs(a - b) < CLOSE;
  return valid === undefined || (seen.ours && isClose(seen.valid, valid) && isClose(seen.preferred, preferred));
}

function lifetimesOf({ preferred = 0, valid = 0 }: WantAddress, { world: { now } }: Context) {
  const seconds = (until: number) => Math.max(0, Math.floor((until - now) / 1000));
  return { preferred: seconds(preferred), valid: seconds(valid) };
}

/** What goes with its link, or is still needed by a child that ends. */
function isHeld(ifindex: number, { leaving, ending }: Context): boolean {
  return leaving.has(ifindex) || ending.has(ifindex);
}

function key(ifindex: number, address: Address): string {
  return `${ifindex} ${nameOf(address, '')}`;
}

function nameOf({ address, peer, prefix }: Address, ifname: string): string {
  return `${address}${peer ? ` peer ${peer}` : ''}/${prefix}${ifname && ` dev ${ifname}`}`;
}
