import { decodeUtf8 } from '../bytes/utf8.ts';
import { type Library, Refused, text } from './ffi.ts';
import { FLAG, SYS } from './linux.ts';
import type { Libc } from './runtime.ts';

/** Room for what the kernel reads and writes in its own layout. Each part is used within one call only. */
class Scratch {
  readonly bytes = new ArrayBuffer(32768);
  readonly view = new DataView(this.bytes);
  readonly at: number;

  constructor(library: Library) {
    this.at = library.address(this.bytes);
  }

  /** 64-bit words: numbers and addresses of a struct. Answers where they begin. */
  put(at: number, ...values: number[]): number {
    values.forEach((value, i) => {
      this.view.setBigInt64(at + 8 * i, BigInt(value), true);
    });
    return this.at + at;
  }

  int(at: number): number {
    return this.view.getInt32(at, true);
  }

  long(at: number): number {
    return Number(this.view.getBigInt64(at, true));
  }
}

/** The calls that are more than the C function of their name, in the layouts of glibc on 64-bit x86 and ARM. */
export class Calls {
  readonly scratch: Scratch;
  readonly call: Library['call'];
  /** The buffers of the call under way. */
  given: ArrayBuffer[] = [];
  readonly #devNull = text('/dev/null');
  /** struct epoll_event is packed on x86 alone. */
  readonly #event: { size: number; data: number };

  constructor(
    readonly library: Library,
    readonly constants: Libc['constants'],
    arch: string,
  ) {
    this.call = library.call;
    this.scratch = new Scratch(library);
    this.#event = arch === 'x64' ? { size: 12, data: 4 } : { size: 16, data: 8 };
  }

