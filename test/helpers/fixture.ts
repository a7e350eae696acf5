/** Files under test/fixtures, read under Node and under QuickJS alike. Tests run from the top of the repository. */
interface FileAccess {
  read(path: string): string;
  list(path: string): string[];
}

const access: FileAccess = 'scriptArgs' in globalThis ? await quickjs() : await node();

async function node(): Promise<FileAccess> {
  const name = 'node:fs';
  const fs = (await import(name)) as {
    readFileSync(path: string, encoding: string): string;
    readdirSync(path: string): string[];
  };
  return { read: (path) => fs.readFileSync(path, 'utf8'), list: (path) => fs.readdirSync(path) };
}

async function quickjs(): Promise<FileAccess> {
  const [stdName, osName] = ['std', 'os'];
  const std = (await import(stdName)) as { loadFile(path: string): string | null };
  const os = (await import(osName)) as { readdir(path: string): [string[], number] };
  const read = (path: string) => {
    const text = std.loadFile(path);
    if (text === null) throw new Error(`no fixture ${path}`);
    return text;
  };
  return { read, list: (path) => os.readdir(path)[0].filter((name) => name !== '.' && name !== '..') };
}

export function fixture(path: string): string {
  return access.read(`test/fixtures/${path}`);
}

export function fixtures(folder: string): string[] {
  return access.list(`test/fixtures/${folder}`).sort();
}

/** A file of the repository by its path from the top: for tests of the tree itself. */
export function source(path: string): string {
  return access.read(path);
}

/** The names in a folder of the repository, sorted. */
export function sources(folder: string): string[] {
  return access.list(folder).sort();
}
