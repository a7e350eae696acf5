/**
 * The seam. Everything above it is the same program under QuickJS and under Node; below it stand quickjs.ts (over
 * native/libc.c) and node.ts (over ffi-napi). Nothing outside this folder imports 'std', 'os', 'node:*' or the FFI.
 */

/** Names whose values differ between CPUs or C libraries, so that they are read from C and never written here. */
export type ConstantName =
  | 'AF_UNIX'
  | 'AF_NETLINK'
  | 'AF_PACKET'
  | 'AF_INET'
  | 'AF_INET6'
  | 'SOCK_STREAM'
  | 'SOCK_DGRAM'
  | 'SOCK_RAW'
  | 'SOCK_NONBLOCK'
  | 'SOCK_CLOEXEC'
  | 'SOL_SOCKET'
  | 'SO_ERROR'
  | 'SO_RCVBUF'
  | 'SO_RCVBUFFORCE'
  | 'SO_SNDBUF'
  | 'SO_PEERCRED'
  | 'SO_ATTACH_FILTER'
  | 'SO_BINDTODEVICE'
  | 'SOL_NETLINK'
  | 'SOL_PACKET'
  | 'MSG_DONTWAIT'
  | 'MSG_NOSIGNAL'
  | 'MSG_PEEK'
  | 'MSG_TRUNC'
  | 'O_RDONLY'
  | 'O_WRONLY'
  | 'O_RDWR'
  | 'O_CREAT'
  | 'O_EXCL'
  | 'O_TRUNC'
  | 'O_APPEND'
  | 'O_NONBLOCK'
  | 'O_CLOEXEC'
  | 'O_DIRECTORY'
  | 'O_NOFOLLOW'
  | 'EPOLLIN'
  | 'EPOLLOUT'
  | 'EPOLLERR'
  | 'EPOLLHUP'
  | 'IN_MODIFY'
  | 'IN_MOVED_TO'
  | 'IN_CREATE'
  | 'IN_DELETE'
  | 'IN_CLOSE_WRITE'
  | 'LOCK_EX'
  | 'LOCK_UN'
  | 'LOCK_NB'
  | 'LOCK_SH'
  | 'SIGHUP'
  | 'SIGINT'
  | 'SIGKILL'
  | 'SIGUSR1'
  | 'SIGUSR2'
  | 'SIGTERM'
  | 'SIGCHLD'
  | 'EPERM'
  | 'ENOENT'
  | 'ESRCH'
  | 'EINTR'
  | 'EIO'
  | 'EBADF'
  | 'ECHILD'
  | 'EAGAIN'
  | 'ENOMEM'
  | 'EACCES'
  | 'EBUSY'
  | 'EEXIST'
  | 'ENODEV'
  | 'ENOTDIR'
  | 'EISDIR'
  | 'EINVAL'
  | 'ENFILE'
  | 'EMFILE'
  | 'ENOSPC'
  | 'EPIPE'
  | 'ERANGE'
  | 'ENOSYS'
  | 'ENOBUFS'
  | 'EADDRINUSE'
  | 'EADDRNOTAVAIL'
  | 'ENETDOWN'
  | 'ENETUNREACH'
  | 'ECONNRESET'
  | 'ECONNREFUSED'
  | 'EINPROGRESS'
  | 'EOPNOTSUPP'
  | 'EAFNOSUPPORT'
  | 'ENOTEMPTY'
  | 'EXDEV'
  | 'EROFS'
  | 'ENOTCONN'
  | 'EALREADY'
  | 'ETIMEDOUT';

/**
 * The C library, one function a call. Each answers the call's own result, or -errno. A buffer is always
 * (ArrayBuffer, offset, length), so that no engine object has to be looked into. Nothing here blocks
 * except `flock` without LOCK_NB and reads of descriptors opened without O_NONBLOCK. Every descriptor made here is close-on-exec.
 * A number that is none, a string with a NUL and a range outside its buffer are -EINVAL; what should be an ArrayBuffer and is not, a TypeError.
 */
export interface Libc {
  readonly constants: Readonly<Record<ConstantName, number>>;
  /** Text of an errno, as strerror(3) has it. */
  strerror(errno: number): string;

  socket(domain: number, type: number, protocol: number): number;
  /** Two connected descriptors, written as two host-order int32 into `out`. */
  socketpair(domain: number, type: number, out: ArrayBuffer): number;
  bind(fd: number, address: ArrayBuffer, offset: number, length: number): number;
  connect(fd: number, address: ArrayBuffer, offset: number, length: number): number;
  listen(fd: number, backlog: number): number;
  /** A non-blocking, close-on-exec descriptor of the next connection. */
  accept(fd: number): number;
  /** Like getsockopt, answers the length of what was written. */
  getsockname(fd: number, out: ArrayBuffer, offset: number, length: number): number;
  setsockopt(fd: number, level: number, name: number, value: ArrayBuffer, offset: number, length: number): number;
  getsockopt(fd: number, level: number, name: number, out: ArrayBuffer, offset: number, length: number): number;
  /** SO_ATTACH_FILTER: `program` is an array of struct sock_filter (8 bytes each, host order). */
  attachFilter(fd: number, program: ArrayBuffer, count: number): number;
  send(fd: number, data: ArrayBuffer, offset: number, length: number, flags: number): number;
  recv(fd: number, out: ArrayBuffer, offset: number, length: number, flags: number): number;
  sendto(
    fd: number,
    data: ArrayBuffer,
    offset: number,
    length: number,
    flags: number,
    address: ArrayBuffer,
    addressLength: number,
  ): number;
  /** Like recv; the sender's sockaddr is written to `address` from its start. */
  recvfrom(fd: number, out: ArrayBuffer, offset: number, length: number, flags: number, address: ArrayBuffer): number;
  /** send with one descriptor as SCM_RIGHTS. */
  sendfd(fd: number, data: ArrayBuffer, offset: number, length: number, passed: number): number;
  /** recv that also takes a descriptor: it, or -1, is written as a host-order int32 at the start of `passed`. */
  recvfd(fd: number, out: ArrayBuffer, offset: number, length: number, passed: ArrayBuffer): number;

