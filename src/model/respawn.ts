import type { Run } from './facts.ts';

/** procd's respawn words (service/instance.c): seconds, seconds, count. */
export interface Respawn {
  readonly threshold: number;
  readonly timeout: number;
  readonly retry: number;
}

const LONGEST_TIMEOUT = 300;

/** Why a child that ended does not run now; undefined: it may start. `what` people disable and enable to have it tried again. */
export function whyEnded(
  program: string,
  what: string,
  run: Run | undefined,
  at: number,
  now: number,
): string | undefined {
  if (at <= now) return undefined;
  const { failures, lastExit } = run!;
  return at === Number.POSITIVE_INFINITY
    ? `${program} failed ${failures} times in a row (${lastExit}) and is given up; disable and enable ${what} to try again`
    : `${program} ended (${lastExit}); next try in ${Math.ceil((at - now) / 1000)} s`;
}

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
