import { type Config, readConfig, type UciFile } from '../model/config.ts';
import type { Change, Edit } from '../model/edit.ts';
import type { Menu } from '../model/menu.ts';
import { requireLoaded } from '../model/ondemand.ts';
import type { Machine } from '../runtime/machine.ts';
import type { Change as UciChange } from '../uci/changes.ts';
import { UciStore } from '../uci/store.ts';
import type { Decide, UciWriter } from '../uci/writer.ts';

const PACKAGE = 'macvlan';

/** /etc/config/macvlan, and the MACs that we made up beside it. */
export class ConfigFile {
  readonly #machine: Machine;
  readonly #uci: UciStore;
  #writer: UciWriter | undefined;
  readonly #menus: readonly Menu[];
  readonly #macsPath: string;

  constructor(machine: Machine, configDir: string, runDir: string, menus: readonly Menu[]) {
    this.#machine = machine;
    this.#uci = new UciStore(machine, configDir);
    this.#menus = menus;
    this.#macsPath = `${runDir}/macs`;
  }

  /** To be waited for before the first write: what writes is loaded when it is first wanted. */
  async prepare(): Promise<void> {
    const { UciWriter } = await import('./writing.ts');
    this.#writer ??= new UciWriter(this.#machine, this.#uci);
  }

  /** Keep nothing in memory that can be read again. */
  forget(): void {
    this.#uci.forget();
  }

  /** The file as it is, for somebody who says that it is meant so. */
  readMeant(): Config {
    this.#writer?.trust(PACKAGE);
    return this.read();
  }

  /** A file that is not there is an empty one. Throws NotLoaded, for nothing may be decided about items of a menu that is not there. */
  read(): Config {
    return this.parse(this.#uci.read(PACKAGE)?.document ?? { sections: [], problems: [] });
  }

  /** The same for these sections. */
  parse(file: UciFile): Config {
    requireLoaded(this.#menus, file.sections);
    return readConfig(file, this.#menus);
  }

  /**
   * One write, made against the newest file under its lock: `decide` sees what it holds now, and may throw. It may be
   * asked again when a text editor was quicker. What is on disk afterwards is to be read.
   */
  change(decide: (config: Config) => Edit): Edit {
    let edit: Edit | undefined;
    this.#write((document) => {
      const config = this.parse(document);
      edit = decide(config);
      return edit.changes.length > 0 ? [...nameSections(config), ...edit.changes.map(uciChange)] : [];
    });
    return edit!;
  }

  /**
   * See that nobody who writes without a lock took back what we wrote; answers whether somebody did. `at`: the uptime at
   * which that was due.
   */
  mend(at: number): boolean {
    const before = this.#uci.read(PACKAGE)?.text ?? '';
    return this.#write(() => [], at) !== before;
  }

  /** The text as it is on disk afterwards. */
  #write(decide: Decide, at?: number): string {
    if (!this.#writer) throw new Error('a write that nobody prepared for');
    return this.#writer.change(PACKAGE, decide, at).text;
  }

  /** By the macvlan's name. A damaged file is none. */
  readMacs(): Map<string, string> {
    const text = this.#machine.files.readText(this.#macsPath) ?? '';
    return new Map(
      text.split('\n').flatMap((line) => {
        const at = line.indexOf(' ');
        return at > 0 ? [[line.slice(at + 1), line.slice(0, at)]] : [];
      }),
    );
  }

  writeMacs(macs: ReadonlyMap<string, string>): void {
    const text = [...macs].map(([name, mac]) => `${mac} ${name}\n`).join('');
    this.#machine.files.replace(this.#macsPath, text, 0o600);
  }
}

/** Anonymous sections get the names that stood for them, so that what refers to them goes on doing so. */
function nameSections(config: Config): UciChange[] {
  return config.unnamed.map(({ at, id }) => ({ kind: 'rename', section: at, name: id }));
}

function uciChange(change: Change): UciChange {
  switch (change.do) {
    case 'add':
      return { kind: 'add', type: change.type, name: change.section };
    case 'remove':
      return { kind: 'remove', section: change.section };
    case 'set':
      return { kind: 'set', section: change.section, option: change.option, value: change.value };
    case 'unset':
      return { kind: 'delete', section: change.section, option: change.option };
  }
}
