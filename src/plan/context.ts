import type { Facts } from '../model/facts.ts';
import type { Respawn } from '../model/respawn.ts';
import type { Seen } from '../model/seen.ts';
import type { Want } from '../model/want.ts';
import type { Links } from '../model/world.ts';
import { type Op, opKey } from './op.ts';

/** What the parts of a plan share: the input, and when to look again. */
export class Context {
  #wakeAt = Number.POSITIVE_INFINITY;

  constructor(
    readonly want: Want,
    readonly seen: Seen,
    readonly links: Links,
    readonly facts: Facts,
    readonly respawn: Respawn,
    readonly now: number,
  ) {}

  get wakeAt(): number | undefined {
    return Number.isFinite(this.#wakeAt) ? this.#wakeAt : undefined;
  }

  wake(at: number): void {
    this.#wakeAt = Math.min(this.#wakeAt, at);
  }

  /** Those of the ops that did not fail lately. Only for what starts something: tearing down never waits. */
  due<O extends Op>(ops: O[]): O[] {
    return ops.filter((op) => {
      const retryAt = this.facts.failures.get(opKey(op))?.retryAt ?? 0;
      if (retryAt > this.now) this.wake(retryAt);
      return retryAt <= this.now;
    });
  }

  /** Links of ours that cannot stay as they are: to be deleted as soon as nothing runs on them. */
  readonly leaving = new Set<number>();

  /** Links with a child that is to end: it may still say good-bye from its address (udhcpc's release does). */
  readonly ending = new Set<number>();

  /** A child that still runs on this incarnation of a link. */
  childOn(ifindex: number): boolean {
    return this.seen.children.some((child) => child.ifindex === ifindex);
  }
}
