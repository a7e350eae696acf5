import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sleep, until } from '../../lab/lab.ts';
import type { Table } from '../../src/ubus/blob.ts';
import { UbusClient } from '../../src/ubus/client.ts';
import { UBUS_STATUS_OK } from '../../src/ubus/constants.ts';
import type { Publication, UbusRequest } from '../../src/ubus/object.ts';
import { publishServices } from './procd.ts';
import type { Router } from './router.ts';

/** Where a real netifd is (its `sbin/netifd`), to be tried in place of the stand-in; otherwise none. */
const REAL = process.env.MACVLAN_NETIFD;

/** One of a user's: a port with an address, in the zone wan. */
const NETWORK =
  "config interface 'wan'\n\toption device 'ether1'\n\toption proto 'static'\n\toption ipaddr '198.51.100.2/24'\n";
const FIREWALL =
  "config zone\n\toption name 'lan'\n\tlist network 'lan'\n\nconfig zone\n\toption name 'wan'\n\tlist network 'wan'\n\toption masq '1'\n";

/** Of these OpenWrt has had the first without procd's data until 24.10. */
export type Age = '24.10' | '25.12';

/** What runs beside us on OpenWrt: netifd on the lab's bus, procd's data, and a firewall that only counts. */
export abstract class OpenWrt {
  readonly folder: string;

  static at(router: Router, age: Age): OpenWrt {
    return REAL ? new RealNetifd(router, age) : new StandIn(router, age);
  }

  constructor(
    readonly router: Router,
    age: Age,
  ) {
    const { lab, bus } = router;
    this.folder = join(lab.folder, 'openwrt');
    mkdirSync(join(this.folder, 'bin'), { recursive: true });
    writeFileSync(join(lab.config, 'network'), NETWORK);
    writeFileSync(join(lab.config, 'firewall'), FIREWALL);
    this.script('bin/fw4', `echo "$*" >>'${this.folder}/fw4'`);
    if (age === '25.12') publishServices(bus, ['macvlan']);
  }

  protected script(name: string, text: string): void {
    writeFileSync(join(this.folder, name), `#!/bin/sh\n${text}\n`);
    chmodSync(join(this.folder, name), 0o755);
  }

  /** PATH for the daemon. */
  get path(): string {
    return `${this.folder}/bin:${process.env.PATH}`;
  }

  /** How often fw4 was told to load its rules again. */
  get reloads(): number {
    return this.lines('fw4').filter((line) => line === '-q reload').length;
  }

  protected lines(name: string): string[] {
    const path = join(this.folder, name);
    return existsSync(path) ? readFileSync(path, 'utf8').split('\n').filter(Boolean) : [];
  }

  abstract start(): Promise<void>;
  abstract stop(): Promise<void>;

  /** Interfaces that were told of to /etc/hotplug.d/iface as `ifup`, in order. */
  abstract get ups(): string[];

  async interfaces(): Promise<Map<string, Table>> {
    const { interface: all } = await this.router.call('network.interface', 'dump');
    return new Map((all as Table[]).map((one) => [String(one.interface), one]));
  }
}

/** The program itself. */
class RealNetifd extends OpenWrt {
  #process: ChildProcess | undefined;

  async start(): Promise<void> {
    const { lab } = this.router;
    this.script('hotplug', `echo "$ACTION $INTERFACE" >>'${this.folder}/hotplug.log'`);
    mkdirSync(join(this.folder, 'lib/proto'), { recursive: true });
    const places = ['-s', lab.socket, '-c', lab.config, '-h', join(this.folder, 'hotplug')];
    const rest = ['-p', join(this.folder, 'lib'), '-r', join(this.folder, 'resolv.conf'), '-S', '-l', '1'];
    const command = ['netns', 'exec', lab.router, `${REAL}/sbin/netifd`, ...places, ...rest];
    this.#process = spawn('ip', command, { stdio: 'ignore' });
    await this.router.bus.ready();
    await until('netifd on the bus', async () => (await this.router.bus.lookup('network')).length > 0);
  }

  async stop(): Promise<void> {
    this.#process?.kill('SIGTERM');
    await until('netifd to be gone', async () => (await this.router.bus.lookup('network')).length === 0);
  }

  get ups(): string[] {
    return this.lines('hotplug.log').flatMap((line) => (line.startsWith('ifup ') ? [line.slice(5)] : []));
  }
}

interface Interface {
  config: Table;
  readonly dynamic: boolean;
  readonly publication: Publication;
  up: boolean;
}

/**
 * netifd as it was seen to be (openwrt/netifd e97e36f): proto static and none. It takes a device down and everything off it
 * when it hears of it first; a dynamic interface that changes is gone; what ends goes interface by interface, and itself last.
 */
class StandIn extends OpenWrt {
  readonly ups: string[] = [];
  readonly #interfaces = new Map<string, Interface>();
  readonly #claimed = new Set<string>();
  readonly #age: Age;
  #bus: UbusClient | undefined;
  #objects: Publication[] = [];

  constructor(router: Router, age: Age) {
    super(router, age);
    this.#age = age;
  }

