import { printKept } from '../model/kept.ts';
import { type Conf, isOurs, type SeenLink } from '../model/seen.ts';
import type { Context } from './context.ts';
import { KEPT } from './files.ts';
import type { Op } from './op.ts';

type SetConf = Extract<Op, { op: 'setConf' }>;
type WriteSetting = Extract<Op, { op: 'writeSetting' }>;

/**
 * What they were before is remembered, and comes back when nobody needs them otherwise any more: it is on disk before they
 * change, or a daemon that is killed in between would take ours for what they were.
 */
export function planSettings(context: Context): Op[] {
  const ops = [...planConfs(context), ...planFiles(context)];
  const { facts, seen } = context.world;
  const [confs, settings] = [new Map(facts.confs), new Map(facts.settings)];
  for (const op of ops) {
    if (op.before === undefined) continue;
    if (op.op === 'setConf') confs.set(op.name, { ifindex: op.ifindex, conf: op.before });
    else settings.set(op.name, op.before);
  }
  const text = printKept({ ...context.world, facts: { ...facts, confs, settings } });
  const isNew = ops.some(({ before }) => before !== undefined) && text !== (seen.files.get(KEPT) ?? '');
  return isNew ? [{ op: 'writeFile', owner: '', name: KEPT, text, mode: 0o600 }, ...ops] : ops;
}

/**
 * Links in one subnet answer ARP for each other's addresses, ask in each other's name and drop what comes in by another
 * one than they would send by, unless told otherwise: a link with a line, and the parent of its link.
 */
function planConfs(context: Context): SetConf[] {
  const { facts, links } = context.world;
  const owners = apartLinks(context);
  const sets = [...owners].flatMap(([ifindex, owner]): SetConf[] => {
    const link = links.byIndex.get(ifindex)!;
    const conf = link.conf && apart(link.conf);
    if (!conf || isSame(conf, link.conf!)) return [];
    const isKnown = facts.confs.get(link.ifname)?.ifindex === ifindex;
    return [{ op: 'setConf', owner, name: link.ifname, ifindex, conf, before: isKnown ? undefined : link.conf }];
  });
  const backs = [...facts.confs].flatMap(([name, { ifindex, conf }]): SetConf[] => {
    // Under whatever name it has now.
    if (!links.byIndex.has(ifindex) || owners.has(ifindex) || context.leaving.has(ifindex)) return [];
    return [{ op: 'setConf', owner: '', name, ifindex, conf, isBack: true }];
  });
  return context.due([...sets, ...backs]);
}

/** By ifindex, with the item for whose sake it is. */
function apartLinks(context: Context): Map<number, string> {
  const { links } = context.world;
  const owners = new Map<number, string>();
  for (const { owner, ifname, source } of context.want.sources) {
    const link = links.byName.get(ifname);
    if (!link || context.leaving.has(link.ifindex) || source.includes(':')) continue;
    for (const { ifindex } of [link, ...parentOf(link, context)]) if (!owners.has(ifindex)) owners.set(ifindex, owner);
  }
  return owners;
}

function parentOf(link: SeenLink, { world: { links } }: Context): SeenLink[] {
  const parent = isOurs(link) ? links.byIndex.get(link.link ?? 0) : undefined;
  return parent ? [parent] : [];
}

/** arp_ignore: answer for one's own addresses only; arp_announce: ask in one's own name; rp_filter: any way back will do. */
function apart({ arpIgnore }: Conf): Conf {
  return { arpIgnore: Math.max(1, arpIgnore), arpAnnounce: 2, rpFilter: 2 };
}

function isSame(a: Conf, b: Conf): boolean {
  return a.arpIgnore === b.arpIgnore && a.arpAnnounce === b.arpAnnounce && a.rpFilter === b.rpFilter;
}

/** Files below /proc/sys. One that is not there is another kernel's, or that of a link that has gone. */
function planFiles(context: Context): WriteSetting[] {
  const { facts, seen } = context.world;
  const wanted = new Map(context.want.settings.map((want) => [want.path, want]));
  const sets = [...wanted].flatMap(([name, { owner, value }]): WriteSetting[] => {
    const now = seen.settings.get(name);
    if (now === undefined || now === value || leaves(name, context)) return [];
    return [{ op: 'writeSetting', owner, name, value, before: facts.settings.has(name) ? undefined : now }];
  });
  const backs = [...facts.settings].flatMap(([name, value]): WriteSetting[] =>
    wanted.has(name) || !seen.settings.has(name) || leaves(name, context)
      ? []
      : [{ op: 'writeSetting', owner: '', name, value, isBack: true }],
  );
  return context.due([...sets, ...backs]);
}

/** Whether it goes with its link. */
function leaves(path: string, { world: { links }, leaving }: Context): boolean {
  const link = links.byName.get(/\/conf\/([^/]+)\//.exec(path)?.[1] ?? '');
  return link !== undefined && leaving.has(link.ifindex);
}
