import * as assert from 'uvu/assert';
import { toHex } from '../../src/bytes/hex.ts';
import type { ConstantName, Libc } from '../../src/runtime/runtime.ts';
import type { Rows } from './contract.ts';

type Call = [name: keyof Libc, ...args: unknown[]];

const bytes = () => new ArrayBuffer(16);
const calling = (libc: Libc, [name, ...args]: Call): number => (libc[name] as (...args: unknown[]) => number)(...args);

/** All are EINVAL, and none reaches the kernel. */
const REFUSED: Call[] = [
  ['close', undefined],
  ['close', null],
  ['close', 'three'],
  ['close', {}],
  ['close', Number.NaN],
  ['close', 1.5],
  ['close', 2 ** 40],
  ['close', Number.POSITIVE_INFINITY],
  ['close'],
  ['open', 7, 0, 0],
  ['open', undefined, 0, 0],
  ['open', '/etc/passwd\0.txt', 0, 0],
  ['read', 0, bytes(), 0, 17],
  ['read', 0, bytes(), 17, 0],
  ['read', 0, bytes(), -1, 4],
  ['read', 0, bytes(), 4, -1],
  ['read', 0, bytes(), 2 ** 31, 2 ** 31],
  ['read', 0, bytes(), 0],
  ['sendto', 0, bytes(), 0, 16, 0, bytes(), 17],
  ['sendto', 0, bytes(), 0, 16, 0, bytes(), -1],
  ['attachFilter', 0, bytes(), 3],
  ['attachFilter', 0, bytes(), -1],
  ['socketpair', 1, 1, new ArrayBuffer(7)],
  ['recvfd', 0, bytes(), 0, 16, new ArrayBuffer(3)],
  ['stat', '/', new ArrayBuffer(39)],
  ['fstat', 0, new ArrayBuffer(39)],
  ['waitpid', 1, new ArrayBuffer(7)],
  ['spawn', '/bin/true', bytes(), 17, bytes(), 0, -1, -1, -1],
  ['spawn', '/bin/true', bytes(), -1, bytes(), 0, -1, -1, -1],
  ['spawn', '/bin/true', Uint8Array.of(65, 66).buffer, 2, bytes(), 0, -1, -1, -1],
  ['spawn', '/bin/true', bytes(), 0, Uint8Array.of(0, 66).buffer, 2, -1, -1, -1],
];

/** What should be an ArrayBuffer is something else. */
const NO_BUFFER: Call[] = [
  ['read', 0, undefined, 0, 1],
  ['read', 0, {}, 0, 1],
  ['read', 0, 'text', 0, 1],
  ['read', 0, new Uint8Array(4), 0, 4],
  ['readdir', '/', null],
  ['spawn', '/bin/true', [], 0, bytes(), 0, -1, -1, -1],
];

/** The C library's own words, glibc's and where they differ musl's: a constant with another's value would show. */
const TEXTS: Partial<Record<ConstantName, string | readonly [glibc: string, musl: string]>> = {
  EPERM: 'Operation not permitted',
  ENOENT: 'No such file or directory',
  EAGAIN: 'Resource temporarily unavailable',
  EEXIST: 'File exists',
  EINVAL: 'Invalid argument',
  ENOSYS: 'Function not implemented',
  ENOTEMPTY: 'Directory not empty',
  ENOBUFS: 'No buffer space available',
  EADDRINUSE: ['Address already in use', 'Address in use'],
  EADDRNOTAVAIL: ['Cannot assign requested address', 'Address not available'],
  ENETDOWN: 'Network is down',
  ENETUNREACH: ['Network is unreachable', 'Network unreachable'],
  ECONNRESET: 'Connection reset by peer',
  ECONNREFUSED: 'Connection refused',
  ENOTCONN: ['Transport endpoint is not connected', 'Socket not connected'],
  EALREADY: 'Operation already in progress',
  EINPROGRESS: ['Operation now in progress', 'Operation in progress'],
  EOPNOTSUPP: ['Operation not supported', 'Not supported'],
  EAFNOSUPPORT: 'Address family not supported by protocol',
  ETIMEDOUT: ['Connection timed out', 'Operation timed out'],
  ERANGE: ['Numerical result out of range', 'Result not representable'],
  EXDEV: ['Invalid cross-device link', 'Cross-device link'],
  EROFS: 'Read-only file system',
};

const print = ([name, ...args]: Call) =>
  `${name}(${args.map((arg) => (arg instanceof ArrayBuffer ? `${arg.byteLength} bytes` : String(arg))).join(', ')})`;

export const callArguments: Rows = {
  'wrong numbers, strings and ranges are EINVAL'({ libc }) {
    for (const call of REFUSED) assert.is(calling(libc, call), -libc.constants.EINVAL, print(call));
  },

  'what is no ArrayBuffer is a TypeError'({ libc }) {
    for (const call of NO_BUFFER)
      assert.throws(
        () => calling(libc, call),
        (error: unknown) => error instanceof TypeError,
        print(call),
      );
  },

  'a failed call answers -errno'({ libc }) {
    const { EBADF, ENOENT, ENOTDIR, ESRCH, ECHILD, ERANGE, EEXIST } = libc.constants;
    const rows: [Call, number][] = [
      [['close', 99999], EBADF],
      [['read', 99999, bytes(), 0, 16], EBADF],
      [['open', '/no/such/file', 0, 0], ENOENT],
      [['readdir', '/etc/passwd', bytes()], ENOTDIR],
      [['readdir', '/etc', bytes()], ERANGE],
      [['kill', 2 ** 22 + 1, 0], ESRCH],
      [['pidfdOpen', 2 ** 22 + 1], ESRCH],
      [['waitpid', 1, bytes()], ECHILD],
      [['mkdir', '/etc', 0o700], EEXIST],
    ];
    for (const [call, errno] of rows) assert.is(calling(libc, call), -errno, print(call));
  },

  'every constant is a number, and an errno means what it says'({ libc }) {
    for (const [name, value] of Object.entries(libc.constants)) assert.type(value, 'number', name);
    for (const [name, texts] of Object.entries(TEXTS)) {
      const said = libc.strerror(libc.constants[name as ConstantName]);
      assert.ok([texts].flat().includes(said), `${name}: ${said}`);
    }
  },

  'only the part asked for is written'({ libc, files }) {
    const out = new ArrayBuffer(8);
    const fd = libc.open('/dev/zero', libc.constants.O_RDONLY, 0);
    new Uint8Array(out).fill(0xff);
    assert.is(libc.read(fd, out, 3, 2), 2);
    assert.is(toHex(new Uint8Array(out)), 'ffffff0000ffffff');
    assert.is(libc.read(fd, out, 8, 0), 0);
    assert.is(libc.close(fd), 0);
    assert.ok(files.list('/proc/self/fd').length > 2);
  },
};
