import { openMachine } from '../runtime/machine.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { Server } from './serve.ts';

const usage = `Usage: ubusd [-s SOCKET] [-A DIRECTORY]
  -s SOCKET     listen there (default /var/run/ubus/ubus.sock)
  -A DIRECTORY  read ACL files there (default /usr/share/acl.d)
`;

/** The program `ubusd`. SIGHUP reads the ACL files again. */
export async function main(runtime: Runtime): Promise<void> {
  const options = parseArguments(runtime.args);
  if (!options) {
    runtime.print(2, usage);
    runtime.exit(1);
  }
  const { socket, aclDirectory } = options;
  const machine = await openMachine(runtime);
  try {
    machine.files.makeDirectory(socket.slice(0, socket.lastIndexOf('/')) || '/', 0o755);
    const server = new Server(machine, socket, aclDirectory);
    runtime.onSignal('SIGHUP', () => server.loadAcl());
  } catch (error) {
    runtime.print(2, `ubusd: ${(error as Error).message}\n`);
    runtime.exit(1);
  }
  const stop = () => {
    machine.files.remove(socket);
    runtime.exit(0);
  };
  runtime.onSignal('SIGTERM', stop);
  runtime.onSignal('SIGINT', stop);
}

interface Options {
  socket: string;
  aclDirectory: string;
}

function parseArguments(args: readonly string[]): Options | undefined {
  const options = { '-s': '/var/run/ubus/ubus.sock', '-A': '/usr/share/acl.d' };
  for (let i = 0; i < args.length; i += 2) {
    const name = args[i]!;
    const value = args[i + 1];
    if ((name !== '-s' && name !== '-A') || !value) return undefined;
    options[name] = value;
  }
  return { socket: options['-s'], aclDirectory: options['-A'] };
}
