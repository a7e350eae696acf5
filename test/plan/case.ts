import { argv } from '../../src/menus/dhcp_client/client.ts';
import { type DhcpClient, dhcpClientProperties } from '../../src/menus/dhcp_client/properties.ts';
import { complete } from '../../src/model/complete.ts';
import { readConfig } from '../../src/model/config.ts';
import { type Event, type Facts, learn, noFacts } from '../../src/model/facts.ts';
import { withDefaults } from '../../src/model/properties.ts';
import {
  OUR_GROUP,
  type Seen,
  type SeenAddress,
  type SeenArpTimes,
  type SeenChild,
  type SeenLink,
  type SeenNeighbour,
  type SeenRoute,
  type SeenRule,
} from '../../src/model/seen.ts';
import { indexed } from '../../src/model/world.ts';
import { plan } from '../../src/plan/plan.ts';
import { printOp } from '../../src/plan/sentence.ts';
import { wantAll } from '../../src/plan/want.ts';
import { parse } from '../../src/uci/parse.ts';
import { fixture, fixtures } from '../helpers/fixture.ts';
import { seeded } from '../helpers/lab.ts';
import { menus } from '../helpers/menus.ts';
import { parts } from '../helpers/parts.ts';
import { NOTHING_SEEN, PORT } from '../helpers/seen.ts';

const NOW = 1_000_000;
const [RUN_DIR, SCRIPTS] = ['/run', '/lib'];

/** A client of which nothing is told. */
const PLAIN = withDefaults(dhcpClientProperties, {}) as DhcpClient;

/** seen.json. Links are numbered from 1 in their order; `parent` makes one a macvlan of ours. */
interface CompactSeen {
  links: Record<string, Partial<SeenLink> & { parent?: string }>;
  /** `192.0.2.10/24 dev macvlan1`, as the plan prints it, with ` broadcast …` and, when it is not ours, ` foreign` behind it. */
  addresses?: string[];
  /** As the plan prints them. */
  routes?: string[];
  /** By key; a child runs `on` a link with the command line that is wanted unless told otherwise. */
  children?: Record<string, Partial<SeenChild> & { on: string }>;
  resolv?: string;
  neighbours?: SeenNeighbour[];
  arpTimes?: SeenArpTimes[];
  rulesets?: Seen['rulesets'];
  rules?: SeenRule[];
  foreignDefaults?: Seen['foreignDefaults'];
  settings?: Record<string, string>;
  routers?: Seen['routers'];
  listening?: number[];
}

/** facts.json: what was learned, in this order. `leases` hold what differs from a plain /24. */
interface CompactFacts {
  leases?: Record<string, Record<string, string>>;
  events?: Event[];
}

/** The plan of one folder under test/fixtures/plan: its ops, one a line, and when to look again. */
export function planOf(folder: string): string {
  const file = (name: string) => fixture(`plan/${folder}/${name}`);
  const seen = seenOf(JSON.parse(file('seen.json')) as CompactSeen);
  const hasFacts = fixtures(`plan/${folder}`).includes('facts.json');
  const facts = factsOf(hasFacts ? (JSON.parse(file('facts.json')) as CompactFacts) : {});
  const config = readConfig(parse(file('config')), menus);
  const where = { runDir: RUN_DIR, scripts: SCRIPTS, hasListeners: false, isExecutable: () => true };
  const world = { config, facts, ...indexed(seen), now: NOW, random: seeded(1), ...where };
  const completed = { ...world, ...complete(config, menus, new Map(), world) };
  const { ops, wakeAt } = plan(completed, wantAll(completed, menus), parts);
  const wake = wakeAt === undefined ? [] : [`look again in ${wakeAt - NOW} ms`];
  return [...ops.map(printOp), ...wake, ''].join('\n');
}

function seenOf({
  links,
  addresses = [],
  routes = [],
  children = {},
  resolv,
  settings = {},
  ...parts
}: CompactSeen): Seen {
  const names = Object.keys(links);
  const linkAt = (name: string) => names.indexOf(name) + 1;
  const seenLinks = names.map((name): SeenLink => seenLink(name, linkAt(name), links[name]!, linkAt));
  return {
    ...NOTHING_SEEN,
    links: seenLinks,
    addresses: addresses.map((text): SeenAddress => {
      const [, address, peer, prefix, dev, broadcast, foreign] =
        /^([\da-f.:]+)(?: peer (\S+))?\/(\d+) dev (\S+)(?: broadcast (\S+))?( foreign)?$/.exec(text)!;
      const ours = foreign === undefined;
      return { ifindex: linkAt(dev!), address: address!, prefix: Number(prefix), peer, broadcast, ours };
    }),
    routes: routes.map(seenRoute),
    children: Object.entries(children).map(([key, { on, ...child }], n): SeenChild => {
      const mac = seenLinks.find(({ ifname }) => ifname === on)?.address ?? '';
      const wanted = argv({ key, ifname: on, mac, runDir: RUN_DIR, scripts: SCRIPTS }, PLAIN);
      return { key, pid: 100 + n, argv: wanted, ifindex: linkAt(on), ...child };
    }),
    files: new Map(resolv === undefined ? [] : [['resolv.conf', resolv]]),
    ...parts,
    settings: new Map(Object.entries(settings)),
  };
}

function seenLink(
  ifname: string,
  ifindex: number,
  { parent, ...given }: Partial<SeenLink> & { parent?: string },
  linkAt: (name: string) => number,
): SeenLink {
  const address = `02:99:00:00:00:0${ifindex}`;
  const macvlan = {
    kind: 'macvlan',
    macvlanMode: 'bridge',
    group: OUR_GROUP,
    bcQueueLen: 1000,
    link: linkAt(parent ?? ''),
  };
  return { ifindex, ifname, address, ...PORT, ...(parent === undefined ? {} : macvlan), ...given };
}

function seenRoute(text: string): SeenRoute {
  const [, destination, ways, source, metric, table] = /^(\S+) (.*?)(?: src (\S+))? metric (\d+) table (\d+)$/.exec(
    text,
  )!;
  const nexthops = ways!.split(' + ').map((way) => {
    const [, gateway, ifindex, weight] = /^(?:via (\S+) )?dev (\d+)(?: weight (\d+))?$/.exec(way)!;
    return { ifindex: Number(ifindex), gateway, weight: Number(weight ?? 1) };
  });
  return { table: Number(table), destination: destination!, metric: Number(metric), source, nexthops };
}

function factsOf({ leases = {}, events = [] }: CompactFacts): Facts {
  const news = Object.entries(leases).map(([key, lease]): Event => {
    const env = { mask: '24', router: '192.0.2.1', serverid: '192.0.2.1', lease: '3600', ...lease };
    return { type: 'news', key, news: { verb: 'bound', at: NOW - 60_000, env } };
  });
  return [...events, ...news].reduce(learn, noFacts());
}
