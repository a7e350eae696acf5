import { decodeUtf8 } from '../bytes/utf8.ts';
import { descriptions } from '../menus/descriptions.ts';
import { quoted } from '../routeros/quote.ts';
import { type Machine, openMachine } from '../runtime/machine.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { UbusClient } from '../ubus/client.ts';
import { UBUS_STATUS_CONNECTION_FAILED, UBUS_STATUS_NOT_FOUND } from '../ubus/constants.ts';
import { UbusError } from '../ubus/pending.ts';
import { Input } from './input.ts';
import { type Answer, type Bus, Session } from './session.ts';

const USAGE = 'usage: macvlan [-s UBUS_SOCKET] [COMMAND…]\n';
const SOCKET = '/var/run/ubus/ubus.sock';

/** The console, whole: a command of its arguments, a script of its standard input, or a person at a terminal. */
export async function main(runtime: Runtime): Promise<void> {
  const { socket, words } = readArguments(runtime);
  const machine = await openMachine(runtime);
  const input = new Input(machine);
  const session = new Session({
    bus: openBus(machine, socket),
    menus: descriptions,
    width: () => runtime.columns(),
    write: (text) => runtime.print(1, text),
  });
  if (words.length === 0 && input.isTerminal) await converse(runtime, session, input);
  else {
    const script = words.length > 0 ? scriptOf(words) : decodeUtf8(await input.readAll());
    const failure = await session.run(script);
    if (failure !== undefined) {
      runtime.print(2, `${failure}\n`);
      runtime.exit(1);
    }
  }
  runtime.exit(0);
}

function readArguments(runtime: Runtime): { socket: string; words: readonly string[] } {
  const [first, second, ...rest] = runtime.args;
  if (first !== '-s') return { socket: SOCKET, words: runtime.args };
  if (second === undefined) {
    runtime.print(2, USAGE);
    return runtime.exit(2);
  }
  return { socket: second, words: rest };
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

/** A connection made when it is first needed: a script's grammar is told without a daemon. */
function openBus(machine: Machine, socket: string): Bus {
  let client: UbusClient | undefined;
  let lost = `no ubus at ${socket}; is ubusd running?`;
  return {
    async call(object, method, args) {
      client ??= UbusClient.connect(machine, socket, { watch: true });
      try {
        await client.ready();
        lost = 'macvland went away; what was not answered may not have been done';
        return { data: await client.call(object, method, args) };
      } catch (error) {
        if (!(error instanceof UbusError)) throw error;
        return refusal(error, lost, object);
      }
    },
  };
}

function refusal(error: UbusError, lost: string, object: string): Answer {
  const { error: text, property } = error.data ?? {};
  if (typeof text === 'string') return { error: text, ...(typeof property === 'string' && { property }) };
  if (error.status === UBUS_STATUS_CONNECTION_FAILED) return { error: lost };
  if (error.status === UBUS_STATUS_NOT_FOUND)
    return { error: `no object ${object} on ubus; start macvland (/etc/init.d/macvlan start)` };
  return { error: error.message };
}

/** Line by line until Ctrl-D or /quit; an error is told and the stay goes on. */
async function converse(runtime: Runtime, session: Session, input: Input): Promise<void> {
  let rest = '';
  const prompt = () =>
    runtime.print(
      1,
      rest === '' ? `[macvlan] ${session.menu === '' ? '' : `/${session.menu.replaceAll(' ', '/')}`}> ` : '... ',
    );
  for (prompt(); !session.ended; prompt()) {
    const chunk = await input.read();
    if (!chunk) break;
    rest += decodeUtf8(chunk);
    // A line that ends in a backslash goes on.
    if (!rest.endsWith('\n') || rest.endsWith('\\\n')) continue;
    const failure = await session.run(rest);
    rest = '';
    if (failure !== undefined) runtime.print(2, `${failure}\n`);
  }
  runtime.print(1, '\n');
}
