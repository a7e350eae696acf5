import { spawnSync } from 'node:child_process';

/** The kernels that a command can run under, with the variable that it finds set then. */
const RUN = {
  /** User-Mode Linux: with 802.1Q, bonding and PPP, without nftables. */
  uml: { script: 'lab/uml/run.sh', mark: 'MACVLAN_UML' },
  /** Debian's own, with all of that, in an emulated machine: ten times slower. */
  vm: { script: 'lab/vm/run.sh', mark: 'MACVLAN_VM' },
} as const;

export const UML = RUN.uml.script;

/**
 * The rest of the test file runs under such a kernel, where all is allowed and nothing stays. Called first; on the machine
 * itself it starts this program anew in there, and ends with its status.
 */
export function inside(where: keyof typeof RUN): void {
  const { script, mark } = RUN[where];
  if (process.env[mark] !== undefined) return;
  const program = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  process.exit(spawnSync('bash', [script, ...program], { stdio: 'inherit' }).status ?? 1);
}
