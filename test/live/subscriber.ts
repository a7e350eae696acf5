import type { ChildProcess } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Lab, until } from '../../lab/lab.ts';

/** Keeps what it was given, and has the address, without which no renewal could be sent from it. */
const SCRIPT = `#!/bin/sh
case $1 in
deconfig) ip address flush dev "$interface" ;;
bound | renew) ip address replace "$ip/$mask" dev "$interface" ;;
esac
env >"$TOLD"
echo "$1 $ip" >>"$TOLD.verbs"
`;

/** A host with a DHCP client (udhcpc) on a port of the router's, in a namespace of its own. */
export class Subscriber {
  readonly ns: string;
  readonly #told: string;
  #client: ChildProcess | undefined;

  /** `port` is made on the router's side, up; or on the side of another namespace, such as a switch. */
  constructor(
    readonly lab: Lab,
    readonly port: string,
    at = lab.router,
  ) {
    this.ns = lab.namespace(port);
    this.#told = join(lab.folder, `told-${port}`);
    const [peer, script] = [`at${port}`, join(lab.folder, 'subscriber.script')];
    lab.in(at, 'ip', 'link', 'add', port, 'type', 'veth', 'peer', 'name', peer, 'netns', this.ns);
    lab.in(at, 'ip', 'link', 'set', port, 'up');
    lab.in(this.ns, 'ip', 'link', 'set', peer, 'up');
    writeFileSync(script, SCRIPT);
    chmodSync(script, 0o755);
  }

  /** Ask until somebody answers. */
  start(...options: string[]): void {
    const { lab, port } = this;
    const told = `TOLD=${this.#told}`;
    const wants = ['ntpsrv', 'domain', 'wins', '114'].flatMap((option) => ['-O', option]);
    const client = ['udhcpc', '-f', '-i', `at${port}`, '-s', join(lab.folder, 'subscriber.script'), ...wants];
    this.#client = lab.beside(this.ns, 'env', told, ...client, '-t', '3', '-T', '1', '-A', '1', ...options);
  }

  async stop(): Promise<void> {
    await this.lab.stop(this.#client, 'SIGKILL');
  }

  /** What it was told last. */
  get told(): Record<string, string> {
    if (!existsSync(this.#told)) return {};
    const lines = readFileSync(this.#told, 'utf8').split('\n');
    return Object.fromEntries(lines.map((line) => [line.split('=')[0], line.slice(line.indexOf('=') + 1)]));
  }

  count(verb: string): number {
    const path = `${this.#told}.verbs`;
    return existsSync(path) ? (readFileSync(path, 'utf8').match(new RegExp(`^${verb} `, 'gm'))?.length ?? 0) : 0;
  }

  async bound(): Promise<void> {
    const before = this.count('bound');
    this.start();
    await until(`a lease on ${this.port}`, () => this.count('bound') > before);
  }

  /** By unicast, to the server that it has the lease of. */
  async renews(): Promise<void> {
    const [renewals, leases] = [this.count('renew'), this.count('bound')];
    this.#client!.kill('SIGUSR1');
    await until(`the renewal on ${this.port}`, () => this.count('renew') > renewals || this.count('bound') > leases);
    if (this.count('bound') > leases) throw new Error(`${this.port} had to ask anew`);
  }
}
