import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { source, sources } from './helpers/fixture.ts';

const layers = suite('layers');

/** Who may import whom: what a folder may use besides itself, and of what it may use the types only. */
const MAY_IMPORT: Record<string, { values: string[]; types?: string[] }> = {
  bytes: { values: [] },
  runtime: { values: ['bytes'] },
  uci: { values: ['bytes'], types: ['runtime'] },
  netlink: { values: ['bytes'], types: ['runtime'] },
  ubus: { values: ['bytes'], types: ['runtime'] },
  model: { values: ['bytes'] },
  menus: { values: ['model', 'bytes'] },
  plan: { values: ['model', 'bytes'], types: ['menus'] },
  routeros: { values: ['model', 'bytes'] },
  daemon: { values: ['bytes', 'uci', 'netlink', 'ubus', 'model', 'menus', 'plan', 'routeros', 'runtime'] },
  console: { values: ['bytes', 'ubus', 'model', 'menus', 'routeros', 'runtime'] },
  broker: { values: ['bytes', 'ubus', 'runtime'] },
};

/** The runtimes: only the entries may name one. */
const CONCRETE = ['src/runtime/node.ts', 'src/runtime/quickjs.ts'];
/** What only src/runtime may know. */
const PLATFORM = /^(std|os|node:.*|ffi-napi|.*\.so)$/;

interface Import {
  readonly from: string;
  /** A path from the top, or the name of a module that is none of ours. */
  readonly to: string;
  readonly typeOnly: boolean;
  /** When it is needed (`import()`). */
  readonly late: boolean;
}

function filesUnder(folder: string): string[] {
  return sources(folder).flatMap((name) => {
    const path = `${folder}/${name}`;
    if (!name.includes('.')) return filesUnder(path);
    return name.endsWith('.ts') && !name.endsWith('.d.ts') ? [path] : [];
  });
}

function importsOf(file: string): Import[] {
  const text = source(file);
  const statements = /^(?:import|export)\s([^'"`;]*?)\bfrom\s+'([^']+)'/gm;
  const bare = /(?:^import\s+|\b(import\())'([^']+)'/gm;
  return [
    ...[...text.matchAll(statements)].map(([, what, to]) => imported(file, to!, isTypeOnly(what!))),
    ...[...text.matchAll(bare)].map(([, late, to]) => imported(file, to!, false, late !== undefined)),
  ];
}

function isTypeOnly(what: string): boolean {
  if (/^type\b/.test(what)) return true;
  const names = /^\{([^}]*)\}\s*$/.exec(what.trim())?.[1]?.split(',');
  return names?.every((name) => name.trim() === '' || /^\s*type\s/.test(name)) ?? false;
}

function imported(from: string, to: string, typeOnly: boolean, late = false): Import {
  if (!to.startsWith('.')) return { from, to, typeOnly, late };
  const path = from.split('/').slice(0, -1);
  for (const step of to.split('/')) {
    if (step === '..') path.pop();
    else if (step !== '.') path.push(step);
  }
  return { from, to: path.join('/'), typeOnly, late };
}

function layerOf(path: string): string {
  return path.split('/')[1]!;
}

/** Everything outside the entries. */
const files = filesUnder('src').filter((file) => !file.startsWith('src/entry.'));
const imports = files.flatMap(importsOf);
const ours = imports.filter(({ to }) => to.startsWith('src/'));

function arrows(wrong: readonly Import[]): string[] {
  return wrong.map(({ from, to, typeOnly }) => `${from} -> ${to}${typeOnly ? ' (types)' : ''}`);
}

layers('the reader of imports sees them', () => {
  assert.ok(files.length > 50);
  assert.ok(ours.some(({ from, to }) => from === 'src/menus/index.ts' && to === 'src/menus/macvlan/behaviour.ts'));
  assert.ok(imports.some(({ to }) => to === 'std'));
});

layers('every folder has its place', () => {
  assert.equal(
    [...new Set(files.map(layerOf))].filter((layer) => !Object.hasOwn(MAY_IMPORT, layer)),
    [],
  );
});

layers('no arrow points up', () => {
  const wrong = ours.filter(({ from, to, typeOnly }) => {
    const [layer, used] = [layerOf(from), layerOf(to)];
    const { values, types = [] } = MAY_IMPORT[layer] ?? { values: [] };
    return layer !== used && !values.includes(used) && !(typeOnly && types.includes(used));
  });
  assert.equal(arrows(wrong), []);
});

/** What lies beside the daemon until it is needed. The files that only these use go with them. */
const LATE = [
  'src/daemon/diagnose.ts',
  'src/daemon/discovery.ts',
  'src/daemon/loopprotect.ts',
  'src/daemon/messages.ts',
  'src/daemon/once.ts',
  'src/daemon/script.ts',
  'src/daemon/seldom.ts',
  'src/daemon/tool.ts',
  'src/daemon/writing.ts',
  'src/netlink/wireless.ts',
  'src/plan/children.ts',
  'src/plan/lines.ts',
  'src/plan/neighbours.ts',
  'src/plan/probes.ts',
  'src/plan/sentence.ts',
];

layers('what is needed now and then is imported then', () => {
  const used = ours.filter(({ to, typeOnly }) => LATE.includes(to) && !typeOnly);
  assert.equal(arrows(used.filter(({ late }) => !late)), []);
  assert.equal([...new Set(used.map(({ to }) => to))].sort(), LATE);
});

layers('what a menu means is in memory only when it is needed, but for macvlan', () => {
  const folderOf = (path: string) => /^src\/menus\/(\w+)\//.exec(path)?.[1];
  const wrong = ours.filter(({ from, to, typeOnly, late }) => {
    const menu = folderOf(to);
    if (!menu || menu === 'macvlan' || typeOnly || late) return false;
    // That file is itself read only when it is called for.
    if (from === 'src/daemon/diagnose.ts' && to.endsWith('/diagnose.ts')) return false;
    return folderOf(from) === undefined && !to.endsWith('/properties.ts');
  });
  assert.equal(arrows(wrong), []);
});

layers('a concrete runtime is named by the entries alone', () => {
  assert.equal(arrows(imports.filter(({ to }) => CONCRETE.includes(to))), []);
});

layers('the platform is known to the runtime alone, and no package is used', () => {
  const foreign = imports.filter(({ to }) => !to.startsWith('src/'));
  const wrong = foreign.filter(({ from, to }) => !(layerOf(from) === 'runtime' && PLATFORM.test(to)));
  assert.equal(arrows(wrong), []);
});

layers('an import names a file, with its ending', () => {
  assert.equal(arrows(ours.filter(({ to }) => !files.includes(to) && !to.endsWith('.so'))), []);
});

layers('there is no cycle', () => {
  const next = new Map<string, string[]>();
  for (const { from, to, typeOnly } of ours) if (!typeOnly) next.set(from, [...(next.get(from) ?? []), to]);
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) throw new Error(`cycle: ${[...path.slice(path.indexOf(file)), file].join(' -> ')}`);
    if (done.has(file)) return;
    for (const other of next.get(file) ?? []) visit(other, [...path, file]);
    done.add(file);
  };
  for (const file of files) visit(file, []);
});

layers.run();
