import type { Phase } from './facts.ts';

/** What a line that udhcpc prints says about where it is; undefined: what it last reported is all (busybox 1.30 and later). */
export function phaseOf(line: string): Phase | undefined {
  if (/ select for /.test(line)) return 'requesting';
  if (/broadcasting renew/.test(line)) return 'rebinding';
  return /sending renew/.test(line) ? 'renewing' : undefined;
}
