import { isOurs, OUR_GROUP, type SeenLink } from '../model/seen.ts';
import type { WantLink } from '../model/want.ts';
import type { Context } from './context.ts';
import type { LinkChange, Op } from './op.ts';

type AddLink = Extract<Op, { op: 'addLink' }>;
type SetLink = Extract<Op, { op: 'setLink' }>;
type DeleteLink = Extract<Op, { op: 'deleteLink' }>;
type DeleteLinks = Extract<Op, { op: 'deleteLinks' }>;

/** From so many deletes on, a group is quicker. */
const FEW = 4;
/** The kernel is deaf while it deletes; so many take it some 60 ms on a fast machine. */
const MANY = 200;

export interface LinkOps {
  readonly deletes: (DeleteLink | DeleteLinks)[];
  readonly adds: AddLink[];
  /** Links taken down so that MACs can change hands; before all other changes. */
  readonly downs: SetLink[];
  readonly sets: SetLink[];
  readonly ups: SetLink[];
}

interface Draft extends LinkOps {
  readonly deletes: DeleteLink[];
}

/** Links of ours, and the ports that must be up for them. */
export function planLinks(context: Context): LinkOps {
  const wanted = new Map(context.want.links.map((want) => [want.ifname, want]));
  const ops: Draft = { deletes: [], adds: [], downs: [], sets: [], ups: [] };
  for (const link of context.world.seen.links) {
    if (isOurs(link) && !fits(link, wanted.get(link.ifname), context)) deleteLink(link, ops, context);
  }
  for (const want of wanted.values()) wantLink(want, ops, context);
  for (const name of context.want.ports) wantUp(name, ops);
  return {
    ...ops,
    deletes: bundled(ops.deletes, context),
    adds: context.due(ops.adds),
    sets: context.due(ops.sets),
    ups: context.due(ops.ups),
  };

  function wantUp(name: string, ops: Draft): void {
    const { byName, byIndex } = context.world.links;
    const port = byName.get(name);
    if (!port || isOurs(port) || port.up) return;
    // A VLAN cannot be up on a port that is down (vlan_dev_open).
    if (port.kind === 'vlan') wantUp(byIndex.get(port.link ?? 0)?.ifname ?? '', ops);
    ops.ups.push({ op: 'setLink', owner: name, name, ifindex: port.ifindex, change: { up: true } });
  }
}

/** Whether the link can become what is wanted without being made anew. */
function fits(link: SeenLink, want: WantLink | undefined, { world: { links } }: Context): boolean {
  if (!want || link.group !== OUR_GROUP || link.kind !== 'macvlan') return false;
  const parent = links.byName.get(want.parent);
  // Into and out of passthru the kernel does not change a living link (macvlan_changelink).
  if ((link.macvlanMode === PASSTHRU) !== (want.mode === PASSTHRU)) return false;
  // A parent that cannot be seen was renamed or moved: if it were gone, so were its children.
  return parent !== undefined && parent.ifindex === link.link;
}

const PASSTHRU = 'passthru';

/** A child is let end first: udhcpc wants to send its release. */
function deleteLink(link: SeenLink, ops: Draft, context: Context): void {
  context.leaving.add(link.ifindex);
  if (context.childOn(link.ifindex)) return;
  ops.deletes.push({ op: 'deleteLink', owner: link.ifname, name: link.ifname, ifindex: link.ifindex });
}

/** One by one each delete waits for an RCU grace period; in a group they share it. */
function bundled(deletes: readonly DeleteLink[], { world: { seen, links } }: Context): LinkOps['deletes'] {
  if (deletes.length <= FEW) return [...deletes];
  const isInGroup = ({ ifindex }: DeleteLink) => links.byIndex.get(ifindex)?.group === OUR_GROUP;
  // A daemon that died left others half deleted.
  const sorted = [...deletes].sort((a, b) => Number(isInGroup(a)) - Number(isInGroup(b)));
  const hasOthers = seen.links.filter(isOurs).length > deletes.length;
  return Array.from({ length: Math.ceil(sorted.length / MANY) }, (_, n): DeleteLinks => {
    const part = sorted.slice(n * MANY, (n + 1) * MANY);
    const all = !hasOthers && (n + 1) * MANY >= sorted.length && part.every(isInGroup);
    const name = `${part[0]!.name} and ${part.length - 1} more`;
    return { op: 'deleteLinks', owner: '', name, ifindexes: part.map(({ ifindex }) => ifindex), all };
  });
}

