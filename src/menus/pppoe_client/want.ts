import type { Item } from '../../model/config.ts';
import { ifnameOf, interfaceItem, noteOf, resolveInterface } from '../../model/names.ts';
import type { AnyValues } from '../../model/properties.ts';
import { linkFault, type SeenLink } from '../../model/seen.ts';
import type { Want } from '../../model/want.ts';
import { interfaceLink, macOn, type World } from '../../model/world.ts';
import { wantEvent } from '../event.ts';
import { wantInterface } from '../interface.ts';
import { DEFAULT_ROUTE, NOT_INSTALLED, wantWays } from '../line.ts';
import { argv, ETHERNET, OLD_PLUGIN, PLUGIN, secrets } from './client.ts';
import { dueAt } from './group.ts';
import type { PppoeClient } from './properties.ts';
import {
  childKey,
  dialableAt,
  type Ends,
  interfacesOf,
  isOtherPlugin,
  placeholderOf,
  readSession,
  sessionOf,
} from './session.ts';

/** The first free pppoe-outN. */
export function generate(given: AnyValues, { config, links }: World): AnyValues {
  if (given.name !== undefined) return {};
  const from = noteOf(config, generate, () => ({ n: 1 }));
  for (let { n } = from; ; n++) {
    from.n = n;
    const name = `pppoe-out${n}`;
    if (!interfaceItem(config, name) && !links.byName.has(name)) return { name };
  }
}

export function claims(item: Item): [string, string][] {
  return [
    ['name', String(item.values.name)],
    ['ifname', ifnameOf(item)],
  ];
}

/** pppd itself and, while it has a session, the routes and the name servers. The address is pppd's matter. */
export function want(item: Item, world: World, want: Want): void {
  const values = item.values as PppoeClient;
  if (values.disabled) return;
  const [link] = linksOf(item, world);
  if (!link) return;
  wantChild(item, 0, world, want);
  wantInterface(item, link.ifname, world, want);
  if (values.source_routing) want.keeping.add(ifnameOf(item));
  const orphan = world.facts.orphans.get(item.id);
  const { acMac, id } = (orphan && readSession(orphan)) ?? {};
  if (acMac !== undefined && id !== undefined)
    want.partings.push({ owner: item.id, ifname: link.ifname, acMac, session: id });
  const session = sessionOf(item, world);
  const ends = session ?? placeholderOf(item, world);
  if (ends) wantRoutes(item, ends, want);
  if (session) {
    wantAddress(item, session, world, want);
    wantMore(item, world, want);
    const { local: ADDRESS, remote: GATEWAY } = session;
    wantEvent(
      item,
      'connected',
      { INTERFACE: String(values.name), DEVICE: ifnameOf(item), ADDRESS, GATEWAY },
      world,
      want,
    );
  }
  const mtu = session && bundleMtu(item, world);
  if (mtu) want.sizes.push({ owner: item.id, ifname: ifnameOf(item), mtu });
  if (!values.use_peer_dns || !session || session.nameServers.length === 0) return;
  const { name: comment, default_route_distance: distance } = values;
  want.resolvers.push({ owner: item.id, comment: String(comment), distance, servers: session.nameServers });
}

/** The links that it dials on, each at the place of its interface; undefined: it cannot be dialed on now. */
function linksOf(item: Item, world: World): (SeenLink | undefined)[] {
  return interfacesOf(item).map((name) => {
    const link = interfaceLink(name, world);
    return link?.address && !linkFault(link) ? link : undefined;
  });
}

function wantChild(item: Item, at: number, world: World, want: Want): void {
  const link = linksOf(item, world)[at];
  if (!link) return;
  const { item: below } = resolveInterface(world.config, interfacesOf(item)[at]!);
  if (!below) want.ports.add(link.ifname);
  const key = childKey(item, at);
  const values = item.values as PppoeClient;
  want.children.push({
    key,
    ifname: link.ifname,
    address: macOn(link, below),
    argv: argvOf(item, at, link, world),
    secrets: secrets(values, world.runDir),
    // A question that nobody can hear would only make the next one late.
    startableAt: link.carrier ? startAt(item, at, world) : Number.POSITIVE_INFINITY,
    together: at === 0 ? values.dial_group : undefined,
  });
}

function startAt(item: Item, at: number, world: World): number {
  const { facts, config } = world;
  return at === 0 ? dueAt(item, world) : dialableAt(facts.runs.get(childKey(item, at)), config.respawn);
}

/** The other links of a bundle, once the first one has found that the server speaks multilink. */
function wantMore(item: Item, world: World, want: Want): void {
  const isBundle = world.facts.heard.get(item.id)?.bundle !== undefined;
  for (let at = 1; at < interfacesOf(item).length; at++)
    if (isBundle || world.children.has(childKey(item, at))) wantChild(item, at, world, want);
}

/**
 * What several packets carry together: pppd makes its link no larger than one of them. Whoever speaks multilink takes 1500
 * (RFC 1990 5.1.1), except a pppd without `mrru`, whose limit is that of one packet; how much more, pppd does not tell.
 */
function bundleMtu(item: Item, { facts }: World): number | undefined {
  const { mrru } = item.values as PppoeClient;
  if (mrru === 'disabled' || facts.heard.get(item.id)?.bundle === undefined) return undefined;
  return Math.min(mrru, ETHERNET);
}

function argvOf(item: Item, at: number, { ifname: parent, mtu: parentMtu }: SeenLink, world: World): string[] {
  const { facts, runDir, scripts, children, config } = world;
  const key = childKey(item, at);
  const isOld = children.get(key)?.argv.includes(OLD_PLUGIN!) ?? isOtherPlugin(facts.runs.get(key));
  const plugin = isOld ? OLD_PLUGIN! : PLUGIN!;
  const links = interfacesOf(item).map((name) => resolveInterface(config, name).ifname);
  const of = { key, client: item.id, ifname: ifnameOf(item), links, parent, parentMtu };
  return argv({ ...of, plugin, runDir, scripts }, item.values as PppoeClient);
}

/** pppd has set both; whoever takes them away, as netifd does when it ends, would leave a session without. */
function wantAddress(item: Item, { local: address, remote: peer }: Ends, world: World, want: Want): void {
  const [owner, ifname] = [item.id, ifnameOf(item)];
  if (world.links.byName.get(ifname)?.kind !== 'ppp') return;
  want.ports.add(ifname);
  want.addresses.push({ owner, ifname, address, prefix: 32, peer });
}

function wantRoutes(item: Item, { local: address, remote: peer }: Ends, want: Want): void {
  const { add_default_route, default_route_distance, default_route_weight, source_routing } =
    item.values as PppoeClient;
  wantWays(
    {
      owner: item.id,
      ifname: ifnameOf(item),
      address,
      prefix: 32,
      peer,
      routes: [{ destination: DEFAULT_ROUTE }],
      distance: add_default_route ? default_route_distance : NOT_INSTALLED,
      weight: default_route_weight,
      sourceRouting: source_routing,
    },
    want,
  );
}
