import { Files } from './files.ts';
import { Poller } from './poller.ts';
import { Processes } from './processes.ts';
import type { Libc, Runtime } from './runtime.ts';
import { Sockets } from './sockets.ts';

/** What the programs stand on: the engine, the C library, and the shape we give to its calls. */
export interface Machine {
  readonly runtime: Runtime;
  readonly libc: Libc;
  readonly poller: Poller;
  readonly sockets: Sockets;
  readonly files: Files;
  readonly processes: Processes;
}

export async function openMachine(runtime: Runtime): Promise<Machine> {
  const libc = await runtime.libc();
  const poller = new Poller(runtime, libc);
  return {
    runtime,
    libc,
    poller,
    sockets: new Sockets(libc),
    files: new Files(libc),
    processes: new Processes(libc, poller),
  };
}
