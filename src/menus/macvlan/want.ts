import { printMac } from '../../bytes/ip.ts';
import type { Item } from '../../model/config.ts';
import { ifnameOf, interfaceItem, resolveInterface } from '../../model/names.ts';
import type { AnyValues } from '../../model/properties.ts';
import { Refused } from '../../model/refused.ts';
import { isOurs, type SeenLink } from '../../model/seen.ts';
import { ifnameFault } from '../../model/types.ts';
import type { Want } from '../../model/want.ts';
import type { World } from '../../model/world.ts';
import type { Macvlan } from './properties.ts';

/** The first free macvlanN, and a locally administered MAC that nobody here has. */
export function generate(given: AnyValues, world: World): AnyValues {
  const additions: AnyValues = {};
  if (given.name === undefined) additions.name = freeName(world);
  if (given.mac_address === undefined) additions.mac_address = randomMac(world);
  return additions;
}

function freeName(world: World): string {
  for (let n = 1; ; n++) {
    const name = `macvlan${n}`;
    const link = world.links.byName.get(name);
    // A link of ours that no item names is our own, made before the file was rolled back.
    if (!interfaceItem(world.config, name) && (!link || isOurs(link))) return name;
  }
}

function randomMac(world: World): string {
  for (;;) {
    const bytes = Uint8Array.from({ length: 6 }, () => Math.floor(world.random() * 256));
    bytes[0] = (bytes[0]! & 0xfe) | 0x02;
    const mac = printMac(bytes);
    if (!macHolder(mac, undefined, world)) return mac;
  }
}

export function claims(item: Item): [string, string][] {
  const { mac_address } = item.values as Macvlan;
  const ifname: [string, string] = ['ifname', ifnameOf(item)];
  return mac_address === undefined ? [ifname] : [ifname, ['mac_address', mac_address]];
}

/** Who has this MAC already, in words; `except` is the item that may have it. */
function macHolder(mac: string, except: Item | undefined, world: World): string | undefined {
  const item = world.config.items.find(
    (other) => other.type === 'macvlan' && other.id !== except?.id && other.values.mac_address === mac,
  );
  if (item) return `macvlan ${item.values.name}`;
  const ownLink = except && ifnameOf(except);
  const link = world.seen.links.find((other) => other.address === mac && other.ifname !== ownLink && !isOurs(other));
  return link && `link ${link.ifname}`;
}

/** Before a write: what the kernel would refuse, or accept and then not work, said with both values. */
export function check(item: Item, world: World, changed: ReadonlySet<string>): void {
  const values = item.values as Macvlan;
  if (changed.has('name') || changed.has('ifname')) checkNames(item, values, world);
  if (changed.has('name') || changed.has('interface')) checkParent(values, world);
  if (changed.has('interface') || changed.has('mtu')) checkMtu(item, values, world);
  if (changed.has('mac_address') && values.mac_address) checkMac(item, values.mac_address, world);
}

function checkMtu(item: Item, values: Macvlan, world: World): void {
  const { mtu } = item.given;
  const parent = parentLink(values, world);
  if (!parent || typeof mtu !== 'number' || mtu <= parent.mtu) return;
  throw new Refused(`mtu ${mtu} exceeds parent ${values.interface} mtu ${parent.mtu}`, 'mtu');
}

function checkMac(item: Item, mac: string, world: World): void {
  const holder = macHolder(mac, item, world);
  if (holder)
    throw new Refused(`mac_address ${mac} is already that of ${holder}; choose another or leave it out`, 'mac_address');
}

function checkNames(item: Item, values: Macvlan, world: World): void {
  const twin = world.config.items.find(
    (other) => other.type === 'macvlan' && other.id !== item.id && sameName(other, item),
  );
  if (twin?.values.name === values.name)
    throw new Refused(`already have interface with such name: ${values.name}`, 'name');
  const alias = world.config.portAlias.get(values.name);
  if (alias !== undefined)
    throw new Refused(`already have interface with such name: ${values.name} is the port alias of ${alias}`, 'name');
  const ifname = ifnameOf(item);
  if (twin) throw new Refused(`ifname ${ifname} is already that of macvlan ${twin.values.name}`, 'ifname');
  const link = world.links.byName.get(ifname);
  if (link && !isOurs(link)) {
    const property = item.given.ifname === undefined ? 'name' : 'ifname';
    throw new Refused(`already have interface with such name: ${ifname} is a link that is not ours`, property);
  }
}

