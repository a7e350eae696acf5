import type { Item } from '../../model/config.ts';
import { failureOf } from '../../model/facts.ts';
import { ifnameOf, resolveInterface } from '../../model/names.ts';
import type { AnyValues } from '../../model/properties.ts';
import { linkFault } from '../../model/seen.ts';
import { rulesetKey } from '../../model/want.ts';
import { interfaceLink, type World } from '../../model/world.ts';
import { sizesOf } from './client.ts';
import { dueAt, groupOf } from './group.ts';
import type { PppoeClient } from './properties.ts';
import { activeLinks, childKey, endingOf, interfacesOf, linkOf, type Session, sessionOf } from './session.ts';

/** Where the client is, and why. */
export function state(item: Item, world: World): AnyValues {
  const session = item.values.disabled ? undefined : sessionOf(item, world);
  const [status, about] = verdict(item, session, world);
  const run = world.facts.runs.get(item.id);
  return {
    running: session !== undefined,
    status,
    about,
    ...(session && connection(item, session, world)),
    last_error: run && run.failures > 0 ? endingOf(run).text : undefined,
    next_try:
      status === 'disconnected' && !obstacleOf(interfacesOf(item)[0]!, world) ? nextTry(item, world) : undefined,
    actual_interface: ifnameOf(item),
    invalid: item.problems.length > 0,
  };
}

function connection(item: Item, session: Session, world: World): AnyValues {
  const { local, remote, nameServers, acMac, id, since } = session;
  const { acName, encoding, localIpv6, remoteIpv6 } = world.facts.heard.get(item.id) ?? {};
  const values = item.values as PppoeClient;
  const parent = interfaceLink(interfacesOf(item)[0]!, world);
  return {
    uptime: Math.max(0, Math.floor((world.now - since) / 1000)),
    active_ac_name: acName,
    active_ac_mac: acMac,
    session_id: id,
    mtu: linkOf(item, world)?.mtu,
    mru: parent && sizesOf(values, parent.mtu).mru,
    encoding,
    active_links: activeLinks(item, world),
    local_address: local,
    remote_address: remote,
    local_ipv6_address: localIpv6,
    remote_ipv6_address: remoteIpv6,
    primary_dns: nameServers[0],
    secondary_dns: nameServers[1],
  };
}

type Verdict = [status: string, about?: string | undefined];

function verdict(item: Item, session: Session | undefined, world: World): Verdict {
  const values = item.values as PppoeClient;
  const [problem] = item.problems;
  if (problem) return ['disconnected', problem.error];
  if (values.disabled) return ['disconnected'];
  const failure = failureOf(item.id, world.facts, world.now);
  if (session) return ['connected', remark(item, world)];
  const obstacle = obstacleOf(interfacesOf(item)[0]!, world);
  if (obstacle !== undefined) return ['disconnected', obstacle];
  if (linkOf(item, world)) return [isWaiting(item, world) ? 'waiting for packets' : 'verifying password'];
  if (world.children.has(item.id)) return ['dialing', lastError(item, world)];
  if (failure) return ['disconnected', failure.isMissing ? `${failure.error}; install ppp-mod-pppoe` : failure.error];
  return waiting(item, world);
}

/** Its link is there from the beginning, and of a server it hears only when there is something to send. */
function isWaiting({ id, values }: Item, { facts }: World): boolean {
  return Boolean(values.dial_on_demand) && facts.heard.get(id)?.acName === undefined;
}

/** Why the interface cannot be dialed on now. */
function obstacleOf(name: string, world: World): string | undefined {
  const { item: below } = resolveInterface(world.config, name);
  if (below?.values.disabled) return `interface ${name} is disabled`;
  const link = interfaceLink(name, world);
  if (!link) return `interface ${name} does not exist; it is waited for`;
  const fault = linkFault(link);
  if (fault) return `interface ${name} cannot have a pppoe-client: ${fault}`;
  return link.carrier ? undefined : `interface ${name} has no carrier`;
}

/** What a connected line has to do without. */
function remark(item: Item, world: World): string | undefined {
  const { source_routing } = item.values as PppoeClient;
  const { facts } = world;
  const missing = missingLink(item, world);
  if (missing) return missing;
  const failure = source_routing ? facts.failures.get(rulesetKey('inet')) : undefined;
  return failure && `what comes in by it may go back by another line: ${failure.error}`;
}

/** Why a bundle has fewer links than interfaces. */
function missingLink(item: Item, world: World): string | undefined {
  const names = interfacesOf(item);
  if (activeLinks(item, world) === names.length) return undefined;
  if (world.facts.heard.get(item.id)?.bundle === undefined)
    return `the server speaks no multilink: only ${names[0]} carries the session`;
  for (let at = 1; at < names.length; at++) {
    const run = world.facts.runs.get(childKey(item, at));
    const why = obstacleOf(names[at]!, world) ?? (run && run.failures > 0 ? endingOf(run).text : undefined);
    if (why) return `${names[at]} does not carry the session: ${why}`;
  }
  return undefined;
}

function lastError(item: Item, world: World): string | undefined {
  const run = world.facts.runs.get(item.id);
  return run && run.failures > 0 ? `last time: ${endingOf(run).text}` : undefined;
}

function waiting(item: Item, world: World): Verdict {
  const run = world.facts.runs.get(item.id);
  const seconds = nextTry(item, world);
  if (seconds === 0) return ['dialing', 'the client is being started'];
  const others = companions(item, world);
  if (!run || run.failures === 0) return ['disconnected', `it waits for its turn${others}`];
  const { text } = endingOf(run);
  if (seconds === undefined)
    return ['disconnected', `${text}; it is given up: correct it, or disable and enable the client to try again`];
  return ['disconnected', `${text}; next try in ${seconds} s${others}`];
}

function companions(item: Item, world: World): string {
  const { name, members, online, least } = groupOf(item, world) ?? {};
  if (!members) return '';
  const wanted = least ? `; ${least} are to be` : '';
  return ` with dial-group ${name}, of whose ${members.length} clients ${online} are connected${wanted}`;
}

/** Seconds; undefined: none before something is changed. */
function nextTry(item: Item, world: World): number | undefined {
  const at = dueAt(item, world);
  return Number.isFinite(at) ? Math.max(0, Math.ceil((at - world.now) / 1000)) : undefined;
}
