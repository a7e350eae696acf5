import { OUR_PROTOCOL, type Seen, type SeenAddress, type SeenLink, type SeenRoute } from '../model/seen.ts';
import type { Address } from '../netlink/addr.ts';
import type { Netlink } from '../netlink/conn.ts';
import { IFF_LOWER_UP, IFF_UP } from '../netlink/constants.ts';
import type { Link } from '../netlink/link.ts';
import type { Route } from '../netlink/route.ts';

// include/uapi/linux/if_arp.h, if.h, include/linux/socket.h
const ARPHRD_ETHER = 1;
const IFF_LOOPBACK = 0x8;
const AF_INET = 2;

/** The kernel's side of the world, looked at anew. */
export function observe(netlink: Netlink): Omit<Seen, 'children' | 'resolv'> {
  return {
    links: netlink.links().map(seenLink),
    addresses: netlink.addresses({ family: AF_INET }).map(seenAddress),
    routes: netlink.routes({ family: AF_INET, protocol: OUR_PROTOCOL }).map(seenRoute),
  };
}

function seenLink(link: Link): SeenLink {
  const up = (link.flags & IFF_UP) !== 0;
  const carrier = (link.flags & IFF_LOWER_UP) !== 0;
  return {
    ifindex: link.index,
    ifname: link.ifname,
    address: link.address,
    mtu: link.mtu,
    // The parent's index counts in another namespace when there is a netnsid.
    link: link.linkNetnsid === undefined ? link.link : undefined,
    kind: link.linkinfo?.kind,
    slaveKind: link.linkinfo?.slaveKind,
    macvlanMode: link.linkinfo?.macvlan?.mode,
    group: link.group,
    ifalias: link.ifalias,
    loopback: (link.flags & IFF_LOOPBACK) !== 0,
    ethernet: link.type === ARPHRD_ETHER,
    up,
    carrier,
    running: up && carrier && (link.operstate === 'up' || link.operstate === 'unknown'),
  };
}

function seenAddress({ index, local, prefixlen, proto }: Address): SeenAddress {
  return { ifindex: index, address: local, prefix: prefixlen, ours: proto === OUR_PROTOCOL };
}

function seenRoute({ table, dst, dstLen, priority, prefsrc, oif, gateway, multipath }: Route): SeenRoute {
  const single = oif === undefined ? [] : [{ ifindex: oif, gateway, weight: 1 }];
  const nexthops =
    multipath?.map((hop) => ({ ifindex: hop.ifindex, gateway: hop.gateway, weight: hop.weight })) ?? single;
  nexthops.sort((a, b) => a.ifindex - b.ifindex);
  return { table, destination: `${dst ?? '0.0.0.0'}/${dstLen}`, metric: priority, source: prefsrc, nexthops };
}
