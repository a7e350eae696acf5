import { spawnSync } from 'node:child_process';

export const RUN = 'lab/uml/run.sh';

/**
 * The rest of the test file runs under User-Mode Linux: a kernel with 802.1Q, bonding and PPP, where all is allowed and
 * nothing stays. Called first; on the machine itself it starts this program anew in there, and ends with its status.
 */
export function insideUml(): void {
  if (process.env.MACVLAN_UML !== undefined) return;
  const program = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  process.exit(spawnSync('bash', [RUN, ...program], { stdio: 'inherit' }).status ?? 1);
}
