import { networkOf } from '../../bytes/ip.ts';
import type { Item } from '../../model/config.ts';
import type { Menu } from '../../model/menu.ts';
import { resolveInterface } from '../../model/names.ts';
import type { SeenAddress, SeenLink } from '../../model/seen.ts';
import type { World } from '../../model/world.ts';
import { reasonOf } from '../dhcp_client/diagnose.ts';
import { cause, type Finding, ok, othersWith, type Result, unknown, type WireProbes, wireState } from '../finding.ts';
import type { Firewall, Verdict } from './firewall.ts';
import { isOn } from './generate.ts';
import { isOnItself, linkOf, parentFault, parentLink, vlanClash, vlansOf } from './parent.ts';
import type { Macvlan } from './properties.ts';
import { state } from './state.ts';

/** The manual's troubleshooting lists as checks of the living system. */

/** What has to be found out besides the world. */
export interface Probes extends WireProbes {
  /** The machine's rules, or why they are not known. */
  readonly firewall: Firewall | { readonly failure: string };
  /** net.ipv4.conf.IFNAME.forwarding */
  forwarding(ifname: string): boolean | undefined;
  /** Destinations (`192.0.2.0/24`) that the main table reaches by the link. */
  routesOf(ifindex: number): readonly string[];
}

interface Subject {
  readonly item: Item;
  readonly values: Macvlan;
  readonly link: SeenLink | undefined;
  readonly parent: SeenLink | undefined;
  readonly world: World;
  readonly probes: Probes;
  readonly menus: readonly Menu[];
  readonly isThorough: boolean;
}

type Check = (subject: Subject) => readonly Result[];

/** In the order of the manual: no traffic, instances that do not reach each other, DHCP that fails. */
const CHECKS: Readonly<Record<string, Check>> = {
  running,
  parent: parentState,
  vlan,
  mac,
  'mac-on-wire': macOnWire,
  mode,
  forwarding,
  firewall,
  route,
  dhcp,
  log,
};

/** What is looked at for few items only: it takes time, or grows with the square of their number. */
const THOROUGH: ReadonlySet<string> = new Set(['mac-on-wire', 'mode', 'firewall', 'route', 'log']);

/** Of one item. Not `isThorough`: only what is quickly told, and of that only what is not in order. */
export function diagnose(
  item: Item,
  world: World,
  probes: Probes,
  menus: readonly Menu[],
  isThorough: boolean,
): Finding[] {
  const values = item.values as Macvlan;
  const [link, parent] = [linkOf(item, world), parentLink(values, world)];
  const subject = { item, values, link, parent, world, probes, menus, isThorough };
  return Object.entries(CHECKS)
    .filter(([check]) => isThorough || !THOROUGH.has(check))
    .flatMap(([check, find]) => find(subject).map((result) => ({ check, ...result })))
    .filter(({ result }) => isThorough || result === 'cause');
}

function running({ item, values, world }: Subject): Result[] {
  const { running, about } = state(item, world) as { running: boolean; about?: string };
  if (running) return ok(`${values.name} is running${about ? `; ${about}` : ''}`);
  if (item.problems.length > 0) return cause(about!, `correct section ${item.id} in /etc/config/macvlan`);
  if (values.disabled) return cause(`${values.name} is disabled`, `/interface macvlan enable "${values.name}"`);
  return cause(about ?? `${values.name} is not running`, 'see the checks that follow');
}

function parentState({ item, values: { interface: name }, parent, world }: Subject): Result[] {
  if (isOnItself(item, world.config)) return cause(`${name} stands on itself`, 'choose another interface');
  if (!parent) return cause(`parent ${name} does not exist`, `plug it in, or say by port_alias what ${name} is called`);
  const fault = parentFault(parent);
  if (fault) return cause(`${name} cannot carry a macvlan: ${fault}`, 'choose another interface');
  return wireState(`parent ${name}`, parent);
}

function vlan({ values: { interface: name }, link, parent, world }: Subject): Result[] {
  if (!parent) return unknown(`parent ${name} does not exist`);
  const clash = link && vlanClash(link, parent, world);
  if (clash !== undefined)
    return cause(
      `VLAN ${clash} is on parent ${name} too, which takes all its packets`,
      `make the macvlan on ${parent.ifname}'s VLAN ${clash}, or remove one of the two`,
    );
  const ids = vlansOf(parent, world);
  if (ids.length === 0) return ok(`parent ${name} has no VLAN`);
  return ok(`packets of VLAN ${ids.join(', ')} go to the VLANs of parent ${name} and not to the macvlan`);
}

function mac({ item, values, link, parent, world }: Subject): Result[] {
  const address = values.mode === 'passthru' ? parent?.address : values.mac_address;
  if (!link || !address) return unknown('there is no link yet');
  if (link.address !== address)
    return cause(`link ${link.ifname} has ${link.address} in place of ${address}`, 'ubus call macvlan reload');
  if (values.mode === 'passthru') return ok(`${address}, that of its parent, as mode passthru has it`);
  const twin = world.seen.links.find((other) => other.address === address && !isOn(other, link));
  if (twin)
    return cause(
      `link ${twin.ifname} has the MAC address ${address} too`,
      `/interface macvlan set "${values.name}" mac-address=… with another, or unset it (!mac-address)`,
    );
  const origin = item.given.mac_address === undefined ? 'generated' : 'kept in the configuration';
  return ok(`${address} is ${origin} and no other link has it`);
}

