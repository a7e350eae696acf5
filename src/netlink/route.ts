import { body, struct, table, type ValueOf } from './attrs.ts';
import * as c from './constants.ts';
import { malformed } from './error.ts';
import type { Request } from './request.ts';
import { ip, padding, s32, type Type, u8, u16, u32 } from './scalars.ts';
import { align } from './wire.ts';

/** struct rtnexthop; `hops` is the weight less one. */
const rtnexthop = struct({ len: u16, flags: u8, hops: u8, ifindex: s32 });
const hopAttributes = table({ gateway: [c.RTA_GATEWAY, ip] });

/** One way of a multipath route. `flags` are RTNH_F_*, `weight` is 1 to 256. */
export type Nexthop = { ifindex: number; weight: number; flags: number } & ValueOf<typeof hopAttributes>;

/** RTA_MULTIPATH is no nest of attributes but a row of rtnexthop structs, each with attributes behind it. */
const multipath: Type<Nexthop[]> = {
  size: 0,
  decode(input, at, end) {
    const hops: Nexthop[] = [];
    while (at < end) {
      input.need(rtnexthop.size, at, end, 'next hop');
      const { len, flags, hops: more, ifindex } = rtnexthop.decode(input, at, end);
      if (len < rtnexthop.size) throw malformed(`next hop of length ${len}`, at);
      input.need(len, at, end, 'next hop');
      hops.push({ ifindex, weight: more + 1, flags, ...hopAttributes.decode(input, at + rtnexthop.size, at + len) });
      at += align(len);
    }
    return hops;
  },
  encode(output, hops) {
    for (const { ifindex, weight, flags, ...attributes } of hops) {
      const at = output.take(0);
      rtnexthop.encode(output, { len: 0, flags, hops: weight - 1, ifindex });
      hopAttributes.encode(output, attributes);
      output.view.setUint16(at, output.length - at, output.little);
    }
  },
};

/** struct rtmsg. Its eight bits of table are left to RTA_TABLE, which the kernel always sends and prefers. */
const rtmsg = struct({
  family: u8,
  dstLen: u8,
  srcLen: u8,
  tos: u8,
  _table: padding(1),
  protocol: u8,
  scope: u8,
  type: u8,
  flags: u32,
});

export const route = body(
  rtmsg,
  table({
    dst: [c.RTA_DST, ip],
    gateway: [c.RTA_GATEWAY, ip],
    oif: [c.RTA_OIF, u32],
    priority: [c.RTA_PRIORITY, u32, 0],
    prefsrc: [c.RTA_PREFSRC, ip],
    table: [c.RTA_TABLE, u32, 0],
    multipath: [c.RTA_MULTIPATH, multipath],
  }),
);

/** A route: `dst`/`dstLen` is the destination (no `dst`: the default route), `oif` and `gateway` or `multipath` the way. */
export type Route = ValueOf<typeof route>;
type RouteChange = Partial<Route> & { table: number };

/** EEXIST when its table has a route to the same destination with the same `priority` (and `tos`). */
export function addRoute(route: RouteChange): Request {
  return request(c.RTM_NEWROUTE, c.NLM_F_CREATE | c.NLM_F_EXCL, 'add', withDefaults(route));
}

/** As addRoute, but behind what is there already: routes to the same destination that differ in their way stand side by side. */
export function appendRoute(route: RouteChange): Request {
  return request(c.RTM_NEWROUTE, c.NLM_F_CREATE | c.NLM_F_APPEND, 'add', withDefaults(route));
}

/** Puts it in the place of the one with the same destination, `priority` and `tos`, if there is one. */
export function replaceRoute(route: RouteChange): Request {
  return request(c.RTM_NEWROUTE, c.NLM_F_CREATE | c.NLM_F_REPLACE, 'replace', withDefaults(route));
}

/** What is not given matches any. */
export function deleteRoute(route: RouteChange): Request {
  return request(c.RTM_DELROUTE, 0, 'delete', { scope: c.RT_SCOPE_NOWHERE, ...route });
}

/** The kernel derives none of these. The scope is the one that `ip route` takes: an IPv4 route without gateway ends on the link. */
function withDefaults(route: RouteChange): RouteChange {
  const onLink = familyOf(route) === c.AF_INET && !route.gateway && !route.multipath;
  const scope = onLink ? c.RT_SCOPE_LINK : c.RT_SCOPE_UNIVERSE;
  return { type: c.RTN_UNICAST, protocol: c.RTPROT_STATIC, scope, ...route };
}

function familyOf({ family, dst, gateway, prefsrc, multipath }: RouteChange): number {
  const some = dst ?? gateway ?? prefsrc ?? multipath?.[0]?.gateway ?? '';
  return family ?? (some.includes(':') ? c.AF_INET6 : c.AF_INET);
}

function request(type: number, flags: number, verb: string, change: RouteChange): Request {
  const to = change.dst ? `${change.dst}/${change.dstLen}` : 'default';
  const attempted = `${verb} route ${to} in table ${change.table}`;
  // Of the flags only this one is a wish; what the kernel adds (linkdown, offload) it would refuse.
  const wished = (change.flags ?? 0) & c.RTNH_F_ONLINK;
  return { attempted, type, flags, shape: route, body: { ...change, family: familyOf(change), flags: wished } };
}
