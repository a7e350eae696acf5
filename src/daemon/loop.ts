import { type Problem, readConfig, type UciSection } from '../model/config.ts';
import { type Arguments, edit, type Write } from '../model/edit.ts';
import { type Event, type Facts, learn, noFacts } from '../model/facts.ts';
import type { Menu } from '../model/menu.ts';
import type { Seen } from '../model/seen.ts';
import { indexed, type World } from '../model/world.ts';
import type { Netlink } from '../netlink/conn.ts';
import { type Plan, plan } from '../plan/plan.ts';
import { RESOLVER } from '../plan/resolver.ts';
import { wantAll } from '../plan/want.ts';
import type { Machine } from '../runtime/machine.ts';
import type { Timer } from '../runtime/runtime.ts';
import { apply, type Hands } from './apply.ts';
import { ChildLog } from './childlog.ts';
import { Children } from './children.ts';
import type { ConfigFile } from './configfile.ts';
import { observe } from './observe.ts';
import { Settings } from './settings.ts';

/** Looks in a row before others are served again: create, then what only a created thing can be told. */
const ROUNDS = 5;
/** Netlink news is gathered for so long, in ms: one unplugged cable makes many messages. */
const GATHER = 50;
const AFTER_TROUBLE = 1000;
const LONGEST_RESTLESS = 60_000;
/** After so many passes without rest (three seconds) what is left will not go. */
const HOPELESS = 6;
/** How long a pass may be deaf to everything else, in ms. */
const LONGEST_BLOCK = 100;

export interface LoopOptions {
  readonly machine: Machine;
  readonly netlink: Netlink;
  readonly file: ConfigFile;
  readonly menus: readonly Menu[];
  readonly runDir: string;
  log(text: string): void;
  debug(text: string): void;
}

/** A change that somebody waits for: made at the start of a pass, answered at its end. */
interface Request {
  run(seen: Seen): Record<string, string>;
  resolve(answer: Record<string, string>): void;
  reject(error: unknown): void;
}

/** Look, decide, act, sleep. Whatever happens is noted and makes the loop run once more; only `plan` decides. */
export class Loop {
  readonly #options: LoopOptions;
  readonly #children: Children;
  readonly #settings: Settings;
  readonly #inbox: Event[] = [];
  readonly #requests: Request[] = [];
  #facts: Facts = noFacts();
  #resolv: string | undefined;
  #passing = false;
  /** What the last pass failed of; said once. */
  #trouble = '';
  /** Passes in a row that did not come to rest. */
  #restless = 0;
  #timer: Timer | undefined;
  #timerAt = Number.POSITIVE_INFINITY;
  /** Who wait for everything to be gone. */
  readonly #waiting: (() => void)[] = [];
  /** Called after each pass with what is known then. */
  onPass: ((world: World) => void) | undefined;

