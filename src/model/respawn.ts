import type { Run } from './facts.ts';

/** procd's respawn words (service/instance.c): seconds, seconds, count. */
export interface Respawn {
  readonly threshold: number;
  readonly timeout: number;
  readonly retry: number;
}

const LONGEST_TIMEOUT = 300;

/**
 * When a child may start again, as uptime in ms; 0 = at once, Infinity = given up. The time-out doubles with each
 * failure in a row up to five minutes, and is drawn from ±25 % so that many lines do not dial in step.
 */
export function startableAt(run: Run | undefined, respawn: Respawn, longest = LONGEST_TIMEOUT): number {
  if (!run || run.failures === 0) return 0;
  if (respawn.retry > 0 && run.failures > respawn.retry) return Number.POSITIVE_INFINITY;
  const seconds = Math.min(Math.max(longest, respawn.timeout), respawn.timeout * 2 ** Math.min(run.failures - 1, 16));
  return run.endedAt + seconds * 1000 * (0.75 + run.jitter / 2);
}
