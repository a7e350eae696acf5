import { complete } from '../model/complete.ts';
import { type Config, emptyConfig } from '../model/config.ts';
import type { Edit } from '../model/edit.ts';
import type { Menu } from '../model/menu.ts';
import type { World } from '../model/world.ts';
import type { ConfigFile } from './configfile.ts';
import { loaded } from './loaded.ts';

/** When to look at the file again after a write of ours, in ms; an editor's script is through by then. */
const MENDS = [150, 900];

export interface SettingsOptions {
  readonly file: ConfigFile;
  readonly menus: readonly Menu[];
  log(text: string): void;
}

/** The configuration in effect: read from the file, completed with what has to be made up, and kept while we run. */
export class Settings {
  readonly #options: SettingsOptions;
  #config = emptyConfig;
  #macs: Map<string, string>;
  #mendAt: number[] = [];
  /** What stands in the file may be another one than that in effect. */
  #isStale = true;
  /** Something was made up that the file does not have yet. */
  #isUnstored = false;
  /** Of which configuration the MACs are kept. */
  #kept = emptyConfig;
  /** The problems that were logged last. */
  #said = '';

  constructor(options: SettingsOptions) {
    this.#options = options;
    this.#macs = options.file.readMacs();
  }

  get config(): Config {
    return this.#config;
  }

  /** Nothing is wanted any more, whatever the file says. */
  clear(): void {
    this.#config = emptyConfig;
    this.#isStale = false;
    this.#mendAt = [];
  }

  /** Uptime at which `follow` has something to do again. */
  get dueAt(): number {
    return Math.min(...this.#mendAt);
  }

  /**
   * Take the file as it stands at the start and after each write of ours, and look after it a while later: whoever writes
   * without a lock may have taken it back. Throws as long as it cannot be read: nothing may be decided then, for all that
   * an earlier daemon left would seem unwanted. Answers the ids of the items that changed; so does `reload`.
   */
  follow(world: World): string[] {
    if (this.dueAt <= world.now) this.#mend(world);
    return this.#isStale ? this.#take(this.#options.file.read(), world) : [];
  }

  #mend(world: World): void {
    const { file } = this.#options;
    const due = this.dueAt;
    this.#mendAt = this.#mendAt.filter((at) => at > world.now);
    if (file.mend(due)) {
      this.#isStale = true;
      // Whoever did it once may do it again.
      this.#watch(world);
    }
    if (this.#mendAt.length === 0) file.forget();
  }

  /** The file as it stands now. Throws when it cannot be read, or NotLoaded; the configuration in effect stays so then. */
  reload(world: World): string[] {
    return this.#take(this.#options.file.readMeant(), world);
  }

  /** One write, on disk when this returns, and in effect when it has been followed. Throws Refused, NotLoaded (both from `decide`) or what kept it from the disk. */
  write(decide: (config: Config) => Edit, world: World): Edit {
    const edit = this.#options.file.change(decide);
    this.#isStale = true;
    this.#watch(world);
    return edit;
  }

  #watch({ now }: World): void {
    this.#mendAt = MENDS.map((delay) => now + delay);
  }

  /** Another configuration with what would be made up for it. */
  completed(config: Config, world: World): Config {
    return complete(config, this.#options.menus, this.#macs, { ...world, config }).config;
  }

  #take(config: Config, world: World): string[] {
    const { menus, file } = this.#options;
    const before = this.#config;
    const { config: now, changes } = complete(config, menus, this.#macs, { ...world, config });
    this.#config = now;
    this.#isStale = false;
    this.#sayProblems();
    this.#isUnstored = changes.length > 0;
    if (this.#mendAt.length === 0) file.forget();
    // At the start nobody changed anything: what an earlier daemon knew of the items still holds.
    return before === emptyConfig ? [] : changedItems(before, this.#config);
  }

  /** Put what was made up into the file, if that has not been done yet: before a link is made of it. */
  async store(world: World): Promise<void> {
    if (!this.#isUnstored) return;
    this.#isUnstored = false;
    await this.keepMacs();
    const { file } = this.#options;
    await file.prepare();
    await this.#attempt('what was generated could not be stored', () => this.#store(file, world));
    file.forget();
  }

  /** Afterwards the problems have the lines on which they stand now. */
  #store(file: ConfigFile, world: World): void {
    const again = (config: Config) => complete(config, this.#options.menus, this.#macs, { ...world, config });
    file.change((newest) => ({ ...again(newest), answer: {}, touched: [] }));
    this.#config = again(file.read()).config;
  }

  /** Keep the MACs beside the file too; those that it has can wait until the links are made. */
  async keepMacs(): Promise<void> {
    if (this.#kept === this.#config) return;
    this.#kept = this.#config;
    const macs = new Map(this.#macs);
    for (const { values } of this.#config.items) {
      const { name, mac_address } = values;
      if (name !== undefined && mac_address !== undefined) macs.set(String(name), String(mac_address));
    }
    const isKnown = macs.size === this.#macs.size && [...macs].every(([name, mac]) => this.#macs.get(name) === mac);
    this.#macs = macs;
    if (!isKnown) await this.#attempt('generated MACs could not be kept', () => this.#options.file.writeMacs(macs));
  }

  /** What fails here costs no line: it is in effect, only not on disk. */
  async #attempt(what: string, fn: () => void): Promise<void> {
    try {
      await loaded(fn);
    } catch (error) {
      this.#options.log(`${what}: ${(error as Error).message}`);
    }
  }

  #sayProblems(): void {
    const lines = this.#config.problems.map(({ section, line, error }) => {
      const place = line === undefined ? 'config/macvlan' : `config/macvlan:${line}`;
      return `${place}: ${section === undefined ? '' : `${section}: `}${error}`;
    });
    const text = lines.join('\n');
    if (text !== this.#said) for (const line of lines) this.#options.log(line);
    this.#said = text;
  }
}

/** Items that say something else than before: earlier trouble with them says nothing any more. */
function changedItems(before: Config, after: Config): string[] {
  if (before.items.length === 0) return after.items.map(({ id }) => id);
  const known = new Map(before.items.map(({ id, given }) => [id, JSON.stringify(given)]));
  return after.items.filter(({ id, given }) => known.get(id) !== JSON.stringify(given)).map(({ id }) => id);
}
