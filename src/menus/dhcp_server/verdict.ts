import type { Item } from '../../model/config.ts';
import { startableAt, whyEnded } from '../../model/respawn.ts';
import type { World } from '../../model/world.ts';
import type { Trouble } from './place.ts';
import { isService, type Service } from './service.ts';

/** The status of what is served, by the child of this key, and one sentence about it. */
export function verdict(item: Item, found: Service | Trouble, key: string, world: World): [string, string?] {
  if (item.problems.length > 0) return ['error', item.problems[0]!.error];
  if (!isService(found)) return [found.status, found.about];
  const failure = world.facts.failures.get(`spawn ${key}`);
  if (failure) return ['error', failure.isMissing ? 'dnsmasq is not installed' : failure.error];
  const child = world.children.get(key);
  if (child?.ifindex === found.link.ifindex && child.stoppingSince === undefined) return ['serving', found.remark];
  return notRunning(found, key, world);
}

function notRunning({ link, ranges }: Service, key: string, world: World): [string, string?] {
  const run = world.facts.runs.get(key);
  const why = whyEnded('dnsmasq', 'it', run, startableAt(run, world.config.respawn), world.now);
  if (why !== undefined) return ['error', why];
  const { address } = ranges[0]!.subnet;
  const has = world.seen.addresses.some((seen) => seen.ifindex === link.ifindex && seen.address === address);
  return ['waiting', has ? 'the server is being started' : `address ${address} is not there yet`];
}
