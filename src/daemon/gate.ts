import type { Machine } from '../runtime/machine.ts';

/** Loaded when there are children that wait for each other. */

/** In ms: how often those are looked at that are on their way to the gate, and how long the others wait for them. */
const [LOOK, PATIENCE] = [20, 5000];

/**
 * Children that are to begin at the same moment, however long each takes to start: the last thing that each reads is a FIFO
 * of its own, and its open(2) does not return before somebody opens it for writing, nor its read(2) before that one closes
 * it. That it can be opened tells that the child is there (fifo(7)); when all are, all are let go. Should this daemon die, so
 * they are, too.
 */
export class Gate {
  readonly #machine: Machine;
  /** By the path of the FIFO; undefined: the child is on its way. */
  readonly #waiting = new Map<string, number | undefined>();
  #since = 0;
  #isNew = false;

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  hold(path: string): void {
    if (this.#waiting.size === 0) {
      this.#since = this.#machine.libc.uptime();
      this.#machine.runtime.setTimer(LOOK, () => this.#look());
    }
    this.#isNew = true;
    this.#waiting.set(path, undefined);
  }

  /** Its child is no more. */
  drop(path: string): void {
    this.#close(path);
  }

  #look(): void {
    const { libc, runtime } = this.#machine;
    const { O_WRONLY, O_NONBLOCK, O_CLOEXEC } = libc.constants;
    for (const [path, fd] of this.#waiting) {
      const opened = fd ?? libc.open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC, 0);
      if (opened >= 0) this.#waiting.set(path, opened);
    }
    const areHere = !this.#isNew && [...this.#waiting.values()].every((fd) => fd !== undefined);
    this.#isNew = false;
    if (areHere || libc.uptime() - this.#since > PATIENCE)
      for (const path of [...this.#waiting.keys()]) this.#close(path);
    else runtime.setTimer(LOOK, () => this.#look());
  }

  #close(path: string): void {
    const fd = this.#waiting.get(path);
    this.#waiting.delete(path);
    if (fd !== undefined) this.#machine.libc.close(fd);
  }
}
