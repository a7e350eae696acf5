import type { Config } from '../model/config.ts';
import { resolveInterface } from '../model/names.ts';
import { type Announcement, interfaceOf, type Netifd, zoneInterfaceOf } from '../model/netifd.ts';
import { once } from '../model/once.ts';
import type { SeenLink } from '../model/seen.ts';
import {
  isIpv6,
  MAIN_TABLE,
  OUR_TABLES,
  type WantInterface,
  type WantResolver,
  type WantRoute,
} from '../model/want.ts';
import type { Context } from './context.ts';
import type { Op } from './op.ts';

type Announce = Extract<Op, { op: 'announce' }>;
type Withdraw = Extract<Op, { op: 'withdraw' }>;

/** Of an interface's routes: by the line's distance, and different for each link, for netifd lets equal ones replace each other. */
const METRIC_STEP = 100_000;
/** RouterOS's distance of a route to a connected network is 0; without a default route a line stands with the nearest. */
const NEAREST = 1;

/**
 * What netifd is told: each line as an interface, and its zone as another. What it was told and takes is its own from then on:
 * the addresses, their routes in the main table, the name servers.
 */
export function planNetifd(context: Context): { withdraws: Withdraw[]; announces: Announce[] } {
  const { netifd } = context.world.facts;
  if (!netifd) return { withdraws: [], announces: [] };
  const wanted = wantedOf(context, netifd);
  const changed = [...wanted.values()].filter(({ name, text }) => netifd.told.get(name) !== text);
  const announces = context.due(
    changed.map(({ owner, name, text }): Announce => ({ op: 'announce', owner, name, text })),
  );
  const isTold = new Set([...netifd.told.keys(), ...announces.map(({ name }) => name)]);
  for (const { name, owner, ifname, text, isZone } of wanted.values()) {
    if (!isTold.has(name)) continue;
    // It takes a link down when it hears of it first: clients start behind that.
    if (isZone && !netifd.names.has(name)) context.fresh.add(ifname);
    if (isZone) continue;
    context.theirs.add(ifname);
    if (netifd.names.has(name) && netifd.told.get(name) === text) context.settled.add(ifname);
    context.named.add(owner);
  }
  const withdraws = [...netifd.told.keys()].filter((name) => !wanted.has(name));
  return { withdraws: withdraws.map((name): Withdraw => ({ op: 'withdraw', owner: '', name })), announces };
}

interface Wanted {
  readonly name: string;
  readonly ifname: string;
  readonly owner: string;
  readonly text: string;
  readonly isZone: boolean;
}

function wantedOf(context: Context, netifd: Netifd): Map<string, Wanted> {
  const wanted = new Map<string, Wanted>();
  const lines = linesOf(context);
  const bearers = bearersIn(context.world.config);
  const belows = new Map(context.want.interfaces.map((want) => [want.ifname, want]));
  const resolvers = new Map(context.want.resolvers.map((resolver) => [resolver.owner, resolver]));
  const add = (
    want: WantInterface,
    name: string,
    owner: string,
    options: Announcement | undefined,
    isZone: boolean,
  ) => {
    if (!options) return;
    const { ifname } = want;
    if (wanted.has(name) || (netifd.names.has(name) && !netifd.told.has(name)))
      context.want.warnings.push(`${ifname}: netifd has an interface ${name} already, so this line is none of its`);
    else wanted.set(name, { name, ifname, owner, text: JSON.stringify(options), isZone });
  };
  for (const want of context.want.interfaces) {
    const line = lines.get(want.ifname);
    const zone = want.zone || bearers.has(want.ifname) ? zoneOf(want, belows, context, netifd) : undefined;
    add(want, zoneInterfaceOf(want.ifname), want.owner, zoneOptions(want, zone, context), true);
    const link = context.world.links.byName.get(want.ifname);
    if (line && link) add(want, interfaceOf(want.ifname), line.owner, optionsOf(line, link, resolvers), false);
  }
  return wanted;
}

/** Links that speak IP themselves: a macvlan that is only dialed on is in no zone. */
const bearersIn = once((config: Config): ReadonlySet<string> => {
  const names = config.items.map(({ type, values }) =>
    type === 'pppoe_client' ? values.name : type === 'macvlan' ? undefined : values.interface,
  );
  return new Set(names.flatMap((name) => (name === undefined ? [] : resolveInterface(config, String(name)).ifname)));
});

function zoneOptions({ ifname }: WantInterface, zone: string | undefined, context: Context) {
  // For those who ask a server, 67 and 53 are open; where there is no fw4, nobody reads that.
  const isServing = context.want.served.has(ifname);
  if (zone === undefined && !isServing) return undefined;
  return { proto: 'none', device: ifname, auto: false, ...(zone && { zone }), ...(isServing && { served: true }) };
}

/** The user's; otherwise that of the parent's interface, though a link on which others are served never is outside by itself. */
function zoneOf(
  { ifname, parent, zone }: WantInterface,
  belows: ReadonlyMap<string, WantInterface>,
  context: Context,
  { zones, outer }: Netifd,
): string | undefined {
  if (zone) return zone;
  const below = belows.get(parent);
  const found = below ? (below.zone ?? zones.get(below.parent)) : zones.get(parent);
  return found !== undefined && outer.has(found) && context.want.served.has(ifname) ? undefined : found;
}

/** What is known of a link's IPv4. */
interface LineFacts {
  owner: string;
  addresses: string[];
  peers: Set<string>;
  gateway?: string | undefined;
  distance?: number | undefined;
}

function linesOf({ want }: Context): Map<string, LineFacts> {
  const lines = new Map<string, LineFacts>();
  for (const { owner, ifname, address, prefix, peer } of want.addresses) {
    if (isIpv6(address)) continue;
    const line = lines.get(ifname) ?? { owner, addresses: [], peers: new Set() };
    lines.set(ifname, line);
    if (peer !== undefined) line.peers.add(peer);
    line.addresses.push(`${address}/${prefix}`);
  }
  for (const route of want.routes) {
    const line = lines.get(route.ifname);
    if (!line || !isDefault(route)) continue;
    if (line.distance !== undefined && line.distance <= route.metric!) continue;
    line.distance = route.metric;
    line.gateway = route.gateway;
  }
  return lines;
}

/** That by which what has no source yet would leave. */
function isDefault({ destination, table, metric }: WantRoute): boolean {
  return destination === '0.0.0.0/0' && metric !== undefined && (table === OUR_TABLES || table === MAIN_TABLE);
}

/** Undefined where it cannot say so: one interface has one peer. */
function optionsOf(
  line: LineFacts,
  { ifname, ifindex }: SeenLink,
  resolvers: ReadonlyMap<string, WantResolver>,
): Announcement | undefined {
  const { addresses, peers, distance, owner } = line;
  const [peer] = peers;
  if (peers.size > 1 || (peer !== undefined && addresses.length > 2)) return undefined;
  const gateway = line.gateway ?? (distance === undefined ? undefined : peer);
  const { servers = [], domain } = resolvers.get(owner) ?? {};
  return {
    proto: 'static',
    device: ifname,
    force_link: true,
    delegate: false,
    // The second one of a peer's is there for what the kernel answers to ARP; netifd has no need of it.
    ipaddr: peer === undefined ? addresses : addresses.slice(0, 1),
    ...(peer !== undefined && { ptpaddr: peer }),
    ...(gateway !== undefined && { gateway }),
    metric: (distance ?? NEAREST) * METRIC_STEP + ifindex,
    ...(servers.length > 0 && { dns: servers, dns_metric: distance ?? NEAREST }),
    ...(domain !== undefined && { dns_search: [domain] }),
  };
}
