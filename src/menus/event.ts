import type { Item } from '../model/config.ts';
import { HOTPLUG_CALL, type Want } from '../model/want.ts';
import type { World } from '../model/world.ts';

/** Variables of a hotplug script: the item's or its interface's `name`, the kernel's name of the link, and addresses. */
interface Variables {
  readonly INTERFACE: string;
  readonly DEVICE: string;
  readonly ADDRESS?: string | undefined;
  readonly GATEWAY?: string | undefined;
}

/**
 * The scripts of /etc/hotplug.d/macvlan hear that a line came, and when it is not wanted any more that it went; TYPE is that
 * of the item. Nothing in it is a text of a server's.
 */
export function wantEvent(
  { id, type: TYPE }: Item,
  ACTION: 'up' | 'bound' | 'connected',
  variables: Variables,
  { hasListeners }: World,
  { hooks }: Want,
): void {
  if (!hasListeners) return;
  const given = Object.entries(variables).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const env = { ACTION, TYPE, ...Object.fromEntries(given) };
  hooks.push({ key: `${id} ${HOTPLUG_CALL}`, owner: id, script: HOTPLUG_CALL, env });
}
