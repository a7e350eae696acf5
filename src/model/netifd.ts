/** What OpenWrt's netifd has and was told by us; there is none on other systems. */
export interface Netifd {
  /** The names of all its interfaces. */
  readonly names: ReadonlySet<string>;
  /** What it was told of ours, as text, by name. It may not have done so yet. */
  readonly told: ReadonlyMap<string, string>;
  /** The fw4 zone of each device that an interface of somebody else's is on. */
  readonly zones: ReadonlyMap<string, string>;
  /** Zones that lead outside: what leaves by them is masqueraded. */
  readonly outer: ReadonlySet<string>;
}

/** An interface as `network add_dynamic` and procd's `network-interface` data take it (netifd interface.c, proto.c). */
export type Announcement = Readonly<Record<string, string | number | boolean | readonly string[]>>;

/** netifd's name of a link's interface: letters, digits and `_`, as of a UCI section. */
export function interfaceOf(ifname: string): string {
  return ifname.replace(/\W/g, '_');
}

/** Whether netifd has the line, but nobody said in which zone; without a firewall there are none. */
export function isZoneless(ifname: string, netifd: Netifd | undefined): boolean {
  if (!netifd?.zones.size) return false;
  const { told } = netifd;
  return told.has(interfaceOf(ifname)) && !told.get(zoneInterfaceOf(ifname))?.includes('"zone"');
}

export const ZONELESS = 'in no firewall zone: set zone';

/**
 * The interface that puts the link into its zone. It is never brought up: fw4 takes the zones of all interfaces, but reloads
 * for each that comes up in one.
 */
export function zoneInterfaceOf(ifname: string): string {
  return `${interfaceOf(ifname)}_zone`;
}
