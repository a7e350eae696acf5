import { constants as files, writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { constants as system } from 'node:os';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type FfiModules, type Library, openLibrary } from './ffi.ts';
import { openLibc } from './glibc.ts';
import { FLAG, LINUX } from './linux.ts';
import type { Libc, Runtime } from './runtime.ts';

const constants: Libc['constants'] = { ...LINUX, ...files, ...system.errno, ...system.signals };

interface Native {
  libc: Libc;
  wait: Wait;
  terminal: Terminal;
}

let native: Native | undefined;

/** ffi-napi is loaded when first wanted, so that `--version` needs no compiled module. */
function open(): Native {
  const require = createRequire(import.meta.url);
  const inner = createRequire(require.resolve('ffi-napi'));
  const library = openLibrary({
    ffi: require('ffi-napi'),
    bindings: require('ffi-napi/lib/bindings.js'),
    ref: inner('@2060.io/ref-napi'),
  } as FfiModules);
  return { libc: openLibc(library, constants, process.arch), wait: new Wait(library), terminal: new Terminal(library) };
}

/** Readiness of one descriptor: poll(2) on another thread, woken by an eventfd when it is to stop. */
class Wait {
  readonly #library: Library;
  readonly #eventfd: number;
  /** Two struct pollfd (int fd, short events, short revents), and the eventfd's value. */
  readonly #polled = new Int32Array(6);
  readonly #at: number;
  #want: { fd: number; fn: () => void } | undefined;
  #waiting = false;

  constructor(library: Library) {
    this.#library = library;
    this.#at = library.address(this.#polled.buffer);
    this.#eventfd = library.call('eventfd', 0, FLAG.EFD_NONBLOCK | constants.O_CLOEXEC);
    // A thread left in poll(2) would keep the process from ending.
    process.on('exit', () => this.#wake());
  }

  set(fd: number, fn: (() => void) | undefined): void {
    this.#want = fn && { fd, fn };
    if (this.#waiting) this.#wake();
    else this.#wait();
  }

  #wake(): void {
    this.#library.call('eventfd_write', this.#eventfd, 1);
  }

  #wait(): void {
    if (!this.#want || this.#waiting) return;
    this.#waiting = true;
    this.#polled.set([this.#want.fd, FLAG.POLLIN, this.#eventfd, FLAG.POLLIN]);
    // Not from within the callback itself: what is thrown there aborts the process instead of ending it.
    const woken = () => setImmediate(() => this.#woken(this.#polled[0]!, this.#polled[1]! >> 16));
    // A look is a hundred times cheaper than another thread.
    if (this.#library.call('poll', this.#at, 2, 0) > 0) woken();
    else this.#library.waitFor(this.#at, 2, woken);
  }

  #woken(fd: number, ready: number): void {
    this.#waiting = false;
    this.#library.call('eventfd_read', this.#eventfd, this.#at + 16);
    if (ready !== 0 && this.#want?.fd === fd) this.#want.fn();
    this.#wait();
  }
}

/** Raw mode of standard input, as rawMode in native/libc.c. */
class Terminal {
  readonly #library: Library;
  readonly #cooked = new ArrayBuffer(256);
  #raw = false;

  constructor(library: Library) {
    this.#library = library;
    process.on('exit', () => this.leave());
  }

  leave(): void {
    if (this.#raw) this.#library.call('tcsetattr', 0, FLAG.TCSADRAIN, this.#library.address(this.#cooked));
    this.#raw = false;
  }

  enter(): boolean {
    const { call, address } = this.#library;
    this.leave();
    if (call('tcgetattr', 0, address(this.#cooked)) < 0) return false;
    const raw = this.#cooked.slice(0);
    call('cfmakeraw', address(raw));
    // struct termios begins with c_iflag and c_oflag; a line end still returns the carriage.
    new Uint32Array(raw)[1] = new Uint32Array(this.#cooked)[1]!;
    this.#raw = call('tcsetattr', 0, FLAG.TCSADRAIN, address(raw)) === 0;
    return this.#raw;
  }

  columns(): number {
    const size = new Uint16Array(4);
    const failed = this.#library.call('ioctl', 1, FLAG.TIOCGWINSZ, this.#library.address(size.buffer)) < 0;
    return failed ? 0 : size[1]!;
  }
}

/** All of it, also into a pipe that is full for the moment. A reader that has gone is no failure. */
function print(fd: 1 | 2, text: string): void {
  let rest = Buffer.from(text);
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(fd, rest));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
  }
}

/** The engine of a developer's machine. */
export const node: Runtime = {
  name: 'node',
  args: process.argv.slice(2),
  folder: dirname(fileURLToPath(import.meta.url)),
  env: (name) => process.env[name],
  async libc() {
    native ??= open();
    return native.libc;
  },
  onReadable: (fd, fn) => native!.wait.set(fd, fn),
  // Beyond 2^31 ms Node fires at once.
  setTimer: (ms, fn) => setTimeout(fn, Math.min(ms, 2 ** 31 - 1)),
  clearTimer: (timer) => clearTimeout(timer as NodeJS.Timeout),
  onSignal(signal, fn) {
    process.removeAllListeners(signal);
    process.on(signal, fn);
  },
  wallClock: () => Date.now(),
  print,
  rawMode(on) {
    if (!native) return false;
    if (on) return native.terminal.enter();
    native.terminal.leave();
    return true;
  },
  columns: () => native?.terminal.columns() || 80,
  exit: (code) => process.exit(code),
};
