import type { Netifd } from '../model/netifd.ts';
import type { Table } from '../ubus/blob.ts';
import type { Document, Section } from '../uci/parse.ts';

/** UCI's words for yes, as fw4 takes them. */
const YES = ['1', 'yes', 'on', 'true', 'enabled'];

/**
 * The zone of each device, and those that masquerade: by /etc/config/firewall (`list network`, `list device`), and by the zone
 * that an interface bears itself. `interfaces` are those of `network.interface dump` that are not ours.
 */
export function zonesOf(interfaces: readonly Table[], firewall: Document | undefined): Pick<Netifd, 'zones' | 'outer'> {
  const sections = (firewall?.sections ?? []).filter(({ type }) => type === 'zone');
  const zones = new Map<string, string>();
  for (const section of sections) {
    const [name] = valuesOf(section, 'name');
    const networks = valuesOf(section, 'network');
    const devices = interfaces.filter((one) => networks.includes(String(one.interface))).flatMap(devicesOf);
    for (const device of [...devices, ...valuesOf(section, 'device')]) if (name) zones.set(device, name);
  }
  for (const one of interfaces) {
    const { zone } = (one.data ?? {}) as Table;
    if (typeof zone === 'string') for (const device of devicesOf(one)) zones.set(device, zone);
  }
  const outer = sections.filter((section) => YES.includes(valuesOf(section, 'masq')[0] ?? ''));
  return { zones, outer: new Set(outer.flatMap((section) => valuesOf(section, 'name').slice(0, 1))) };
}

/** That it is on, and that which its protocol made. */
function devicesOf({ device, l3_device }: Table): string[] {
  return [...new Set([device, l3_device])].filter((name) => typeof name === 'string');
}

/** Lists are written as such, or with spaces between. */
function valuesOf({ options }: Section, name: string): string[] {
  const values = options.find((option) => option.name === name)?.values ?? [];
  return values.flatMap((value) => value.split(/\s+/)).filter(Boolean);
}
