import { parseRange, type Range } from '../../bytes/range.ts';
import type { Config, Item } from '../../model/config.ts';
import { itemsBy } from '../../model/names.ts';
import type { AnyValues } from '../../model/properties.ts';
import type { World } from '../../model/world.ts';
import type { Pool } from './properties.ts';

/** The first free poolN. */
export function generate(given: AnyValues, { config }: World): AnyValues {
  if (given.name !== undefined) return {};
  for (let n = 1; ; n++) if (!poolOf(config, `pool${n}`)) return { name: `pool${n}` };
}

export function claims({ values }: Item): [string, string][] {
  return [['name', String(values.name)]];
}

/** A pool does nothing by itself. */
export function want(): void {}

export function state(item: Item, { config }: World): AnyValues {
  const { ranges, next_pool, disabled } = item.values as Pool;
  const isMissing = !disabled && next_pool !== undefined && !poolOf(config, next_pool);
  return {
    total: parsed(ranges ?? []).reduce((sum, { first, last }) => sum + last - first + 1, 0),
    about: item.problems[0]?.error ?? (isMissing ? `next_pool ${next_pool} does not exist` : undefined),
    invalid: item.problems.length > 0,
  };
}

const nameOf = (item: Item) => (item.type === 'pool' ? item.values.name : undefined);

export function poolOf(config: Config, name: string): Item | undefined {
  return itemsBy(config, nameOf, name)[0];
}

/** The ranges of a pool and of those that follow it; one that is disabled or wrong has none. */
export function rangesOf(config: Config, name: string): Range[] {
  const ranges: Range[] = [];
  const passed = new Set<Item>();
  for (let pool = poolOf(config, name); pool && !passed.has(pool); ) {
    passed.add(pool);
    const { ranges: texts, next_pool, disabled } = pool.values as Pool;
    if (!disabled && pool.problems.length === 0) ranges.push(...parsed(texts));
    pool = next_pool === undefined ? undefined : poolOf(config, next_pool);
  }
  return ranges;
}

function parsed(texts: readonly string[]): Range[] {
  return texts.map((text) => parseRange(text)!);
}
