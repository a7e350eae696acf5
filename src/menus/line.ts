import { networkOf } from '../bytes/ip.ts';
import { MAIN_TABLE, OUR_TABLES, type Want, type WantAddress } from '../model/want.ts';

export const DEFAULT_ROUTE = '0.0.0.0/0';
/** RouterOS: a route of this distance is never used. */
export const NOT_INSTALLED = 255;

export interface LineRoute {
  readonly destination: string;
  /** None: the destination is on the link. */
  readonly gateway?: string | undefined;
}

/** An IPv4 address of a link with the ways that lead out by it, whoever gave it: a server, or the user. */
export interface Line extends WantAddress {
  /** Routes beyond that to its own subnet, the default one among them. */
  readonly routes: readonly LineRoute[];
  /** Of the default route for what has no source yet; NOT_INSTALLED: there is none, only answers leave by it. */
  readonly distance: number;
  /** Its share among default routes of the same distance, 1 to 256. */
  readonly weight: number;
  /** Further tables that get the default route, by their numbers. */
  readonly tables?: readonly { readonly table: number; readonly distance: number }[];
  /** A gateway that is known to be gone (check-gateway): nothing new leaves by it, answers still may. */
  readonly gone?: string;
  /** Whether its traffic is kept on it; otherwise it is an address and routes in the main table, as anybody would set. */
  readonly sourceRouting: boolean;
}

/** The address, its routes, and with source routing all that keeps its traffic apart from that of other lines. */
export function wantLine(line: Line, want: Want): void {
  const { owner, ifname, address, prefix, broadcast, peer } = line;
  want.addresses.push({ owner, ifname, address, prefix, broadcast, peer });
  // With arp_ignore the kernel answers for what lies in the subnet of one of its addresses only (confirm_addr_indev).
  if (peer !== undefined) want.addresses.push({ owner, ifname, address, prefix: 32 });
  wantWays(line, want);
}

/** The same for an address that somebody else looks after: pppd. */
export function wantWays(line: Line, want: Want): void {
  const { owner, ifname, address, sourceRouting, weight } = line;
  const part = { owner, ifname, weight };
  const connected = connectedTo(line);
  if (connected) {
    want.routes.push({ ...part, table: MAIN_TABLE, destination: connected, metric: undefined, source: address });
    if (sourceRouting)
      want.routes.push({ ...part, table: undefined, destination: connected, metric: 0, source: address });
  }
  for (const route of line.routes) wantRoute(line, route, want);
  if (!sourceRouting) return;
  want.keeping.add(ifname);
  const isOpen = line.routes.some(({ destination }) => destination === DEFAULT_ROUTE);
  want.sources.push({ owner, ifname, source: address, isOpen });
}

function wantRoute(line: Line, { destination, gateway }: LineRoute, want: Want): void {
  const { owner, ifname, weight, distance, sourceRouting, tables = [], gone } = line;
  const route = { owner, ifname, destination, gateway };
  // Answers need no choice, so their table has the way in any case.
  if (sourceRouting) want.routes.push({ ...route, table: undefined, metric: 0, source: line.address, weight: 1 });
  if (gateway !== undefined && gateway === gone) return;
  const isDefault = destination === DEFAULT_ROUTE;
  if (isDefault)
    for (const { table, distance: metric } of tables) want.routes.push({ ...route, table, metric, weight });
  if (distance === NOT_INSTALLED) return;
  if (!isDefault || !sourceRouting) {
    want.routes.push({ ...route, table: MAIN_TABLE, metric: distance, weight });
    return;
  }
  want.routes.push({ ...route, table: OUR_TABLES, metric: distance, weight });
  // For who looks there, and for when our rules are flushed: behind all others.
  want.routes.push({ ...route, table: MAIN_TABLE, metric: undefined, weight: 1 });
}

/** The subnet that is on the link; a single host's address has none but its peer. */
function connectedTo({ address, prefix, peer }: Line): string | undefined {
  if (peer !== undefined) return `${networkOf(peer, prefix)}/${prefix}`;
  return prefix < 32 ? `${networkOf(address, prefix)}/${prefix}` : undefined;
}
