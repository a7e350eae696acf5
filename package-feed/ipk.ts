import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** What is told of a package, by the names of its control file, in the order that OpenWrt has them (scripts/ipkg-build). */
export interface Control {
  readonly Package: string;
  readonly Version: string;
  readonly Depends: string;
  readonly Provides?: string;
  readonly Source: string;
  readonly SourceName: string;
  readonly License: string;
  readonly Section: string;
  readonly URL?: string;
  readonly Maintainer: string;
  readonly Architecture: string;
  /** The first line, and what stands below. */
  readonly Description: string;
}

export interface Package {
  readonly control: Control;
  /** Where each file lands, where it comes from or what is in it, and with which rights. */
  readonly files: readonly ({ readonly to: string; readonly mode: number } & (
    | { readonly from: string }
    | { readonly content: string | Buffer }
  ))[];
  /** Files that people change, which an upgrade leaves alone. */
  readonly conffiles?: readonly string[];
  /** `postinst`, `prerm`, … by name. */
  readonly scripts?: Readonly<Record<string, string>>;
}

export interface Built {
  readonly control: Control;
  readonly name: string;
  readonly size: number;
  readonly sha256: string;
  /** The control file without its description, and that. */
  readonly fields: string;
  readonly description: string;
}

const ORDER = [
  'Package Version Depends Provides Source SourceName License Section SourceDateEpoch URL Maintainer Architecture Installed-Size',
]
  .join()
  .split(' ');

/** Writes the package to `folder`, the same bytes for the same matter and `epoch` (seconds). */
export function buildIpk(
  { control, files, conffiles, scripts }: Package,
  folder: string,
  epoch: number,
  scratch: string,
): Built {
  const work = join(scratch, control.Package);
  rmSync(work, { recursive: true, force: true });
  for (const file of files) {
    const path = join(work, 'data', file.to);
    if ('content' in file) write(path, file.content, file.mode);
    else put(path, () => cpSync(file.from, path, { dereference: true }), file.mode);
  }
  mkdirSync(join(work, 'data'), { recursive: true });
  const data = archive(join(work, 'data'), ['.'], epoch);
  const all = { ...control, SourceDateEpoch: epoch, 'Installed-Size': data.length } as Record<string, unknown>;
  const fields = ORDER.filter((name) => all[name] !== undefined).map((name) => `${name}: ${all[name]}\n`);
  const description = `Description:  ${control.Description.split('\n').join('\n ')}\n`;
  write(join(work, 'control/control'), fields.join('') + description, 0o644);
  if (conffiles) write(join(work, 'control/conffiles'), `${[...conffiles].sort().join('\n')}\n`, 0o644);
  for (const [name, text] of Object.entries(scripts ?? {})) write(join(work, 'control', name), text, 0o755);
  write(join(work, 'control.tar.gz'), gzip(archive(join(work, 'control'), ['.'], epoch)), 0o644);
  write(join(work, 'data.tar.gz'), gzip(data), 0o644);
  write(join(work, 'debian-binary'), '2.0\n', 0o644);
  const bytes = gzip(archive(work, ['./debian-binary', './data.tar.gz', './control.tar.gz'], epoch));
  const name = `${control.Package}_${control.Version}_${control.Architecture}.ipk`;
  write(join(folder, name), bytes, 0o644);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { control, name, size: bytes.length, sha256, fields: fields.join(''), description };
}

function put(path: string, make: () => void, mode: number): void {
  mkdirSync(dirname(path), { recursive: true });
  make();
  chmodSync(path, mode);
}

function write(path: string, content: string | Buffer, mode: number): void {
  put(path, () => writeFileSync(path, content), mode);
}

/** As OpenWrt packs: sorted, owned by root, all of one time. Folders have the rights of folders, whoever made them here. */
function archive(folder: string, what: string[], epoch: number): Buffer {
  execFileSync('find', [folder, '-type', 'd', '-exec', 'chmod', '755', '{}', '+']);
  const same = ['--format=gnu', '--sort=name', '--owner=0', '--group=0', '--numeric-owner', `--mtime=@${epoch}`];
  return execFileSync('tar', [...same, '-C', folder, '-cf', '-', ...what], { maxBuffer: 1 << 26 });
}

export function gzip(bytes: Buffer): Buffer {
  return execFileSync('gzip', ['-9n'], { input: bytes, maxBuffer: 1 << 26 });
}

/** The index of a folder with these packages: all that is known, and what a client reads. */
export function index(packages: readonly Built[]): { manifest: string; packages: string; json: string } {
  const sorted = [...packages].sort((a, b) => (a.name < b.name ? -1 : 1));
  const stanza = ({ fields, description, name, size, sha256 }: Built) =>
    `${fields}Filename: ${name}\nSize: ${size}\nSHA256sum: ${sha256}\n${description}\n`;
  const manifest = sorted.map(stanza).join('');
  const unread = /^(?:Maintainer|LicenseFiles|Source|SourceName|Require[^:]*|SourceDateEpoch): .*\n/gm;
  const versions = Object.fromEntries(sorted.map(({ control }) => [control.Package, control.Version]));
  const json = {
    version: 2,
    architecture: sorted.find(({ control }) => control.Architecture !== 'all')?.control.Architecture,
    packages: versions,
  };
  return { manifest, packages: signable(manifest.replace(unread, '')), json: `${JSON.stringify(json)}\n` };
}

/** usign computes SHA-512 of texts of some lengths wrongly: these are made longer, as OpenWrt's own index is. */
function signable(text: string): string {
  const rest = (64 + Buffer.byteLength(text)) % 128;
  return rest === 110 || rest === 111 ? `${text}\n\n` : text;
}
