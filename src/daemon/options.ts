/** The command line of macvland. */
export interface Options {
  readonly socket: string;
  readonly configDir: string;
  readonly runDir: string;
  readonly mode: 'run' | 'plan' | 'down' | 'version';
}

export const USAGE = 'usage: macvland [-s UBUS_SOCKET] [-c CONFIG_DIR] [-r RUN_DIR] [--plan] [--down] [--version]';

const MODES: Readonly<Record<string, Options['mode']>> = { '--plan': 'plan', '--down': 'down', '--version': 'version' };
const VALUES = { '-s': 'socket', '-c': 'configDir', '-r': 'runDir' } as const;

/** Throws an Error whose message says what is wrong. */
export function readOptions(args: readonly string[]): Options {
  const options: { -readonly [K in keyof Options]: Options[K] } = {
    socket: '/var/run/ubus/ubus.sock',
    configDir: '/etc/config',
    runDir: '/var/run/macvlan',
    mode: 'run',
  };
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    if (Object.hasOwn(MODES, arg)) options.mode = MODES[arg]!;
    else if (!Object.hasOwn(VALUES, arg)) throw new Error(`unknown argument ${arg}`);
    else if (args[i + 1] === undefined) throw new Error(`${arg} needs a value`);
    else options[VALUES[arg as keyof typeof VALUES]] = args[++i]!;
  }
  return options;
}
