import { printKept } from '../model/kept.ts';
import type { WantResolver } from '../model/want.ts';
import type { Context } from './context.ts';
import type { Op } from './op.ts';

/** Our files in the run directory: the name servers for whoever resolves names, and what a next daemon has to know. */
export const RESOLVER = 'resolv.conf';
export const KEPT = 'kept';

/** A file that should be empty is only written where there is one. */
export function planFiles(context: Context): Op[] {
  const { want, world } = context;
  const files: [name: string, text: string, mode: number][] = [
    [RESOLVER, resolverText(want.resolvers), 0o644],
    [KEPT, printKept(world.facts, world.config), 0o600],
  ];
  const ops = files
    .filter(([name, text]) => text !== (world.seen.files.get(name) ?? ''))
    .map(([name, text, mode]): Op => ({ op: 'writeFile', owner: '', name, text, mode }));
  return context.due(ops);
}

/** The name servers of all lines in one file, the nearest line first. */
function resolverText(resolvers: readonly WantResolver[]): string {
  return [...resolvers]
    .sort((a, b) => a.distance - b.distance)
    .map(section)
    .join('');
}

function section({ comment, servers, domain }: WantResolver): string {
  const search = domain ? [`search ${domain}`] : [];
  return [`# ${comment}`, ...servers.map((server) => `nameserver ${server}`), ...search, ''].join('\n');
}
