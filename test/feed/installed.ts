import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Lab, until } from '../../lab/lab.ts';

const HERE = dirname(fileURLToPath(import.meta.url));
const TOP = join(HERE, '../..');
export const FEED = join(TOP, 'dist/feed');
export const NATIVE = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'openwrt-macvlan/feed');

/** What lies in an .ipk, in a folder. */
export function unpack(ipk: string, into: string): void {
  mkdirSync(into, { recursive: true });
  const data = execFileSync('tar', ['-xzOf', ipk, './data.tar.gz'], { maxBuffer: 1 << 26 });
  execFileSync('tar', ['-xzf', '-', '-C', into], { input: data });
}

/**
 * The packages in place on the lab's router: its programs see them over the machine's own files, and a /run and an /etc of
 * their own. An init script is run as procd does.
 */
export class Installed {
  readonly #holder: number;
  readonly #procd: string;

  private constructor(
    readonly lab: Lab,
    holder: number,
    procd: string,
  ) {
    this.#holder = holder;
    this.#procd = procd;
  }

  static async start(lab: Lab, architecture: string): Promise<Installed> {
    const [root, procd, ready] = ['root', 'procd', 'ready'].map((name) => join(lab.folder, name)) as [
      string,
      string,
      string,
    ];
    for (const name of readdirSync(join(FEED, architecture)).filter((name) => name.endsWith('.ipk')))
      unpack(join(FEED, architecture, name), root);
    mkdirSync(procd);
    // On this machine /lib is a part of /usr.
    if (existsSync(join(root, 'lib'))) execFileSync('cp', ['-r', join(root, 'lib'), join(root, 'usr/')]);
    mkdirSync(join(root, 'usr/lib'), { recursive: true });
    execFileSync('cp', [
      join(NATIVE, architecture, 'libc-musl.so'),
      join(root, `usr/lib/ld-musl-${architecture}.so.1`),
    ]);
    const ubus = `exec '${process.execPath}' --import tsx ${TOP}/test/live/ubus-command.ts /var/run/ubus/ubus.sock ${lab.folder}/calls "$@"`;
    writeFileSync(join(root, 'usr/bin/ubus'), `#!/bin/sh\ncd ${TOP} && ${ubus}\n`, { mode: 0o755 });
    execFileSync('cp', [join(HERE, 'rc.common'), join(root, 'etc/rc.common')]);
    const mounts = `mount -t tmpfs run /run && mkdir /run/upper /run/work /run/ubus &&
mount -t overlay -o lowerdir=${root}/usr:/usr usr /usr &&
mount -t overlay -o lowerdir=${root}/etc:/etc,upperdir=/run/upper,workdir=/run/work etc /etc && echo $$ >${ready} && exec sleep 600`;
    lab.beside(lab.router, 'unshare', '--mount', 'sh', '-c', mounts);
    await until('the mounts', () => existsSync(ready) && readFileSync(ready, 'utf8') !== '');
    const router = new Installed(lab, Number(readFileSync(ready, 'utf8')), procd);
    lab.beside(
      lab.router,
      ...router.#inside(process.execPath, join(TOP, 'dist/node/ubusd.mjs'), '-s', '/var/run/ubus/ubus.sock'),
    );
    await until('the broker', () => router.run('test', '-S', '/var/run/ubus/ubus.sock').status === 0);
    return router;
  }

  #inside(...command: string[]): string[] {
    return ['nsenter', '--target', String(this.#holder), '--mount', '--net', ...command];
  }

  run(...command: string[]): { status: number; stdout: string; stderr: string } {
    const [program, ...args] = this.#inside(...command);
    const { status, stdout, stderr } = spawnSync(program!, args, { encoding: 'utf8' });
    return { status: status ?? -1, stdout, stderr };
  }

  /** `/etc/init.d/macvlan VERB`, and what procd makes of it; the environment is that of a package's scripts. */
  async init(verb: string, env: string[] = []): Promise<void> {
    const before = this.#instance();
    const script = [
      'env',
      `PROCD=${this.#procd}`,
      ...env,
      'busybox',
      'ash',
      '/etc/rc.common',
      '/etc/init.d/macvlan',
      verb,
    ];
    const { status, stderr } = this.run(...script);
    if (status !== 0) throw new Error(`${verb}: status ${status}: ${stderr}`);
    const now = this.#instance();
    if (before !== '' && (now === '' || verb === 'restart')) await this.#end();
    if (now !== '' && this.pids().length === 0) await this.#begin(now);
  }

  #instance(): string {
    const file = join(this.#procd, 'instance');
    return existsSync(file) ? readFileSync(file, 'utf8') : '';
  }

  async #begin(instance: string): Promise<void> {
    const [, command] = /^command (.*)$/m.exec(instance)!;
    this.lab.beside(this.lab.router, ...this.#inside(...command!.split(' ')));
    await until('the daemon', () => this.run('/usr/bin/macvlan', 'status').status === 0);
  }

  async #end(): Promise<void> {
    for (const pid of this.pids()) process.kill(pid, 'SIGTERM');
    await until('its end', () => this.pids().length === 0);
  }

  triggers(): string {
    return readFileSync(join(this.#procd, 'triggers'), 'utf8').trim();
  }

  /** Of the daemon. */
  pids(): number[] {
    const all = this.lab
      .in(this.lab.router, 'ip', 'netns', 'pids', this.lab.router)
      .split('\n')
      .filter(Boolean)
      .map(Number);
    return all.filter((pid) => {
      const argv = argvOf(pid);
      return argv[0]?.endsWith('qjs') && argv.some((word) => word.endsWith('/macvland.mjs'));
    });
  }
}

function argvOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1);
  } catch {
    return []; // it has ended
  }
}
