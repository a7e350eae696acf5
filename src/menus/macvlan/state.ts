import type { Item } from '../../model/config.ts';
import { type Counters, failureOf } from '../../model/facts.ts';
import { ifnameOf } from '../../model/names.ts';
import { isZoneless, ZONELESS } from '../../model/netifd.ts';
import type { AnyValues } from '../../model/properties.ts';
import type { SeenLink } from '../../model/seen.ts';
import { printTime } from '../../model/time.ts';
import { ifnameFault } from '../../model/types.ts';
import { rulesetKey } from '../../model/want.ts';
import type { World } from '../../model/world.ts';
import { isOnItself, linkOf, parentFault, parentLink, takerOf, vlanClash } from './parent.ts';
import type { Macvlan } from './properties.ts';
import { cannotFilter, downUntil, isIsolated, macIsTaken } from './want.ts';

/** The least MTU of a link with IPv6 (RFC 8200 section 5); the kernel takes IPv6 off one with less. */
const IPV6_MTU = 1280;

/** `running`, and otherwise one word and one sentence from a live look. */
export function state(item: Item, world: World): AnyValues {
  const values = item.values as Macvlan;
  const link = linkOf(item, world);
  const parent = parentLink(values, world);
  const [word, about] = verdict(item, values, link, parent, world);
  return {
    running: word === 'running',
    state: word,
    about,
    actual_ifname: ifnameOf(item),
    actual_interface: parent?.ifname,
    actual_mac_address: link && link.address !== values.mac_address ? link.address : undefined,
    actual_mtu: link?.mtu,
    isolated: isIsolated(values),
    l2mtu: parent?.mtu,
    loop_protect_status: loopProtectStatus(item, values, world),
    ...(link && countersOf(item, link, world)),
    invalid: item.problems.length > 0,
  };
}

function loopProtectStatus(item: Item, { loop_protect }: Macvlan, world: World): string {
  if (loop_protect !== 'on') return 'off';
  return downUntil(item, world) === undefined ? 'on' : 'disabled';
}

/** What was counted since the counters were reset, or since the link was made. */
function countersOf(item: Item, { ifindex }: SeenLink, { counters, facts }: World): Counters | undefined {
  const counted = counters?.get(ifindex);
  const baseline = facts.baselines.get(item.id);
  if (!counted || baseline?.ifindex !== ifindex) return counted;
  const since = Object.entries(counted).map(([name, value]) => [
    name,
    value - baseline.counted[name as keyof Counters],
  ]);
  return Object.fromEntries(since) as unknown as Counters;
}

type Verdict = [word: string, about?: string | undefined];

function verdict(
  item: Item,
  values: Macvlan,
  link: SeenLink | undefined,
  parent: SeenLink | undefined,
  world: World,
): Verdict {
  if (item.problems.length > 0) return ['error', item.problems[0]!.error];
  if (values.disabled) return ['disabled'];
  if (isOnItself(item, world.config)) return ['error', `interface ${values.interface} cannot be the parent of itself`];
  if (!parent)
    return [`waiting for ${values.interface}`, `parent ${values.interface} does not exist; it is waited for`];
  const fault = parentFault(parent);
  if (fault) return ['error', `interface ${values.interface} cannot carry a macvlan: ${fault}`];
  const taker = takerOf(item, world.config);
  if (taker) return ['error', `parent ${values.interface} is taken by macvlan ${taker.values.name} in mode passthru`];
  const failure = failureOf(item.id, world.facts, world.now);
  if (failure) return ['error', failure.error];
  return link ? linkVerdict(item, values, link, parent, world) : missingVerdict(item, world);
}

function linkVerdict(item: Item, values: Macvlan, link: SeenLink, parent: SeenLink, world: World): Verdict {
  if (!parent.up) return ['down', `parent ${values.interface} is down`];
  if (!parent.carrier) return ['down', `parent ${values.interface} has no carrier; check its cable`];
  const until = downUntil(item, world);
  if (until !== undefined) return ['down', loopSentence(values, until - world.now)];
  if (!link.running) return ['down', `link ${link.ifname} is down`];
  return ['running', remark(values, link, parent, world)];
}

function loopSentence({ interface: name }: Macvlan, rest: number): string {
  const end = Number.isFinite(rest) ? `for ${printTime(Math.ceil(rest / 1000))} more` : 'until it is changed';
  return `disabled by loop protect ${end}: its own frames came back to ${name}; look for a loop in the wiring`;
}

/** What a running line should know. */
function remark(values: Macvlan, link: SeenLink, parent: SeenLink, world: World): string | undefined {
  const { interface: name, mtu, mode, arp, source_mac } = values;
  if (macIsTaken(values, parent))
    return `parent ${name} has taken the MAC address ${values.mac_address}; give one of them another`;
  const vlan = vlanClash(link, parent, world);
  if (vlan !== undefined)
    return `VLAN ${vlan} is in use on its parent ${name} too, which takes all its frames; put the macvlan on the VLAN`;
  if (typeof mtu === 'number' && mtu > link.mtu)
    return `mtu ${mtu} is held at ${link.mtu} by parent ${name} mtu ${parent.mtu}`;
  if (arp === 'reply-only' && cannotFilter(world))
    return `arp reply-only needs nftables: ${world.facts.failures.get(rulesetKey('arp'))!.error}; until then it answers nobody`;
  if (isIsolated(values) && cannotFilter(world, 'inet'))
    return `to be isolated it needs nftables: ${world.facts.failures.get(rulesetKey('inet'))!.error}; until then it is not`;
  if (mode === 'source' && !source_mac) return 'mode source hears nobody while source_mac is empty';
  if (mode !== 'source' && source_mac) return `source_mac counts in mode source only; mode is ${mode}`;
  if (isZoneless(link.ifname, world.facts.netifd)) return ZONELESS;
  if (link.mtu < IPV6_MTU) return `mtu ${link.mtu} is below ${IPV6_MTU}: there is no IPv6 on it`;
  return undefined;
}

function missingVerdict(item: Item, world: World): Verdict {
  const ifname = ifnameOf(item);
  if (ifnameFault(ifname) === undefined && world.links.byName.has(ifname)) {
    return ['error', `a link named ${ifname} exists that is not ours; rename one of them`];
  }
  return ['down', `link ${ifname} is being made`];
}
