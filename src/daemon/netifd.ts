import type { Event } from '../model/facts.ts';
import type { Announcement } from '../model/netifd.ts';
import type { Op } from '../plan/op.ts';
import type { Machine } from '../runtime/machine.ts';
import type { Timer } from '../runtime/runtime.ts';
import type { Table } from '../ubus/blob.ts';
import type { UbusClient } from '../ubus/client.ts';
import { UciStore } from '../uci/store.ts';
import type { Output } from './tool.ts';
import { zonesOf } from './zones.ts';

type Announce = Extract<Op, { op: 'announce' }>;

/** Who tells netifd; what came of it is told by events. */
export interface Announcer {
  announce(op: Announce): void;
  withdraw(name: string): void;
  /** Resolves when all of that was told, or could not be. */
  told(): Promise<void>;
}

/** Who is told what was learned, and runs programs. */
export interface Thinker {
  meet(netifd: Announcer): void;
  news(): void;
  post(event: Event): void;
  tool(argv: readonly string[]): Promise<Output>;
}

export interface NetifdOptions {
  readonly ubus: UbusClient;
  readonly machine: Machine;
  readonly configDir: string;
  readonly runDir: string;
  readonly loop: Thinker;
  log(text: string): void;
}

/** What was told, for the next daemon. */
const MEMORY = 'netifd';
/** Ours, in procd's keeping. */
const SERVICE = 'macvlan';
const PREFIX = 'network.interface.';
/** In ms. What one pass tells goes out together. */
const GATHER = 20;
/** netifd is on the bus before it has read its configuration. */
const SETTLE = 1000;
const DYING = 1000;
/** fw4 takes a second or more to load on a small router; so long it waits for more to come, and between two times. */
const FIREWALL_GATHER = 2000;
const FIREWALL_SPACING = 10_000;
/** A call that takes longer has failed. */
const PATIENCE = 10_000;

/**
 * The two doors into netifd: `data`, interfaces that procd keeps for it with our service (netifd of August 2025 and later), and
 * `dynamic`, those of `network add_dynamic`, which are gone when netifd restarts and cannot be changed.
 */
type Door = 'data' | 'dynamic';

/** OpenWrt's netifd, of which there is one on the bus, or will be again. */
class Netifd implements Announcer {
  readonly #options: NetifdOptions;
  readonly #names = new Set<string>();
  /** What it was told and has, or is about to have. */
  readonly #told = new Map<string, string>();
  /** All that are there because of us, told or not any more. */
  readonly #own = new Set<string>();
  /** What is to be told by `add_dynamic`, and what is to be removed. */
  readonly #adding = new Map<string, Announce>();
  readonly #removing = new Set<string>();
  /** What goes to come back as another. */
  readonly #replacing = new Set<string>();
  /** What it did not take, or threw away. */
  readonly #refused = new Set<string>();
  #door: Door | undefined;
  #zones: ReturnType<typeof zonesOf> = { zones: new Map(), outer: new Set() };
  /** Whether it is there and was looked at; whether it has started since. */
  #isKnown = false;
  #isNew = true;
  #ports = '';
  #timer: Timer | undefined;
  /** One after the other: what is removed may just be being added. */
  #telling: Promise<void> = Promise.resolve();
  /** What it has thrown away, by the look of it. */
  readonly #missed = new Set<string>();
  #missing: Timer | undefined;
  #look: Timer | undefined;
  #posting: Timer | undefined;
  #firewall: Timer | undefined;
  #firewallAt = 0;

  constructor(options: NetifdOptions) {
    this.#options = options;
  }

  /** From now on what it has is known. */
  async meet(): Promise<void> {
    const { ubus, machine, runDir } = this.#options;
    const { door, told = [] } = remembered(machine.files.readText(`${runDir}/${MEMORY}`));
    this.#door = door;
    for (const [name, text] of told) {
      this.#told.set(name, text);
      this.#own.add(name);
    }
    await ubus.listen(['ubus.object.add', 'ubus.object.remove', 'network.interface'], (event, data) =>
      this.#heard(event, data),
    );
    await this.#lookAtAll();
  }

  announce(op: Announce): void {
    const { name, text } = op;
    this.#told.set(name, text);
    this.#own.add(name);
    this.#adding.set(name, op);
    this.#removing.delete(name);
    this.#changed(text);
  }

  withdraw(name: string): void {
    const text = this.#told.get(name) ?? '';
    this.#told.delete(name);
    this.#adding.delete(name);
    this.#removing.add(name);
    this.#changed(text);
  }

