/**
 * Values of the Linux headers on 64-bit x86 and ARM, for Node, which has no C compiler at hand. Errnos, signals and
 * the open(2) flags that differ between the two are Node's own constants.
 */
export const LINUX = {
  // bits/socket.h, asm-generic/socket.h
  AF_UNIX: 1,
  AF_INET: 2,
  AF_INET6: 10,
  AF_NETLINK: 16,
  AF_PACKET: 17,
  SOCK_STREAM: 1,
  SOCK_DGRAM: 2,
  SOCK_RAW: 3,
  SOCK_NONBLOCK: 0x800,
  SOCK_CLOEXEC: 0x80000,
  SOL_SOCKET: 1,
  SO_ERROR: 4,
  SO_SNDBUF: 7,
  SO_RCVBUF: 8,
  SO_PEERCRED: 17,
  SO_BINDTODEVICE: 25,
  SO_ATTACH_FILTER: 26,
  SO_RCVBUFFORCE: 33,
  SOL_PACKET: 263,
  SOL_NETLINK: 270,
  MSG_PEEK: 2,
  MSG_TRUNC: 0x20,
  MSG_DONTWAIT: 0x40,
  MSG_NOSIGNAL: 0x4000,
  // asm-generic/fcntl.h
  O_CLOEXEC: 0x80000,
  LOCK_SH: 1,
  LOCK_EX: 2,
  LOCK_NB: 4,
  LOCK_UN: 8,
  // sys/epoll.h, sys/inotify.h
  EPOLLIN: 1,
  EPOLLOUT: 4,
  EPOLLERR: 8,
  EPOLLHUP: 16,
  IN_CLOSE_WRITE: 8,
  IN_MODIFY: 0x2,
  IN_MOVED_TO: 0x80,
  IN_CREATE: 0x100,
  IN_DELETE: 0x200,
} as const;

/** Of system calls that an older C library has no function for; the same number on both. */
export const SYS = { pidfd_open: 434, close_range: 436 } as const;

/** What only node.ts itself passes on. */
export const FLAG = {
  AT_FDCWD: -100,
  AT_EMPTY_PATH: 0x1000,
  CLOCK_BOOTTIME: 7,
  CLOSE_RANGE_CLOEXEC: 4,
  EFD_NONBLOCK: 0x800,
  EPOLL_CTL_ADD: 1,
  EPOLL_CTL_DEL: 2,
  EPOLL_CTL_MOD: 3,
  F_DUPFD_CLOEXEC: 1030,
  MSG_CMSG_CLOEXEC: 0x40000000,
  POLLIN: 1,
  POSIX_SPAWN: 0x04 | 0x08 | 0x80, // SETSIGDEF | SETSIGMASK | SETSID
  RENAME_EXCHANGE: 2,
  SCM_RIGHTS: 1,
  STATX_BASIC_STATS: 0x7ff,
  TCSADRAIN: 1,
  TIOCGWINSZ: 0x5413,
  WNOHANG: 1,
} as const;
