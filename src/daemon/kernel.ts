import { onDemand } from '../model/ondemand.ts';
import { DOOMED_GROUP, OUR_GROUP } from '../model/seen.ts';
import type { Netlink } from '../netlink/conn.ts';
import type { NetlinkError } from '../netlink/error.ts';
import { addLink, deleteLink, deleteLinkGroup, type MacvlanMode, setLink } from '../netlink/link.ts';
import type { Request } from '../netlink/request.ts';
import type { LinkChange, Op } from '../plan/op.ts';

/** About what links bear: a daemon that has macvlans alone has no use for it. */
const messages = onDemand('what the kernel is told of addresses', ['requestsOf'], () => import('./messages.ts'));

/** An op that the kernel is asked for in one message, or several. */
function requestsOf(op: Op): Request[] {
  switch (op.op) {
    case 'addLink': {
      const { name: ifname, parent: link, address, mtu, arp, up, mode, sourceMacs, bcQueueLen } = op;
      const sources = sourceMacs.length > 0 ? { sourceMacs } : {};
      const linkinfo = macvlanInfo({ mode, bcQueueLen, ...sources })!;
      const create = addLink({ ifname, link, address, mtu, group: OUR_GROUP, arp, up, linkinfo });
      return [create, ...(op.ifalias === '' ? [] : [setLinkByName(ifname, op.ifalias)])];
    }
    case 'setLink':
      return [setLink({ index: op.ifindex, ...linkChange(op.change) })];
    case 'deleteLink':
      return [deleteLink({ index: op.ifindex })];
    default:
      return messages.requestsOf(op);
  }
}

/** IFLA_IFALIAS is ignored in the message that creates a link, whose index is not known yet. */
function setLinkByName(ifname: string, ifalias: string): Request {
  return setLink({ index: 0, ifname, ifalias });
}

/** The words of the plan as those of netlink. */
function linkChange({ mode, sourceMacs, bcQueueLen, proxyArp, localProxyArp, token, ...change }: LinkChange) {
  const linkinfo = macvlanInfo({ mode, sourceMacs, bcQueueLen });
  const conf = { ...flag('proxyArp', proxyArp), ...flag('proxyArpPvlan', localProxyArp) };
  return {
    ...change,
    ...(linkinfo && { linkinfo }),
    ...(Object.keys(conf).length > 0 && { afSpec: { inet: { conf } } }),
    ...(token && { afSpec: { inet6: { token } } }),
  };
}

function flag(name: string, value: boolean | undefined): Record<string, number> {
  return value === undefined ? {} : { [name]: value ? 1 : 0 };
}

function macvlanInfo({ mode, sourceMacs, bcQueueLen }: Pick<LinkChange, 'mode' | 'sourceMacs' | 'bcQueueLen'>) {
  if (mode === undefined && sourceMacs === undefined && bcQueueLen === undefined) return undefined;
  const macaddrMode = sourceMacs && (sourceMacs.length > 0 ? ('set' as const) : ('flush' as const));
  const macaddrData = sourceMacs && { macaddr: [...sourceMacs] };
  return { kind: 'macvlan', macvlan: { mode: mode as MacvlanMode | undefined, macaddrMode, macaddrData, bcQueueLen } };
}

/** What an op comes to when the thing is gone already: what was asked for. */
const GONE = new Set(['ENODEV', 'ESRCH', 'EADDRNOTAVAIL', 'ENOENT']);

/** Ops in one go; per op undefined or the kernel's refusal. Throws NotLoaded before anything is done. */
export function execute(netlink: Netlink, ops: readonly Op[]): (NetlinkError | undefined)[] {
  const batches = ops.map(requestsOf);
  const errors = netlink.execute(batches.flat());
  let at = 0;
  return batches.map((batch, i) => {
    const error = errors.slice(at, at + batch.length).find((error) => error !== undefined);
    at += batch.length;
    return error && ops[i]!.op.startsWith('delete') && GONE.has(error.code ?? '') ? undefined : error;
  });
}

/** A part of ours is moved to a group of its own, to be deleted in it. */
export function doom(netlink: Netlink, ifindexes: readonly number[]): NetlinkError | undefined {
  return trouble(netlink.execute(ifindexes.map((index) => setLink({ index, group: DOOMED_GROUP }))));
}

/** Many at once (150 links: 27 ms, where one by one takes 2.6 s): all of ours, or those that are doomed. */
export function deleteLinks(netlink: Netlink, all: boolean): NetlinkError | undefined {
  return trouble(netlink.execute([deleteLinkGroup(all ? OUR_GROUP : DOOMED_GROUP)]));
}

function trouble(errors: readonly (NetlinkError | undefined)[]): NetlinkError | undefined {
  return errors.find((error) => error !== undefined && !GONE.has(error.code ?? ''));
}
