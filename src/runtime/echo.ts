import { parseIpv4 } from '../bytes/ip.ts';
import { encodeUtf8 } from '../bytes/utf8.ts';
import { check } from './errors.ts';
import type { Libc } from './runtime.ts';

// include/uapi/linux/in.h
const IPPROTO_ICMP = 1;

export interface EchoPlace {
  /** All leaves and comes by this link. */
  readonly ifname: string;
  readonly source: string;
  readonly peer: string;
  /** Sees the IP header first (see Libc.attachFilter). */
  readonly filter: ArrayBuffer;
}

/** A raw ICMP socket on one link, between two addresses; its user sets the checksum. Throws OsError. */
export function echoSocket(libc: Libc, { ifname, source, peer, filter }: EchoPlace): number {
  const { AF_INET, SOCK_RAW, SOCK_NONBLOCK, SOL_SOCKET, SO_BINDTODEVICE } = libc.constants;
  const fd = check(libc, libc.socket(AF_INET, SOCK_RAW | SOCK_NONBLOCK, IPPROTO_ICMP), 'socket AF_INET');
  const name = encodeUtf8(ifname);
  // struct sockaddr_in: family in host order, no port, address.
  const addressed = (text: string): ArrayBuffer => {
    const address = new ArrayBuffer(16);
    new Uint16Array(address)[0] = AF_INET;
    new Uint8Array(address).set(parseIpv4(text)!, 4);
    return address;
  };
  try {
    check(libc, libc.attachFilter(fd, filter, filter.byteLength / 8), 'attach a packet filter');
    const bound = libc.setsockopt(
      fd,
      SOL_SOCKET,
      SO_BINDTODEVICE,
      name.buffer as ArrayBuffer,
      name.byteOffset,
      name.length,
    );
    check(libc, bound, `bind to ${ifname}`);
    check(libc, libc.bind(fd, addressed(source), 0, 16), `bind ${source}`);
    check(libc, libc.connect(fd, addressed(peer), 0, 16), `connect ${peer}`);
  } catch (error) {
    libc.close(fd);
    throw error;
  }
  return fd;
}
