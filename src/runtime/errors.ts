import type { Libc } from './runtime.ts';

/** A call of the C library that failed: `open /etc/config/macvlan: No such file or directory`. */
export class OsError extends Error {
  constructor(
    readonly attempted: string,
    readonly errno: number,
    text: string,
  ) {
    super(`${attempted}: ${text}`);
    this.name = 'OsError';
  }
}

/** The result of a call, or its failure thrown with what was attempted. */
export function check(libc: Libc, result: number, attempted: string): number {
  if (result < 0) throw new OsError(attempted, -result, libc.strerror(-result));
  return result;
}
