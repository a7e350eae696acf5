import type { Config, Item, Problem, UciSection } from '../model/config.ts';
import type { Edit } from '../model/edit.ts';
import { type Event, type Facts, isGone, learn, noFacts, type Wish } from '../model/facts.ts';
import type { Menu } from '../model/menu.ts';
import { ifnameOf } from '../model/names.ts';
import { phaseOf } from '../model/phase.ts';
import type { Seen } from '../model/seen.ts';
import type { Arguments, Write } from '../model/select.ts';
import type { Want, WantProbe } from '../model/want.ts';
import { indexed, type World } from '../model/world.ts';
import type { Netlink } from '../netlink/conn.ts';
import { type Op, opKey } from '../plan/op.ts';
import { type Plan, plan } from '../plan/plan.ts';
import { wantAll } from '../plan/want.ts';
import type { Machine } from '../runtime/machine.ts';
import { Alarm } from './alarm.ts';
import { Body } from './body.ts';
import type { ConfigFile } from './configfile.ts';
import { loaded } from './loaded.ts';
import type { Announcer } from './netifd.ts';
import type { News } from './observe.ts';
import { parts } from './parts.ts';
import { Reports } from './reports.ts';
import { Requests } from './requests.ts';
import { Settings } from './settings.ts';
import type { Output } from './tool.ts';
import { Turns } from './turns.ts';

/** Looks in a row before others are served again: create, then what only a created thing can be told. */
const ROUNDS = 5;
/** Netlink news is gathered for so long, in ms: one unplugged cable makes many messages. */
const GATHER = 50;
const AFTER_TROUBLE = 1000;
const LONGEST_RESTLESS = 60_000;
/** After so many passes without rest (three seconds) what is left will not go. */
const HOPELESS = 6;

export interface LoopOptions {
  readonly machine: Machine;
  readonly netlink: Netlink;
  readonly file: ConfigFile;
  readonly menus: readonly Menu[];
  readonly runDir: string;
  /** Folder of scripts that hear of lines. */
  readonly listeners: string;
  log(text: string): void;
  readonly debug: ((text: string) => void) | undefined;
}

/** What would be done, in words, and what is wrong. */
interface Foreseen {
  readonly ops: string[];
  readonly problems: readonly Problem[];
}

/** Look, decide, act, sleep. Whatever happens is noted and makes the loop run once more; only `plan` decides. */
export class Loop {
  readonly #options: LoopOptions;
  readonly #body: Body;
  readonly #settings: Settings;
  readonly #reports: Reports;
  readonly #turns: Turns;
  readonly #inbox: Event[] = [];
  readonly #requests = new Requests();
  readonly #alarm: Alarm;
  #facts: Facts = noFacts();
  /** Whose frames must not come back, as of the last plan. */
  #probes: readonly WantProbe[] = [];
  /** Since it looked last it heard news. */
  #isBehind = false;
  /** Passes in a row that did not come to rest. */
  #restless = 0;
  /** Who wait for everything to be gone. */
  readonly #waiting: (() => void)[] = [];
  #onRead: (() => void) | undefined;
  /** Called after each pass with what is known then. */
  onPass: ((world: World) => void) | undefined;

