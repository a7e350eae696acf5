import { check } from './errors.ts';
import type { Libc, Runtime } from './runtime.ts';

/**
 * Readiness of any number of descriptors through one epoll. Only the epoll descriptor itself is given to the engine:
 * QuickJS' own read handlers sit on select(2), which dies above descriptor 1023 and lets a busy one starve the others.
 */
export class Poller {
  readonly #libc: Libc;
  readonly #runtime: Runtime;
  readonly #epoll: number;
  readonly #handlers = new Map<number, (events: number) => void>();
  readonly #ready = new ArrayBuffer(64 * 8);

  constructor(runtime: Runtime, libc: Libc) {
    this.#libc = libc;
    this.#runtime = runtime;
    this.#epoll = check(libc, libc.epollCreate(), 'epoll_create');
  }

  /** Call `fn` with the ready events while `fd` has any of `events` (default EPOLLIN). Watching again replaces what was. A regular file or /dev/null cannot be watched (EPERM) and need not be: it never blocks. */
  watch(fd: number, fn: (events: number) => void, events = this.#libc.constants.EPOLLIN): void {
    check(this.#libc, this.#libc.epollSet(this.#epoll, fd, events, this.#handlers.has(fd)), `epoll_ctl ${fd}`);
    this.#handlers.set(fd, fn);
    if (this.#handlers.size === 1) this.#runtime.onReadable(this.#epoll, () => this.#take());
  }

  /** To be called before the descriptor is closed. */
  unwatch(fd: number): void {
    if (!this.#handlers.delete(fd)) return;
    this.#libc.epollSet(this.#epoll, fd, 0, true);
    if (this.#handlers.size === 0) this.#runtime.onReadable(this.#epoll, undefined);
  }

  #take(): void {
    const pairs = check(this.#libc, this.#libc.epollTake(this.#epoll, this.#ready), 'epoll_wait');
    // A copy: a handler may, by closing and watching, lead to the next take before this one is through.
    const view = new Int32Array(this.#ready.slice(0, pairs * 8));
    for (let i = 0; i < pairs; i++) this.#handlers.get(view[2 * i]!)?.(view[2 * i + 1]!);
  }
}
