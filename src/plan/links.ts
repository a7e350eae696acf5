import { isOurs, OUR_GROUP, type SeenLink } from '../model/seen.ts';
import type { WantLink } from '../model/want.ts';
import type { Context } from './context.ts';
import type { LinkChange, Op } from './op.ts';

type AddLink = Extract<Op, { op: 'addLink' }>;
type SetLink = Extract<Op, { op: 'setLink' }>;
type DeleteLink = Extract<Op, { op: 'deleteLink' }>;

export interface LinkOps {
  readonly deletes: DeleteLink[];
  readonly adds: AddLink[];
  /** Links taken down so that MACs can change hands; before all other changes. */
  readonly downs: SetLink[];
  readonly sets: SetLink[];
  readonly ups: SetLink[];
}

/** Links of ours, and the ports that must be up for them. */
export function planLinks(context: Context): LinkOps {
  const wanted = new Map(context.want.links.map((want) => [want.ifname, want]));
  const ops: LinkOps = { deletes: [], adds: [], downs: [], sets: [], ups: [] };
  for (const link of context.world.seen.links) {
    if (isOurs(link) && !fits(link, wanted.get(link.ifname), context)) deleteLink(link, ops, context);
  }
  for (const want of wanted.values()) wantLink(want, ops, context);
  for (const name of context.want.ports) wantUp(name, ops);
  return { ...ops, adds: context.due(ops.adds), sets: context.due(ops.sets), ups: context.due(ops.ups) };

  function wantUp(name: string, ops: LinkOps): void {
    const port = context.world.links.byName.get(name);
    if (port && !isOurs(port) && !port.up)
      ops.ups.push({ op: 'setLink', owner: name, name, ifindex: port.ifindex, change: { up: true } });
  }
}

/** Whether the link can become what is wanted without being made anew. */
function fits(link: SeenLink, want: WantLink | undefined, { world: { links } }: Context): boolean {
  if (!want || link.group !== OUR_GROUP || link.kind !== 'macvlan') return false;
  const parent = links.byName.get(want.parent);
  // A parent that cannot be seen was renamed or moved: if it were gone, so were its children.
  return parent !== undefined && parent.ifindex === link.link;
}

/** A child is let end first: udhcpc wants to send its release. */
function deleteLink(link: SeenLink, ops: LinkOps, context: Context): void {
  context.leaving.add(link.ifindex);
  if (context.childOn(link.ifindex)) return;
  ops.deletes.push({ op: 'deleteLink', owner: link.ifname, name: link.ifname, ifindex: link.ifindex });
}

function wantLink(want: WantLink, ops: LinkOps, context: Context): void {
  const parent = context.world.links.byName.get(want.parent);
  if (!parent) return; // its RTM_NEWLINK will wake us
  const link = context.world.links.byName.get(want.ifname);
  const mtu = Math.min(want.mtu ?? parent.mtu, parent.mtu);
  if (link) {
    if (isOurs(link) && fits(link, want, context)) changeLink(want, link, mtu, ops, context);
    return;
  }
  if (isHeldByLeaving(want.address, context)) return;
  const { owner, ifname: name, address, mode, ifalias } = want;
  ops.adds.push({ op: 'addLink', owner, name, parent: parent.ifindex, on: parent.ifname, address, mode, mtu, ifalias });
}

/** After a rename the old link has the MAC as long as its child says good-bye; its end will wake us. */
function isHeldByLeaving(address: string, context: Context): boolean {
  return context.world.seen.links.some(
    (link) => link.address === address && context.leaving.has(link.ifindex) && context.childOn(link.ifindex),
  );
}

/** One op a property: one that the kernel refuses must not keep the others from it. */
function changeLink(want: WantLink, link: SeenLink, mtu: number, ops: LinkOps, context: Context): void {
  const set = (change: LinkChange): SetLink => ({
    op: 'setLink',
    owner: want.owner,
    name: want.ifname,
    ifindex: link.ifindex,
    change,
  });
  if (link.macvlanMode !== want.mode) ops.sets.push(set({ mode: want.mode }));
  if (link.mtu !== mtu) ops.sets.push(set({ mtu }));
  if ((link.ifalias ?? '') !== want.ifalias) ops.sets.push(set({ ifalias: want.ifalias }));
  let { up } = link;
  // The child of the old address is to end before the address goes.
  const address = set({ address: want.address });
  if (link.address !== want.address && !context.childOn(link.ifindex) && context.due([address]).length > 0) {
    if (up && context.world.seen.links.some((other) => other.address === want.address)) {
      ops.downs.push(set({ up: false }));
      up = false;
    }
    ops.sets.push(address);
  }
  if (!up) ops.ups.push(set({ up: true }));
}