  constructor(options: LoopOptions) {
    this.#options = options;
    this.#settings = new Settings(options);
    this.#reports = new Reports(options.log, () => this.#settings.config.items);
    this.#turns = new Turns(options.machine);
    this.#alarm = new Alarm(options.machine, () => void this.#run());
    this.#body = new Body({
      ...options,
      turns: this.#turns,
      onKernel: (news) => this.news(news),
      onFrame: (parent, source) => this.#cameBack(parent, source),
      onAnswer: (key, address) => this.#answered(key, address),
      onLine: (key, line) => this.#heard(key, line),
      onEnded: (event, last) => this.#ended(event, last),
      onNews: (event) => this.post(event),
      onLeases: () => this.kick(),
    });
    this.#learn(this.#body.adopt(this.#now()));
  }

  /** Take what an earlier life left, listen, and make the first pass; `onRead` is called when it knows what is configured. */
  start(onRead?: () => void): void {
    this.#onRead = onRead;
    this.#body.children.listen();
    this.kick(0);
  }

  get config(): Config {
    return this.#settings.config;
  }

  /** What is known now. */
  world(): World {
    this.#options.netlink.hear();
    return this.#world(this.#body.see());
  }

  /** The same with what the links of these items have counted. */
  countedWorld(items: readonly Item[]): World {
    const world = this.world();
    const indexes = items.flatMap((item) => world.links.byName.get(ifnameOf(item))?.ifindex ?? []);
    return { ...world, counters: this.#body.observer.counters(indexes) };
  }

  /** What would be done now, or with these sections instead of the file's. */
  plan(sections?: readonly UciSection[]): Promise<Foreseen> {
    const { file } = this.#options;
    return this.#foreseen(() => (sections ? file.parse({ sections, problems: [] }) : file.read()));
  }

  /** The same for what `change` makes of the file's configuration; it may be asked again. */
  foresee(change: (world: World) => Config): Promise<Foreseen> {
    return this.#foreseen((world) => change({ ...world, config: this.#options.file.read() }));
  }

  async #foreseen(read: (world: World) => Config): Promise<Foreseen> {
    const { printOp } = await import('../plan/sentence.ts');
    await this.#body.observer.prepare(this.#turns);
    const world = await loaded(() => {
      const world = this.world();
      return { ...world, config: this.#settings.completed(read(world), world) };
    });
    return { ops: (await this.#plan(world)).ops.map(printOp), problems: world.config.problems };
  }

  /** Read the file again. What changed in it is done by the pass that this starts. */
  reload(): Promise<Record<string, string>> {
    return this.#ask((seen) => {
      this.#touch(this.#settings.reload(this.#world(seen)));
      return {};
    });
  }

  /** One write. Rejects with Refused when it cannot be; resolves when it is on disk and done. */
  async write(write: Write, menu: Menu, args: Arguments): Promise<Record<string, string>> {
    const { checked, edit } = await import('./writing.ts');
    return this.change((world) => edit(write, checked(menu), args, world));
  }

  /** The same for any edit; `decide` sees the configuration as it is now, may throw Refused, and may be asked again. */
  async change(decide: (world: World) => Edit): Promise<Record<string, string>> {
    await this.#options.file.prepare();
    return this.#ask((seen) => {
      const world = this.#world(seen);
      const { answer, touched } = this.#settings.write((config) => decide({ ...world, config }), world);
      this.#touch(touched);
      return { ...answer };
    });
  }

  /** From now on the item's link counts from here. */
  resetCounters(item: Item): void {
    const { counters, links } = this.countedWorld([item]);
    const ifindex = links.byName.get(ifnameOf(item))?.ifindex ?? 0;
    const counted = counters?.get(ifindex);
    if (counted) this.post({ type: 'reset', key: item.id, baseline: { ifindex, counted } });
  }

  /** A program that only answers. Throws OsError when it is not installed. */
  tool(argv: readonly string[]): Promise<Output> {
    return this.#body.tool(argv);
  }

  /** There is a netifd, that lines are to be told to. */
  meet(netifd: Announcer): void {
    this.#body.netifd = netifd;
  }

  /** Tell an item's child something. */
  wish(key: string, signals: Wish): void {
    this.post({ type: 'wish', key, signals });
  }

  /** Take everything of ours away; resolves when it is gone. The file is not touched, but no longer followed. */
  shutdown(): Promise<void> {
    const gone = new Promise<void>((resolve) => {
      this.#waiting.push(resolve);
      this.#settings.clear();
      this.kick(0);
    });
    return gone.then(() => this.#body.netifd?.told());
  }

  /** Something in the kernel may have changed: look again, soon. A pass that goes on looks again itself, mostly. */
  news(news?: News): void {
    this.#body.observer.outdate(news);
    if (this.#alarm.isHeld) this.#isBehind = true;
    else this.kick();
  }

  /** Think again, at the latest after so many ms. */
  kick(delay = GATHER): void {
    this.#alarm.wake(this.#now() + delay);
  }

  #ask(run: (seen: Seen) => Record<string, string>): Promise<Record<string, string>> {
    const answer = this.#requests.ask(run);
    this.#body.observer.outdate();
    this.kick(0);
    return answer;
  }

  /** A child printed a line. */
  #heard(key: string, line: string): void {
    const [before, phase] = [phaseOf(this.lastLine(key) ?? ''), phaseOf(line)];
    if (phase !== before) this.post({ type: 'phase', key, phase });
    this.#reports.printed(key, line);
    this.#learn([{ type: 'said', key, line, at: this.#now() }]);
  }

  /** What the item's child printed last. */
  lastLine(key: string): string | undefined {
    return this.#reports.lastLine(key);
  }

  /** A loop protect frame came in. Frames of others on the wire are none of ours. */
  #cameBack(parent: number, source: string): void {
    const probe = this.#probes.find((probe) => probe.parent === parent && probe.address === source);
    if (!probe) return;
    this.#options.log(
      `${probe.ifname}: loop protect packet from its own MAC address ${source} came in on ${this.#nameOf(parent)}; it is disabled`,
    );
    this.#probes = this.#probes.filter((other) => other !== probe);
    this.post({ type: 'looped', key: probe.owner, at: this.#now() });
  }

  /** Nothing is to be done about it, mostly: then it is learned when we are awake anyway. */
  #answered(key: string, address: string): void {
    this.#inbox.push({ type: 'answered', key, address });
    if (!isGone(this.#facts.gateways.get(key))) return;
    this.#reports.of(key, `gateway ${address} answers again`);
    this.kick(0);
  }

  #nameOf(ifindex: number): string {
    return this.#body.observer.look().links.find((link) => link.ifindex === ifindex)?.ifname ?? String(ifindex);
  }

  /** Something was learned: think about it. */
  post(event: Event): void {
    this.#inbox.push(event);
    this.kick(0);
  }

  #ended(event: Omit<Extract<Event, { type: 'ended' }>, 'threshold' | 'jitter'>, last: boolean): void {
    if (last && !event.expected) this.#reports.of(event.key, `client ended unexpectedly: ${event.exit}`);
    if (last) this.post({ ...event, threshold: this.#settings.config.respawn.threshold, jitter: Math.random() });
    // Of two that ran for the same item, by some accident, the other one lives on with its lease.
    else this.kick(0);
  }

  #now(): number {
    return this.#options.machine.libc.uptime();
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
      hasListeners: machine.files.isDirectory(this.#options.listeners),
      isExecutable: (path) => machine.files.isExecutable(path),
    };
  }

  /** What is wanted may be what was not looked at so far. */
  async #plan(world: World): Promise<Plan & { want: Want }> {
    const want = wantAll(world, this.#options.menus);
    const isComplete = !this.#body.observer.expect(want, world.seen, world.facts.settings.keys());
    const seen = isComplete ? world : { ...world, ...indexed(this.#body.see()) };
    await this.#turns.take();
    return { ...(await loaded(() => plan(seen, want, parts))), want };
  }

  /** One pass. */
  async #run(): Promise<void> {
    this.#alarm.hold();
    this.#turns.begin();
    try {
      await this.#pass();
      this.#reports.trouble('');
    } catch (error) {
      this.#reports.trouble((error as Error).message);
      this.kick(AFTER_TROUBLE);
    }
    this.#alarm.release();
    if (this.#isBehind) this.kick();
  }

  async #pass(): Promise<void> {
    await this.#body.observer.prepare(this.#turns);
    this.#learn(this.#inbox.splice(0));
    const seen = this.#see();
    const answers = await this.#requests.answer(seen, () => this.#now());
    if (!this.#requests.isEmpty) this.kick(0);
    try {
      await this.#turns.take();
      await this.#follow(seen);
      this.#alarm.wake(this.#settings.dueAt);
      await this.#settings.store(this.#world(seen));
      await this.#settle(seen);
      await this.#settings.keepMacs();
    } finally {
      for (const answer of answers) answer();
    }
  }

  async #follow(seen: Seen): Promise<void> {
    try {
      this.#touch(await loaded(() => this.#settings.follow(this.#world(seen))));
    } finally {
      this.#onRead?.();
      this.#onRead = undefined;
    }
  }

  #see(): Seen {
    const seen = this.#body.see();
    this.#isBehind = false;
    return seen;
  }

  /** What was done is seen, and what it made the kernel say is no news then. */
  async #lookAgain(): Promise<Seen> {
    this.#options.netlink.hear();
    await this.#body.observer.prepare(this.#turns);
    return this.#see();
  }

  /** `seen` is what was seen at the start of the pass, when nothing had been done yet. */
  async #settle(seen: Seen): Promise<void> {
    let done: readonly Op[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const world = this.#world(round === 0 ? seen : await this.#lookAgain());
      const { ops, wakeAt, want } = await this.#plan(world);
      this.#probes = want.probes;
      this.#reports.warn(want.warnings);
      if (wakeAt !== undefined) this.#alarm.wake(wakeAt);
      if (ops.length === 0) {
        this.#restless = 0;
        return this.#rest(world, true);
      }
      // What was done and is to be done again had no effect: more of the same would not have one either.
      if (ops.length === done.length && ops.every((op, n) => opKey(op) === opKey(done[n]!))) break;
      done = ops;
      const events = await this.#body.act(ops);
      this.#reports.refused(events, this.#facts.failures);
      this.#learn(events);
      this.#learn(this.#inbox.splice(0));
    }
    this.kick(Math.min(LONGEST_RESTLESS, GATHER << Math.min(20, this.#restless++)));
    this.#rest(this.world(), this.#restless > HOPELESS);
  }

  /** `done`: nothing is left to do, or nothing more can be. */
  #rest(world: World, done: boolean): void {
    this.onPass?.(world);
    // A pass that had begun when all was to go knows nothing of that.
    if (!done || world.config.items.length + world.seen.children.length > 0) return;
    for (const gone of this.#waiting.splice(0)) gone();
  }

  #learn(events: readonly Event[]): void {
    this.#facts = events.reduce(learn, this.#facts);
  }

  #touch(ids: readonly string[]): void {
    const at = this.#now();
    this.#learn(ids.map((key) => ({ type: 'touched', key, at })));
  }
}
