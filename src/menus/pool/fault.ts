import { parseRange } from '../../bytes/range.ts';
import { overlap } from '../../bytes/subnet.ts';
import type { Item } from '../../model/config.ts';
import type { Fault } from '../../model/menu.ts';
import type { Pool } from './properties.ts';

export function fault({ values }: Item): Fault | undefined {
  const { name, ranges, next_pool } = values as Pool;
  if (name === 'static-only') return ['name', `name ${name} stands for no pool at all; choose another`];
  if (next_pool === name) return ['next_pool', `next_pool ${name} is the pool itself`];
  const sorted = ranges.map((text) => ({ text, ...parseRange(text)! })).sort((a, b) => a.first - b.first);
  const at = sorted.findIndex((range, n) => n > 0 && overlap(range, sorted[n - 1]!));
  return at > 0 ? ['ranges', `ranges ${sorted[at - 1]!.text} and ${sorted[at]!.text} overlap`] : undefined;
}