  async start(): Promise<void> {
    this.#bus = UbusClient.connect(this.router.machine, this.router.lab.socket);
    this.#claimed.clear();
    const network = this.#bus.publish({
      path: 'network',
      methods: {
        add_dynamic: { args: {}, call: (request) => this.#answer(request, () => this.#addDynamic(request.args)) },
        reload: { args: {}, call: (request) => this.#answer(request, () => this.#reload()) },
      },
    });
    const dump = { args: {}, call: (request: UbusRequest) => this.#dump(request) };
    this.#objects = [network, this.#bus.publish({ path: 'network.interface', methods: { dump } })];
    await this.#bus.ready();
    await this.#reload();
  }

  async stop(): Promise<void> {
    for (const name of [...this.#interfaces.keys()]) await this.#remove(name);
    for (const object of [...this.#objects].reverse()) await object.remove();
    this.#bus?.close();
  }

  async #answer(request: UbusRequest, run: () => Promise<void>): Promise<void> {
    await run();
    request.finish(UBUS_STATUS_OK);
  }

  #dump(request: UbusRequest): void {
    const all = [...this.#interfaces].map(([name, { config, up, dynamic }]) => {
      const { device, proto, zone, metric = 0 } = config;
      const state = { up, dynamic, proto: proto!, device: device!, data: zone === undefined ? {} : { zone } };
      return { interface: name, ...state, ...(up && { l3_device: device!, metric }) };
    });
    request.reply({ interface: all });
    request.finish(UBUS_STATUS_OK);
  }

  async #addDynamic({ name, ...config }: Table): Promise<void> {
    await this.#set(String(name), config, true);
  }

  /** The file's, then procd's; what is of neither goes, unless it is dynamic. */
  async #reload(): Promise<void> {
    const user: Table = { device: 'ether1', proto: 'static', ipaddr: ['198.51.100.2/24'] };
    const wanted = new Map<string, Table>([['wan', user], ...(await this.#kept())]);
    for (const [name, { dynamic }] of [...this.#interfaces])
      if (!dynamic && !wanted.has(name)) await this.#remove(name);
    for (const [name, config] of wanted) await this.#set(name, config, false);
  }

  async #kept(): Promise<[string, Table][]> {
    if (this.#age === '24.10') return [];
    const services = await this.#bus!.call('service', 'get_data', { type: 'network-interface' });
    const instances = Object.values(services).flatMap((service) => Object.values(service as Table));
    return instances.flatMap((data) => Object.entries((data as Table)['network-interface'] as Record<string, Table>));
  }

  async #set(name: string, config: Table, dynamic: boolean): Promise<void> {
    const there = this.#interfaces.get(name);
    if (there && JSON.stringify(there.config) === JSON.stringify(config)) return;
    if (there?.dynamic) return this.#remove(name);
    this.#claim(String(config.device));
    if (there) return this.#change(name, there, config);
    const publication = this.#bus!.publish({
      path: `network.interface.${name}`,
      // It answers first and acts a moment later.
      methods: { remove: { args: {}, call: (request) => this.#answer(request, async () => this.#removeSoon(name)) } },
    });
    const made: Interface = { config, dynamic, publication, up: false };
    this.#interfaces.set(name, made);
    if (config.proto === 'static') await this.#up(name, made);
  }

  /** Its object stays; it goes down and comes up again. */
  async #change(name: string, there: Interface, config: Table): Promise<void> {
    this.#down(there);
    there.config = config;
    if (config.proto === 'static') await this.#up(name, there);
  }

  #removeSoon(name: string): void {
    sleep(100).then(() => this.#remove(name));
  }

  #claim(device: string): void {
    if (this.#claimed.has(device)) return;
    this.#claimed.add(device);
    if (!this.#has(device)) return;
    this.#ip('link', 'set', device, 'down');
    // The other way round an address that comes in between would lose its local route (as netifd does, system-linux.c).
    this.#ip('route', 'flush', 'dev', device, 'table', 'all');
    this.#ip('address', 'flush', 'dev', device);
  }

  async #up(name: string, made: Interface): Promise<void> {
    const { device, ipaddr = [], gateway, metric, ptpaddr } = made.config;
    if (!this.#has(String(device))) return;
    this.#ip('link', 'set', String(device), 'up');
    for (const address of ipaddr as string[])
      this.#ip(
        'address',
        'replace',
        address,
        ...(ptpaddr ? ['peer', String(ptpaddr)] : []),
        'dev',
        String(device),
        'noprefixroute',
      );
    const way = ['dev', String(device), 'proto', 'static', 'metric', String(metric ?? 0)];
    for (const address of ipaddr as string[]) {
      const subnet = address.replace(/\.\d+\//, '.0/');
      if (!address.endsWith('/32')) this.#ip('route', 'replace', subnet, ...way, 'scope', 'link');
    }
    if (gateway) this.#ip('route', 'replace', 'default', 'via', String(gateway), ...way, 'onlink');
    made.up = true;
    this.ups.push(name);
    await this.#bus!.send('network.interface', { action: 'ifup', interface: name });
  }

  async #remove(name: string): Promise<void> {
    const made = this.#interfaces.get(name);
    if (!made) return;
    this.#interfaces.delete(name);
    this.#down(made);
    await made.publication.remove().catch(() => {});
  }

  #down(made: Interface): void {
    const device = String(made.config.device);
    if (!made.up || !this.#has(device)) return;
    for (const address of (made.config.ipaddr as string[] | undefined) ?? [])
      this.#ip('address', 'delete', address, 'dev', device);
    this.#ip('route', 'flush', 'dev', device, 'proto', 'static');
    this.#ip('link', 'set', device, 'down');
    made.up = false;
  }

  #has(device: string): boolean {
    try {
      return this.#ip('link', 'show', device) !== '';
    } catch {
      return false;
    }
  }

  #ip(...args: string[]): string {
    try {
      return this.router.lab.in(this.router.lab.router, 'ip', ...args);
    } catch {
      return '';
    }
  }
}
