import type { Event, Facts } from './facts.ts';
import { isOurs } from './seen.ts';
import type { World } from './world.ts';

/**
 * What of the facts outlives the daemon, as text; empty when there is nothing. Times are uptime, so a reboot ends them.
 * What a link of ours had before goes with it, and so does what is about a link that has gone.
 */
export function printKept({ facts, config, links, seen }: Pick<World, 'facts' | 'config' | 'links' | 'seen'>): string {
  const own = new Set(config.items.map(({ id }) => id));
  const isForeign = (ifindex: number) => {
    const link = links.byIndex.get(ifindex);
    return link !== undefined && !isOurs(link);
  };
  const kept: Kept = {
    loops: [...facts.loops].filter(([key]) => own.has(key)),
    baselines: [...facts.baselines].filter(([key]) => own.has(key)),
    confs: [...facts.confs].filter(([, { ifindex }]) => isForeign(ifindex)),
    settings: [...facts.settings].filter(([path]) => seen.settings.has(path)),
    told: [...facts.told].filter(([, { owner }]) => own.has(owner)),
  };
  return Object.values(kept).every(({ length }) => length === 0) ? '' : `${JSON.stringify(kept)}\n`;
}

/** It as events. A damaged text, or one from before the last boot, is none. */
export function readKept(text: string, now: number): Event[] {
  if (text === '') return [];
  try {
    const { loops, baselines, confs = [], settings = [], told = [] } = JSON.parse(text) as Kept;
    return [
      ...loops.filter(([, { at }]) => at <= now).map(([key, { at }]): Event => ({ type: 'looped', key, at })),
      ...baselines.map(([key, baseline]): Event => ({ type: 'reset', key, baseline })),
      ...confs.map(([key, before]): Event => ({ type: 'changed', what: 'confs', key, before })),
      ...settings.map(([key, before]): Event => ({ type: 'changed', what: 'settings', key, before })),
      ...told.map(([key, told]): Event => ({ type: 'told', key, told })),
    ];
  } catch {
    return [];
  }
}

type Kept = {
  [K in 'loops' | 'baselines' | 'confs' | 'settings' | 'told']: (Facts[K] extends ReadonlyMap<string, infer V>
    ? [string, V]
    : never)[];
};
