import { complete } from '../../src/model/complete.ts';
import { type Config, readConfig, type UciSection } from '../../src/model/config.ts';
import { type Facts, learn, noFacts } from '../../src/model/facts.ts';
import { indexed, type World } from '../../src/model/world.ts';
import type { Op } from '../../src/plan/op.ts';
import { type Plan, plan } from '../../src/plan/plan.ts';
import { wantAll } from '../../src/plan/want.ts';
import type { FakeKernel } from './kernel.ts';
import { menus } from './menus.ts';
import { parts } from './parts.ts';

/** `{ macvlan_1: { type: 'macvlan', name: 'macvlan1', … } }` as UCI sections. */
export type Sections = Record<string, Record<string, string> & { type: string }>;

export function sectionsOf(sections: Sections): UciSection[] {
  return Object.entries(sections).map(([name, { type, ...options }], at) => ({
    type,
    name,
    line: 10 * at + 1,
    options: Object.entries(options).map(([name, value], n) => ({ name, values: [value], line: 10 * at + 2 + n })),
  }));
}

export function configOf(sections: Sections): Config {
  return readConfig({ sections: sectionsOf(sections), problems: [] }, menus);
}

/** A repeatable sequence of numbers in [0, 1) (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** A daemon without a shell: config, facts and a fake kernel, run pass by pass. */
export class Lab {
  facts: Facts = noFacts();
  now = 1_000_000;
  hasListeners = false;

  constructor(
    readonly kernel: FakeKernel,
    public config: Config,
    readonly random: () => number = seeded(1),
  ) {}

  get world(): World {
    const seen = this.kernel.seen();
    const { facts, now, random } = this;
    const world = {
      facts,
      ...indexed(seen),
      now,
      random,
      config: this.config,
      runDir: '/run',
      scripts: '/lib',
      hasListeners: this.hasListeners,
      isExecutable: (path: string) => path.startsWith('/bin/'),
    };
    return { ...world, config: complete(this.config, menus, new Map(), { ...world, random: seeded(7) }).config };
  }

  plan(): Plan {
    const { world } = this;
    return plan(world, wantAll(world, menus), parts);
  }

  pass(): Op[] {
    const { ops } = this.plan();
    for (const op of ops) this.facts = learn(this.facts, this.kernel.apply(op, this.now));
    return ops;
  }

  /** What is left to do. */
  rest(): Op[] {
    return this.plan().ops.filter(isLasting);
  }

  /** Passes until there is nothing to do and nobody is dying; answers how many had something to do. */
  settle(most: number): number {
    for (let passes = 0; passes <= most; passes++) {
      const ops = this.pass().filter(isLasting);
      const ended = this.kernel.tick(this.now);
      for (const event of ended) this.facts = learn(this.facts, event);
      if (ops.length + ended.length + this.rest().length === 0) return passes;
      this.now += 5000;
    }
    throw new Error(`not settled after ${most} passes; next: ${JSON.stringify(this.plan().ops)}`);
  }

  /** A frame of the item's came back. */
  looped(key: string): void {
    this.facts = learn(this.facts, { type: 'looped', key, at: this.now });
  }

  /** The gateway of the item's line is heard. */
  answered(key: string, address: string): void {
    this.facts = learn(this.facts, { type: 'answered', key, address });
  }

  /** A client's script reports that it has no lease any more. */
  lost(key: string): void {
    this.facts = learn(this.facts, { type: 'news', key, news: { verb: 'deconfig', at: this.now, env: {} } });
  }

  /** A client's script reports a lease. */
  bound(key: string, ip: string, router = '192.0.2.1', extra: Record<string, string> = {}): void {
    const env = { ip, mask: '24', router, serverid: router, dns: router, lease: '3600', ...extra };
    this.facts = learn(this.facts, { type: 'news', key, news: { verb: 'bound', at: this.now, env } });
  }
}

/** Loop protect packets are sent, and gateways asked, for ever. */
function isLasting({ op }: Op): boolean {
  return op !== 'probe' && op !== 'askGateway';
}
