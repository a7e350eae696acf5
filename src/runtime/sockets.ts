import type { Libc } from './runtime.ts';

/** Sockets of the families that we use, ready to be watched: non-blocking, close-on-exec, addressed. Each throws OsError. */
export class Sockets {
  constructor(readonly libc: Libc) {}

  /** A connected stream. */
  connectUnix(path: string): number { throw new Error(path); }
  /** A listening stream; a stale path is replaced. The socket's file gets mode 0666, as ubusd's. */
  listenUnix(path: string): number { throw new Error(path); }
  /** A bound netlink socket with a receive buffer of 4 MiB where that is allowed, NETLINK_EXT_ACK and NETLINK_GET_STRICT_CHK set. */
  netlink(protocol: number): number { throw new Error(`${protocol}`); }
  /** Join a multicast group (NETLINK_ADD_MEMBERSHIP). */
  joinGroup(fd: number, group: number): void { throw new Error(`${fd} ${group}`); }
  /** A raw packet socket on one interface for one ethertype (0x0003 = all), with an optional classic BPF program. */
  packet(ifindex: number, ethertype: number, filter?: ArrayBuffer): number { throw new Error(`${ifindex} ${ethertype} ${filter}`); }
  /** uid, gid and pid of the peer of a connected AF_UNIX socket. */
  peer(fd: number): { pid: number; uid: number; gid: number } { throw new Error(`${fd}`); }
}
