import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { buildIpk, gzip, index } from './ipk.ts';
import { ARCHITECTURES, packagesFor } from './packages.ts';
import { type Key, newKey, printPublicKey, printSecretKey, printSignature, readSecretKey } from './usign.ts';

/**
 * npm run feed [-- ARCHITECTURE…]: dist/feed/ARCHITECTURE is what `src/gz macvlan URL/ARCHITECTURE` of opkg.conf wants, signed.
 * The secret key is the file of $MACVLAN_FEED_KEY, else one that is made once beside the user's other settings.
 */
const OUT = 'dist/feed';
/** What a package should not be larger than, but for the engine. */
const LIMIT = 64 * 1024;

const given = process.argv.slice(2);
const wrong = given.find((name) => !ARCHITECTURES.some((known) => known === name));
if (wrong !== undefined) throw new Error(`unknown architecture ${wrong}; there are ${ARCHITECTURES.join(' ')}`);
const architectures = given.length > 0 ? given : ARCHITECTURES;
if (!existsSync('dist/qjs/macvland.mjs')) execFileSync('npm', ['run', '--silent', 'build'], { stdio: 'inherit' });
execFileSync('bash', ['package-feed/cross.sh', ...architectures], { stdio: 'inherit' });

const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'openwrt-macvlan/feed');
const key = secretKey();
mkdirSync(OUT, { recursive: true });
const publicKey = join(OUT, `${key.id}.pub`);
writeFileSync(publicKey, printPublicKey(key));
const scratch = mkdtempSync(join(OUT, '.work-'));
try {
  for (const architecture of architectures) feed(architecture);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
console.log(`key: ${publicKey}`);

function feed(architecture: string): void {
  const folder = join(OUT, architecture);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const built = packagesFor(architecture, join(cache, architecture), { id: key.id, path: publicKey }).map((one) =>
    buildIpk(one, folder, epoch(), scratch),
  );
  const { manifest, packages, json } = index(built);
  writeFileSync(join(folder, 'Packages.manifest'), manifest);
  writeFileSync(join(folder, 'Packages'), packages);
  writeFileSync(join(folder, 'Packages.gz'), gzip(Buffer.from(packages)));
  writeFileSync(join(folder, 'Packages.sig'), printSignature(Buffer.from(packages), key));
  writeFileSync(join(folder, 'index.json'), json);
  console.log(architecture);
  for (const { name, size } of built)
    console.log(`  ${String(size).padStart(8)} B  ${name}${size > LIMIT ? '  (above 64 kB)' : ''}`);
}

/** The time of the commit: the same bytes come of the same commit. */
function epoch(): number {
  const given = process.env.SOURCE_DATE_EPOCH;
  return Number(given ?? execFileSync('git', ['log', '-1', '--format=%ct'], { encoding: 'utf8' }));
}

function secretKey(): Key {
  const path =
    process.env.MACVLAN_FEED_KEY ??
    join(process.env.XDG_CONFIG_HOME ?? join(homedir(), '.config'), 'openwrt-macvlan/feed.key');
  if (existsSync(path)) return readSecretKey(readFileSync(path, 'utf8'));
  const made = newKey();
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, printSecretKey(made), { mode: 0o600, flag: 'wx' });
  console.log(`key: made a new one in ${path}; keep it`);
  return made;
}
