import { printKept } from '../model/kept.ts';
import type { WantResolver } from '../model/want.ts';
import type { Context } from './context.ts';
import type { Op } from './op.ts';

/** Our files in the run directory: name and time servers for whoever asks them, and what a next daemon has to know. */
export const RESOLVER = 'resolv.conf';
export const NTP = 'ntp';
export const KEPT = 'kept';

/** A file that should be empty is only written where there is one. */
export function planFiles(context: Context): Op[] {
  const { want, world } = context;
  const files: [name: string, text: string, mode: number][] = [
    [RESOLVER, resolverText(want.resolvers.filter(({ owner }) => !context.named.has(owner))), 0o644],
    [NTP, sections(want.timeServers, ''), 0o644],
    [KEPT, printKept(world), 0o600],
  ];
  const ops = files
    .filter(([name, text]) => text !== (world.seen.files.get(name) ?? ''))
    .map(([name, text, mode]): Op => ({ op: 'writeFile', owner: '', name, text, mode }));
  return context.due(ops);
}

/** The name servers of all lines, the nearest line first. Of several `search` a resolver would only take the last. */
function resolverText(resolvers: readonly WantResolver[]): string {
  const domains = new Set(byDistance(resolvers).flatMap(({ domain }) => domain ?? []));
  const search = domains.size > 0 ? `search ${[...domains].join(' ')}\n` : '';
  return sections(resolvers, 'nameserver ') + search;
}

/** A server that two lines name stands with the nearer one. */
function sections(lines: readonly WantResolver[], word: string): string {
  const known = new Set<string>();
  return byDistance(lines)
    .map(({ comment, servers }) => {
      const news = servers.filter((server) => !known.has(server) && known.add(server));
      return [`# ${comment}`, ...news.map((server) => `${word}${server}`), ''].join('\n');
    })
    .join('');
}

function byDistance(lines: readonly WantResolver[]): WantResolver[] {
  return [...lines].sort((a, b) => a.distance - b.distance);
}
