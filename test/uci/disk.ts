import { decodeUtf8, encodeUtf8 } from '../../src/bytes/utf8.ts';
import type { Machine } from '../../src/runtime/machine.ts';

interface Inode {
  number: number;
  mode: number;
  bytes: Uint8Array;
  link?: string;
}

const E = { EINTR: 4, EIO: 5, EEXIST: 17, EINVAL: 22, ENOSPC: 28, ENOENT: 2 };
const C = { ...E, O_RDWR: 2, O_WRONLY: 1, O_CREAT: 64, O_EXCL: 128, LOCK_EX: 2 };

/**
 * A directory in memory that refuses what the kernel would. `before` are things that others do: each is taken once, right before
 * the next call of that name. `failures` are errno that the next calls of a name answer instead of working.
 */
export class Disk {
  readonly names = new Map<string, Inode>();
  readonly before = new Map<string, (() => void)[]>();
  readonly after = new Map<string, (() => void)[]>();
  readonly failures = new Map<string, number[]>();
  readonly calls: string[] = [];
  readonly #open = new Map<number, { inode: Inode; offset: number; locked: boolean }>();
  #next = 1;

  /** What the store needs of a machine. */
  get machine(): Pick<Machine, 'libc' | 'files'> {
    const libc = new Proxy({ constants: C } as Record<string, unknown>, {
      get: (known, name: string) => known[name] ?? ((...args: unknown[]) => this.#call(name, args)),
    });
    const read = (path: string) => (this.#opened(path) ?? this.#at(path))?.bytes.slice();
    const stat = (path: string) => this.#at(path);
    return { libc, files: { read, stat } } as unknown as Pick<Machine, 'libc' | 'files'>;
  }

  put(path: string, content: string | Uint8Array, mode = 0o100644): void {
    const bytes = typeof content === 'string' ? encodeUtf8(content) : content;
    this.names.set(path, { number: this.#next++, mode, bytes });
  }

  link(path: string, target: string): void {
    this.names.set(path, { number: this.#next++, mode: 0o120777, bytes: new Uint8Array(), link: target });
  }

  text(path: string): string | undefined {
    const inode = this.names.get(path);
    return inode && decodeUtf8(inode.bytes);
  }

  get openFiles(): number {
    return this.#open.size;
  }

  #call(name: string, args: unknown[]): unknown {
    this.before.get(name)?.shift()?.();
    this.calls.push(name);
    const failure = this.failures.get(name)?.shift();
    if (failure) return -failure;
    const call = this.#calls[name];
    if (!call) throw new Error(`the fake disk has no ${name}`);
    const result = call(...(args as never[]));
    this.after.get(name)?.shift()?.();
    return result;
  }

  #at(path: string): Inode | undefined {
    const inode = this.names.get(path);
    return inode?.link ? this.#at(inode.link) : inode;
  }

  #opened(path: string): Inode | undefined {
    const fd = /^\/proc\/self\/fd\/(\d+)$/.exec(path)?.[1];
    return fd ? this.#open.get(Number(fd))!.inode : undefined;
  }

  /** Uptime in ms. */
  now = 1000;

  readonly #calls: Record<string, (...args: never[]) => unknown> = {
    strerror: (errno: number) => Object.entries(E).find(([, value]) => value === errno)?.[0] ?? `${errno}`,
    open: (path: string, flags: number, mode: number) => {
      const again = this.#opened(path);
      if (again) return this.#newFile(again);
      if (this.names.has(path) && flags & C.O_EXCL) return -E.EEXIST;
      if (!this.#at(path) && !(flags & C.O_CREAT)) return -E.ENOENT;
      if (!this.#at(path)) this.put(path, '', 0o100000 | mode);
      return this.#newFile(this.#at(path)!);
    },
    close: (fd: number) => (this.#open.delete(fd) ? 0 : this.#impossible('close')),
    flock: (fd: number) => {
      const file = this.#open.get(fd)!;
      for (const other of this.#open.values()) {
        if (other !== file && other.inode === file.inode && other.locked)
          this.#impossible('a lock that would wait for ever');
      }
      file.locked = true;
      return 0;
    },
    write: (fd: number, data: ArrayBuffer, offset: number, length: number) => {
      const file = this.#open.get(fd)!;
      // Short writes are legal, so every one is.
      const part = new Uint8Array(data, offset, Math.min(length, 7));
      const bytes = new Uint8Array(Math.max(file.inode.bytes.length, file.offset + part.length));
      bytes.set(file.inode.bytes);
      bytes.set(part, file.offset);
      file.inode.bytes = bytes;
      file.offset += part.length;
      return part.length;
    },
    ftruncate: (fd: number, length: number) => {
      const { inode } = this.#open.get(fd)!;
      inode.bytes = inode.bytes.slice(0, length);
      return 0;
    },
    fsync: () => 0,
    uptime: () => this.now,
    fchmod: (fd: number, mode: number) => {
      const { inode } = this.#open.get(fd)!;
      inode.mode = (inode.mode & 0o170000) | mode;
      return 0;
    },
    fstat: (fd: number, out: ArrayBuffer) => this.#stat(this.#open.get(fd)!.inode, out),
    stat: (path: string, out: ArrayBuffer) => this.#stat(this.#at(path), out),
    readlink: (path: string, out: ArrayBuffer) => {
      const inode = this.names.get(path);
      if (!inode) return -E.ENOENT;
      if (!inode.link) return -E.EINVAL;
      new Uint8Array(out).set(encodeUtf8(inode.link));
      return encodeUtf8(inode.link).length;
    },
    rename: (from: string, to: string) => {
      const inode = this.names.get(from);
      if (!inode) return -E.ENOENT;
      this.names.set(to, inode);
      this.names.delete(from);
      return 0;
    },
    exchange: (a: string, b: string) => {
      const [first, second] = [this.names.get(a), this.names.get(b)];
      if (!first || !second) return -E.ENOENT;
      this.names.set(a, second).set(b, first);
      return 0;
    },
    unlink: (path: string) => (this.names.delete(path) ? 0 : -E.ENOENT),
  };

  #newFile(inode: Inode): number {
    this.#open.set(this.#next, { inode, offset: 0, locked: false });
    return this.#next++;
  }

  #stat(inode: Inode | undefined, out: ArrayBuffer): number {
    if (!inode) return -E.ENOENT;
    new Float64Array(out).set([inode.mode, inode.bytes.length, 0, inode.number, 0]);
    return 0;
  }

  #impossible(what: string): never {
    throw new Error(`fake disk: ${what}`);
  }
}
