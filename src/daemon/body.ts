import type { Event } from '../model/facts.ts';
import { readKept } from '../model/kept.ts';
import type { Seen } from '../model/seen.ts';
import type { Netlink } from '../netlink/conn.ts';
import { KEPT, NTP, RESOLVER } from '../plan/files.ts';
import type { Hook } from '../plan/hooks.ts';
import type { Op } from '../plan/op.ts';
import type { Machine } from '../runtime/machine.ts';
import { apply, type Hands, touchedBy } from './apply.ts';
import { ChildLog } from './childlog.ts';
import { Children, type ChildrenOptions } from './children.ts';
import type { Gateways } from './gateways.ts';
import type { Hooks, HooksOptions } from './hooks.ts';
import type { LoopProtect } from './loopprotect.ts';
import type { Announcer } from './netifd.ts';
import { type News, Observer } from './observe.ts';
import type { Output } from './tool.ts';
import type { Turns } from './turns.ts';

/** The script that nft was given last. */
const RULESET = 'ruleset.nft';

export interface BodyOptions
  extends Pick<ChildrenOptions, 'onEnded' | 'onNews' | 'onLeases'>,
    Pick<HooksOptions, 'log'> {
  readonly machine: Machine;
  readonly netlink: Netlink;
  readonly turns: Turns;
  readonly runDir: string;
  /** Something in the kernel may have changed. */
  onKernel(news: News): void;
  /** A loop protect frame came in on a parent, with this source. */
  onFrame(parent: number, source: string): void;
  /** The gateway of an item's line is there. */
  onAnswer(key: string, address: string): void;
  /** A line of what an item's child prints. */
  onLine(key: string, line: string): void;
  readonly debug: ((text: string) => void) | undefined;
}

/** What the daemon sees with and acts with: the kernel, its children, its sockets, its files in the run directory. */
export class Body {
  readonly children: Children;
  readonly observer: Observer;
  readonly #options: BodyOptions;
  #loopProtect: LoopProtect | undefined;
  #gateways: Gateways | undefined;
  #hooks: Hooks | undefined;
  /** Set where there is a netifd. */
  netifd: Announcer | undefined;
  readonly #files = new Map<string, string>();

  constructor(options: BodyOptions) {
    const { machine, netlink, runDir } = options;
    this.#options = options;
    const log = new ChildLog(machine, `${runDir}/clients`, options.onLine);
    this.children = new Children(machine, log, { ...options, path: this.#path });
    this.observer = new Observer(machine, netlink, options.onKernel);
    for (const name of [RESOLVER, NTP, KEPT]) this.#files.set(name, machine.files.readText(`${runDir}/${name}`) ?? '');
  }

  /** Take over what an earlier daemon left running, and what it knew. */
  adopt(now: number): Event[] {
    return [...this.children.adopt(), ...readKept(this.#files.get(KEPT)!, now)];
  }

  /** Everything; the kernel's part from the last look unless that is out of date. */
  see(): Seen {
    const { listening = [] } = this.#loopProtect ?? {};
    const asking = this.#gateways?.owners ?? [];
    const { children } = this;
    const [seen, leases] = [children.seen(), children.leases()];
    return { ...this.observer.look(), children: seen, leases, listening, asking, files: this.#files };
  }

  async act(ops: readonly Op[]): Promise<Event[]> {
    const events = await apply(ops, this.#hands());
    const touched = touchedBy(ops);
    if (touched) this.observer.outdate(touched);
    return events;
  }

  /** A program that only answers. Throws OsError when it is not installed. */
  async tool(argv: readonly string[]): Promise<Output> {
    const { runTool } = await import('./tool.ts');
    const { machine, runDir } = this.#options;
    return runTool({ machine, runDir, path: this.#path }, argv);
  }

  /** Loaded when somebody wants to be protected; sockets of an earlier daemon have ended with it. */
  async #protection(): Promise<LoopProtect> {
    const { LoopProtect } = await import('./loopprotect.ts');
    const { machine, onFrame } = this.#options;
    this.#loopProtect ??= new LoopProtect(machine, onFrame);
    return this.#loopProtect;
  }

  /** Loaded when the first is asked. */
  async #askers(): Promise<Gateways> {
    const { Gateways } = await import('./gateways.ts');
    const { machine, onAnswer } = this.#options;
    this.#gateways ??= new Gateways(machine, onAnswer);
    return this.#gateways;
  }

  #hands(): Hands {
    const { machine, netlink, turns, runDir, debug: log } = this.#options;
    const writeFile = (name: string, text: string, mode: number) => {
      machine.files.replace(`${runDir}/${name}`, text, mode);
      this.#files.set(name, text);
    };
    const setRuleset = async (script: string) => {
      machine.files.replace(`${runDir}/${RULESET}`, script, 0o600);
      const { failure } = await this.tool(['nft', '-f', `${runDir}/${RULESET}`]);
      if (failure !== undefined) throw new Error(`nft: ${failure}`);
    };
    const writeSetting = (path: string, value: string) => machine.files.set(`/proc/sys/${path}`, value);
    return {
      writeSetting,
      machine,
      netlink,
      turns,
      children: this.children,
      loopProtect: () => this.#protection(),
      gateways: () => this.#askers(),
      netifd: this.netifd,
      writeFile,
      setRuleset,
      runHook: (hook) => this.#runHook(hook),
      log,
    };
  }

  /** Few lines have a script: what runs them is loaded when the first is due. */
  async #runHook(hook: Hook): Promise<void> {
    this.#hooks ??= new (await import('./hooks.ts')).Hooks({ ...this.#options, path: this.#path });
    this.#hooks.run(hook);
  }

  get #path(): string {
    return this.#options.machine.runtime.env('PATH') ?? '/usr/sbin:/usr/bin:/sbin:/bin';
  }
}
