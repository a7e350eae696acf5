import type { Item } from '../../model/config.ts';
import { failureOf } from '../../model/facts.ts';
import { itemsBy, resolveInterface } from '../../model/names.ts';
import { interfaceLink, type World } from '../../model/world.ts';
import type { PppoeClient } from './properties.ts';
import { dialableAt, interfacesOf, LONGEST, sessionOf } from './session.ts';

/**
 * Clients with the same `dial-group` dial together: some providers let several sessions of one user in only when all ask
 * before the first one is counted, others want each to ask some time after the last one (`stagger`).
 */

/** In ms: whoever is due so soon after another is waited for. */
const GATHERING = 5000;
/** In ms: of what is typed line by line the next line may be another member. */
const SETTLING = 1000;
/** Drawn for a member, its time of dialing would be another one than that of the others. */
const NO_JITTER = 0.5;

const valuesOf = (item: Item) => item.values as PppoeClient;

const groupName = (item: Item): string | undefined =>
  item.type === 'pppoe_client' && !item.values.disabled && item.problems.length === 0
    ? valuesOf(item).dial_group
    : undefined;

export interface Group {
  readonly name: string;
  readonly members: readonly Item[];
  readonly online: number;
  /** How many are to be online, and seconds between two starts: the greatest that a member has. */
  readonly least: number;
  readonly stagger: number;
}

export function groupOf(item: Item, world: World): Group | undefined {
  const name = groupName(item);
  if (name === undefined) return undefined;
  const members = itemsBy(world.config, groupName, name);
  return {
    name,
    members,
    online: members.filter((member) => sessionOf(member, world)).length,
    least: Math.max(...members.map((member) => valuesOf(member).min_online)),
    stagger: Math.max(...members.map((member) => valuesOf(member).stagger)),
  };
}

/** When the client may dial, as dialableAt; a member of a group when the others that are missing may, too. */
export function dueAt(item: Item, world: World): number {
  const group = groupOf(item, world);
  if (!group) return dialableAt(world.facts.runs.get(item.id), world.config.respawn);
  const missing = group.members.filter(({ id }) => !world.children.has(id));
  if (!missing.includes(item)) return ownDue(item, group, world);
  return group.stagger > 0 ? staggered(item, missing, group, world) : together(item, missing, group, world);
}

/** As long as too few are online a refusal is one for want of others, and no reason to wait long. */
function ownDue({ id }: Item, { online, least }: Group, { facts, config }: World): number {
  const run = facts.runs.get(id);
  return dialableAt(run && { ...run, jitter: NO_JITTER }, config.respawn, online < least ? LONGEST : undefined);
}

/** With the last of those that are due soon after each other. */
function together(item: Item, missing: readonly Item[], group: Group, world: World): number {
  const settled = ({ id }: Item) => (world.facts.touches.get(id) ?? Number.NEGATIVE_INFINITY) + SETTLING;
  const due = (member: Item) => Math.max(world.now, settled(member), ownDue(member, group, world));
  const times = missing.map(due).sort((a, b) => a - b);
  let at = due(item);
  if (missing.some((member) => isComing(member, world))) return Math.max(at, world.now + GATHERING);
  for (const time of times) if (time > at && time <= at + GATHERING) at = time;
  return at <= world.now ? 0 : at;
}

/** The first that is due, so long after the last one that was started; the others each so long after the one before. */
function staggered(item: Item, missing: readonly Item[], group: Group, world: World): number {
  const started = group.members.map(({ id }) => world.facts.runs.get(id)?.startedAt ?? Number.NEGATIVE_INFINITY);
  const due = (member: Item) => ownDue(member, group, world);
  const inTurn = [...missing].sort((a, b) => Math.max(due(a), world.now) - Math.max(due(b), world.now));
  let at = Math.max(...started);
  for (const member of inTurn) {
    at = Math.max(at + 1000 * group.stagger, due(member));
    if (member === item) break;
    at = Math.max(at, world.now);
  }
  return at;
}

/** Its macvlan is being made, or comes up: in a moment it is there, or there is a failure. */
function isComing(item: Item, world: World): boolean {
  const name = interfacesOf(item)[0]!;
  const { item: below } = resolveInterface(world.config, name);
  if (below?.type !== 'macvlan' || below.values.disabled || below.problems.length > 0) return false;
  if (world.facts.loops.has(below.id) || failureOf(below.id, world.facts, world.now)) return false;
  const parent = interfaceLink(String(below.values.interface), world);
  const link = interfaceLink(name, world);
  return parent?.running === true && !(link?.up && link.carrier);
}
