import { once } from '../model/once.ts';
import type { Nexthop, SeenLink, SeenRoute } from '../model/seen.ts';
import { isIpv6, MAIN_TABLE, OUR_TABLES, type WantRoute } from '../model/want.ts';
import type { Context } from './context.ts';
import type { Op, RouteSpec } from './op.ts';

type AddRoute = Extract<Op, { op: 'addRoute' }>;
type DeleteRoute = Extract<Op, { op: 'deleteRoute' }>;

/**
 * Metric of a line's connected route in the main table: above all that people and netifd use, and different for every
 * link, so that two lines in one subnet each keep theirs.
 */
const CONNECTED_METRIC = 28_022_000;

/**
 * Routes. Lines with the same destination and distance share one multipath route, as RouterOS does. A new form of
 * a route is added behind the old one before that is deleted, so that there is always one. IPv6 routes that differ in
 * their gateway only the kernel joins itself, so there each way is a route.
 */
export function planRoutes(context: Context): { adds: AddRoute[]; deletes: DeleteRoute[] } {
  const wanted = wantedRoutes(context);
  const here = byText(context.world.seen.routes);
  const nameOf = (ifindex: number) => context.world.links.byIndex.get(ifindex)?.ifname ?? String(ifindex);
  const adds = [...wanted]
    .filter(([key, { isTheirs }]) => !here.has(key) && !isTheirs)
    .map(([, { owner, route }]): AddRoute => ({ op: 'addRoute', owner, name: printRoute(route, nameOf), route }));
  const deletes = [...here]
    .filter(([key, route]) => !wanted.has(key) && !goesAnyway(route, context))
    .map(([, route]): DeleteRoute => ({ op: 'deleteRoute', owner: '', name: printRoute(route, nameOf), route }));
  return { adds: context.due(adds), deletes };
}

/** Many looks in a row find the same. */
const byText = once((routes: readonly SeenRoute[]) => new Map(routes.map((route) => [printRoute(route), route])));

/** A link that is deleted takes its routes along, and a child that ends may still need them. */
function goesAnyway({ nexthops }: RouteSpec, { ending, leaving }: Context): boolean {
  return nexthops.some(({ ifindex }) => ending.has(ifindex) || leaving.has(ifindex));
}

interface Wanted {
  readonly owner: string;
  readonly route: RouteSpec;
  /** netifd's: of ours, one that is there may stay. */
  readonly isTheirs: boolean;
}

interface Part {
  readonly want: WantRoute;
  readonly link: SeenLink;
  readonly table: number;
  readonly metric: number;
}

function wantedRoutes(context: Context): Map<string, Wanted> {
  const groups = new Map<string, Part[]>();
  for (const want of context.want.routes) {
    const link = context.world.links.byName.get(want.ifname);
    if (!link || !context.isUp(link) || !hasSource(want, link, context)) continue;
    if (isNetifds(want, context.settled)) continue;
    const table = want.table ?? context.lanes.of(want.owner, want.ifname)?.table;
    if (table === undefined || (table === OUR_TABLES && !context.isChosen(want))) continue;
    const metric = want.metric ?? CONNECTED_METRIC + link.ifindex;
    const way = isIpv6(want.destination) ? ` ${link.ifindex}` : '';
    const key = `${table} ${want.destination} ${metric}${way}`;
    const parts = groups.get(key);
    if (parts) parts.push({ want, link, table, metric });
    else groups.set(key, [{ want, link, table, metric }]);
  }
  const routes = [...groups.values()].map((parts): Wanted => {
    const { owner } = parts[0]!.want;
    const isTheirs = isNetifds(parts[0]!.want, context.theirs);
    return { owner, route: routeOf(parts), isTheirs };
  });
  return new Map(routes.map((wanted) => [printRoute(wanted.route), wanted]));
}

/** Of the main table those that netifd makes for an interface: ours may stay until it has. */
function isNetifds({ table, metric, ifname }: WantRoute, links: ReadonlySet<string>): boolean {
  return table === MAIN_TABLE && metric === undefined && links.has(ifname);
}

function routeOf(parts: readonly Part[]): RouteSpec {
  const { want, table, metric } = parts[0]!;
  const { destination } = want;
  const nexthops = want.isUnreachable ? [] : parts.length > 1 ? waysOf(parts) : [wayOf(parts[0]!)];
  return { table, destination, metric, source: nexthops.length === 1 ? want.source : undefined, nexthops };
}

/** Each once, in the kernel's order. */
function waysOf(parts: readonly Part[]): Nexthop[] {
  const ways = new Map(parts.map((part) => [`${part.link.ifindex} ${part.want.gateway}`, wayOf(part)]));
  return [...ways.values()].sort((a, b) => a.ifindex - b.ifindex);
}

function wayOf({ want: { destination, gateway, weight }, link: { ifindex } }: Part): Nexthop {
  return { ifindex, gateway, weight: isIpv6(destination) ? 1 : weight };
}

/** The kernel takes a preferred source only when it is an address of this machine; those that are added come before. */
function hasSource({ source }: WantRoute, { ifindex }: SeenLink, context: Context): boolean {
  return source === undefined || context.hasAddress(ifindex, source) || context.arriving.has(`${ifindex} ${source}`);
}

/** One text per route: what is equal in all that matters reads alike. For people, links go by their names. */
export function printRoute(route: RouteSpec, nameOf: (ifindex: number) => string = String): string {
  const { table, destination, metric, source, nexthops } = route;
  const way = ({ gateway, ifindex }: Nexthop) => `${gateway ? `via ${gateway} ` : ''}dev ${nameOf(ifindex)}`;
  const ways =
    nexthops.length === 1
      ? way(nexthops[0]!)
      : nexthops.map((hop) => `${way(hop)} weight ${hop.weight}`).join(' + ') || 'unreachable';
  return `${destination} ${ways}${source ? ` src ${source}` : ''} metric ${metric} table ${table}`;
}
