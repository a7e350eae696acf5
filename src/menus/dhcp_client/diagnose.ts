import { networkOf } from '../../bytes/ip.ts';
import type { Item } from '../../model/config.ts';
import type { Tally } from '../../model/facts.ts';
import type { Menu } from '../../model/menu.ts';
import { resolveInterface } from '../../model/names.ts';
import type { SeenLink } from '../../model/seen.ts';
import { printTime } from '../../model/time.ts';
import { interfaceLink, type World } from '../../model/world.ts';
import { cause, type Finding, ok, othersWith, type Result, unknown, type WireProbes, wireState } from '../finding.ts';
import { parentLink } from '../macvlan/parent.ts';
import type { Macvlan } from '../macvlan/properties.ts';

/** The manual's troubleshooting list of DHCP as checks of a living client. */

/** Of the client's `list` entry. */
interface State {
  readonly status: string;
  readonly about?: string;
  readonly address?: string;
  readonly gateway?: string;
  readonly dhcp_server?: string;
}

interface Subject {
  readonly item: Item;
  readonly name: string;
  readonly macvlan: Item | undefined;
  readonly link: SeenLink | undefined;
  /** What has the plug: the macvlan's parent, or the link itself. */
  readonly wire: SeenLink | undefined;
  readonly state: State;
  readonly tally: Tally | undefined;
  readonly world: World;
  readonly probes: WireProbes;
}

type Check = (subject: Subject) => Result[];

/** In the order in which one is looked for: of two causes the first explains the other. */
const CHECKS: Readonly<Record<string, Check>> = {
  client,
  parent,
  'mac-conflict': macConflict,
  'address-conflict': addressConflict,
  offer,
  server,
  'dhcp-on-wire': dhcpOnWire,
  log,
};

/** What takes time, and is done for few clients only. */
const THOROUGH: ReadonlySet<string> = new Set(['mac-conflict', 'address-conflict', 'server', 'dhcp-on-wire', 'log']);
/** Checks that say what is missing; the others say why. */
const SYMPTOMS: readonly string[] = ['client', 'offer'];
const BOUND: readonly string[] = ['bound', 'renewing', 'rebinding'];

/** Of one client, the reason in one sentence first. Not `isThorough`: only what is quickly told and not in order. */
export function diagnoseClient(
  item: Item,
  world: World,
  probes: WireProbes,
  menus: readonly Menu[],
  isThorough: boolean,
): Finding[] {
  const subject = subjectOf(item, world, probes, menus);
  const findings = findingsOf(subject, isThorough);
  return [{ check: 'reason', ...reason(subject, findings) }, ...findings].filter(
    ({ result }) => isThorough || result === 'cause',
  );
}

/** Its reason alone. */
export function reasonOf(
  item: Item,
  world: World,
  probes: WireProbes,
  menus: readonly Menu[],
  isThorough: boolean,
): Result {
  const subject = subjectOf(item, world, probes, menus);
  return reason(subject, findingsOf(subject, isThorough));
}

function findingsOf(subject: Subject, isThorough: boolean): Finding[] {
  return Object.entries(CHECKS)
    .filter(([check]) => isThorough || !THOROUGH.has(check))
    .flatMap(([check, find]) => find(subject).map((result) => ({ check, ...result })));
}

/** Whom to ask by ARP about what a client has; without a sender it is a probe that nobody learns from (RFC 5227). */
export function questionsOf(item: Item, world: World, menus: readonly Menu[]): { address: string; sender?: string }[] {
  const state = stateOf(item, world, menus);
  const [leased] = state.address?.split('/') ?? [];
  if (leased === undefined) return [];
  const others = neighboursOf(state).map(({ address }) => ({ address, sender: leased }));
  return [{ address: leased }, ...others];
}

function subjectOf(item: Item, world: World, probes: WireProbes, menus: readonly Menu[]): Subject {
  const name = String(item.values.interface);
  const { item: macvlan } = resolveInterface(world.config, name);
  const link = interfaceLink(name, world);
  const wire = macvlan ? parentLink(macvlan.values as Macvlan, world) : link;
  const state = stateOf(item, world, menus);
  return { item, name, macvlan, link, wire, state, tally: world.facts.tallies.get(item.id), world, probes };
}

