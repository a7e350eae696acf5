import { descriptions } from '../menus/descriptions.ts';
import type { MenuDescription } from '../model/menu.ts';
import type { Machine } from '../runtime/machine.ts';
import type { Names } from './complete.ts';
import { History } from './history.ts';
import type { Input } from './input.ts';
import type { Session } from './session.ts';
import { Terminal } from './terminal.ts';

/** Everything for a person at a terminal. */
export function openTerminal(machine: Machine, session: Session, input: Input): Terminal {
  const { runtime, files } = machine;
  const home = runtime.env('HOME');
  const history = new History(files, home === undefined ? undefined : `${home}/.macvlan_history`, descriptions);
  // https://no-color.org: set and not empty.
  const colours = machine.libc.isatty(1) === 1 && !runtime.env('NO_COLOR') && runtime.env('TERM') !== 'dumb';
  return new Terminal({ runtime, session, input, history, names: namesOf(machine, session), colours });
}

/** Without a daemon there are none. */
function namesOf({ files }: Machine, session: Session): Names {
  const items = async (menu: MenuDescription) => {
    try {
      return (await session.list(menu)).map((entry) => String(entry[menu.key]));
    } catch {
      return [];
    }
  };
  return {
    items,
    async interfaces() {
      const own = await Promise.all(descriptions.filter(({ path }) => path.startsWith('interface ')).map(items));
      return [...new Set([...own.flat(), ...files.list('/sys/class/net').filter((name) => name !== 'lo')])];
    },
  };
}
