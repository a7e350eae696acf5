import type { ChildProcess } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Lab, until } from '../../lab/lab.ts';

const TCP = fileURLToPath(new URL('./tcp.mjs', import.meta.url));

/** Connections that go on, and what each has heard, by its number. */
export interface Calls {
  readonly child: ChildProcess;
  answers(): Map<string, string[]>;
  all(): Promise<void>;
  end(): Promise<void>;
}

/** A host behind the router, which masquerades it on lines of some names (`line*`) and passes port 8080 of them on to it. */
export class Behind {
  static readonly HOST = '192.168.88.2';
  #calls = 0;

  private constructor(
    readonly lab: Lab,
    readonly ns: string,
  ) {}

  /** It and the provider answer on port 9000 with the address that they are asked from. */
  static start(lab: Lab, lines: string): Behind {
    const inRouter = (...command: string[]) => lab.in(lab.router, ...command);
    const host = lab.namespace('host');
    const inHost = (...command: string[]) => lab.in(host, ...command);
    inRouter('sysctl', '-qw', 'net.ipv4.ip_forward=1');
    inRouter('ip', 'link', 'add', 'lan', 'type', 'veth', 'peer', 'name', 'eth0', 'netns', host);
    inRouter('ip', 'address', 'add', '192.168.88.1/24', 'dev', 'lan');
    inRouter('ip', 'link', 'set', 'lan', 'up');
    inHost('ip', 'address', 'add', `${Behind.HOST}/24`, 'dev', 'eth0');
    inHost('ip', 'link', 'set', 'eth0', 'up');
    inHost('ip', 'route', 'add', 'default', 'via', '192.168.88.1');
    inRouter(
      'nft',
      `table ip nat {
  chain in { type nat hook prerouting priority dstnat; iifname "${lines}" tcp dport 8080 dnat to ${Behind.HOST}:9000; }
  chain out { type nat hook postrouting priority srcnat; oifname "${lines}" masquerade; }
}`,
    );
    for (const ns of [host, lab.isp]) lab.beside(ns, process.execPath, TCP, 'serve', '9000');
    return new Behind(lab, host);
  }

  call(ns: string, to: string, port: number, count: number, ...source: string[]): Calls {
    const file = join(this.lab.folder, `calls-${++this.#calls}`);
    const what = ['call', to, String(port), file, String(count), ...source];
    const child = this.lab.beside(ns, process.execPath, TCP, ...what);
    const answers = () => {
      const rows = existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : [];
      const all = new Map<string, string[]>();
      for (const row of rows) {
        const [n, ...words] = row.split(' ');
        all.set(n!, [...(all.get(n!) ?? []), words.join(' ')]);
      }
      return all;
    };
    const all = () => until('answers', () => answers().size === count);
    return { child, answers, all, end: () => this.lab.stop(child, 'SIGKILL') };
  }
}
