import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  isSigned,
  newKey,
  printPublicKey,
  printSecretKey,
  printSignature,
  readSecretKey,
} from '../../package-feed/usign.ts';
import { FEED, NATIVE } from './installed.ts';

/** What `npm run feed` has made, as others read it. */
const feed = suite('the feed');
const ARCHITECTURES = readdirSync(FEED).filter((name) => /^[a-z]/.test(name) && !name.endsWith('.pub'));
const publicKey = readdirSync(FEED).find((name) => name.endsWith('.pub'))!;
const scratch = mkdtempSync(join(tmpdir(), 'macvlan-feed-'));
feed.after(() => rmSync(scratch, { recursive: true }));

const run = (program: string, ...args: string[]) =>
  execFileSync(program, args, { encoding: 'utf8', maxBuffer: 1 << 26 });
const packagesOf = (architecture: string) =>
  readdirSync(join(FEED, architecture)).filter((name) => name.endsWith('.ipk'));

/** An .ipk's inner archive, listed as tar does. */
function listed(ipk: string, member: string): string[][] {
  const inner = join(scratch, 'inner');
  writeFileSync(inner, execFileSync('tar', ['-xzOf', ipk, member], { maxBuffer: 1 << 26 }));
  return rows(run('tar', '--numeric-owner', '-tvzf', inner));
}

const rows = (text: string) =>
  text
    .split('\n')
    .filter(Boolean)
    .map((row) => row.split(/\s+/));