  open(path: string, flags: number, mode: number): number;
  close(fd: number): number;
  read(fd: number, out: ArrayBuffer, offset: number, length: number): number;
  write(fd: number, data: ArrayBuffer, offset: number, length: number): number;
  fsync(fd: number): number;
  ftruncate(fd: number, length: number): number;
  flock(fd: number, operation: number): number;
  fchmod(fd: number, mode: number): number;
  /** Five float64 into `out`: st_mode, st_size, st_mtime (seconds), st_ino, st_uid. */
  fstat(fd: number, out: ArrayBuffer): number;
  /** The same for a path (following links). */
  stat(path: string, out: ArrayBuffer): number;
  rename(from: string, to: string): number;
  /** renameat2 with RENAME_EXCHANGE. */
  exchange(a: string, b: string): number;
  unlink(path: string): number;
  mkdir(path: string, mode: number): number;
  rmdir(path: string): number;
  mkfifo(path: string, mode: number): number;
  umask(mask: number): number;
  /** The names in a directory without . and .. , each followed by NUL, into `out`; answers the bytes written, -ERANGE when it is too small. */
  readdir(path: string, out: ArrayBuffer): number;
  readlink(path: string, out: ArrayBuffer): number;
  /** 1 or 0. */
  isatty(fd: number): number;

  epollCreate(): number;
  /** Watch `fd` for `events` (EPOLLIN, EPOLLOUT); 0 takes it off. */
  epollSet(epfd: number, fd: number, events: number, known: boolean): number;
  /** Never waits. Pairs of host-order int32 (fd, events) into `out`; answers the number of pairs. */
  epollTake(epfd: number, out: ArrayBuffer): number;
  inotifyInit(): number;
  inotifyAdd(fd: number, path: string, mask: number): number;

  /**
   * Start a program in a session of its own with no signal blocked or ignored. `argv` and `env` are NUL-terminated
   * strings one after another. Descriptors 0, 1 and 2 of the child are `stdin`, `stdout` and `stderr` (-1: /dev/null). Answers the pid.
   */
  spawn(
    path: string,
    argv: ArrayBuffer,
    argvLength: number,
    env: ArrayBuffer,
    envLength: number,
    stdin: number,
    stdout: number,
    stderr: number,
  ): number;
  pidfdOpen(pid: number): number;
  kill(pid: number, signal: number): number;
  /** Never waits. 0: still running. Otherwise 1 and, as host-order int32 into `out`, the wait(2) status decoded: exit code (or -1), signal (or 0). */
  waitpid(pid: number, out: ArrayBuffer): number;
  getpid(): number;
  getuid(): number;
  getgid(): number;
  /** CLOCK_BOOTTIME in milliseconds: what /proc/uptime counts, steady across changes of the wall clock. */
  uptime(): number;
}

export type Signal = 'SIGTERM' | 'SIGINT' | 'SIGHUP' | 'SIGUSR1';
export type Timer = unknown;

/** What only the engine itself can do. `libc()` is asynchronous because the native module is imported when first wanted. */
export interface Runtime {
  readonly name: 'qjs' | 'node';
  /** The arguments after the program's own name. */
  readonly args: readonly string[];
  /** Where the program itself lies, without a trailing slash: its scripts lie beside it. */
  readonly folder: string;
  env(name: string): string | undefined;
  libc(): Promise<Libc>;
  /** Call `fn` each time this one descriptor (the poller's epoll) is readable; undefined stops it and lets the program end. */
  onReadable(fd: number, fn: (() => void) | undefined): void;
  setTimer(ms: number, fn: () => void): Timer;
  clearTimer(timer: Timer): void;
  onSignal(signal: Signal, fn: () => void): void;
  /** Wall clock, milliseconds since 1970: for people, never for decisions. */
  wallClock(): number;
  /** Text to standard output (1) or error (2), out before it returns. */
  print(fd: 1 | 2, text: string): void;
  /**
   * Standard input by the key, without echo, Ctrl-C as a byte like any other; the end of the program turns it off.
   * False when it is no terminal. Both this and `columns` want `libc()` called before.
   */
  rawMode(on: boolean): boolean;
  /** The width of standard output, 80 when unknown. */
  columns(): number;
  exit(code: number): never;
}
