import { decodeUtf8 } from '../bytes/utf8.ts';
import type { Machine } from '../runtime/machine.ts';
import { type Change, hasAll } from './changes.ts';
import { edit } from './edit.ts';
import { UciError } from './error.ts';
import { Journal } from './journal.ts';
import { type Content, encodeLossless } from './lossless.ts';
import { type Document, parse } from './parse.ts';
import type { UciFile, UciStore } from './store.ts';

/** What to change, given the newest document. It may be asked again when others write at the same moment. */
export type Decide = (document: Document) => readonly Change[] | undefined;

const ATTEMPTS = 100;

/**
 * Writes the files of a store, beside other writers. The lock is libuci's (file.c, uci_file_commit): flock on the file
 * itself. Others' pending deltas are not committed.
 */
export class UciWriter {
  readonly #machine: Pick<Machine, 'libc' | 'files'>;
  readonly #store: UciStore;
  readonly #journals = new Map<string, Journal>();

  constructor(machine: Pick<Machine, 'libc' | 'files'>, store: UciStore) {
    this.#machine = machine;
    this.#store = store;
  }

  /** What stands in the file is meant, even where it takes back what we have just written. */
  trust(name: string): void {
    this.#journals.delete(name);
  }

  /**
   * Make our change to the newest file, on disk when this returns. Nothing is written when it changes nothing. Where a
   * writer without a lock has just taken back a change of ours, that is made again first; `change(name, () => [])` does only that.
   * `at`: when that was to be looked for, by the clock of `uptime`; a late look still finds it.
   */
  change(name: string, decide: Decide, at = this.#machine.libc.uptime()): UciFile {
    const path = this.#follow(this.#store.pathOf(name));
    // Taking the lock makes the file.
    const isThere = this.#machine.files.stat(path) !== undefined;
    if (!isThere && this.#revise(name, '', { decide, at }).text === '') return this.#store.fileOf('');
    const task: Task = { decide, at };
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const lock = this.#lock(path);
      try {
        const text = this.#write(name, path, lock, task);
        if (text !== undefined) return this.#store.fileOf(text);
      } finally {
        this.#machine.libc.close(lock);
      }
    }
    throw new UciError(`${path}: it is replaced faster than it can be written`);
  }

  /** The new text, on disk; undefined when someone wrote in between: then the file is theirs, and all begins anew. */
  #write(name: string, path: string, lock: number, task: Task): string | undefined {
    const base = this.#store.contentAt(path) ?? NOTHING;
    const { text, note } = this.#revise(name, base.text, task);
    if (text === base.text) {
      note();
      return text;
    }
    const bytes = encodeLossless(text, base);
    const temporary = this.#makeTemporary(path, bytes);
    try {
      // libuci unlocks before it renames.
      if (!this.#isNamed(lock, path) || !this.#put(temporary, path, base.text, text)) return undefined;
      if (!this.#bringHome(lock, temporary, path, base, { text, bytes })) return undefined;
      note();
      return text;
    } finally {
      this.#machine.libc.unlink(temporary);
    }
  }

  /**
   * Exchange the files if the path still has the text `standing`, and leave in `temporary` what was there. An editor takes no
   * lock: where it wrote in between, that is what the exchange brings out, and it gets its place back.
   */
  #put(temporary: string, path: string, standing: string, text: string): boolean {
    const { libc } = this.#machine;
    let [put, expected] = [text, standing];
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      // jffs2 has no RENAME_EXCHANGE; there a look right before the rename must do.
      if (libc.exchange(temporary, path) < 0) {
        if ((this.#textAt(path) ?? '') !== expected) return false;
        this.#check(libc.rename(temporary, path), `rename to ${path}`);
        return attempt === 0;
      }
      const displaced = this.#textAt(temporary) ?? '';
      if (displaced === expected) return attempt === 0;
      [put, expected] = [displaced, put];
    }
    return false;
  }

  /**
   * A libuci that waits for our lock has the old file open; it would read that one and rename over ours, and our change is lost.
   * So the old file gets the new text, now that the path leads to a whole one, and takes its place again: whoever
   * waits then has the lock of the right file. Where it has no name any more (after a plain rename) it has at least the text.
   */
  #bringHome(lock: number, temporary: string, path: string, base: Content, { text, bytes }: Content): boolean {
    const old = this.#textAt(`/proc/self/fd/${lock}`) ?? base.text;
    const isNamed = this.#isNamed(lock, temporary);
    // An editor had it open and wrote just now: its text stands again, and all begins anew.
    if (old !== base.text && isNamed) return this.#put(temporary, path, text, old) && false;
    if (!this.#rewrite(lock, bytes, base.bytes.length) || !isNamed) return true;
    return this.#put(temporary, path, text, text);
  }

  /** False when it failed; the path then keeps the file that it has. */
  #rewrite(lock: number, bytes: Uint8Array, before: number): boolean {
    const { libc } = this.#machine;
    const path = `/proc/self/fd/${lock}`;
    const fd = libc.open(path, libc.constants.O_WRONLY, 0);
    if (fd < 0) return false;
    try {
      this.#writeAll(fd, bytes, path);
      // Cut only where it has to be: somebody may be appending.
      if (bytes.length < before && libc.ftruncate(fd, bytes.length) < 0) return false;
      return libc.fsync(fd) >= 0;
    } catch {
      return false;
    } finally {
      libc.close(fd);
    }
  }

