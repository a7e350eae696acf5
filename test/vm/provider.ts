import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import * as assert from 'uvu/assert';
import { until } from '../../lab/lab.ts';
import { Router } from '../live/router.ts';

export type Client = Record<string, unknown>;

/** The provider's end of its sessions. */
export const SERVER = '10.64.0.1';
/** An address of the provider that only a default route leads to. */
export const FAR = '192.0.2.1';

export interface Frame {
  readonly at: number;
  readonly what: string;
  readonly mac: string;
}

export type Sniffer = (() => Frame[]) & { stop(): void };

/** A router that dials, and a real PPPoE server which knows these users by their passwords. */
export class Provider {
  #port = 'wire';

  private constructor(readonly router: Router) {}

  static async start(passwords: Readonly<Record<string, string>>, options = ''): Promise<Provider> {
    // As on a router, where it is loaded at boot; else the first one waits for it.
    execFileSync('modprobe', ['pppoe']);
    writeFileSync('/etc/ppp/options', options);
    const lines = Object.entries(passwords).map(
      ([user, password]) => `${user} * "${password.replace(/["\\]/g, '\\$&')}" *\n`,
    );
    for (const file of ['chap-secrets', 'pap-secrets'])
      writeFileSync(`/etc/ppp/${file}`, lines.join(''), { mode: 0o600 });
    return new Provider(await Router.start('qjs', "config globals 'globals'\n\toption respawn_timeout '1'\n"));
  }

  async close(): Promise<void> {
    await this.router.close();
  }

  /** Between the router and the server, which then does not notice when its end of the cable is pulled. */
  addSwitch(): void {
    for (const command of ['link add switch type bridge', 'link set wire master switch', 'link set switch up'])
      this.inIsp(`ip ${command}`);
    this.#port = 'switch';
  }

  /** The server is to be in this VLAN, as many providers have it. */
  tag(id: number): void {
    this.#port = `wire.${id}`;
    for (const command of [`link add link wire name ${this.#port} type vlan id ${id}`, `link set ${this.#port} up`])
      this.inIsp(`ip ${command}`);
  }

  /** CHAP first, PAP for who refuses that. */
  async startServer(more: readonly string[] = []): Promise<void> {
    const options = '/etc/ppp/server-options';
    writeFileSync(options, ['auth', 'lcp-echo-interval 10', 'lcp-echo-failure 3', ...more, ''].join('\n'));
    this.inIsp(`ip address replace ${FAR}/32 dev lo`);
    const server = `pppoe-server -F -I ${this.#port} -L ${SERVER} -R 10.64.0.10 -C bras -O ${options}`;
    // A /run of its own: pppd keeps a list there of who has which unit, and this is another machine.
    this.router.lab.beside(this.router.lab.isp, 'sh', '-c', `mount -t tmpfs run /run && exec ${server}`);
    await until('the server', () => this.serverPids('pppoe-server').length === 1);
  }

  /** Without a word to anybody. */
  stopServer(): void {
    for (const name of ['pppoe-server', 'pppoe', 'pppd']) for (const pid of this.serverPids(name)) end(pid);
  }

  /** No client, and a server with these options of pppd. */
  async serverWith(...options: string[]): Promise<void> {
    this.typed('/interface pppoe-client remove [find]');
    this.stopServer();
    await until('the end of the clients', () => this.pppds().length === 0);
    await this.startServer(options);
  }

  typed(script: string): string {
    const { status, stdout, stderr } = this.router.lab.console(script);
    assert.is(stderr, '');
    assert.is(status, 0);
    return stdout;
  }

  clients(): Promise<Client[]> {
    return this.router.list('pppoe_client');
  }

  async client(name: string): Promise<Client> {
    return (await this.clients()).find((client) => client.name === name)!;
  }

  async ids(): Promise<Record<string, unknown>> {
    return Object.fromEntries((await this.clients()).map(({ name, session_id }) => [String(name), session_id]));
  }

  async connected(...names: string[]): Promise<void> {
    const isUp = async () => {
      const up = (await this.clients()).filter(({ status }) => status === 'connected').map(({ name }) => name);
      return names.every((name) => up.includes(name));
    };
    await until(`${names} connected`, isUp, 90_000).catch(async (error) => {
      console.log(JSON.stringify(await this.clients(), null, 1), this.router.lab.log('macvland').slice(-3000));
      throw error;
    });
  }