function stateOf(item: Item, world: World, menus: readonly Menu[]): State {
  return menus.find(({ type }) => type === item.type)!.state(item, world) as unknown as State;
}

/** What is missing and why, as far as it was found. */
function reason({ name, state }: Subject, findings: readonly Finding[]): Result {
  const { status, about, address, dhcp_server = 'a server' } = state;
  const causes = findings.filter(({ result }) => result === 'cause');
  const symptom = causes.find(({ check }) => SYMPTOMS.includes(check));
  const root = causes.find(({ check }) => !SYMPTOMS.includes(check));
  const told = [symptom, root].flatMap((finding) => finding?.text ?? []).join('; ');
  const cure = (root ?? symptom)?.cure;
  if (cure !== undefined) return cause(`${status}: ${told}`, cure)[0]!;
  const lease = `${status}: ${address} from ${dhcp_server}`;
  if (status === 'rebinding') return cause(lease, 'see that the server is still there')[0]!;
  if (BOUND.includes(status)) return ok(lease)[0]!;
  return unknown(`${status}: ${about ?? `nothing speaks against a lease for ${name}`}`)[0]!;
}

/** Is there somebody who asks at all? */
function client({ item, name, macvlan, link, wire, state, world }: Subject): Result[] {
  const { status, about = `the client of ${name} is ${state.status}` } = state;
  const [problem] = item.problems;
  const child = world.children.get(item.id);
  if (problem) return cause(problem.error, `correct section ${item.id} in /etc/config/macvlan`);
  if (item.values.disabled)
    return cause(`the client of ${name} is disabled`, `/ip dhcp-client enable [find interface="${name}"]`);
  const spawn = world.facts.failures.get(`spawn ${item.id}`);
  if (spawn) return cause(spawn.error, 'see that udhcpc of busybox is installed');
  if (macvlan?.values.disabled) return cause(`interface ${name} is disabled`, `/interface macvlan enable "${name}"`);
  if (!link) return wire ? cause(about, `/interface macvlan diagnose "${name}"`) : unknown(about);
  if (status === 'stopped' || status === 'error') return cause(about, 'see the checks that follow');
  if (child) return ok(`udhcpc runs for ${name} as process ${child.pid}`);
  return unknown(about);
}

function parent({ name, macvlan, wire }: Subject): Result[] {
  const below = macvlan ? `parent ${macvlan.values.interface}` : name;
  if (!wire) return cause(`${below} does not exist`, `plug it in, or say by port_alias what ${name} is called`);
  return wireState(below, wire);
}

function macConflict({ name, link, wire, probes }: Subject): Result[] {
  if (!link || !wire) return unknown(`${name} does not exist`);
  return othersWith(link, wire.ifname, probes);
}

/** RFC 5227: who answers for an address has it. */
function addressConflict({ name, link, state, world, probes }: Subject): Result[] {
  const [leased] = state.address?.split('/') ?? [];
  if (!link || leased === undefined)
    return unknown('there is no lease yet, so no address that somebody could have too');
  const owners = probes.ownersOf(link.ifindex, leased);
  if (!owners) return unknown(`nobody can be asked while ${name} is not running`);
  // By default Linux answers on each of its links for the addresses of all.
  const other = owners.find((mac) => !world.seen.links.some(({ address }) => address === mac));
  if (other === undefined) return ok(`nobody else answers for ${leased}`);
  return cause(
    `another host, ${other}, answers for ${leased}`,
    `find that host, which has the address by hand or of another server; /ip dhcp-client release [find interface="${name}"] asks for another`,
  );
}