function wantLink(want: WantLink, ops: Draft, context: Context): void {
  const parent = context.world.links.byName.get(want.parent);
  if (!parent) return; // its RTM_NEWLINK will wake us
  const link = context.world.links.byName.get(want.ifname);
  const mtu = Math.min(want.mtu ?? parent.mtu, parent.mtu);
  if (link) {
    if (isOurs(link) && fits(link, want, context)) changeLink(want, link, mtu, ops, context);
    return;
  }
  if (isHeldByLeaving(want, parent, context)) return;
  const { owner, ifname: name, parent: on, address, mode, sourceMacs, bcQueueLen, ifalias, arp, downUntil } = want;
  const given = { address, mode, sourceMacs, bcQueueLen, mtu, ifalias, arp, up: downUntil === undefined };
  ops.adds.push({ op: 'addLink', owner, name, parent: parent.ifindex, on, ...given });
}

/**
 * After a rename the old link has the MAC as long as its child says good-bye, and beside one in mode passthru there is
 * none; its end will wake us.
 */
function isHeldByLeaving({ address, mode }: WantLink, parent: SeenLink, context: Context): boolean {
  return context.world.seen.links.some(
    (link) =>
      context.leaving.has(link.ifindex) &&
      context.childOn(link.ifindex) &&
      (link.address === address ||
        (link.link === parent.ifindex && (mode === PASSTHRU || link.macvlanMode === PASSTHRU))),
  );
}

/** What is set as it is, and what the link has of it. What a kernel does not tell is taken as it should be. */
const PLAIN = {
  mode: (link: SeenLink) => link.macvlanMode,
  bcQueueLen: (link: SeenLink, want: WantLink) => link.bcQueueLen ?? want.bcQueueLen,
  ifalias: (link: SeenLink) => link.ifalias ?? '',
  arp: (link: SeenLink) => link.arp,
  proxyArp: (link: SeenLink, want: WantLink) => link.proxyArp ?? want.proxyArp,
  localProxyArp: (link: SeenLink, want: WantLink) => link.localProxyArp ?? want.localProxyArp,
};
const PLAIN_NAMES = Object.keys(PLAIN) as (keyof typeof PLAIN)[];

/** The list belongs to mode source: the kernel has none in another, and takes none. */
function hasOtherSources({ sourceMacs = [] }: SeenLink, want: WantLink): boolean {
  if (want.mode !== 'source') return false;
  return [...sourceMacs].sort().join() !== [...want.sourceMacs].sort().join();
}

/** One op a property: one that the kernel refuses must not keep the others from it. */
function changeLink(want: WantLink, link: SeenLink, mtu: number, ops: Draft, context: Context): void {
  const set = (change: LinkChange): SetLink => ({
    op: 'setLink',
    owner: want.owner,
    name: want.ifname,
    ifindex: link.ifindex,
    change,
  });
  for (const name of PLAIN_NAMES)
    if (PLAIN[name](link, want) !== want[name]) ops.sets.push(set({ [name]: want[name] }));
  if (hasOtherSources(link, want)) ops.sets.push(set({ sourceMacs: want.sourceMacs }));
  if (link.mtu !== mtu) ops.sets.push(set({ mtu }));
  let { up } = link;
  if (want.downUntil !== undefined) {
    context.wake(want.downUntil);
    context.goingDown.add(link.ifindex);
    if (up) ops.downs.push(set({ up: false }));
    return;
  }
  // The child of the old address is to end before the address goes.
  const address = set({ address: want.address });
  if (
    want.address !== undefined &&
    link.address !== want.address &&
    !context.childOn(link.ifindex) &&
    context.due([address]).length > 0
  ) {
    if (up && context.world.seen.links.some((other) => other.address === want.address)) {
      ops.downs.push(set({ up: false }));
      up = false;
    }
    ops.sets.push(address);
  }
  if (!up) ops.ups.push(set({ up: true }));
}
