import type { MenuDescription, MenuStub } from '../model/menu.ts';
import { descriptions } from './descriptions.ts';

/** What of each menu is always in memory, by its type. In the daemon's bundle it is worked out already (rollup.config.mjs). */
export const stubs: Readonly<Record<string, MenuStub>> = Object.fromEntries(
  descriptions.map((description) => [description.type, stubOf(description)]),
);

export function stubOf({ type, path, object, key, methods, properties }: MenuDescription): MenuStub {
  const policies = Object.entries(properties).map(([name, { type }]) => [name, type.policy]);
  return { type, path, object, key, methods, policies: Object.fromEntries(policies) };
}
