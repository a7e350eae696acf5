import { HOTPLUG_CALL } from '../model/want.ts';
import type { Context } from './context.ts';
import type { Op } from './op.ts';

export type Hook = Extract<Op, { op: 'hook' }>;

/** Scripts of items: run when what they should know is not what they were told, and a last time when that is over. */
export function planHooks({ want, world: { facts } }: Context): Hook[] {
  const due = want.hooks.filter((hook) => JSON.stringify(facts.told.get(hook.key)) !== JSON.stringify(hook));
  const wanted = new Set(want.hooks.map(({ key }) => key));
  const over = [...facts.told.values()].filter(({ key }) => !wanted.has(key));
  return [
    ...over.map((told): Hook => ({ ...told, op: 'hook', name: told.key, verb: 'lost', env: ended(told) })),
    ...due.map((hook): Hook => ({ ...hook, op: 'hook', name: hook.key, verb: 'bound' })),
  ];
}

const ENDS: Readonly<Record<string, string>> = { up: 'down', bound: 'lost', connected: 'disconnected' };

function ended({ script, env }: Pick<Hook, 'script' | 'env'>): Hook['env'] {
  return script === HOTPLUG_CALL ? { ...env, ACTION: ENDS[env.ACTION!]! } : { ...env, bound: '0' };
}
