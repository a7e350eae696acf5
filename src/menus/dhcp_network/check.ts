import type { Item } from '../../model/config.ts';
import { Refused } from '../../model/refused.ts';
import type { World } from '../../model/world.ts';
import { fault } from './fault.ts';

export function check(item: Item, { config }: World, changed: ReadonlySet<string>): void {
  if (!changed.has('address') && !changed.has('gateway')) return;
  // It has to go with all others, wherever it stands.
  const wrong = fault(item, { ...config, items: config.items.filter(({ id }) => id !== item.id) });
  if (wrong) throw new Refused(wrong[1], wrong[0]);
}
