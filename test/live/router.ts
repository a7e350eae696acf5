import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Lab, type RuntimeName, until } from '../../lab/lab.ts';
import { type Machine, openMachine } from '../../src/runtime/machine.ts';
import { node } from '../../src/runtime/node.ts';
import type { Table } from '../../src/ubus/blob.ts';
import { UbusClient } from '../../src/ubus/client.ts';
import { UbusError } from '../../src/ubus/pending.ts';

export interface LinkFacts {
  ifindex: number;
  ifname: string;
  address: string;
  mtu: number;
}

/** One for all: the engine watches one descriptor only, the poller's. */
const machine = openMachine(node);

/** A lab with a provider, a broker and a running daemon, and our own client on its bus. */
export class Router {
  readonly lab: Lab;
  #bus: UbusClient | undefined;

  private constructor(
    runtime: RuntimeName,
    readonly machine: Machine,
  ) {
    this.lab = new Lab(runtime);
  }

  /** `config` is the text of /etc/config/macvlan; `prepare` runs when there is a bus and no daemon yet. */
  static async start(
    runtime: RuntimeName,
    config = '',
    prepare?: (router: Router) => Promise<Parameters<Lab['startDaemon']>[0]>,
  ): Promise<Router> {
    const router = new Router(runtime, await machine);
    router.config = config;
    await router.lab.startProvider();
    await router.lab.startBroker();
    await router.startDaemon(await prepare?.(router));
    return router;
  }

  close(): void {
    this.#bus?.close();
    this.lab.close();
  }

  get bus(): UbusClient {
    this.#bus ??= UbusClient.connect(this.machine, this.lab.socket, { reconnect: true });
    return this.#bus;
  }

  get configPath(): string {
    return join(this.lab.config, 'macvlan');
  }

  get config(): string {
    return readFileSync(this.configPath, 'utf8');
  }

  set config(text: string) {
    writeFileSync(this.configPath, text);
  }

  async startDaemon(options?: Parameters<Lab['startDaemon']>[0]): Promise<void> {
    this.lab.startDaemon(options);
    await this.served();
  }

  /** Objects come to the bus one by one: of a daemon that begins anew the first answers before the others are there. */
  async served(ms?: number): Promise<void> {
    const answers = (object: string, method: string) =>
      this.call(object, method).then(
        () => true,
        () => false,
      );
    await until(
      'macvland on the bus',
      async () => (await answers('macvlan', 'status')) && (await answers('macvlan.dhcp_client', 'list')),
      ms,
    );
  }

  call(object: string, method: string, args: Table = {}): Promise<Table> {
    return this.bus.call(object, method, args, { timeoutMs: 20_000 });
  }

  /** The sentence and the status of a refusal. */
  async refusal(
    object: string,
    method: string,
    args: Table,
  ): Promise<{ error: unknown; property: unknown; status: number }> {
    try {
      await this.call(object, method, args);
    } catch (error) {
      if (error instanceof UbusError)
        return { error: error.data?.error, property: error.data?.property, status: error.status };
      throw error;
    }
    throw new Error(`${object} ${method} was not refused`);
  }

  async list(
    type: 'macvlan' | 'dhcp_client' | 'dhcpv6_client' | 'address' | 'arp' | 'pppoe_client',
  ): Promise<Record<string, unknown>[]> {
    const answer = await this.call(type === 'macvlan' ? 'macvlan' : `macvlan.${type}`, 'list');
    return answer[type] as Record<string, unknown>[];
  }

  /** The macvlans of the router's namespace as `ip` sees them; their state settles a moment later and is no part of it. */
  links(): LinkFacts[] {
    const text = this.lab.in(this.lab.router, 'ip', '-json', 'link', 'show', 'type', 'macvlan');
    const links = JSON.parse(text || '[]') as LinkFacts[];
    return links.map(({ ifindex, ifname, address, mtu }) => ({ ifindex, ifname, address, mtu }));
  }

  addressesOf(ifname: string): string[] {
    const [link] = JSON.parse(
      this.lab.in(this.lab.router, 'ip', '-json', '-4', 'address', 'show', 'dev', ifname) || '[]',
    );
    return (link?.addr_info ?? []).map(({ local }: { local: string }) => local);
  }

  /** Process ids of the DHCP clients. */
  clients(): string[] {
    return this.lab
      .in(
        this.lab.router,
        'sh',
        '-c',
        'ip netns pids "$0" | while read p; do grep -qz "^udhcpc" /proc/$p/cmdline 2>/dev/null && echo $p; done; true',
        this.lab.router,
      )
      .split('\n')
      .filter(Boolean)
      .sort();
  }

  async bound(count: number, ms?: number): Promise<void> {
    const lines = async () => (await this.list('dhcp_client')).filter(({ status }) => status === 'bound').length;
    await until(`${count} leases`, async () => (await lines()) === count, ms);
  }

  /** The lease file of the provider: addresses by MAC. */
  leases(): Map<string, string> {
    const rows = readFileSync(this.lab.leases, 'utf8').split('\n').filter(Boolean);
    return new Map(rows.map((row) => [row.split(' ')[1]!.toUpperCase(), row.split(' ')[2]!]));
  }
}
