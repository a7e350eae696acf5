import type { Item } from '../../model/config.ts';
import { ifnameOf } from '../../model/names.ts';
import { type Family, isOurs, type SeenLink } from '../../model/seen.ts';
import { rulesetKey, type Want } from '../../model/want.ts';
import type { World } from '../../model/world.ts';
import { wantEvent } from '../event.ts';
import { wantInterface } from '../interface.ts';
import { isOnItself, linkOf, parentFault, parentLink, takerOf } from './parent.ts';
import type { Macvlan } from './properties.ts';

/** The link, its parent up, and how it deals with ARP and loops. A macvlan whose MAC was never stored waits for the write that stores it. */
export function want(item: Item, world: World, want: Want): void {
  const values = item.values as Macvlan;
  if (values.disabled || values.mac_address === undefined) return;
  const parent = parentLink(values, world);
  if (!parent || parentFault(parent) || isOnItself(item, world.config) || takerOf(item, world.config)) return;
  // A foreign link has the name.
  if (world.links.byName.has(ifnameOf(item)) && !linkOf(item, world)) return;
  want.ports.add(parent.ifname);
  wantLink(item, values, parent, world, want);
  wantInterface(item, parent.ifname, world, want);
  wantArp(item, values, want);
  wantProbe(item, values, parent, world, want);
  if (linkOf(item, world)?.running)
    wantEvent(item, 'up', { INTERFACE: values.name, DEVICE: ifnameOf(item) }, world, want);
  if (isIsolated(values)) want.isolated.push(ifnameOf(item));
  if (macIsTaken(values, parent))
    want.warnings.push(`${values.name}: parent ${parent.ifname} has taken its MAC address ${values.mac_address}`);
}

function wantLink(item: Item, values: Macvlan, parent: SeenLink, world: World, want: Want): void {
  const { name, mode, arp, mtu, bcqueuelen } = values;
  const ifname = ifnameOf(item);
  want.links.push({
    owner: item.id,
    ifname,
    parent: parent.ifname,
    address: mode === 'passthru' ? undefined : values.mac_address,
    mode,
    sourceMacs: (mode === 'source' && values.source_mac) || [],
    bcQueueLen: bcqueuelen,
    mtu: mtu === 'auto' ? undefined : mtu,
    ifalias: ifname === name ? '' : name,
    arp: arp !== 'disabled' && !(arp === 'reply-only' && isUnfiltered(item, world)),
    proxyArp: arp === 'proxy-arp',
    localProxyArp: arp === 'local-proxy-arp',
    downUntil: downUntil(item, world),
  });
}

/**
 * Without its filter a reply-only link would answer all: then rather none. A new one waits until the filter is seen; one that
 * is there goes on while it is set again, which comes first, unless that has failed.
 */
function isUnfiltered(item: Item, world: World): boolean {
  return world.seen.rulesets.arp === undefined && (!linkOf(item, world) || cannotFilter(world));
}

export function cannotFilter({ facts, seen }: World, family: Family = 'arp'): boolean {
  return seen.rulesets[family] === undefined && facts.failures.has(rulesetKey(family));
}

export function isIsolated({ isolate, mode }: Macvlan): boolean {
  return isolate ?? mode === 'private';
}

/** A proxy's answer waits up to `proxy_delay` (0.8 s) so that the host itself may be first; behind a router it cannot be. */
function wantArp(item: Item, { arp, arp_timeout }: Macvlan, want: Want): void {
  if (arp === 'enabled' && arp_timeout === 'auto') return;
  const [owner, ifname] = [item.id, ifnameOf(item)];
  const reachable = arp_timeout === 'auto' ? undefined : arp_timeout * 1000;
  const proxyDelay = arp === 'proxy-arp' || arp === 'local-proxy-arp' ? 0 : undefined;
  if (reachable !== undefined || proxyDelay !== undefined) want.arpTimes.push({ owner, ifname, reachable, proxyDelay });
  if (arp === 'reply-only') want.replyOnly.push(ifname);
}

function wantProbe(item: Item, values: Macvlan, parent: SeenLink, world: World, want: Want): void {
  if (values.loop_protect !== 'on' || downUntil(item, world) !== undefined) return;
  const link = linkOf(item, world);
  if (!link?.running || !link.address) return;
  want.probes.push({
    owner: item.id,
    ifname: link.ifname,
    parent: parent.ifindex,
    address: link.address,
    interval: values.loop_protect_send_interval,
  });
}

/** Uptime in ms until which a loop that was seen keeps the item down. */
export function downUntil(item: Item, { facts, now }: World): number | undefined {
  const { loop_protect, loop_protect_disable_time: seconds } = item.values as Macvlan;
  const loop = loop_protect === 'on' ? facts.loops.get(item.id) : undefined;
  if (!loop) return undefined;
  const until = seconds === 0 ? Number.POSITIVE_INFINITY : loop.at + seconds * 1000;
  return until > now ? until : undefined;
}

/** The kernel lets a parent take the address of its macvlan without a word. */
export function macIsTaken({ mode, mac_address }: Macvlan, parent: SeenLink): boolean {
  return mode !== 'passthru' && parent.address === mac_address && !isOurs(parent);
}