function macOnWire({ link, parent, probes }: Subject): Result[] {
  return link && parent ? othersWith(link, parent.ifname, probes) : unknown('there is no link yet');
}

/** The other macvlans on the same parent. */
function siblings({ item, parent, world }: Subject): { name: string; values: Macvlan; link: SeenLink }[] {
  return world.config.items.flatMap((other) => {
    const link = other.type === 'macvlan' && other.id !== item.id ? linkOf(other, world) : undefined;
    const values = other.values as Macvlan;
    return link && parent && link.link === parent.ifindex ? [{ name: values.name, values, link }] : [];
  });
}

function mode(subject: Subject): Result[] {
  const { values } = subject;
  const others = siblings(subject);
  if (others.length === 0) return ok(`no other macvlan is on ${values.interface}`);
  const apart = others.filter((other) => values.mode !== 'bridge' || other.values.mode !== 'bridge');
  if (apart.length === 0) return ok(`all on ${values.interface} are in mode bridge and reach each other`);
  return apart.flatMap((other) =>
    cause(
      `${values.name} is in mode ${values.mode}, ${other.name} in mode ${other.values.mode}: they do not reach each other directly`,
      'if they should: /interface macvlan set mode=bridge for both',
    ),
  );
}

function forwarding({ link, probes }: Subject): Result[] {
  const on = link && probes.forwarding(link.ifname);
  if (on === undefined) return unknown('there is no link yet');
  if (on) return ok(`${link!.ifname} forwards between interfaces`);
  return cause(
    `forwarding is off on ${link!.ifname}: packets from one interface to another end here`,
    'sysctl -w net.ipv4.ip_forward=1',
  );
}

function firewall(subject: Subject): Result[] {
  const { values, link, probes } = subject;
  const others = siblings(subject);
  if (!link || others.length === 0) return ok('there is no other macvlan to forward to');
  const rules = probes.firewall;
  if ('failure' in rules) return unknown(`the rules could not be read: ${rules.failure}`);
  return others.flatMap(({ name, link: other }) => {
    const verdict = rules.forward(link.ifname, other.ifname);
    const text = `from ${values.name} to ${name}: ${verdictText(verdict)}`;
    return verdict.verdict === 'accept' ? ok(text) : cause(text, `allow it in the firewall if it is wanted`);
  });
}

function verdictText({ verdict, by, unless }: Verdict): string {
  if (by === undefined) return 'there is no chain of hook forward that could stop it';
  return `${by} ${verdict === 'accept' ? 'lets it pass' : 'drops it'}${unless ? `, except as ${unless} says` : ''}`;
}

/** Every subnet of a sibling has to be reachable by it. */
function route(subject: Subject): Result[] {
  const { link, values, world, probes } = subject;
  if (!link) return unknown('there is no link yet');
  const addresses = (ifindex: number) => world.seen.addresses.filter((address) => address.ifindex === ifindex);
  if (addresses(link.ifindex).length === 0)
    return cause(
      `${values.name} has no IPv4 address`,
      `give it one: /ip dhcp-client add interface="${values.name}", or a static address`,
    );
  return [{ name: values.name, link }, ...siblings(subject)].flatMap(({ name, link: other }) =>
    addresses(other.ifindex).flatMap((address) => routeTo(name, address, probes)),
  );
}

function routeTo(name: string, { ifindex, address, prefix }: SeenAddress, probes: Probes): Result[] {
  if (prefix === 32) return ok(`${address} of ${name} is a host's alone`);
  const subnet = `${networkOf(address, prefix)}/${prefix}`;
  if (probes.routesOf(ifindex).includes(subnet)) return ok(`${subnet} is reached by ${name}`);
  return cause(
    `no route leads to ${subnet} by ${name}`,
    'take the interface down and up, or see who removed the route (ip route)',
  );
}

/** What its DHCP client comes to; the rest of that is the client's own `diagnose`. */
function dhcp({ item, values, world, probes, menus, isThorough }: Subject): Result[] {
  const client = clientOf(item, world);
  if (!client) return ok(`no DHCP client is on ${values.name}`);
  const reason = reasonOf(client, world, probes, menus, isThorough);
  return [reason.result === 'ok' ? reason : { ...reason, text: `the DHCP client is ${reason.text}` }];
}

function log({ item, world, probes }: Subject): Result[] {
  const client = clientOf(item, world);
  const line = client && probes.lastLine(client.id);
  return line === undefined ? ok('no client has said anything yet') : ok(`its client said last: ${line}`);
}

/** The client on a macvlan. */
export function clientOf({ id }: Item, { config }: World): Item | undefined {
  return config.items.find(
    (other) => other.type === 'dhcp_client' && resolveInterface(config, String(other.values.interface)).item?.id === id,
  );
}
