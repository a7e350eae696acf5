import { check } from '../runtime/errors.ts';
import type { Machine } from '../runtime/machine.ts';

/** One daemon for one run directory: the lock goes with the process. Throws an Error that names the directory. */
export function lockRunDir({ libc, files }: Machine, runDir: string): void {
  files.makeDirectory(runDir, 0o755);
  const { O_RDWR, O_CREAT, O_CLOEXEC, LOCK_EX, LOCK_NB, EAGAIN } = libc.constants;
  const path = `${runDir}/lock`;
  const fd = check(libc, libc.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600), `open ${path}`);
  const locked = libc.flock(fd, LOCK_EX | LOCK_NB);
  if (locked === -EAGAIN)
    throw new Error(`another macvland works with ${runDir}; stop it, or give another directory with -r`);
  check(libc, locked, `lock ${path}`);
}
