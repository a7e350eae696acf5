import { spawn } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Lab } from '../../lab/lab.ts';
import { FEED, NATIVE, unpack } from '../feed/installed.ts';

const TOP = join(dirname(fileURLToPath(import.meta.url)), '../..');
/** musl's loader, by OpenWrt's architecture. */
const LOADERS: Readonly<Record<string, string>> = {
  mips_24kc: 'ld-musl-mips-sf.so.1',
  mipsel_24kc: 'ld-musl-mipsel-sf.so.1',
  'arm_cortex-a7_neon-vfpv4': 'ld-musl-armhf.so.1',
  aarch64_generic: 'ld-musl-aarch64.so.1',
};
const architectures = process.argv.slice(2);

/** What a router prints of what it did: `say WORD REST` as the word and the rest, the last of each. */
type Said = ReadonlyMap<string, string[]>;

/** An emulated router with our packages on it, whose port is in the provider's network. */
async function run(lab: Lab, architecture: string): Promise<{ said: Said; output: string }> {
  const root = join(lab.folder, 'root');
  for (const name of readdirSync(join(FEED, architecture)).filter((name) => name.endsWith('.ipk')))
    unpack(join(FEED, architecture, name), root);
  mkdirSync(join(root, 'lib'), { recursive: true });
  copyFileSync(join(NATIVE, architecture, 'libc-musl.so'), join(root, 'lib', LOADERS[architecture]!));
  chmodSync(join(root, 'lib', LOADERS[architecture]!), 0o755);
  // ubusd turns away whom it knows no name of.
  writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/ash\n');
  writeFileSync(join(root, 'etc/group'), 'root:x:0:\n');
  copyFileSync(join(TOP, 'dist/test/board/ubusd.mjs'), join(root, 'usr/lib/macvlan/ubusd.mjs'));
  copyFileSync(join(TOP, 'test/board/try.sh'), join(root, 'try'));
  const command = ['netns', 'exec', lab.isp, 'bash', join(TOP, 'lab/board/run.sh'), architecture, root, 'wire1'];
  const child = spawn('ip', command, { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += data));
  await new Promise((resolve) => child.on('exit', resolve));
  const rows = output.split(/\r?\n/).flatMap((line) => (line.startsWith('say ') ? [line.slice(4).split(' ')] : []));
  const said = new Map<string, string[]>();
  for (const [word = '', ...rest] of rows) said.set(word === 'address' ? `${word} ${rest.shift()}` : word, rest);
  return { said, output };
}

for (const architecture of architectures) {
  const board = suite(`an emulated router, ${architecture}`);
  let lab: Lab;
  let said: Said;
  let output: string;

  board.before(async () => {
    lab = new Lab('qjs');
    lab.in(lab.isp, 'ip', 'tuntap', 'add', 'dev', 'wire1', 'mode', 'tap');
    lab.in(lab.isp, 'ip', 'address', 'add', '203.0.113.1/24', 'dev', 'wire1');
    lab.in(lab.isp, 'ip', 'link', 'set', 'wire1', 'up');
    await lab.startProvider();
    ({ said, output } = await run(lab, architecture));
    if (!said.has('end')) throw new Error(`the router did not get to the end:\n${output.slice(-4000)}`);
  });
  board.after(() => lab?.close());

  board('macvlans with their MAC addresses, leases and an address, each usable', () => {
    for (const n of [1, 2, 3]) {
      const [address = '', mac] = said.get(`address macvlan${n}`) ?? [];
      assert.match(address, n === 3 ? /^203\.0\.113\.20\/24$/ : /^203\.0\.113\.\d+\/24$/, output);
      assert.is(mac, `02:00:00:00:01:0${n}`);
    }
    assert.equal(said.get('bound'), ['2'], output);
    assert.is(output.match(/^say pinged macvlan\d/gm)?.length, 3, output);
  });

  board('killed: the lines stay, and the next daemon takes their clients over', () => {
    assert.is(said.get('without')?.[1], 'same', output);
    assert.equal(said.get('adopted'), ['2', 'same'], output);
  });

  board('a line is removed and added while it runs', () => {
    assert.ok(said.has('removed') && said.has('added'), output);
  });

  board('--down leaves nothing', () => {
    assert.ok(said.has('nothing'), output);
    assert.equal(said.get('clients')?.join(''), '', output);
  });

  board('what it took', () => {
    const [machine] = said.get('machine')!;
    const [rss, anonymous] = said.get('rss')!;
    const [begun, leased] = ['begun', 'leased'].map((word) => Number(said.get(word)![0]));
    const seconds = (from: number, to: number) => (to - from).toFixed(1);
    console.log(
      `measured: ${machine}, ${Math.round(Number(said.get('memory')![0]) / 1024)} MB: three lines ${seconds(0, leased!)} s after the kernel began, ` +
        `${seconds(begun!, leased!)} s after macvland did; it takes ${rss} kB, ${anonymous} kB of them its own`,
    );
  });

  board.run();
}