  constructor(options: LoopOptions) {
    const { machine, runDir } = options;
    this.#options = options;
    this.#settings = new Settings(options);
    const log = new ChildLog(machine, `${runDir}/clients`, (key, line) => options.log(`${this.#title(key)}: ${line}`));
    this.#children = new Children(machine, log, {
      runDir,
      path: machine.runtime.env('PATH') ?? '/usr/sbin:/usr/bin:/sbin:/bin',
      onEnded: (event, last) => this.#ended(event, last),
      onNews: (event) => this.#post(event),
    });
    this.#learn(this.#children.adopt());
    this.#resolv = machine.files.readText(`${runDir}/${RESOLVER}`);
  }

  /** Take what an earlier life left, listen, and make the first pass. */
  start(): void {
    this.#children.listen();
    this.kick(0);
  }

  /** What is known now, from a fresh look. */
  world(): World {
    return this.#world(this.#see());
  }

  /** What would be done now, or with these sections instead of the file's. */
  plan(sections?: readonly UciSection[]): Plan & { problems: readonly Problem[] } {
    const { menus, file } = this.#options;
    const read = sections ? readConfig({ sections, problems: [] }, menus) : file.read();
    const world = this.world();
    const config = this.#settings.completed(read, world);
    return { ...this.#plan({ ...world, config }), problems: config.problems };
  }

  /** Read the file again. What changed in it is done by the pass that this starts. */
  reload(): Promise<Record<string, string>> {
    return this.#ask((seen) => {
      this.#touch(this.#settings.reload(this.#world(seen)));
      return {};
    });
  }

  /** One write. Rejects with Refused when it cannot be; resolves when it is on disk and done. */
  write(write: Write, menu: Menu, args: Arguments): Promise<Record<string, string>> {
    return this.#ask((seen) => {
      const world = this.#world(seen);
      const { answer, touched } = this.#settings.write(
        (config) => edit(write, menu, args, { ...world, config }),
        world,
      );
      this.#touch(touched);
      return { ...answer };
    });
  }

  /** Tell an item's child something. */
  wish(key: string, signals: readonly ('SIGUSR1' | 'SIGUSR2')[]): void {
    this.#post({ type: 'wish', key, signals });
  }

  /** Take everything of ours away; resolves when it is gone. The file is not touched, but no longer followed. */
  shutdown(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#settings.clear();
      this.kick(0);
    });
  }

  /** Something may have changed: look again, at the latest after so many ms. */
  kick(delay = GATHER): void {
    this.#wake(this.#now() + delay);
  }

  #ask(run: (seen: Seen) => Record<string, string>): Promise<Record<string, string>> {
    return new Promise((resolve, reject) => {
      this.#requests.push({ run, resolve, reject });
      this.kick(0);
    });
  }

  #post(event: Event): void {
    this.#inbox.push(event);
    this.kick(0);
  }

  #ended(event: Omit<Extract<Event, { type: 'ended' }>, 'threshold' | 'jitter'>, last: boolean): void {
    // Of two that ran for the same item, by some accident, the other one lives on with its lease.
    if (!last) {
      this.kick(0);
      return;
    }
    if (!event.expected) this.#options.log(`${this.#title(event.key)}: client ended unexpectedly: ${event.exit}`);
    this.#post({ ...event, threshold: this.#settings.config.respawn.threshold, jitter: Math.random() });
  }

  /** How people know the item of a child. */
  #title(key: string): string {
    const item = this.#settings.config.items.find(({ id }) => id === key);
    return String(item?.values.interface ?? key);
  }

  #now(): number {
    return this.#options.machine.libc.uptime();
  }

  #see(): Seen {
    return { ...observe(this.#options.netlink), children: this.#children.seen(), resolv: this.#resolv };
  }

  #world(seen: Seen): World {
    const { machine, runDir } = this.#options;
    const { folder: scripts } = machine.runtime;
    const now = this.#now();
    return {
      config: this.#settings.config,
      facts: this.#facts,
      ...indexed(seen),
      now,
      random: Math.random,
      runDir,
      scripts,
    };
  }

  #plan(world: World): Plan {
    return plan(world, wantAll(world, this.#options.menus));
  }

  #wake(at: number): void {
    if (at >= this.#timerAt) return;
    const { runtime } = this.#options.machine;
    if (this.#timer !== undefined) runtime.clearTimer(this.#timer);
    this.#timerAt = at;
    this.#timer = this.#passing ? undefined : runtime.setTimer(Math.max(0, at - this.#now()), () => void this.#run());
  }

  /** One pass. What wakes us during it is remembered in #timerAt and armed at its end. */
  async #run(): Promise<void> {
    this.#timer = undefined;
    this.#timerAt = Number.POSITIVE_INFINITY;
    this.#passing = true;
    try {
      await this.#pass();
      this.#trouble = '';
    } catch (error) {
      const { message } = error as Error;
      if (message !== this.#trouble) this.#options.log(message);
      this.#trouble = message;
      this.kick(AFTER_TROUBLE);
    }
    this.#passing = false;
    const at = this.#timerAt;
    this.#timerAt = Number.POSITIVE_INFINITY;
    if (Number.isFinite(at)) this.#wake(at);
  }

  async #pass(): Promise<void> {
    this.#learn(this.#inbox.splice(0));
    const seen = this.#see();
    this.#touch(this.#settings.follow(this.#world(seen)));
    const answers = this.#answerAll(seen);
    this.#wake(this.#settings.dueAt);
    try {
      await this.#settle(seen);
    } finally {
      for (const answer of answers) answer();
    }
  }

  /** Do what was asked for, each against what the ones before left; the answers are given when it is applied. */
  #answerAll(seen: Seen): (() => void)[] {
    const answers: (() => void)[] = [];
    const until = this.#now() + LONGEST_BLOCK;
    while (this.#requests.length > 0 && this.#now() < until) answers.push(answerOf(this.#requests.shift()!, seen));
    // The others wait for the next pass, so that the first hear of theirs.
    if (this.#requests.length > 0) this.kick(0);
    return answers;
  }

  /** `seen` is what was seen at the start of the pass, when nothing had been done yet. */
  async #settle(seen: Seen): Promise<void> {
    let done = '';
    for (let round = 0; round < ROUNDS; round++) {
      const world = round === 0 ? this.#world(seen) : this.world();
      const { ops, wakeAt } = this.#plan(world);
      if (wakeAt !== undefined) this.#wake(wakeAt);
      if (ops.length === 0) {
        this.#restless = 0;
        return this.#rest(world, true);
      }
      // What was done and is to be done again had no effect: more of the same would not have one either.
      if (JSON.stringify(ops) === done) break;
      done = JSON.stringify(ops);
      this.#learn(await apply(ops, this.#hands()));
      this.#learn(this.#inbox.splice(0));
    }
    this.kick(Math.min(LONGEST_RESTLESS, GATHER * 2 ** this.#restless++));
    this.#rest(this.world(), this.#restless > HOPELESS);
  }

  /** `done`: nothing is left to do, or nothing more can be. */
  #rest(world: World, done: boolean): void {
    this.onPass?.(world);
    if (!done || world.seen.children.length > 0) return;
    for (const gone of this.#waiting.splice(0)) gone();
  }

  #hands(): Hands {
    const { machine, netlink, runDir, debug: log } = this.#options;
    const writeResolver = (text: string) => {
      machine.files.replace(`${runDir}/${RESOLVER}`, text, 0o644);
      this.#resolv = text;
    };
    return { machine, netlink, children: this.#children, writeResolver, log };
  }

  #learn(events: readonly Event[]): void {
    this.#facts = events.reduce(learn, this.#facts);
  }

  #touch(ids: readonly string[]): void {
    this.#learn(ids.map((key) => ({ type: 'touched', key })));
  }
}

/** Do what was asked for; what it came to is told when it is applied too. */
function answerOf({ run, resolve, reject }: Request, seen: Seen): () => void {
  try {
    const answer = run(seen);
    return () => resolve(answer);
  } catch (error) {
    return () => reject(error);
  }
}
