import { encodeUtf8 } from '../bytes/utf8.ts';
import { check, OsError } from './errors.ts';
import type { ConstantName, Libc } from './runtime.ts';

const RECEIVE_BUFFER = 4 * 1024 * 1024;
// include/uapi/linux/netlink.h
const NETLINK_ADD_MEMBERSHIP = 1;
const NETLINK_EXT_ACK = 11;
const NETLINK_GET_STRICT_CHK = 12;

/** Sockets of the families that we use, ready to be watched: non-blocking, close-on-exec, addressed. Each throws OsError. */
export class Sockets {
  constructor(readonly libc: Libc) {}

  /** A connected stream. */
  connectUnix(path: string): number {
    const fd = this.#open('AF_UNIX', 'SOCK_STREAM', 0);
    const address = this.#unix(path);
    return this.#ready(fd, this.libc.connect(fd, address, 0, address.byteLength), `connect ${path}`);
  }

  /** A listening stream; a stale path is replaced, one that is answered is EADDRINUSE. The socket's file gets mode 0666, as ubusd's. */
  listenUnix(path: string): number {
    const fd = this.#open('AF_UNIX', 'SOCK_STREAM', 0);
    const address = this.#unix(path);
    if (this.#stale(path)) this.libc.unlink(path);
    // bind makes the file with mode 0777 less the mask; a later chmod would leave a moment in between.
    const mask = this.libc.umask(0o111);
    const bound = this.libc.bind(fd, address, 0, address.byteLength);
    this.libc.umask(mask);
    this.#ready(fd, bound, `bind ${path}`);
    return this.#ready(fd, this.libc.listen(fd, 128), `listen ${path}`);
  }

  /** A bound netlink socket with a receive buffer of 4 MiB where that is allowed, NETLINK_EXT_ACK and NETLINK_GET_STRICT_CHK set. */
  netlink(protocol: number): number {
    const { SOL_SOCKET, SO_RCVBUF, SO_RCVBUFFORCE, SOL_NETLINK, AF_NETLINK } = this.libc.constants;
    const fd = this.#open('AF_NETLINK', 'SOCK_RAW', protocol);
    if (this.#option(fd, SOL_SOCKET, SO_RCVBUFFORCE, RECEIVE_BUFFER) < 0)
      this.#option(fd, SOL_SOCKET, SO_RCVBUF, RECEIVE_BUFFER);
    // A kernel without them says less in its answers, and no more is lost.
    this.#option(fd, SOL_NETLINK, NETLINK_EXT_ACK, 1);
    this.#option(fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, 1);
    // struct sockaddr_nl: family, padding, port id and groups; the kernel chooses the port id.
    const address = new Uint16Array([AF_NETLINK, 0, 0, 0, 0, 0]);
    return this.#ready(fd, this.libc.bind(fd, address.buffer, 0, 12), 'bind netlink');
  }

  /** Join a multicast group (NETLINK_ADD_MEMBERSHIP). */
  joinGroup(fd: number, group: number): void {
    check(
      this.libc,
      this.#option(fd, this.libc.constants.SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, group),
      `join netlink group ${group}`,
    );
  }

  /**
   * A raw packet socket on one interface for one ethertype (0x0003 = all), with an optional classic BPF program (see
   * Libc.attachFilter). It hears nothing before the program is in place, because only bind names the ethertype.
   */
  packet(ifindex: number, ethertype: number, filter?: ArrayBuffer): number {
    const fd = this.#open('AF_PACKET', 'SOCK_RAW', 0);
    if (filter) this.#ready(fd, this.libc.attachFilter(fd, filter, filter.byteLength / 8), 'attach a packet filter');
    // struct sockaddr_ll: host-order family and ifindex, network-order ethertype; the rest is for sending.
    const address = new ArrayBuffer(20);
    new Uint16Array(address)[0] = this.libc.constants.AF_PACKET;
    new DataView(address).setUint16(2, ethertype);
    new Int32Array(address)[1] = ifindex;
    return this.#ready(fd, this.libc.bind(fd, address, 0, 20), `bind packet socket to interface ${ifindex}`);
  }

  /** uid, gid and pid of the peer of a connected AF_UNIX socket. */
  peer(fd: number): { pid: number; uid: number; gid: number } {
    const { SOL_SOCKET, SO_PEERCRED } = this.libc.constants;
    const credentials = new Int32Array(3);
    check(this.libc, this.libc.getsockopt(fd, SOL_SOCKET, SO_PEERCRED, credentials.buffer, 0, 12), 'SO_PEERCRED');
    const [pid, uid, gid] = credentials as unknown as [number, number, number];
    return { pid, uid, gid };
  }

  #open(family: ConstantName, type: ConstantName, protocol: number): number {
    const { constants } = this.libc;
    return check(
      this.libc,
      this.libc.socket(constants[family], constants[type] | constants.SOCK_NONBLOCK, protocol),
      `socket ${family}`,
    );
  }

  /** The descriptor, or what the last step towards it failed with, and no descriptor left behind. */
  #ready(fd: number, result: number, attempted: string): number {
    if (result < 0) this.libc.close(fd);
    check(this.libc, result, attempted);
    return fd;
  }

  #option(fd: number, level: number, name: number, value: number): number {
    return this.libc.setsockopt(fd, level, name, new Int32Array([value]).buffer, 0, 4);
  }

  /** struct sockaddr_un with the NUL that ends the path; the kernel refuses one that is too long. */
  #unix(path: string): ArrayBuffer {
    const bytes = encodeUtf8(path);
    const address = new ArrayBuffer(bytes.length + 3);
    new Uint8Array(address).set(bytes, 2);
    new DataView(address).setUint16(0, this.libc.constants.AF_UNIX, HOST_IS_LITTLE);
    return address;
  }

  #stale(path: string): boolean {
    try {
      this.libc.close(this.connectUnix(path));
      return false;
    } catch (error) {
      return error instanceof OsError && error.errno === this.libc.constants.ECONNREFUSED;
    }
  }
}

const HOST_IS_LITTLE = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;
