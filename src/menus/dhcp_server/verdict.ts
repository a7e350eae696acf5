import type { Item } from '../../model/config.ts';
import { startableAt } from '../../model/respawn.ts';
import type { World } from '../../model/world.ts';
import type { Trouble } from './place.ts';
import { isService, type Service } from './service.ts';

/** The status of what is served, by the child of this key, and one sentence about it. */
export function verdict(item: Item, found: Service | Trouble, key: string, world: World): [string, string?] {
  if (item.problems.length > 0) return ['error', item.problems[0]!.error];
  if (!isService(found)) return [found.status, found.about];
  const failure = world.facts.failures.get(`spawn ${key}`);
  if (failure) return ['error', isMissing(failure.error) ? 'dnsmasq is not installed' : failure.error];
  const child = world.children.get(key);
  if (child?.ifindex === found.link.ifindex && child.stoppingSince === undefined) return ['serving', found.remark];
  return notRunning(found, key, world);
}

/** What the kernel says when there is no such program. */
function isMissing(error: string): boolean {
  return /No such file|ENOENT/.test(error);
}

function notRunning({ link, ranges }: Service, key: string, world: World): [string, string?] {
  const run = world.facts.runs.get(key);
  const at = startableAt(run, world.config.respawn);
  if (at === Number.POSITIVE_INFINITY)
    return [
      'error',
      `dnsmasq failed ${run!.failures} times in a row (${run!.lastExit}) and is given up; disable and enable it to try again`,
    ];
  if (at > world.now)
    return ['error', `dnsmasq ended (${run!.lastExit}); next try in ${Math.ceil((at - world.now) / 1000)} s`];
  const { address } = ranges[0]!.subnet;
  const has = world.seen.addresses.some((seen) => seen.ifindex === link.ifindex && seen.address === address);
  return ['waiting', has ? 'the server is being started' : `address ${address} is not there yet`];
}
