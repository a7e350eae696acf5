import type { FileStat } from '../../src/runtime/files.ts';
import type { Machine } from '../../src/runtime/machine.ts';

const constants = {
  EAGAIN: 11,
  EINTR: 4,
  EPIPE: 32,
  EPOLLIN: 1,
  EPOLLOUT: 4,
  MSG_DONTWAIT: 64,
  MSG_NOSIGNAL: 16384,
  O_RDONLY: 0,
  O_CLOEXEC: 0,
};

interface Chunk {
  bytes: Uint8Array;
  passed: number;
}

/** One end of a stream: what waits to be read there. */
interface End {
  other: number;
  chunks: Chunk[];
}

interface Watcher {
  fn(events: number): void;
  events: number;
}

interface Timer {
  at: number;
  fn(): void;
}

/** A machine in memory: stream sockets with small buffers, descriptors that can be counted, and time that passes when told. */
export class World {
  /** What one end may hold that was not read yet, and the most that one call moves. */
  capacity = 200000;
  fragment = 200000;
  now = 0;
  readonly files = new Map<string, string>([
    ['/etc/passwd', 'root:x:0:0::/:/bin/sh\nnobody:x:65534:65534::/:/bin/false\n'],
    ['/etc/group', 'root:x:0:\nnogroup:x:65534:\n'],
  ]);
  readonly modes = new Map<string, number>();
  readonly printed: string[] = [];
  peer = { pid: 1, uid: 0, gid: 0 };
  /** Every descriptor that is open. */
  readonly open = new Set<number>();
  readonly #ends = new Map<number, End>();
  readonly #listeners = new Map<string, number>();
  readonly #waiting = new Map<number, number[]>();
  readonly #watchers = new Map<number, Watcher>();
  /** The broker's ends. */
  readonly #served: number[] = [];
  #timers: Timer[] = [];
  #next = 3;
  #random = 5000;

  readonly machine = {
    runtime: {
      setTimer: (ms: number, fn: () => void) => this.#setTimer(ms, fn),
      clearTimer: (timer: Timer) => {
        this.#timers = this.#timers.filter((other) => other !== timer);
      },
      print: (_: number, text: string) => this.printed.push(text),
    },
    poller: {
      watch: (fd: number, fn: Watcher['fn'], events = constants.EPOLLIN) => this.#watchers.set(fd, { fn, events }),
      unwatch: (fd: number) => this.#watchers.delete(fd),
    },
    sockets: {
      connectUnix: (path: string) => this.#connect(path),
      listenUnix: (path: string) => this.listen(path),
      peer: () => this.peer,
    },
    files: {
      read: (path: string) => this.#read(path),
      readText: (path: string) => this.files.get(path),
      list: (folder: string) => this.#list(folder),
      stat: (path: string) => this.#stat(path),
    },
    libc: {
      constants,
      send: (fd: number, data: ArrayBuffer, offset: number, length: number) => this.#send(fd, data, offset, length, -1),
      sendfd: (fd: number, data: ArrayBuffer, offset: number, length: number, passed: number) =>
        this.#send(fd, data, offset, length, passed),
      recv: (fd: number, out: ArrayBuffer, offset: number, length: number) => this.#recv(fd, out, offset, length),
      recvfd: (fd: number, out: ArrayBuffer, offset: number, length: number, passed: ArrayBuffer) =>
        this.#recv(fd, out, offset, length, new Int32Array(passed)),
      accept: (fd: number) => this.#waiting.get(fd)!.shift() ?? -constants.EAGAIN,
      close: (fd: number) => this.#close(fd),
      open: () => this.descriptor(),
      read: (_fd: number, out: ArrayBuffer) => {
        new Uint32Array(out)[0] = this.#random++;
        return 4;
      },
    },
  } as unknown as Machine;

