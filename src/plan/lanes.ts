import { isIpv6, OUR_TABLES, type Want } from '../model/want.ts';
import type { World } from '../model/world.ts';

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
      for (const [n, owner] of ifindex === undefined ? [] : owners.entries()) {
        const table = OUR_TABLES + n * TABLE_STEP + ifindex!;
        // Other names than these nft would read otherwise.
        const mark = want.keeping.has(ifname) && /^[\w.:@-]+$/.test(ifname) ? (marks.get(table) ?? fresh()) : 0;
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

function ownersByLink({ keeping, sources }: Want, isV6: boolean): Map<string, string[]> {
  const links = new Map<string, Set<string>>(isV6 ? [] : [...keeping].map((ifname) => [ifname, new Set()]));
  for (const { ifname, owner, source } of sources)
    if (isIpv6(source) === isV6) links.set(ifname, (links.get(ifname) ?? new Set()).add(owner));
  return new Map([...links].map(([ifname, owners]) => [ifname, owners.size > 0 ? [...owners] : ['']]));
}

function freeMarks(taken: ReadonlySet<number>): () => number {
  let next = 1;
  return () => {
    while (taken.has(next * MARK_STEP)) next++;
    return next > MOST_MARKS ? 0 : next++ * MARK_STEP;
  };
}
