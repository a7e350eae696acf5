import type { Config } from '../../src/model/config.ts';
import { type Event, type Facts, learn } from '../../src/model/facts.ts';
import { OUR_GROUP, type Rulesets, type Seen, type SeenLink } from '../../src/model/seen.ts';
import { indexed, type World } from '../../src/model/world.ts';
import type { Op } from '../../src/plan/op.ts';
import { type Plan, plan } from '../../src/plan/plan.ts';
import { wantAll } from '../../src/plan/want.ts';
import { menus } from '../helpers/menus.ts';
import { parts } from '../helpers/parts.ts';
import { NOTHING_SEEN, PORT } from '../helpers/seen.ts';

const NOW = 1_000_000;

export function worldOf(config: Config, seen: Seen, facts: Facts): World {
  return {
    config,
    facts,
    ...indexed(seen),
    now: NOW,
    random: Math.random,
    runDir: '/run',
    isExecutable: () => true,
    scripts: '/lib',
    hasListeners: false,
  };
}

/** What the loop decides in one pass. */
export function decideAll(world: World): Plan {
  return plan(world, wantAll(world, menus), parts);
}

const ETHER1: SeenLink = { ...PORT, ifindex: 1, ifname: 'ether1', address: '02:99:00:00:00:01' };

/** The world of a configuration in which everything is done: all links up, every client running and bound. */
export function settled({ config, facts }: World): World {
  let world = worldOf(config, { ...NOTHING_SEEN, links: [ETHER1] }, facts);
  for (let { ops } = decideAll(world); ops.length > 0; { ops } = decideAll(world)) {
    world = withChildren(worldOf(config, ops.reduce(done, world.seen), facts));
  }
  return world;
}

function done(seen: Seen, op: Op): Seen {
  if (op.op === 'addLink') return { ...seen, links: [...seen.links, linkOf(op, seen.links.length + 1)] };
  if (op.op === 'addAddress') return { ...seen, addresses: [...seen.addresses, { ...op, ours: true }] };
  if (op.op === 'addRoute') return { ...seen, routes: [...seen.routes, op.route] };
  if (op.op === 'addRule') return { ...seen, rules: [...seen.rules, op.rule] };
  if (op.op === 'setRuleset') return { ...seen, rulesets: withRuleset(seen.rulesets, op) };
  return op.op === 'writeFile' ? { ...seen, files: new Map(seen.files).set(op.name, op.text) } : seen;
}

function linkOf(op: Extract<Op, { op: 'addLink' }>, ifindex: number): SeenLink {
  const { name: ifname, parent: link, address, mtu, mode: macvlanMode, ifalias, bcQueueLen } = op;
  const ours = { group: OUR_GROUP, kind: 'macvlan', link, macvlanMode, ifalias, bcQueueLen };
  return { ...ETHER1, ...ours, ifindex, ifname, address, mtu };
}

/** The clients all at once, where the plan spaces them, each with a lease in a subnet that they share. */
function withChildren(world: World): World {
  const wanted = wantAll(world, menus).children;
  const children = wanted.map(({ key, ifname, argv }, n) => ({
    key,
    pid: 1000 + n,
    argv,
    ifindex: world.links.byName.get(ifname)!.ifindex,
  }));
  const facts = children.map(({ key }, n) => news(key, n)).reduce(learn, world.facts);
  return worldOf(world.config, { ...world.seen, children }, facts);
}

function news(key: string, n: number): Event {
  const ip = `198.51.${100 + (n >> 8)}.${n & 255}`;
  const env = { ip, mask: '16', router: '198.51.0.1', serverid: '198.51.0.1', dns: '198.51.0.1', lease: '3600' };
  return { type: 'news', key, news: { verb: 'bound', at: NOW, env } };
}

/** The digest stands in the text. */
function withRuleset(rulesets: Rulesets, { name, text }: Extract<Op, { op: 'setRuleset' }>): Rulesets {
  return { ...rulesets, [name.split(' ')[0]!]: /comment "(.*)"/.exec(text)?.[1] };
}