for (const architecture of ARCHITECTURES) {
  const folder = join(FEED, architecture);
  const packages = readFileSync(join(folder, 'Packages'), 'utf8');

  feed(`${architecture}: each package is a tar of three members, sorted, of root, of one time`, () => {
    for (const name of packagesOf(architecture)) {
      const ipk = join(folder, name);
      assert.equal(rows(run('tar', '-tzf', ipk)).flat(), ['./debian-binary', './data.tar.gz', './control.tar.gz']);
      const [control, data] = [listed(ipk, './control.tar.gz'), listed(ipk, './data.tar.gz')];
      for (const all of [control, data]) {
        assert.is(all[0]!.at(-1), './');
        const names = all.map((row) => row.at(-1)!);
        assert.equal(names, [...names].sort(), name);
        assert.equal([...new Set(all.map(([, owner]) => owner))], ['0/0']);
        assert.is(new Set(all.map(([, , , day, time]) => `${day} ${time}`)).size, 1);
      }
    }
  });

  feed(`${architecture}: the index has each of them, by its digest`, () => {
    const stanzas = packages.split('\n\n').filter((text) => text.trim() !== '');
    assert.is(stanzas.length, packagesOf(architecture).length);
    for (const stanza of stanzas) {
      const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(stanza)?.[1];
      const bytes = readFileSync(join(folder, field('Filename')!));
      assert.equal(
        [field('Size'), field('SHA256sum')],
        [`${bytes.length}`, createHash('sha256').update(bytes).digest('hex')],
      );
      assert.is(field('Filename'), `${field('Package')}_${field('Version')}_${field('Architecture')}.ipk`);
      assert.match(field('Depends')!, /^libc\b/);
      assert.is(field('Maintainer'), undefined);
    }
    assert.is(run('gzip', '-dc', join(folder, 'Packages.gz')), packages);
    assert.match(readFileSync(join(folder, 'Packages.manifest'), 'utf8'), /^Maintainer: /m);
    const { version, packages: versions } = JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8'));
    assert.equal([version, Object.keys(versions).length], [2, stanzas.length]);
  });

  feed(`${architecture}: nothing beside the index needs what a plain 24.10 lacks`, () => {
    const names = new Set([...packages.matchAll(/^Package: (.*)$/gm)].map(([, name]) => name!));
    const needed = [...packages.matchAll(/^Depends: (.*)$/gm)].flatMap(([, list]) => list!.split(', '));
    for (const name of needed) assert.ok(names.has(name) || ['libc', 'kmod-macvlan', 'luci-base'].includes(name), name);
  });

  feed(`${architecture}: the signature is one of the feed's key, as signify has it`, () => {
    const [message, signature] = [join(folder, 'Packages'), join(folder, 'Packages.sig')];
    const key = readFileSync(join(FEED, publicKey), 'utf8');
    assert.ok(isSigned(readFileSync(message), readFileSync(signature, 'utf8'), key));
    assert.not.ok(isSigned(Buffer.from('other'), readFileSync(signature, 'utf8'), key));
    const { status, stderr } = spawnSync(
      'signify-openbsd',
      ['-V', '-p', join(FEED, publicKey), '-x', signature, '-m', message],
      { encoding: 'utf8' },
    );
    assert.equal([status, stderr], [0, '']);
  });

  feed(`${architecture}: the engine loads the module and runs the daemon`, () => {
    const cpu: Record<string, string[]> = {
      mips_24kc: ['qemu-mips-static', '-cpu', '24Kc'],
      mipsel_24kc: ['qemu-mipsel-static', '-cpu', '24Kc'],
      'arm_cortex-a7_neon-vfpv4': ['qemu-arm-static', '-cpu', 'cortex-a7'],
      'aarch64_cortex-a53': ['qemu-aarch64-static', '-cpu', 'cortex-a53'],
      aarch64_generic: ['qemu-aarch64-static'],
    };
    const root = join(scratch, architecture);
    for (const name of packagesOf(architecture))
      execFileSync('sh', [
        '-c',
        'mkdir -p "$2" && tar -xzOf "$1" ./data.tar.gz | tar -xz -C "$2"',
        'sh',
        join(folder, name),
        root,
      ]);
    const loader = /ld-musl-[\w-]+\.so\.1/.exec(readFileSync(join(root, 'usr/bin/qjs'), 'latin1'))![0];
    execFileSync('sh', [
      '-c',
      'mkdir -p "$2/lib" && cp "$1" "$2/lib/libc.so" && ln -s libc.so "$2/lib/$3"',
      'sh',
      join(NATIVE, architecture, 'libc-musl.so'),
      root,
      loader,
    ]);
    const emulator = cpu[architecture];
    const program = emulator ? [...emulator, '-L', root] : [join(root, 'lib', loader)];
    const test = join(root, 'usr/lib/macvlan/test/contract.mjs');
    execFileSync('sh', [
      '-c',
      'mkdir -p "$2/test" "$2/qjs" && cp "$1" "$2/test/contract.mjs" && cp "$2/libc.so" "$2/qjs/"',
      'sh',
      'dist/test/contract.qjs.mjs',
      join(root, 'usr/lib/macvlan'),
    ]);
    const inside = [
      '-n',
      'bash',
      '-c',
      'ulimit -n 4096; exec "$@" 7</dev/null',
      'sh',
      ...program,
      join(root, 'usr/bin/qjs'),
      test,
    ];
    const { stdout } = spawnSync('unshare', inside, {
      encoding: 'utf8',
      env: { ...process.env, UNDER_QEMU: emulator ? '1' : undefined },
    });
    const [, total, passed] = /Total: +(\d+)\s+Passed: +(\d+)/.exec(stdout) ?? [];
    assert.ok(Number(passed) > 30 && passed === total, stdout);
    const version = run(
      program[0]!,
      ...program.slice(1),
      join(root, 'usr/bin/qjs'),
      join(root, 'usr/lib/macvlan/macvland.mjs'),
      '--version',
    );
    assert.match(version, /^macvland \d/);
  });
}

feed('a key comes back from its file, and its public part is what signify knows', () => {
  const key = newKey();
  const again = readSecretKey(printSecretKey(key));
  assert.equal([again.id, printPublicKey(again)], [key.id, printPublicKey(key)]);
  assert.ok(isSigned(Buffer.from('text'), printSignature(Buffer.from('text'), again), printPublicKey(key)));
  const [secret, message, signature] = ['our.sec', 'message', 'message.sig'].map((name) => join(scratch, name)) as [
    string,
    string,
    string,
  ];
  writeFileSync(secret, printSecretKey(key), { mode: 0o600 });
  writeFileSync(message, 'text');
  run('signify-openbsd', '-S', '-s', secret, '-m', message, '-x', signature);
  assert.ok(isSigned(Buffer.from('text'), readFileSync(signature, 'utf8'), printPublicKey(key)));
  assert.throws(() => readSecretKey(printPublicKey(key)), /no secret key/);
});

feed('the same commit makes the same bytes', () => {
  const digests = () => ARCHITECTURES.map((name) => readFileSync(join(FEED, name, 'Packages.manifest'), 'utf8'));
  const make = () => execFileSync('npx', ['tsx', 'package-feed/build.ts', ...ARCHITECTURES], { encoding: 'utf8' });
  make();
  const before = digests();
  make();
  assert.equal(digests(), before);
});

feed.run();
