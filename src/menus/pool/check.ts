import type { Item } from '../../model/config.ts';
import { Refused } from '../../model/refused.ts';
import type { World } from '../../model/world.ts';
import { fault } from './fault.ts';
import type { Pool } from './properties.ts';
import { poolOf } from './want.ts';

export function check(item: Item, { config }: World, changed: ReadonlySet<string>): void {
  const { name, next_pool } = item.values as Pool;
  const wrong = fault(item);
  if (wrong && changed.has(wrong[0])) throw new Refused(wrong[1], wrong[0]);
  const twin = changed.has('name') ? poolOf(config, name) : undefined;
  if (twin && twin.id !== item.id)
    throw new Refused(`name ${name} is already that of another pool (${twin.id})`, 'name');
  if (changed.has('next_pool') && next_pool !== undefined && !poolOf(config, next_pool))
    throw new Refused(`next_pool ${next_pool} does not exist; add it first`, 'next_pool');
}
