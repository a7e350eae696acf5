import { printMac } from '../../bytes/ip.ts';
import type { Item } from '../../model/config.ts';
import { ifnameOf, interfaceItem, itemsBy, noteOf } from '../../model/names.ts';
import type { AnyValues } from '../../model/properties.ts';
import { isOurs, type SeenLink } from '../../model/seen.ts';
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
  // How far names were found taken: an import asks for a thousand.
  const from = noteOf(world.config, freeName, () => ({ n: 1 }));
  for (let { n } = from; ; n++) {
    from.n = n;
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
  const { name, mac_address } = item.values as Macvlan;
  const names: [string, string][] = [
    ['name', name],
    ['ifname', ifnameOf(item)],
  ];
  return mac_address === undefined ? names : [...names, ['mac_address', mac_address]];
}

const macOf = (item: Item) => (item.type === 'macvlan' ? item.values.mac_address : undefined);

/** Who has this MAC already, in words; `except` is the item that may have it. */
export function macHolder(mac: string, except: Item | undefined, world: World): string | undefined {
  const item = itemsBy(world.config, macOf, mac).find(({ id }) => id !== except?.id);
  if (item) return `macvlan ${item.values.name}`;
  const own = except && world.links.byName.get(ifnameOf(except));
  const link = world.seen.links.find((other) => other.address === mac && !isOurs(other) && !isOn(other, own));
  return link && `link ${link.ifname}`;
}

/** The link itself, or a VLAN on it, which has its address. */
export function isOn(link: SeenLink, own: SeenLink | undefined): boolean {
  return own !== undefined && (link.ifindex === own.ifindex || link.link === own.ifindex);
}
