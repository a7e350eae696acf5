import type { Machine } from '../runtime/machine.ts';
import type { Timer } from '../runtime/runtime.ts';

/** The one timer of the loop: it rings at the earliest time that anybody asked for. */
export class Alarm {
  readonly #machine: Machine;
  readonly #ring: () => void;
  #timer: Timer | undefined;
  #at = Number.POSITIVE_INFINITY;
  #isHeld = false;

  constructor(machine: Machine, ring: () => void) {
    this.#machine = machine;
    this.#ring = ring;
  }

  /** Whether a pass goes on. */
  get isHeld(): boolean {
    return this.#isHeld;
  }

  /** Ring at this uptime, or earlier. */
  wake(at: number): void {
    if (at >= this.#at) return;
    const { runtime, libc } = this.#machine;
    if (this.#timer !== undefined) runtime.clearTimer(this.#timer);
    this.#at = at;
    const rest = Math.max(0, at - libc.uptime());
    this.#timer = this.#isHeld ? undefined : runtime.setTimer(rest, this.#ring);
  }

  /** It has rung; what it is set to from now on is only kept in mind. */
  hold(): void {
    this.#timer = undefined;
    this.#at = Number.POSITIVE_INFINITY;
    this.#isHeld = true;
  }

  /** It is set to what was kept in mind. */
  release(): void {
    this.#isHeld = false;
    const at = this.#at;
    this.#at = Number.POSITIVE_INFINITY;
    if (Number.isFinite(at)) this.wake(at);
  }
}
