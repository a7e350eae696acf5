import type { Machine } from '../runtime/machine.ts';

/** Other descriptors are served after so many ms. */
const LONGEST = 40;

/** How a pass with much to do lets others have their turn. */
export class Turns {
  readonly #machine: Machine;
  #since: number;

  constructor(machine: Machine) {
    this.#machine = machine;
    this.#since = machine.libc.uptime();
  }

  /** Others have just had theirs. */
  begin(): void {
    this.#since = this.#machine.libc.uptime();
  }

  /** To be waited for between two steps; returns at once while nobody has waited for long. */
  async take(): Promise<void> {
    if (this.#machine.libc.uptime() - this.#since > LONGEST) await this.give();
  }

  async give(): Promise<void> {
    const { runtime } = this.#machine;
    // QuickJS looks at timers first: one of 0 ms would be called before any descriptor is looked at.
    await new Promise<void>((resolve) => void runtime.setTimer(1, resolve));
    this.begin();
  }
}