  /** The text after our change, and what to remember when it is on disk. */
  #revise(name: string, base: string, task: Task): { text: string; note(): void } {
    const journal = this.#journals.get(name) ?? new Journal();
    const found = this.#store.fileOf(base).document;
    const again = journal.undone(found, task.at);
    const healed = again.length > 0 ? edit(base, again, found) : base;
    const document = again.length > 0 ? parse(healed) : found;
    // An editor may have read our first attempt and saved it with its own: then it is made already.
    const isMade = task.before !== undefined && hasAll(document, task.changes ?? []);
    const changes = isMade ? [] : (task.decide(document) ?? []);
    if (!isMade) Object.assign(task, { before: document, changes });
    const note = () => {
      const now = this.#machine.libc.uptime();
      journal.renew(again, now);
      if (task.before) journal.note(task.before, task.changes ?? [], now);
      this.#journals.set(name, journal);
    };
    return { text: changes.length > 0 ? edit(healed, changes, document) : healed, note };
  }

  /** A descriptor that holds the lock on the file that the path names, and not on one that was replaced while we waited. */
  #lock(path: string): number {
    const { libc } = this.#machine;
    const { O_RDWR, O_CREAT, LOCK_EX } = libc.constants;
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const fd = this.#check(libc.open(path, O_RDWR | O_CREAT, 0o600), `open ${path}`);
      const result = this.#again(() => libc.flock(fd, LOCK_EX));
      if (result >= 0 && this.#isNamed(fd, path)) return fd;
      libc.close(fd);
      this.#check(result, `flock ${path}`);
    }
    throw new UciError(`${path}: it is replaced faster than it can be locked`);
  }

  /** A file beside the real one, with its mode and all on disk. */
  #makeTemporary(path: string, bytes: Uint8Array): string {
    const { libc, files } = this.#machine;
    const { O_WRONLY, O_CREAT, O_EXCL } = libc.constants;
    const slash = path.lastIndexOf('/');
    const random = Math.floor(Math.random() * 36 ** 6).toString(36);
    const temporary = `${path.slice(0, slash)}/.${path.slice(slash + 1)}.uci-${random.padStart(6, '0')}`;
    const fd = this.#check(libc.open(temporary, O_WRONLY | O_CREAT | O_EXCL, 0o600), `open ${temporary}`);
    try {
      this.#writeAll(fd, bytes, temporary);
      this.#check(libc.fchmod(fd, (files.stat(path)?.mode ?? 0o600) & 0o7777), `chmod ${temporary}`);
      this.#check(libc.fsync(fd), `fsync ${temporary}`);
      return temporary;
    } catch (error) {
      libc.unlink(temporary);
      throw error;
    } finally {
      libc.close(fd);
    }
  }

  #writeAll(fd: number, bytes: Uint8Array, what: string): void {
    const { libc } = this.#machine;
    // An ArrayBuffer of its own: the bytes may be a part of a larger one.
    const { buffer } = bytes.slice();
    for (let at = 0; at < bytes.length; ) {
      at += this.#check(
        this.#again(() => libc.write(fd, buffer, at, bytes.length - at)),
        `write ${what}`,
      );
    }
  }

  /** Where a symbolic link leads, so that the link stays and its target is replaced. */
  #follow(path: string): string {
    const out = new ArrayBuffer(4096);
    for (let links = 0; links < 40; links++) {
      const length = this.#machine.libc.readlink(path, out);
      if (length < 0) return path;
      const target = decodeUtf8(new Uint8Array(out, 0, length));
      path = target.startsWith('/') ? target : `${path.slice(0, path.lastIndexOf('/'))}/${target}`;
    }
    throw new UciError(`${path}: too many symbolic links`);
  }

  #textAt(path: string): string | undefined {
    return this.#store.contentAt(path)?.text;
  }

  /** Whether the path still leads to the open file, and not to one that has taken its place. */
  #isNamed(fd: number, path: string): boolean {
    const { libc } = this.#machine;
    const [open, named] = [new Float64Array(5), new Float64Array(5)];
    return libc.fstat(fd, open.buffer) >= 0 && libc.stat(path, named.buffer) >= 0 && open[3] === named[3];
  }

  #again(call: () => number): number {
    for (;;) {
      const result = call();
      if (result !== -this.#machine.libc.constants.EINTR) return result;
    }
  }

  #check(result: number, attempted: string): number {
    if (result < 0) throw new UciError(`${attempted}: ${this.#machine.libc.strerror(-result)}`);
    return result;
  }
}

const NOTHING: Content = { text: '', bytes: new Uint8Array() };

/** One call of `change`, and what an attempt of it was to do, and to what. */
interface Task {
  readonly decide: Decide;
  readonly at: number;
  before?: Document;
  changes?: readonly Change[];
}