function sameName(a: Item, b: Item): boolean {
  return a.values.name === b.values.name || ifnameOf(a) === ifnameOf(b);
}

/** A parent that can never work is refused; one that is missing is waited for. */
function checkParent(values: Macvlan, world: World): void {
  if (values.interface === values.name)
    throw new Refused(`interface ${values.interface} cannot be the parent of itself`, 'interface');
  const { ifname, item } = resolveInterface(world.config, values.interface);
  const parent = world.links.byName.get(ifname);
  const reason = item ? NOT_ON_MACVLAN : parent && parentFault(parent);
  if (reason) throw new Refused(`interface ${values.interface} cannot carry a macvlan: ${reason}`, 'interface');
}

/** The kernel would put it on that one's parent instead (macvlan_common_newlink), and it would never be what is wanted. */
const NOT_ON_MACVLAN = 'it is a macvlan itself; use its parent';

function parentFault(parent: SeenLink): string | undefined {
  if (parent.loopback) return 'it is the loopback';
  if (!parent.ethernet) return 'it is no Ethernet link';
  if (parent.kind === 'macvlan') return NOT_ON_MACVLAN;
  if (parent.slaveKind === 'bridge') return 'it is a port of a bridge; use the bridge itself';
  if (parent.slaveKind === 'bond') return 'it is the slave of a bond; use the bond itself';
  return undefined;
}

function parentLink(values: Macvlan, world: World): SeenLink | undefined {
  return world.links.byName.get(resolveInterface(world.config, values.interface).ifname);
}

/** The link, and its parent up. A macvlan whose MAC was never stored waits for the write that stores it. */
export function want(item: Item, world: World, want: Want): void {
  const values = item.values as Macvlan;
  if (values.disabled || values.mac_address === undefined) return;
  const parent = resolveInterface(world.config, values.interface);
  const link = parentLink(values, world);
  if (!link || parentFault(link)) return;
  const ifname = ifnameOf(item);
  want.ports.add(parent.ifname);
  want.links.push({
    owner: item.id,
    ifname,
    parent: parent.ifname,
    address: values.mac_address,
    mode: values.mode,
    mtu: values.mtu === 'auto' ? undefined : values.mtu,
    ifalias: ifname === values.name ? '' : values.name,
  });
}

/** `running`, and otherwise one word and one sentence from a live look. */
export function state(item: Item, world: World): AnyValues {
  const values = item.values as Macvlan;
  const ifname = ifnameOf(item);
  const seen = world.links.byName.get(ifname);
  const link = seen && isOurs(seen) ? seen : undefined;
  const [word, about] = verdict(item, values, link, world);
  return {
    running: word === 'running',
    state: word,
    about,
    actual_ifname: ifname,
    actual_mtu: link?.mtu,
    invalid: item.problems.length > 0,
  };
}

function verdict(item: Item, values: Macvlan, link: SeenLink | undefined, world: World): [string, string?] {
  if (item.problems.length > 0) return ['error', item.problems[0]!.error];
  if (values.disabled) return ['disabled'];
  const parent = parentLink(values, world);
  if (!parent)
    return [`waiting for ${values.interface}`, `parent ${values.interface} does not exist; it is waited for`];
  const fault = parentFault(parent);
  if (fault) return ['error', `interface ${values.interface} cannot carry a macvlan: ${fault}`];
  const failure = [...world.facts.failures.values()].find(
    ({ owner, retryAt }) => owner === item.id && retryAt > world.now,
  );
  if (failure) return ['error', failure.error];
  return link ? linkVerdict(values, link, parent) : missingVerdict(item, world);
}

function linkVerdict(values: Macvlan, link: SeenLink, parent: SeenLink): [string, string?] {
  if (!parent.up) return ['down', `parent ${values.interface} is down`];
  if (!parent.carrier) return ['down', `parent ${values.interface} has no carrier; check its cable`];
  if (!link.running) return ['down', `link ${link.ifname} is down`];
  if (typeof values.mtu === 'number' && values.mtu > link.mtu)
    return ['running', `mtu ${values.mtu} is held at ${link.mtu} by parent ${values.interface} mtu ${parent.mtu}`];
  return ['running'];
}

function missingVerdict(item: Item, world: World): [string, string?] {
  const ifname = ifnameOf(item);
  if (ifnameFault(ifname) === undefined && world.links.byName.has(ifname)) {
    return ['error', `a link named ${ifname} exists that is not ours; rename one of them`];
  }
  return ['down', `link ${ifname} is being made`];
}
