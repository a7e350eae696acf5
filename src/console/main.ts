import { decodeUtf8 } from '../bytes/utf8.ts';
import { descriptions, views } from '../menus/descriptions.ts';
import { VERSION } from '../model/version.ts';
import { quoted } from '../routeros/quote.ts';
import { openMachine } from '../runtime/machine.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { openBus } from './bus.ts';
import { Input } from './input.ts';
import { Session } from './session.ts';
import type { Terminal } from './terminal.ts';

const USAGE = 'usage: macvlan [-s UBUS_SOCKET] [--json] [--help] [--version] [COMMAND…]\n';
const SOCKET = '/var/run/ubus/ubus.sock';

interface Options {
  readonly socket: string;
  readonly json: boolean;
  readonly words: readonly string[];
}

/** The console, whole: a command of its arguments, a script of its standard input, or a person at a terminal. */
export async function main(runtime: Runtime): Promise<void> {
  const options = readArguments(runtime);
  const machine = await openMachine(runtime);
  const input = new Input(machine);
  const alone = options.words.length === 0 && input.isTerminal;
  let terminal: Terminal | undefined;
  const session = new Session({
    bus: openBus(machine, options.socket),
    menus: [...descriptions, ...views],
    json: options.json,
    live: machine.libc.isatty(1) === 1,
    width: () => runtime.columns(),
    write: (text) => runtime.print(1, text),
    pause: (ms) => terminal?.pause(ms) ?? sleep(runtime, ms),
    readFile: (path) => machine.files.readText(path),
    writeFile: (path, text) => machine.files.replace(path, text, 0o600),
  });
  if (alone) {
    // A script needs no editor, completion and help: they are a file of their own.
    terminal = (await import('./stay.ts')).openTerminal(machine, session, input);
    await terminal.converse();
  } else await script(runtime, session, input, options.words);
  runtime.exit(0);
}

async function script(runtime: Runtime, session: Session, input: Input, words: readonly string[]): Promise<void> {
  const text = words.length > 0 ? scriptOf(words) : decodeUtf8(await input.readAll());
  const failure = await session.run(text);
  if (failure === undefined) return;
  runtime.print(2, `${failure}\n`);
  runtime.exit(1);
}

function sleep(runtime: Runtime, ms: number): Promise<boolean> {
  return new Promise((resolve) => void runtime.setTimer(ms, () => resolve(false)));
}

function readArguments(runtime: Runtime): Options {
  const words = [...runtime.args];
  const options = { socket: SOCKET, json: false };
  for (;;) {
    if (words[0] === '--json') options.json = true;
    else if (words[0] === '-s' && words[1] !== undefined) options.socket = words.splice(1, 1)[0]!;
    else if (words[0] === '--version' || words[0] === '--help') {
      runtime.print(1, words[0] === '--help' ? USAGE : `macvlan ${VERSION}\n`);
      return runtime.exit(0);
    } else if (words[0]?.startsWith('-')) {
      runtime.print(2, USAGE);
      return runtime.exit(2);
    } else return { ...options, words };
    words.shift();
  }
}

/** What the shell took apart: a value with blanks in it is quoted again. One word alone is a script as it is. */
function scriptOf(words: readonly string[]): string {
  if (words.length === 1) return words[0]!;
  return words
    .map((word) => {
      const value = /^([\w.-]+=)(.*[\s;"\\#$(){}].*)$/s.exec(word);
      return value ? `${value[1]}${quoted(value[2]!)}` : word;
    })
    .join(' ');
}
