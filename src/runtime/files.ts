import type { Libc } from './runtime.ts';

/** A file's essentials: `mode` is st_mode with the type bits, `mtime` in seconds. */
export interface FileStat { mode: number; size: number; mtime: number; inode: number; uid: number }

/** Files as the programs want them. What is not there is undefined; every other failure is thrown as OsError. */
export class Files {
  constructor(readonly libc: Libc) {}

  read(path: string): Uint8Array | undefined { throw new Error(path); }
  /** As UTF-8. Works on /proc too, where st_size is 0. */
  readText(path: string): string | undefined { throw new Error(path); }
  stat(path: string): FileStat | undefined { throw new Error(path); }
  /** Whole and on disk, or not at all: a temporary file beside it, fsync, rename. */
  replace(path: string, data: Uint8Array | string, mode: number): void { throw new Error(`${path}${data}${mode}`); }
  /** Sorted names; an absent directory has none. */
  list(path: string): string[] { throw new Error(path); }
  /** Made with its parents; one that is there already keeps its mode. */
  makeDirectory(path: string, mode: number): void { throw new Error(`${path}${mode}`); }
  /** Gone already is fine. */
  remove(path: string): void { throw new Error(path); }
}
