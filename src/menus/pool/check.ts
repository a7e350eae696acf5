import { parseRange } from '../../bytes/range.ts';
import { overlap } from '../../bytes/subnet.ts';
import type { Item } from '../../model/config.ts';
import { Refused } from '../../model/refused.ts';
import type { World } from '../../model/world.ts';
import type { Pool } from './properties.ts';
import { poolOf } from './want.ts';

export function check(item: Item, { config }: World, changed: ReadonlySet<string>): void {
  const { name, ranges, next_pool } = item.values as Pool;
  if (changed.has('name')) checkName(item, name, poolOf(config, name));
  if (changed.has('ranges')) checkRanges(ranges);
  if (!changed.has('next_pool') || next_pool === undefined) return;
  if (next_pool === name) throw new Refused(`next_pool ${name} is the pool itself`, 'next_pool');
  if (!poolOf(config, next_pool)) throw new Refused(`next_pool ${next_pool} does not exist; add it first`, 'next_pool');
}

function checkName({ id }: Item, name: string, twin: Item | undefined): void {
  if (name === 'static-only') throw new Refused(`name ${name} stands for no pool at all; choose another`, 'name');
  if (twin && twin.id !== id) throw new Refused(`name ${name} is already that of another pool (${twin.id})`, 'name');
}

function checkRanges(texts: readonly string[]): void {
  const ranges = texts.map((text) => ({ text, ...parseRange(text)! }));
  ranges.sort((a, b) => a.first - b.first);
  const at = ranges.findIndex((range, n) => n > 0 && overlap(range, ranges[n - 1]!));
  if (at > 0) throw new Refused(`ranges ${ranges[at - 1]!.text} and ${ranges[at]!.text} overlap`, 'ranges');
}
