import type { SeenLink } from '../model/seen.ts';
import { isIpv6, type Want, type WantRoute } from '../model/want.ts';
import type { World } from '../model/world.ts';
import type { Lanes } from './lanes.ts';
import { type Op, opKey } from './op.ts';

/** What the parts of a plan share: the input, and when to look again. */
export class Context {
  #wakeAt = Number.POSITIVE_INFINITY;
  #occupied: ReadonlySet<number> | undefined;
  #addresses: ReadonlySet<string> | undefined;
  /** Tables and marks of the lines: set by the plan of lines, which alone asks for them. */
  lanes!: Lanes;

  constructor(
    readonly world: World,
    readonly want: Want,
  ) {}

  get wakeAt(): number | undefined {
    return Number.isFinite(this.#wakeAt) ? this.#wakeAt : undefined;
  }

  wake(at: number): void {
    this.#wakeAt = Math.min(this.#wakeAt, at);
  }

  /** Those of the ops that did not fail lately. Only for what starts something: tearing down never waits. */
  due<O extends Op>(ops: O[]): O[] {
    const { failures } = this.world.facts;
    if (failures.size === 0) return ops;
    return ops.filter((op) => {
      const retryAt = failures.get(opKey(op))?.retryAt ?? 0;
      if (retryAt > this.world.now) this.wake(retryAt);
      return retryAt <= this.world.now;
    });
  }

  /** Links of ours that cannot stay as they are: to be deleted as soon as nothing runs on them. */
  readonly leaving = new Set<number>();

  /** Links that are taken down to stay so. */
  readonly goingDown = new Set<number>();

  /** Whether it is up and stays. */
  isUp(link: SeenLink): boolean {
    return link.up && !this.leaving.has(link.ifindex) && !this.goingDown.has(link.ifindex);
  }

  /** Links whose IPv4 addresses and their routes in the main table are netifd's; and items whose name servers are. */
  readonly theirs = new Set<string>();
  /** Those of them that it has done. */
  readonly settled = new Set<string>();
  readonly named = new Set<string>();

  /** Links that netifd is about to hear of. */
  readonly fresh = new Set<string>();

  /** Links with a child that is to end: it may still say good-bye from its address (udhcpc's release does). */
  readonly ending = new Set<number>();

  /** A child that still runs on this incarnation of a link. */
  childOn(ifindex: number): boolean {
    this.#occupied ??= new Set(this.world.seen.children.map((child) => child.ifindex));
    return this.#occupied.has(ifindex);
  }

  /**
   * The default routes that lines share are asked before those of the main table: so a route of somebody else's that is
   * nearer keeps them out.
   */
  isChosen({ metric = 0, destination }: WantRoute): boolean {
    const isV6 = isIpv6(destination);
    return this.world.seen.foreignDefaults.every(
      (foreign) => (foreign.isV6 ?? false) !== isV6 || metric <= foreign.metric,
    );
  }

  /** Addresses that the plan adds, each as its link's ifindex and itself. */
  readonly arriving = new Set<string>();

  hasAddress(ifindex: number, address: string): boolean {
    this.#addresses ??= new Set(this.world.seen.addresses.map((seen) => `${seen.ifindex} ${seen.address}`));
    return this.#addresses.has(`${ifindex} ${address}`);
  }
}
