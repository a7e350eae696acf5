import type { WantResolver } from '../model/want.ts';
import type { Context } from './context.ts';
import type { Op } from './op.ts';

export const RESOLVER = 'resolv.conf';

/** The name servers of all lines in one file, the nearest line first. Without any there is an empty file only if there was one. */
export function planResolver(context: Context): Op[] {
  const { want } = context;
  const { seen } = context.world;
  const text = [...want.resolvers]
    .sort((a, b) => a.distance - b.distance)
    .map(section)
    .join('');
  return text === (seen.resolv ?? '') ? [] : context.due([{ op: 'writeResolver', owner: '', name: RESOLVER, text }]);
}

function section({ comment, servers, domain }: WantResolver): string {
  const search = domain ? [`search ${domain}`] : [];
  return [`# ${comment}`, ...servers.map((server) => `nameserver ${server}`), ...search, ''].join('\n');
}
