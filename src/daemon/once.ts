import type { Runtime } from '../runtime/runtime.ts';
import type { Loop } from './loop.ts';

/** What macvland does when it is not to stay: `--plan` and `--down`. */

/** Says what would be done. */
export async function plan(runtime: Runtime, loop: Loop): Promise<never> {
  const { ops, problems } = await loop.plan();
  for (const { section, line, error } of problems)
    runtime.print(2, `line ${line ?? '?'}: ${section ?? ''}: ${error}\n`);
  for (const op of ops) runtime.print(1, `${op}\n`);
  return runtime.exit(0);
}

/** Everything of ours away, without a daemon. */
export async function down(runtime: Runtime, loop: Loop): Promise<never> {
  await loop.shutdown();
  return runtime.exit(0);
}