  /** int32s at the start of a given buffer. */
  #ints(given: number, count: number): Int32Array {
    if (this.given[given]!.byteLength < 4 * count) throw new Refused('EINVAL');
    return new Int32Array(this.given[given]!, 0, count);
  }

  socketpair(domain: number, type: number): number {
    this.#ints(0, 2);
    return this.call('socketpair', domain, type | this.constants.SOCK_CLOEXEC, 0, this.library.address(this.given[0]!));
  }

  /** getsockname and getsockopt: the kernel writes the length into where it read the room. */
  length(name: string, length: number, ...args: number[]): number {
    const at = this.scratch.put(0, length);
    const result = this.call(name, ...args, at);
    return result < 0 ? result : this.scratch.int(0);
  }

  attachFilter(fd: number, program: number, room: number, count: number): number {
    if (count < 0 || 8 * count > room) throw new Refused('EINVAL');
    return this.call(
      'setsockopt',
      fd,
      this.constants.SOL_SOCKET,
      this.constants.SO_ATTACH_FILTER,
      this.scratch.put(0, count, program),
      16,
    );
  }

  /** struct msghdr with one buffer and room for exactly one descriptor: CMSG_LEN, not CMSG_SPACE, whose padding would let a second one in. */
  #message(data: number, length: number): number {
    return this.scratch.put(0, 0, 0, this.scratch.put(64, data, length), 1, this.scratch.at + 96, 20, 0);
  }

  sendfd(fd: number, data: number, length: number, passed: number): number {
    const { view } = this.scratch;
    this.scratch.put(96, 20);
    [this.constants.SOL_SOCKET, FLAG.SCM_RIGHTS, passed].forEach((value, i) => {
      view.setInt32(104 + 4 * i, value, true);
    });
    return this.call(
      'sendmsg',
      fd,
      this.#message(data, length),
      this.constants.MSG_NOSIGNAL | this.constants.MSG_DONTWAIT,
    );
  }

  recvfd(fd: number, data: number, length: number): number {
    const passed = this.#ints(1, 1);
    const got = this.call(
      'recvmsg',
      fd,
      this.#message(data, length),
      FLAG.MSG_CMSG_CLOEXEC | this.constants.MSG_DONTWAIT,
    );
    if (got < 0) return got;
    const whole = this.scratch.long(40) >= 20 && this.scratch.int(108) === FLAG.SCM_RIGHTS;
    passed[0] = whole ? this.scratch.int(112) : -1;
    return got;
  }

  /** struct statx has one layout on every CPU, struct stat has not. Path 0: the descriptor itself. */
  stat(fd: number, path: number, out: ArrayBuffer): number {
    if (out.byteLength < 40) throw new Refused('EINVAL');
    const flags = path === 0 ? FLAG.AT_EMPTY_PATH : 0;
    const result = this.call(
      'statx',
      fd,
      path || this.scratch.put(512, 0),
      flags,
      FLAG.STATX_BASIC_STATS,
      this.scratch.at,
    );
    if (result < 0) return result;
    const { view } = this.scratch;
    const [mode, uid] = [view.getUint16(28, true), view.getUint32(20, true)];
    new Float64Array(out, 0, 5).set([mode, this.scratch.long(40), this.scratch.long(112), this.scratch.long(32), uid]);
    return 0;
  }

  readdir(path: number): number {
    const fd = this.call('open', path, this.constants.O_DIRECTORY | this.constants.O_CLOEXEC, 0);
    if (fd < 0) return fd;
    try {
      return this.#entries(fd, new Uint8Array(this.given[1]!));
    } finally {
      this.call('close', fd);
    }
  }

  /** struct linux_dirent64: inode, offset, length of the record, type, name. */
  #entries(fd: number, out: Uint8Array): number {
    const { scratch } = this;
    let used = 0;
    for (;;) {
      const got = this.call('getdents64', fd, scratch.at, scratch.bytes.byteLength);
      if (got <= 0) return got < 0 ? got : used;
      for (let at = 0; at < got; at += scratch.view.getUint16(at + 16, true)) {
        const rest = new Uint8Array(scratch.bytes, at + 19);
        const name = rest.subarray(0, rest.indexOf(0) + 1);
        if (['.\0', '..\0'].includes(String.fromCharCode(...name))) continue;
        if (used + name.length > out.length) throw new Refused('ERANGE');
        out.set(name, used);
        used += name.length;
      }
    }
  }

  epollSet(epfd: number, fd: number, events: number, known: number): number {
    const change = events === 0 ? FLAG.EPOLL_CTL_DEL : known ? FLAG.EPOLL_CTL_MOD : FLAG.EPOLL_CTL_ADD;
    this.scratch.view.setInt32(0, events, true);
    this.scratch.view.setInt32(this.#event.data, fd, true);
    return this.call('epoll_ctl', epfd, change, fd, this.scratch.at);
  }

  epollTake(epfd: number, room: number): number {
    const pairs = this.call('epoll_wait', epfd, this.scratch.at, Math.min(64, Math.floor(room / 8)), 0);
    const out = this.#ints(0, 2 * Math.max(0, pairs));
    for (let i = 0; i < pairs; i++) {
      out[2 * i] = this.scratch.int(this.#event.size * i + this.#event.data);
      out[2 * i + 1] = this.scratch.int(this.#event.size * i);
    }
    return pairs;
  }

  /** The pid or, unlike the others, -errno: posix_spawn answers an errno. See do_spawn in native/calls.h. */
  spawn(path: number, argv: number, env: number, ...wanted: number[]): number {
    // Above 2, so that placing one of them never overwrites another.
    const fds = wanted.map((fd) => (fd < 0 ? -1 : this.call('fcntl', fd, FLAG.F_DUPFD_CLOEXEC, 3)));
    const failed = fds.some((fd, i) => fd < 0 && wanted[i]! >= 0);
    const errno = failed ? this.library.errno() : this.#start(path, argv, env, fds);
    for (const fd of fds) if (fd >= 0) this.call('close', fd);
    return errno === 0 ? this.scratch.int(4096) : -errno;
  }

  /** Its opaque structs take at most 336 bytes in glibc and musl, and are laid out 1024 apart. */
  #start(path: number, argv: number, env: number, fds: number[]): number {
    const { call } = this;
    const [actions, attributes, none, all] = [0, 1024, 2048, 3072].map((at) => this.scratch.at + at) as [
      number,
      number,
      number,
      number,
    ];
    call('sigemptyset', none);
    call('sigfillset', all);
    call('posix_spawn_file_actions_init', actions);
    call('posix_spawnattr_init', attributes);
    call('posix_spawnattr_setflags', attributes, FLAG.POSIX_SPAWN);
    call('posix_spawnattr_setsigmask', attributes, none);
    call('posix_spawnattr_setsigdefault', attributes, all);
    fds.forEach((fd, i) => {
      if (fd >= 0) call('posix_spawn_file_actions_adddup2', actions, fd, i);
      else
        call(
          'posix_spawn_file_actions_addopen',
          actions,
          i,
          this.library.address(this.#devNull),
          this.constants.O_RDWR,
          0,
        );
    });
    call('syscall', SYS.close_range, 3, 2 ** 32 - 1, FLAG.CLOSE_RANGE_CLOEXEC);
    const failure = call('posix_spawn', this.scratch.at + 4096, path, actions, attributes, argv, env);
    call('posix_spawn_file_actions_destroy', actions);
    return failure;
  }

  /** <bits/waitstatus.h>: the signal in the low seven bits, else the code above them. */
  waitpid(pid: number): number {
    const out = this.#ints(0, 2);
    const got = this.call('waitpid', pid, this.scratch.at, FLAG.WNOHANG);
    if (got <= 0) return got;
    const status = this.scratch.int(0);
    const signal = status & 0x7f;
    out.set([signal === 0 ? (status >> 8) & 0xff : -1, signal]);
    return 1;
  }

  sendto(room: number, size: number, ...args: number[]): number {
    if (size < 0 || size > room) throw new Refused('EINVAL');
    return this.call('sendto', ...args, size);
  }

  uptime(): number {
    this.call('clock_gettime', FLAG.CLOCK_BOOTTIME, this.scratch.at);
    return this.scratch.long(0) * 1000 + Math.floor(this.scratch.long(8) / 1e6);
  }

  strerror(errno: number): string {
    this.call('__xpg_strerror_r', errno, this.scratch.at, 256);
    const bytes = new Uint8Array(this.scratch.bytes, 0, 256);
    return decodeUtf8(bytes.subarray(0, bytes.indexOf(0)));
  }
}
