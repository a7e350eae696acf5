import { decodeUtf8, encodeUtf8 } from '../bytes/utf8.ts';
import { check } from './errors.ts';
import type { Libc } from './runtime.ts';

/** A file's essentials: `mode` is st_mode with the type bits, `mtime` in seconds. */
export interface FileStat {
  mode: number;
  size: number;
  mtime: number;
  inode: number;
  uid: number;
}

/** Files as the programs want them. What is not there is undefined; every other failure is thrown as OsError. */
export class Files {
  constructor(readonly libc: Libc) {}

  read(path: string): Uint8Array | undefined {
    const { O_RDONLY, O_NONBLOCK } = this.libc.constants;
    // O_NONBLOCK: a FIFO that lies there must not stop the program.
    const fd = this.libc.open(path, O_RDONLY | O_NONBLOCK, 0);
    if (this.#absent(fd)) return undefined;
    check(this.libc, fd, `open ${path}`);
    try {
      return this.#readAll(fd, path);
    } finally {
      this.libc.close(fd);
    }
  }

  /** As UTF-8. Works on /proc too, where st_size is 0. */
  readText(path: string): string | undefined {
    const bytes = this.read(path);
    return bytes && decodeUtf8(bytes);
  }

  stat(path: string): FileStat | undefined {
    const out = new Float64Array(5);
    const result = this.libc.stat(path, out.buffer);
    if (this.#absent(result)) return undefined;
    check(this.libc, result, `stat ${path}`);
    const [mode, size, mtime, inode, uid] = out as unknown as [number, number, number, number, number];
    return { mode, size, mtime, inode, uid };
  }

  /** Whole and on disk, or not at all: a temporary file beside it, fsync, rename. */
  replace(path: string, data: Uint8Array | string, mode: number): void {
    const { O_WRONLY, O_CREAT, O_EXCL } = this.libc.constants;
    const temporary = path.replace(/[^/]*$/, (name) => `.${name}.${this.libc.getpid()}`);
    // One of the same name can only be what an earlier process with our pid left at its death.
    this.remove(temporary);
    const fd = check(this.libc, this.libc.open(temporary, O_WRONLY | O_CREAT | O_EXCL, 0o600), `open ${temporary}`);
    try {
      this.#fill(fd, typeof data === 'string' ? encodeUtf8(data) : data, mode, temporary);
      check(this.libc, this.libc.rename(temporary, path), `rename ${temporary} to ${path}`);
    } catch (error) {
      this.libc.unlink(temporary);
      throw error;
    }
  }

  /** Into the file that is there, at once: how a file below /proc/sys is set. */
  set(path: string, text: string): void {
    const fd = check(this.libc, this.libc.open(path, this.libc.constants.O_WRONLY, 0), `open ${path}`);
    try {
      const { buffer, length } = encodeUtf8(text);
      check(this.libc, this.libc.write(fd, buffer as ArrayBuffer, 0, length), `write ${text} to ${path}`);
    } finally {
      this.libc.close(fd);
    }
  }

  /** Sorted names; an absent directory has none. */
  list(path: string): string[] {
    for (let room = 4096; ; room *= 4) {
      const out = new ArrayBuffer(room);
      const used = this.libc.readdir(path, out);
      if (used === -this.libc.constants.ERANGE) continue;
      if (this.#absent(used)) return [];
      check(this.libc, used, `readdir ${path}`);
      return decodeUtf8(new Uint8Array(out, 0, used))
        .split('\0')
        .slice(0, -1)
        .sort();
    }
  }

  /** Made with its parents (0755); one that is there already keeps its mode. The umask takes from both. */
  makeDirectory(path: string, mode: number): void {
    const { ENOENT, EEXIST } = this.libc.constants;
    let result = this.libc.mkdir(path, mode);
    const parent = path.replace(/\/*[^/]+\/*$/, '');
    if (result === -ENOENT && parent !== '' && parent !== path) {
      this.makeDirectory(parent, 0o755);
      result = this.libc.mkdir(path, mode);
    }
    if (result === -EEXIST && this.isDirectory(path)) return;
    check(this.libc, result, `mkdir ${path}`);
  }

  isDirectory(path: string): boolean {
    return ((this.stat(path)?.mode ?? 0) & S_IFMT) === S_IFDIR;
  }

  /** A regular file that somebody may run. */
  isExecutable(path: string): boolean {
    const mode = this.stat(path)?.mode ?? 0;
    return (mode & S_IFMT) === S_IFREG && (mode & 0o111) !== 0;
  }

  /** A file or an empty directory. Gone already is fine. */
  remove(path: string): void {
    const { EISDIR } = this.libc.constants;
    let result = this.libc.unlink(path);
    if (result === -EISDIR) result = this.libc.rmdir(path);
    if (!this.#absent(result)) check(this.libc, result, `remove ${path}`);
  }

  /** A parent that is a file counts as absence too. */
  #absent(result: number): boolean {
    return result === -this.libc.constants.ENOENT || result === -this.libc.constants.ENOTDIR;
  }

  #readAll(fd: number, path: string): Uint8Array {
    let buffer = new ArrayBuffer(this.#room(fd));
    let used = 0;
    for (;;) {
      const got = check(this.libc, this.libc.read(fd, buffer, used, buffer.byteLength - used), `read ${path}`);
      if (got === 0) return new Uint8Array(buffer, 0, used);
      used += got;
      if (used === buffer.byteLength) {
        const larger = new ArrayBuffer(2 * used);
        new Uint8Array(larger).set(new Uint8Array(buffer));
        buffer = larger;
      }
    }
  }

  /** One byte more than the file has, so that the read that finds the end fits too. */
  #room(fd: number): number {
    const out = new Float64Array(5);
    const size = this.libc.fstat(fd, out.buffer) === 0 ? out[1]! : 0;
    return Math.max(4096, size + 1);
  }

  #fill(fd: number, bytes: Uint8Array, mode: number, path: string): void {
    const buffer = bytes.buffer as ArrayBuffer;
    try {
      check(this.libc, this.libc.fchmod(fd, mode), `chmod ${path}`);
      for (let done = 0; done < bytes.length; ) {
        done += check(
          this.libc,
          this.libc.write(fd, buffer, bytes.byteOffset + done, bytes.length - done),
          `write ${path}`,
        );
      }
      check(this.libc, this.libc.fsync(fd), `fsync ${path}`);
    } finally {
      this.libc.close(fd);
    }
  }
}

// include/uapi/linux/stat.h
const S_IFMT = 0o170000;
const S_IFDIR = 0o040000;
const S_IFREG = 0o100000;