  pinged({ local_address }: Client, to = SERVER): void {
    this.inRouter(`ping -q -c 2 -i 0.2 -W 5 -I ${local_address} ${to}`);
  }

  /** All at once: one after the other takes long in a machine that is emulated. */
  allPinged(clients: readonly Client[]): void {
    const script = `for from; do { said=$(ping -q -c 1 -w 10 -I $from ${SERVER} 2>&1) || echo "$said"; } & done; wait`;
    const addresses = clients.map(({ local_address }) => String(local_address));
    const { lab } = this.router;
    assert.is(lab.in(lab.router, 'sh', '-c', script, 'sh', ...addresses), '');
  }

  isAnswered(address: string): boolean {
    try {
      this.inRouter(`ping -q -c 1 -W 5 ${address}`);
      return true;
    } catch {
      return false;
    }
  }

  /** PPPoE's discovery as the provider's port sees it. */
  async sniff(): Promise<Sniffer> {
    const file = `/run/sniffed-${Date.now()}`;
    writeFileSync(`${file}.err`, '');
    const { lab } = this.router;
    const command = `exec tcpdump -i wire -l -n -e -tt pppoed >${file} 2>${file}.err`;
    const child = lab.beside(lab.isp, 'sh', '-c', command);
    await until('tcpdump', () => /listening on/.test(readFileSync(`${file}.err`, 'utf8')), 60_000);
    const frames = () =>
      readFileSync(file, 'utf8')
        .split('\n')
        .flatMap((line): Frame[] => {
          const [, at, mac, what] = /^(\d+\.\d+) (\S+) > .* PPPoE (PAD[IORST])/.exec(line) ?? [];
          return what ? [{ at: Number(at), what, mac: mac! }] : [];
        });
    return Object.assign(frames, { stop: () => void child.kill() });
  }

  serverPids(name: string): number[] {
    return this.#pidsIn(this.router.lab.isp).filter((pid) => argvOf(pid)[0]?.split('/').pop() === name);
  }

  /** The server's pppds: to whom, and with which address. */
  serverSessions(): { pid: number; mac: string; ip: string }[] {
    return this.serverPids('pppd').flatMap((pid) => {
      const line = argvOf(pid).join(' ');
      // The number of the session stands before it.
      const mac = /\d:((?:[\da-f]{2}:){5}[\da-f]{2})\b(?!:)/i.exec(line)?.[1]?.toUpperCase();
      const ip = /:(10\.64\.\d+\.\d+)/.exec(line)?.[1];
      return mac && ip ? [{ pid, mac, ip }] : [];
    });
  }

  /** The clients' pppds. */
  pppds(): number[] {
    return this.#pidsIn(this.router.lab.router)
      .filter((pid) => argvOf(pid)[0] === 'pppd')
      .sort();
  }

  macOf(ns: string, ifname: string): string {
    const [link] = JSON.parse(this.router.lab.in(ns, 'ip', '-json', 'link', 'show', 'dev', ifname));
    return String(link.address).toUpperCase();
  }

  inRouter(command: string): string {
    return this.router.lab.in(this.router.lab.router, ...command.split(' '));
  }

  inIsp(command: string): string {
    return this.router.lab.in(this.router.lab.isp, ...command.split(' '));
  }

  #pidsIn(ns: string): number[] {
    return this.router.lab.in(ns, 'ip', 'netns', 'pids', ns).split('\n').filter(Boolean).map(Number);
  }
}

/** There is no nftables here, which `about` says. */
export function noNftables({ about }: Client): unknown {
  return /^what comes in by it may go back by another line: .*nft/.test(String(about)) ? about : undefined;
}

export function argvOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1);
  } catch {
    return []; // it has ended
  }
}

export function padis(sniffer: Sniffer): Frame[] {
  return sniffer().filter(({ what }) => what === 'PADI');
}

/** When each asked first, in order. */
export function firstPadis(frames: readonly Frame[]): number[] {
  const first = new Map<string, number>();
  for (const { mac, at } of frames) if (!first.has(mac)) first.set(mac, at);
  return [...first.values()].sort((a, b) => a - b);
}

/** The end of one may have been that of another. */
function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {}
}
