import { DOOMED_GROUP, OUR_GROUP, OUR_PROTOCOL, type SeenRule } from '../model/seen.ts';
import { isIpv6, MARK_MASK } from '../model/want.ts';
import { addAddress, deleteAddress } from '../netlink/addr.ts';
import type { Netlink } from '../netlink/conn.ts';
import {
  AF_INET,
  AF_INET6,
  IFA_F_NOPREFIXROUTE,
  NTF_PROXY,
  RT_TABLE_MAIN,
  RTN_UNREACHABLE,
  RTNH_F_ONLINK,
  RTPROT_KERNEL,
  RTPROT_RA,
} from '../netlink/constants.ts';
import type { NetlinkError } from '../netlink/error.ts';
import { addLink, deleteLink, deleteLinkGroup, type MacvlanMode, setLink } from '../netlink/link.ts';
import { deleteNeighbour, setNeighbour } from '../netlink/neigh.ts';
import { setNeighbourParameters } from '../netlink/neightbl.ts';
import type { Request } from '../netlink/request.ts';
import { appendRoute, deleteRoute } from '../netlink/route.ts';
import { addRule, deleteRule } from '../netlink/rule.ts';
import type { LinkChange, Op, RouteSpec } from '../plan/op.ts';

/** An op that the kernel is asked for in one message, or several. */
export function requestsOf(op: Op): Request[] {
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
    case 'addAddress': {
      const { broadcast, valid, preferred } = op;
      const common = { ...address(op), flags: IFA_F_NOPREFIXROUTE, proto: OUR_PROTOCOL };
      if (valid === undefined) return [addAddress({ ...common, broadcast })];
      const cacheinfo = { valid: lifetime(valid), prefered: lifetime(preferred), cstamp: 0, tstamp: 0 };
      return [addAddress({ ...common, cacheinfo }, { replace: true })];
    }
    case 'deleteSlaac': {
      const { ifindex: oif, subnets, gateways } = op;
      const learned = { oif, table: RT_TABLE_MAIN, family: AF_INET6 };
      return [
        ...gateways.map((gateway) => deleteRoute({ ...learned, gateway, protocol: RTPROT_RA })),
        ...subnets.map((subnet) => deleteRoute({ ...learned, ...destinationOf(subnet), protocol: RTPROT_KERNEL })),
        // The addresses are those that have the token in them.
        setLink({ index: oif, afSpec: { inet6: { token: '::' } } }),
      ];
    }
    case 'deleteAddress': {
      const requests = [deleteAddress(address(op))];
      return op.promote ? [promote(op.ifindex, 1), ...requests, promote(op.ifindex, 0)] : requests;
    }
    case 'addRoute':
      return [appendRoute(route(op.route))];
    case 'deleteRoute':
      return [deleteRoute(route(op.route))];
    case 'addRule':
      return [addRule(ruleOf(op.rule))];
    case 'deleteRule':
      return [deleteRule(ruleOf(op.rule))];
    case 'setConf':
      return [setLink({ index: op.ifindex, afSpec: { inet: { conf: { ...op.conf } } } })];
    case 'setNeighbour': {
      const { ifindex: index, address: dst, mac: lladdr } = op;
      return [setNeighbour({ index, dst, protocol: OUR_PROTOCOL, ...(lladdr ? { lladdr } : { flags: NTF_PROXY }) })];
    }
    case 'deleteNeighbour':
      return [deleteNeighbour({ index: op.ifindex, dst: op.address, flags: op.isProxy ? NTF_PROXY : 0 })];
    case 'setArpTimes': {
      const { ifindex: index, reachable: baseReachableTime, proxyDelay } = op;
      return [setNeighbourParameters({ index, baseReachableTime, proxyDelay })];
    }
    default:
      return [];
  }
}

/** IFA_ADDRESS is that of the other end; without one it is the link's own as well. */
function address(op: { ifindex: number; address: string; prefix: number; peer?: string | undefined }) {
  return { index: op.ifindex, local: op.address, address: op.peer ?? op.address, prefixlen: op.prefix };
}

function promote(index: number, promoteSecondaries: number): Request {
  return setLink({ index, afSpec: { inet: { conf: { promoteSecondaries } } } });
}

/** IFLA_IFALIAS is ignored in the message that creates a link, whose index is not known yet. */
function setLinkByName(ifname: string, ifalias: string): Request {
  return setLink({ index: 0, ifname, ifalias });
}

function lifetime(seconds = 0): number {
  return Math.min(seconds, 0xffffffff);
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

function destinationOf(destination: string) {
  const [network, length] = destination.split('/') as [string, string];
  return {
    family: isIpv6(network) ? AF_INET6 : AF_INET,
    dst: length === '0' ? undefined : network,
    dstLen: Number(length),
  };
}

/** Gateways of IPv4 are always taken as on the link: a lease may name one outside its subnet. */
function route({ table, destination, metric, source, nexthops }: RouteSpec) {
  const to = destinationOf(destination);
  const common = { ...to, table, priority: metric, prefsrc: source, protocol: OUR_PROTOCOL };
  const [first] = nexthops;
  if (!first) return { ...common, type: RTN_UNREACHABLE };
  const flagsOf = (gateway: string | undefined) => (gateway && !isIpv6(gateway) ? RTNH_F_ONLINK : 0);
  if (nexthops.length > 1)
    return { ...common, multipath: nexthops.map((hop) => ({ ...hop, flags: flagsOf(hop.gateway) })) };
  return { ...common, oif: first.ifindex, gateway: first.gateway, flags: flagsOf(first.gateway) };
}

function ruleOf({ isV6, priority, table, source, fwmark, isLocal, isSpecific }: SeenRule) {
  const [src, length] = source?.split('/') ?? [];
  return {
    family: isV6 ? AF_INET6 : AF_INET,
    priority,
    table,
    protocol: OUR_PROTOCOL,
    ...(src !== undefined && { src, srcLen: Number(length) }),
    ...(fwmark !== undefined && { fwmark, fwmask: MARK_MASK }),
    ...(isLocal && { iifname: 'lo' }),
    ...(isSpecific && { suppressPrefixlen: 0 }),
  };
}

/** What an op comes to when the thing is gone already: what was asked for. */
const GONE = new Set(['ENODEV', 'ESRCH', 'EADDRNOTAVAIL', 'ENOENT']);

/** Ops in one go; per op undefined or the kernel's refusal. */
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
