import type { Context } from './context.ts';
import type { Op } from './op.ts';

export type Hook = Extract<Op, { op: 'hook' }>;

/** Scripts of items: run when what they should know is not what they were told, and a last time when that is over. */
export function planHooks({ want, world: { facts } }: Context): Hook[] {
  const due = want.hooks.filter((hook) => JSON.stringify(facts.told.get(hook.owner)) !== JSON.stringify(hook));
  const owners = new Set(want.hooks.map(({ owner }) => owner));
  const over = [...facts.told.values()].filter(({ owner }) => !owners.has(owner));
  return [
    ...over.map(({ owner, script, env }): Hook => {
      return { op: 'hook', owner, name: owner, script, verb: 'lost', env: { ...env, bound: '0' } };
    }),
    ...due.map(({ owner, script, env }): Hook => ({ op: 'hook', owner, name: owner, script, verb: 'bound', env })),
  ];
}
