import type { Runtime } from './runtime.ts';

/** Run a program; an error that nobody caught ends it with a word and a status, so that procd starts it anew. */
export function start(main: (runtime: Runtime) => Promise<void>, runtime: Runtime): void {
  main(runtime).catch((error: Error) => {
    runtime.print(2, `${error.message}\n${error.stack ?? ''}\n`);
    runtime.exit(1);
  });
}