  #changed(text: string): void {
    const { runtime } = this.#options.machine;
    if (JSON.parse(text || '{}').zone !== undefined) this.#reloadFirewall(FIREWALL_GATHER);
    this.#timer ??= runtime.setTimer(GATHER, () => this.told());
  }

  told(): Promise<void> {
    const { machine, log } = this.#options;
    if (this.#timer === undefined) return this.#telling;
    machine.runtime.clearTimer(this.#timer);
    this.#timer = undefined;
    this.#telling = this.#telling.then(() => this.#tell()).catch((error: Error) => log(`netifd: ${error.message}`));
    return this.#telling;
  }

  async #tell(): Promise<void> {
    this.#remember();
    if (this.#door !== 'dynamic' && (await this.#publish())) return;
    this.#door = 'dynamic';
    this.#remember();
    await this.#publishPorts();
    const removing = [...this.#removing];
    this.#removing.clear();
    await Promise.all(removing.map((name) => this.#remove(name)));
    const adding = [...this.#adding.values()];
    this.#adding.clear();
    for (const op of adding) await this.#add(op);
  }

  /** One that is there goes first: netifd would take a changed one for one that is over. Its end makes the next pass tell it anew. */
  async #add(op: Announce): Promise<void> {
    const { name, text } = op;
    if (this.#names.has(name)) {
      this.#replacing.add(name);
      return this.#remove(name);
    }
    try {
      await this.#call('network', 'add_dynamic', { name, ...optionsOf(text) });
    } catch (error) {
      this.#failed(name, (error as Error).message);
    }
  }

  async #remove(name: string): Promise<void> {
    // It may have gone by itself.
    await this.#call(`${PREFIX}${name}`, 'remove', {}).catch(() => {});
  }

  #failed(name: string, error: string): void {
    const { machine, loop, log } = this.#options;
    this.#told.delete(name);
    this.#refused.add(name);
    log(`netifd: interface ${name}: ${error}`);
    // The line itself has no trouble: we do for it what netifd would.
    loop.post({ type: 'failed', op: `announce ${name}`, owner: '', error, at: machine.libc.uptime() });
  }

  /** By way of procd. False: it, or netifd, has no such door. */
  async #publish(): Promise<boolean> {
    const names = [...this.#told.keys()];
    const interfaces = Object.fromEntries([...this.#told].map(([name, text]) => [name, optionsOf(text)]));
    const wasProven = this.#door === 'data';
    try {
      await this.#setData({ 'network-interface': interfaces });
      await this.#call('network', 'reload', {});
    } catch (error) {
      if (!wasProven) return false;
      // What is told is whole each time: what has to go goes with the next.
      for (const name of this.#adding.keys()) this.#failed(name, (error as Error).message);
      this.#adding.clear();
      return true;
    }
    await this.#lookAtNames();
    const missing = names.filter((name) => !this.#names.has(name));
    if (!wasProven && names.length > 0 && missing.length === names.length) return false;
    if (names.length > 0) this.#door = 'data';
    this.#adding.clear();
    this.#removing.clear();
    this.#remember();
    for (const name of missing) if (this.#told.has(name)) this.#failed(name, 'it does not take it');
    this.#post();
    return true;
  }

  /** Where there are no interfaces in procd's keeping, fw4 finds there what servers of ours need all the same. */
  async #publishPorts(): Promise<void> {
    if (JSON.stringify(this.#portRules()) === this.#ports) return;
    await this.#setData({}).catch(() => {});
  }

  async #setData(data: Table): Promise<void> {
    const firewall = this.#portRules();
    await this.#call('service', 'set_data', { name: SERVICE, data: { ...data, firewall } });
    this.#ports = JSON.stringify(firewall);
  }

  /** DHCP and DNS on links that serve, as sections `rule` of /etc/config/firewall. */
  #portRules(): Table[] {
    const served = [...this.#told.values()].filter((text) => JSON.parse(text).served === true);
    return served.flatMap((text) => {
      const { device, zone } = JSON.parse(text);
      // Of a zone that is refused the rules of all come too late.
      const place = { device, direction: 'in', ...(zone && { src: zone }) };
      const rule = { type: 'rule', ...place, target: 'ACCEPT' };
      return [
        { ...rule, name: `DHCP of macvlan on ${device}`, family: 'ipv4', proto: 'udp', dest_port: '67' },
        { ...rule, name: `DNS of macvlan on ${device}`, proto: 'tcp udp', dest_port: '53' },
      ];
    });
  }

  #call(object: string, method: string, args: Table): Promise<Table> {
    return this.#options.ubus.call(object, method, args, { timeoutMs: PATIENCE });
  }

  #heard(event: string, { path, interface: of }: Table): void {
    if (event === 'network.interface') {
      if (!this.#own.has(String(of))) this.#lookSoon();
    } else if (path === 'network') this.#cameOrWent(event === 'ubus.object.add');
    else if (String(path).startsWith(PREFIX)) this.#changedOne(String(path).slice(PREFIX.length), event);
  }

  #cameOrWent(isThere: boolean): void {
    const { loop } = this.#options;
    this.#isNew = isThere;
    this.#isKnown = false;
    if (isThere) {
      for (const name of this.#refused) loop.post({ type: 'done', op: `announce ${name}` });
      this.#refused.clear();
      this.#lookSoon();
      return;
    }
    this.#names.clear();
    this.#replacing.clear();
    this.#missed.clear();
    this.#post();
  }

  #changedOne(name: string, event: string): void {
    if (event === 'ubus.object.add') {
      this.#names.add(name);
      this.#missed.delete(name);
    } else this.#names.delete(name);
    const text = this.#told.get(name);
    if (text !== undefined && event === 'ubus.object.remove') this.#wentAway(name, text);
    if (this.#own.has(name)) this.#postSoon();
    else this.#lookSoon();
    if (event === 'ubus.object.remove' && !this.#told.has(name)) this.#own.delete(name);
  }

  /** Where its link has gone, or it is to be told anew, that is as it should be. */
  #wentAway(name: string, text: string): void {
    const { files } = this.#options.machine;
    const { device } = JSON.parse(text);
    if (this.#replacing.delete(name) || !files.isDirectory(`/sys/class/net/${device}`)) this.#told.delete(name);
    else this.#missSoon(name);
  }

  /** Those of one that ends go one by one before itself, and then that says nothing about them. */
  #missSoon(name: string): void {
    this.#missed.add(name);
    this.#missing ??= this.#options.machine.runtime.setTimer(DYING, () => {
      this.#missing = undefined;
      for (const one of this.#missed) this.#failed(one, 'netifd has removed it');
      this.#missed.clear();
    });
  }

  #lookSoon(): void {
    const { runtime } = this.#options.machine;
    this.#look ??= runtime.setTimer(SETTLE, () => {
      this.#look = undefined;
      this.#lookAtAll().catch(() => {});
    });
  }

  async #lookAtNames(): Promise<void> {
    const objects = await this.#options.ubus.lookup(`${PREFIX}*`);
    this.#names.clear();
    for (const { path } of objects) this.#names.add(path.slice(PREFIX.length));
  }

  /** Also whose zone is whose. What was told and is not there has to be told again. */
  async #lookAtAll(): Promise<void> {
    const { machine, configDir } = this.#options;
    const { interface: dumped = [] } = await this.#call('network.interface', 'dump', {});
    const interfaces = dumped as Table[];
    this.#names.clear();
    for (const { interface: name } of interfaces) this.#names.add(String(name));
    if (this.#isNew) for (const name of [...this.#told.keys()]) if (!this.#names.has(name)) this.#told.delete(name);
    this.#isNew = false;
    this.#isKnown = true;
    const others = interfaces.filter(({ interface: name }) => !this.#own.has(String(name)));
    this.#zones = zonesOf(others, new UciStore(machine, configDir).read('firewall')?.document);
    this.#post();
  }

  /** Of a thousand interfaces each has an event of its own. */
  #postSoon(): void {
    this.#posting ??= this.#options.machine.runtime.setTimer(GATHER, () => {
      this.#posting = undefined;
      this.#post();
    });
  }

  #post(): void {
    // What is ours and has to be told again is nobody else's.
    const names = new Set([...this.#names].filter((name) => this.#told.has(name) || !this.#own.has(name)));
    const netifd = this.#isKnown ? { names, told: this.#told, ...this.#zones } : undefined;
    this.#options.loop.post({ type: 'netifd', netifd });
  }

  #reloadFirewall(delay: number): void {
    const { machine, loop } = this.#options;
    const now = machine.libc.uptime();
    const wait = Math.max(delay, this.#firewallAt + FIREWALL_SPACING - now);
    this.#firewall ??= machine.runtime.setTimer(wait, () => {
      this.#firewall = undefined;
      this.#firewallAt = machine.libc.uptime();
      // Where it is not installed, or not loaded, there is nothing to be told.
      loop.tool(['fw4', '-q', 'reload']).catch(() => {});
    });
  }

  #remember(): void {
    const { machine, runDir } = this.#options;
    const text = JSON.stringify({ door: this.#door, told: [...this.#told] });
    machine.files.replace(`${runDir}/${MEMORY}`, text, 0o600);
  }
}

/** From now on netifd hears of lines. Resolves when it is known what it has. */
export async function meet(options: NetifdOptions): Promise<void> {
  const netifd = new Netifd(options);
  options.loop.meet(netifd);
  await netifd.meet();
  await hearOfLinks(options);
}

/** For our scripts in /etc/hotplug.d: there is nothing to forward. */
const HEARS = 'hotplug';

/** Newer procds tell of links over the bus (procd hotplug-dispatch.c), and netifd of its interfaces. */
async function hearOfLinks({ ubus, machine: { files }, runDir, loop }: NetifdOptions): Promise<void> {
  const path = `${runDir}/${HEARS}`;
  files.remove(path);
  if ((await ubus.lookup('hotplug.net')).length === 0) return;
  await ubus.subscribe('hotplug.net', () => loop.news());
  files.replace(path, '', 0o644);
}

function remembered(text = '{}'): { door?: Door; told?: [string, string][] } {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

/** `served` is for us. */
function optionsOf(text: string): Table {
  const { served: _, ...options } = JSON.parse(text) as Announcement;
  return options as Table;
}