  /** A descriptor to be passed around. */
  descriptor(): number {
    this.open.add(this.#next);
    return this.#next++;
  }

  listen(path: string): number {
    const fd = this.descriptor();
    this.#listeners.set(path, fd);
    this.#waiting.set(fd, []);
    return fd;
  }

  /** The broker is gone: nobody listens any more, and all its connections end. */
  vanish(path: string): void {
    for (const fd of [this.#listeners.get(path)!, ...this.#served.splice(0)]) {
      this.#watchers.delete(fd);
      this.#close(fd);
    }
    this.#listeners.delete(path);
  }

  /** The other end of what was connected last, for tests that play the broker themselves. */
  accept(path: string): number {
    return this.#waiting.get(this.#listeners.get(path)!)!.shift()!;
  }

  write(fd: number, bytes: Uint8Array): void {
    this.#ends.get(this.#ends.get(fd)!.other)!.chunks.push({ bytes: bytes.slice(), passed: -1 });
  }

  readAll(fd: number): Uint8Array {
    const end = this.#ends.get(fd)!;
    const all = new Uint8Array(held(end));
    let at = 0;
    for (const { bytes } of end.chunks.splice(0)) {
      all.set(bytes, at);
      at += bytes.length;
    }
    return all;
  }

  isClosed(fd: number): boolean {
    return !this.open.has(this.#ends.get(fd)?.other ?? -1);
  }

  /** Let everything happen that can without time passing. */
  async settle(): Promise<void> {
    for (let quiet = 0; quiet < 8; ) {
      await Promise.resolve();
      quiet = this.#serve() ? 0 : quiet + 1;
    }
  }

  /** What a promise comes to without time passing, its failure as text. */
  async outcome<T>(promise: Promise<T>): Promise<T | string> {
    let result: T | string = 'nothing yet';
    promise.then(
      (value) => {
        result = value;
      },
      (error: Error) => {
        result = error.message;
      },
    );
    await this.settle();
    return result;
  }

  /** Let time pass, timer by timer. */
  async pass(ms: number): Promise<void> {
    const end = this.now + ms;
    await this.settle();
    for (;;) {
      const timer = this.#timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (!timer) break;
      this.#timers = this.#timers.filter((other) => other !== timer);
      this.now = timer.at;
      timer.fn();
      await this.settle();
    }
    this.now = end;
  }

  #serve(): boolean {
    let served = false;
    for (const [fd, { fn, events }] of [...this.#watchers]) {
      const ready = this.#readiness(fd) & events;
      if (ready === 0 || this.#watchers.get(fd)?.fn !== fn) continue;
      fn(ready);
      served = true;
    }
    return served;
  }

  #readiness(fd: number): number {
    const end = this.#ends.get(fd);
    if (!end) return this.#waiting.get(fd)?.length ? constants.EPOLLIN : 0;
    const other = this.#ends.get(end.other);
    const readable = end.chunks.length > 0 || !other ? constants.EPOLLIN : 0;
    return readable | (!other || held(other) < this.capacity ? constants.EPOLLOUT : 0);
  }

  #connect(path: string): number {
    const listener = this.#listeners.get(path);
    if (listener === undefined) throw new Error(`connect ${path}: Connection refused`);
    const [ours, theirs] = [this.descriptor(), this.descriptor()];
    this.#ends.set(ours, { other: theirs, chunks: [] });
    this.#ends.set(theirs, { other: ours, chunks: [] });
    this.#waiting.get(listener)!.push(theirs);
    this.#served.push(theirs);
    return ours;
  }

  #send(fd: number, data: ArrayBuffer, offset: number, length: number, passed: number): number {
    const other = this.#ends.get(this.#ends.get(fd)!.other);
    if (!other) return -constants.EPIPE;
    const count = Math.min(length, this.fragment, this.capacity - held(other));
    if (count <= 0) return -constants.EAGAIN;
    // The kernel makes a descriptor of its own for the other end.
    other.chunks.push({
      bytes: new Uint8Array(data, offset, count).slice(),
      passed: passed < 0 ? -1 : this.descriptor(),
    });
    return count;
  }

  /** As the kernel does, it stops before what came with a descriptor of its own. */
  #recv(fd: number, out: ArrayBuffer, offset: number, length: number, passed?: Int32Array): number {
    if (passed) passed[0] = -1;
    const end = this.#ends.get(fd)!;
    const chunk = end.chunks[0];
    if (!chunk) return this.#ends.has(end.other) ? -constants.EAGAIN : 0;
    const count = Math.min(length, this.fragment, chunk.bytes.length);
    new Uint8Array(out).set(chunk.bytes.subarray(0, count), offset);
    if (chunk.passed >= 0 && passed) passed[0] = chunk.passed;
    else this.#close(chunk.passed);
    chunk.passed = -1;
    chunk.bytes = chunk.bytes.subarray(count);
    if (chunk.bytes.length === 0) end.chunks.shift();
    return count;
  }

  #close(fd: number): number {
    this.open.delete(fd);
    for (const { passed } of this.#ends.get(fd)?.chunks ?? []) this.#close(passed);
    this.#ends.delete(fd);
    return 0;
  }

  #setTimer(ms: number, fn: () => void): Timer {
    const timer = { at: this.now + ms, fn };
    this.#timers.push(timer);
    return timer;
  }

  #read(path: string): Uint8Array | undefined {
    const text = this.files.get(path);
    return text === undefined ? undefined : Uint8Array.from(text, (character) => character.charCodeAt(0));
  }

  #list(folder: string): string[] {
    const paths = [...this.files.keys()].filter((path) => path.startsWith(`${folder}/`));
    return paths.map((path) => path.slice(folder.length + 1)).sort();
  }

  #stat(path: string): FileStat | undefined {
    const mode = this.modes.get(path) ?? 0o100644;
    return this.files.has(path) ? { mode, size: 0, mtime: 0, inode: 0, uid: 0 } : undefined;
  }
}

function held({ chunks }: End): number {
  return chunks.reduce((sum, { bytes }) => sum + bytes.length, 0);
}
