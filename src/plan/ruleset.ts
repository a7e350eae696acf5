import { fnv1a } from '../bytes/fnv.ts';
import type { Family } from '../model/seen.ts';
import { OUR_TABLE } from '../model/want.ts';
import type { Context } from './context.ts';
import { dscpBody } from './dscp.ts';
import { keepingBody } from './keeping.ts';
import type { Op } from './op.ts';
import { replyOnlyBody } from './replyonly.ts';

/** What our table of each family holds: nft's text between its braces, empty when there is to be none. */
const BODIES: Readonly<Record<Family, (context: Context) => string>> = {
  arp: replyOnlyBody,
  inet: keepingBody,
  netdev: dscpBody,
};

/**
 * Our nftables tables: each a whole transaction for nft(8). A table bears a digest of what it holds, by which it is known;
 * somebody who flushes all rules takes it along, and it is set again.
 */
export function planRuleset(context: Context): Op[] {
  const families = Object.keys(BODIES) as Family[];
  return context.due(families.flatMap((family) => planTable(family, BODIES[family](context), context)));
}

function planTable(family: Family, body: string, { world }: Context): Op[] {
  const digest = body === '' ? undefined : digestOf(family, body);
  if (digest === world.seen.rulesets[family]) return [];
  const name = `${family} ${OUR_TABLE}`;
  // A table that is not there cannot be deleted, so it is made first.
  const fresh = `table ${name}\ndelete table ${name}\n`;
  const text = digest === undefined ? fresh : `${fresh}table ${name} {\n\tcomment "${digest}"\n${body}}\n`;
  return [{ op: 'setRuleset', owner: '', name, text }];
}

const digests = new Map<Family, readonly [body: string, digest: string]>();

/** With many lines the text is long, and nearly always the one of the last pass. */
function digestOf(family: Family, body: string): string {
  const [known, digest] = digests.get(family) ?? [];
  if (known === body) return digest!;
  const fresh = fnv1a(body).toString(16);
  digests.set(family, [body, fresh]);
  return fresh;
}
