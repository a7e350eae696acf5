import type { Config } from './config.ts';
import type { Event, Facts } from './facts.ts';

/** What of the items' facts outlives the daemon, as text; empty when there is nothing. Times are uptime, so a reboot ends them. */
export function printKept(facts: Facts, { items }: Config): string {
  if (facts.loops.size + facts.baselines.size === 0) return '';
  const ids = new Set(items.map(({ id }) => id));
  const [loops, baselines] = [facts.loops, facts.baselines].map((map) => [...map].filter(([key]) => ids.has(key)));
  return loops!.length + baselines!.length === 0 ? '' : `${JSON.stringify({ loops, baselines })}\n`;
}

/** It as events. A damaged text, or one from before the last boot, is none. */
export function readKept(text: string, now: number): Event[] {
  if (text === '') return [];
  try {
    const { loops, baselines } = JSON.parse(text) as Kept;
    return [
      ...loops.filter(([, { at }]) => at <= now).map(([key, { at }]): Event => ({ type: 'looped', key, at })),
      ...baselines.map(([key, baseline]): Event => ({ type: 'reset', key, baseline })),
    ];
  } catch {
    return [];
  }
}

type Kept = {
  [K in 'loops' | 'baselines']: [...(Facts[K] extends ReadonlyMap<string, infer V> ? [string, V] : never)][];
};
