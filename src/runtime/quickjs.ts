// biome-ignore lint/style/useNodejsImportProtocol: the engine's own module
import * as os from 'os';
import * as std from 'std';
import type { Libc, Runtime, Signal, Timer } from './runtime.ts';

/** What native/libc.c has beyond `Libc`. */
interface NativeModule extends Libc {
  /** Blocks one more signal and has it read from `fd` (-1: a new descriptor), which is answered. */
  signalfd(fd: number, signal: number): number;
  rawMode(fd: number, on: boolean): number;
  columns(fd: number): number;
}

let native: NativeModule | undefined;
let poll: { fd: number; fn: () => void } | undefined;
const timers = new Set<Timer>();
const onSignal = new Map<Signal, () => void>();
let signals = -1;
let hearing = false;

/** What a handler throws ends the program, as under Node: the engine alone would print it and go on. */
function guarded(fn: () => void): () => void {
  return () => {
    try {
      fn();
    } catch (error) {
      print(2, `${error}\n${error instanceof Error ? error.stack : ''}`);
      std.exit(1);
    }
  };
}

function print(fd: 1 | 2, text: string): void {
  const file = fd === 1 ? std.out : std.err;
  file.puts(text);
  file.flush();
}

/**
 * Signals come as a descriptor: os.signal() only sets a flag that is looked at before select(2), so that one arriving
 * in between would wait for some other event. QuickJS calls the first ready handler of its list and no other, so the
 * seldom one has to stand before the busy one.
 */
function hearSignals(): void {
  const wanted = signals >= 0 && (poll !== undefined || timers.size > 0);
  if (wanted === hearing) return;
  hearing = wanted;
  if (poll) os.setReadHandler(poll.fd, null);
  os.setReadHandler(signals, wanted ? guarded(takeSignals) : null);
  if (poll) os.setReadHandler(poll.fd, poll.fn);
}

function addSignal(libc: NativeModule, signal: Signal): void {
  signals = libc.signalfd(signals, libc.constants[signal]);
  hearSignals();
}

/** struct signalfd_siginfo: 128 bytes that begin with the signal's number. */
function takeSignals(): void {
  const info = new Uint32Array(32);
  while (native && native.read(signals, info.buffer, 0, 128) > 0) {
    for (const [name, fn] of onSignal) if (native.constants[name] === info[0]) fn();
  }
}

function setTimer(ms: number, fn: () => void): Timer {
  const fire = guarded(() => {
    timers.delete(timer);
    hearSignals();
    fn();
  });
  const timer = os.setTimeout(fire, ms);
  timers.add(timer);
  hearSignals();
  return timer;
}

/** The engine of the routers. */
export const quickjs: Runtime = {
  name: 'qjs',
  args: scriptArgs.slice(1),
  folder: import.meta.url.replace(/^file:\/\//, '').replace(/\/[^/]*$/, ''),
  env: (name) => std.getenv(name),

  async libc() {
    if (native) return native;
    native = (await import('./libc.so')) as unknown as NativeModule;
    for (const signal of onSignal.keys()) addSignal(native, signal);
    return native;
  },

  onReadable(fd, fn) {
    poll = fn && { fd, fn: guarded(fn) };
    os.setReadHandler(fd, poll?.fn ?? null);
    hearSignals();
  },

  setTimer,
  clearTimer(timer) {
    if (!timers.delete(timer)) return;
    os.clearTimeout(timer);
    hearSignals();
  },

  onSignal(signal, fn) {
    const known = onSignal.has(signal);
    onSignal.set(signal, fn);
    if (native && !known) addSignal(native, signal);
  },

  wallClock: () => Date.now(),
  print,
  rawMode: (on) => native?.rawMode(0, on) === 0,
  columns: () => Math.max(0, native?.columns(1) ?? 0) || 80,
  exit: (code) => std.exit(code),
};