/** What the client and the servers said to each other, as the client printed it. */
function offer({ link, state, tally, world }: Subject): Result[] {
  if (!tally) {
    const text = 'nothing was asked and answered since the client started, or macvland';
    return BOUND.includes(state.status) ? ok(text) : unknown(text);
  }
  const { counts, last, unanswered } = tally;
  const ago = (at: number) => printTime((world.now - at) / 1000);
  const naks = counts.NAK ?? 0;
  if (state.status === 'bound') return ok(talk(tally, ago));
  const refused = naks > 0 ? `, after ${many(naks, 'refusal')} (NAK)` : '';
  if (unanswered > 0)
    return cause(
      `no server answered ${many(unanswered, 'request')} in ${ago(tally.askedAt)}${refused}`,
      `see that the server accepts requests from ${link?.address ?? 'its MAC address'}; some providers keep to the first MAC address that they see until the modem is restarted`,
    );
  if (last === 'NAK')
    return cause(
      `the server refused the address that was asked for (NAK, ${many(naks, 'time')}, last ${ago(tally.heardAt!)} ago)`,
      'the client asks for another by itself; if that goes on, two servers contradict each other: see dhcp-on-wire',
    );
  return unknown(talk(tally, ago));
}

function talk({ counts, since, heardAt }: Tally, ago: (at: number) => string): string {
  const { discover = 0, renew = 0, select = 0, again = 0, NAK = 0, obtained = 0 } = counts;
  const said = [
    many(discover + renew + again, 'request'),
    many(select, 'offer'),
    many(obtained, 'lease'),
    `${many(NAK, 'refusal')} (NAK)`,
  ].join(', ');
  return `${said} in ${ago(since)}${heardAt === undefined ? '' : `; a server was heard ${ago(heardAt)} ago`}`;
}

function many(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

/** The server and the gateway of a lease as far as they are on its subnet. */
function neighboursOf({ address, gateway, dhcp_server }: State): { what: string; address: string }[] {
  const [own, length] = address?.split('/') ?? [];
  const isNear = (other: string | undefined): other is string =>
    other !== undefined && other !== own && networkOf(other, Number(length)) === networkOf(own!, Number(length));
  if (own === undefined) return [];
  const server = isNear(dhcp_server) ? [{ what: 'server', address: dhcp_server }] : [];
  return isNear(gateway) && gateway !== dhcp_server ? [...server, { what: 'gateway', address: gateway }] : server;
}

function server({ item, name, link, state, world, probes }: Subject): Result[] {
  if (!link || state.address === undefined) return unknown('there is no lease yet, so no server to reach');
  const at = world.facts.news.get(item.id)?.at ?? world.now;
  const given = `the lease was given ${printTime((world.now - at) / 1000)} ago`;
  const near = neighboursOf(state);
  if (near.length === 0) return ok(`${given}; no server or gateway is on the subnet of ${state.address}`);
  return near.flatMap(({ what, address }) => {
    const owners = probes.ownersOf(link.ifindex, address);
    if (!owners) return unknown(`nobody can be asked while ${name} is not running`);
    if (owners.length > 0) return ok(`${what} ${address} answers as ${owners.join(' and ')}; ${given}`);
    return cause(`${what} ${address} does not answer; ${given}`, `see that the ${what} is still there`);
  });
}

/** Whom servers were heard to answer, mostly by chance; it tells a server that is choosy from one that is not there. */
function dhcpOnWire({ link, state, probes }: Subject): Result[] {
  const answers = link ? probes.answersOn(link.ifindex) : [];
  const own = answers.find(({ client }) => client === link!.address);
  const other = answers.find(({ client }) => client !== link!.address);
  if (own) return ok(`server ${own.server} was heard answering it`);
  if (!other) return ok('no server was heard answering anybody in that second');
  const text = `server ${other.server} was heard answering ${other.client}`;
  // Who has a lease, or does not ask, is not passed over.
  if (BOUND.includes(state.status) || state.status === 'stopped') return ok(text);
  return cause(`${text} and not this client`, `see that it accepts requests from ${link!.address}`);
}

function log({ item, probes }: Subject): Result[] {
  const line = probes.lastLine(item.id);
  return ok(line === undefined ? 'the client has said nothing yet' : `the client said last: ${line}`);
}
