import { OUR_PROTOCOL, type SeenRule } from '../model/seen.ts';
import { isIpv6, MARK_MASK } from '../model/want.ts';
import { addAddress, deleteAddress } from '../netlink/addr.ts';
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
import { setLink } from '../netlink/link.ts';
import { deleteNeighbour, setNeighbour } from '../netlink/neigh.ts';
import { setNeighbourParameters } from '../netlink/neightbl.ts';
import type { Request } from '../netlink/request.ts';
import { appendRoute, deleteRoute } from '../netlink/route.ts';
import { addRule, deleteRule } from '../netlink/rule.ts';
import type { Op, RouteSpec } from '../plan/op.ts';

/** An op on what links bear (addresses, neighbours, routes, rules) in the words of netlink. */
export function requestsOf(op: Op): Request[] {
  switch (op.op) {
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

function lifetime(seconds = 0): number {
  return Math.min(seconds, 0xffffffff);
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
