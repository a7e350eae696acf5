import { once } from '../model/once.ts';
import type { SeenRule } from '../model/seen.ts';
import { isIpv6, OUR_TABLES, type Want } from '../model/want.ts';
import type { World } from '../model/world.ts';
import { isPlain } from './nft.ts';

const MARK_STEP = 0x01000000;
const MOST_MARKS = 255;
/** Between the tables of two items on one link, each of which may have another gateway. */
const TABLE_STEP = 1_000_000;

/** A way out: a table of its own, and the mark of the connections that are to stay on it. */
export interface Lane {
  readonly ifname: string;
  readonly table: number;
  /** 0: there is none, or none was left. */
  readonly mark: number;
}

/**
 * Which table and which mark each item with an address on a link has. The kernel is the record of marks: a line that has a
 * rule keeps its mark, because connections bear it.
 */
export class Lanes {
  readonly #lanes = new Map<string, Lane>();

  constructor({ facts, seen, links }: World, want: Want) {
    const rules = seen.rules.flatMap(({ fwmark, table }) => (fwmark === undefined ? [] : [[table, fwmark] as const]));
    const marks = new Map([...[...facts.marks].map(([table, mark]) => [Number(table), mark] as const), ...rules]);
    const fresh = freeMarks(new Set(marks.values()));
    // A table has routes of both families, and so a mark has: items of different families share them.
    for (const [ifname, owners] of [...ownersByLink(want, false), ...ownersByLink(want, true)]) {
      const ifindex = links.byName.get(ifname)?.ifindex;
      for (const [owner, table] of ifindex === undefined ? [] : tablesOf(owners, ifindex, seen.rules)) {
        const mark = want.keeping.has(ifname) && isPlain(ifname) ? (marks.get(table) ?? fresh()) : 0;
        marks.set(table, mark);
        this.#lanes.set(`${ifname} ${owner}`, { ifname, table, mark });
      }
    }
  }

  of(owner: string, ifname: string): Lane | undefined {
    // A link that waits for its first address has a lane already.
    return this.#lanes.get(`${ifname} ${owner}`) ?? this.#lanes.get(`${ifname} `);
  }

  /** Those whose connections are marked, each link's first one before its others. */
  get marked(): Lane[] {
    const known = new Set([0]);
    return [...this.#lanes.values()].filter(({ mark }) => !known.has(mark) && known.add(mark));
  }
}

/** The link that a table is for; undefined where it is no link's. */
export function linkOfTable(table: number): number | undefined {
  const ifindex = (table - OUR_TABLES) % TABLE_STEP;
  return ifindex > 0 ? ifindex : undefined;
}

/** By link the items with addresses on it, each with its first address. */
function ownersByLink({ keeping, sources }: Want, isV6: boolean): Map<string, Map<string, string>> {
  const links = new Map<string, Map<string, string>>(isV6 ? [] : [...keeping].map((ifname) => [ifname, new Map()]));
  for (const { ifname, owner, source } of sources) {
    if (isIpv6(source) !== isV6) continue;
    const owners = links.get(ifname) ?? new Map<string, string>();
    links.set(ifname, owners);
    if (!owners.has(owner)) owners.set(owner, source);
  }
  for (const owners of links.values()) if (owners.size === 0) owners.set('', '');
  return links;
}

/** Each with its table. Whose address has a rule keeps that one's, whoever comes or goes before it; the others get what is free. */
function tablesOf(
  owners: ReadonlyMap<string, string>,
  ifindex: number,
  rules: readonly SeenRule[],
): [string, number][] {
  const kept = tablesBySource(rules).get(ifindex) ?? new Map<string, number>();
  const taken = new Set([...owners.values()].flatMap((source) => kept.get(hostOf(source)) ?? []));
  let next = OUR_TABLES + ifindex;
  return [...owners].map(([owner, source]) => {
    const own = kept.get(hostOf(source));
    if (own !== undefined) return [owner, own];
    while (taken.has(next)) next += TABLE_STEP;
    taken.add(next);
    return [owner, next];
  });
}

/** Of the rules that are there, by link: the table of each source. */
const tablesBySource = once((rules: readonly SeenRule[]): ReadonlyMap<number, ReadonlyMap<string, number>> => {
  const links = new Map<number, Map<string, number>>();
  for (const { source, table, isSpecific } of rules) {
    const ifindex = linkOfTable(table);
    if (!isSpecific || source === undefined || ifindex === undefined) continue;
    links.set(ifindex, (links.get(ifindex) ?? new Map<string, number>()).set(hostOf(source), table));
  }
  return links;
});

const hostOf = (source: string) => source.split('/')[0]!;

function freeMarks(taken: ReadonlySet<number>): () => number {
  let next = 1;
  return () => {
    while (taken.has(next * MARK_STEP)) next++;
    return next > MOST_MARKS ? 0 : next++ * MARK_STEP;
  };
}
