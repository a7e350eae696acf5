import { Arguments, type Invoke, integer, type Library, Refused } from './ffi.ts';
import { Calls } from './glibc-calls.ts';
import { FLAG, SYS } from './linux.ts';
import type { Libc } from './runtime.ts';

/** How a call takes its arguments, by the letters of native/libc.c: those alone when the C function of that name does the rest. */
type Row = string | [kinds: string, run: Invoke];

/** The table, as CALLS in native/libc.c. */
function table(k: Calls): Record<Exclude<keyof Libc, 'constants' | 'strerror'>, Row> {
  const { call, constants: C } = k;
  const atFd = FLAG.AT_FDCWD;
  return {
    socket: ['iii', (domain, type, protocol) => call('socket', domain!, type! | C.SOCK_CLOEXEC, protocol!)],
    socketpair: ['iiB', (domain, type) => k.socketpair(domain!, type!)],
    bind: 'ib',
    connect: 'ib',
    listen: 'ii',
    accept: ['i', (fd) => call('accept4', fd!, 0, 0, C.SOCK_NONBLOCK | C.SOCK_CLOEXEC)],
    getsockname: ['ib', (fd, out, room) => k.length('getsockname', room!, fd!, out!)],
    setsockopt: 'iiib',
    getsockopt: ['iiib', (fd, level, name, out, room) => k.length('getsockopt', room!, fd!, level!, name!, out!)],
    attachFilter: ['iBi', (fd, program, room, count) => k.attachFilter(fd!, program!, room!, count!)],
    send: 'ibi',
    recv: 'ibi',
    sendto: [
      'ibiBi',
      (fd, data, length, flags, to, room, size) => k.sendto(room!, size!, fd!, data!, length!, flags!, to!),
    ],
    recvfrom: [
      'ibiB',
      (fd, data, length, flags, from, room) =>
        call('recvfrom', fd!, data!, length!, flags!, from!, k.scratch.put(0, room!)),
    ],
    sendfd: ['ibi', (fd, data, length, passed) => k.sendfd(fd!, data!, length!, passed!)],
    recvfd: ['ibB', (fd, data, length) => k.recvfd(fd!, data!, length!)],
    open: ['sii', (path, flags, mode) => call('open', path!, flags! | C.O_CLOEXEC, mode!)],
    close: 'i',
    read: 'ib',
    write: 'ib',
    fsync: 'i',
    ftruncate: 'ii',
    flock: 'ii',
    fchmod: 'ii',
    fstat: ['iB', (fd) => k.stat(fd!, 0, k.given[0]!)],
    stat: ['sB', (path) => k.stat(atFd, path!, k.given[1]!)],
    rename: 'ss',
    exchange: ['ss', (a, b) => call('renameat2', atFd, a!, atFd, b!, FLAG.RENAME_EXCHANGE)],
    unlink: 's',
    mkdir: 'si',
    rmdir: 's',
    mkfifo: 'si',
    umask: 'i',
    readdir: ['sB', (path) => k.readdir(path!)],
    readlink: 'sB',
    isatty: 'i',
    epollCreate: ['', () => call('epoll_create1', C.O_CLOEXEC)],
    epollSet: ['iiii', (epfd, fd, events, known) => k.epollSet(epfd!, fd!, events!, known!)],
    epollTake: ['iB', (epfd, _out, room) => k.epollTake(epfd!, room!)],
    inotifyInit: ['', () => call('inotify_init1', C.O_NONBLOCK | C.O_CLOEXEC)],
    inotifyAdd: ['isi', (fd, path, mask) => call('inotify_add_watch', fd!, path!, mask!)],
    spawn: ['saaiii', (path, argv, env, ...fds) => k.spawn(path!, argv!, env!, ...fds)],
    pidfdOpen: ['i', (pid) => call('syscall', SYS.pidfd_open, pid!, 0, 0)],
    kill: 'ii',
    waitpid: ['iB', (pid) => k.waitpid(pid!)],
    getpid: '',
    getuid: '',
    getgid: '',
    uptime: ['', () => k.uptime()],
  };
}

/** `Libc` over glibc's own functions. A row's -1 means: see errno. */
export function openLibc(library: Library, constants: Libc['constants'], arch: string): Libc {
  const k = new Calls(library, constants, arch);
  const wrap = (name: string, row: Row) => {
    const [kinds, run]: [string, Invoke] = typeof row === 'string' ? [row, (...args) => k.call(name, ...args)] : row;
    return (...values: unknown[]): number => {
      try {
        const args = new Arguments(library, kinds, values);
        k.given = args.buffers;
        const result = run(...args.numbers);
        return result === -1 ? -library.errno() : result;
      } catch (failure) {
        if (failure instanceof Refused) return -constants[failure.errno];
        throw failure;
      }
    };
  };
  const calls = Object.fromEntries(Object.entries(table(k)).map(([name, row]) => [name, wrap(name, row)]));
  return { ...calls, constants, strerror: (errno: number) => k.strerror(integer(errno)) } as unknown as Libc;
}
