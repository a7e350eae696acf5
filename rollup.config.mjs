import { cpSync, existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';
import esbuild from 'rollup-plugin-esbuild';
import { minify as terser } from 'terser';

/** Test folders that do not go into the bundle of pure tests: they need a kernel, a machine of their own, or time. */
const NOT_PURE = ['contract', 'live', 'bench', 'vm', 'feed', 'board', 'web', 'fixtures', 'helpers'];
const TESTS = '\0tests';
/** The same without the random ones, for an emulated CPU that needs 25 times as long. */
const FIXED_TESTS = '\0tests-fixed';
const RANDOM = /(random|fuzz|worlds)\.test\.ts$/;

function testFiles(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return folder === 'test' && NOT_PURE.includes(entry.name) ? [] : testFiles(path);
    return entry.name.endsWith('.test.ts') ? [path] : [];
  });
}

/** One module that imports every pure test; what waits at its top level comes first, before any suite is queued. */
const allTests = {
  name: 'all-tests',
  resolveId: (id) => (id === TESTS || id === FIXED_TESTS ? id : null),
  load(id) {
    if (id !== TESTS && id !== FIXED_TESTS) return null;
    const tests = testFiles('test').filter((file) => id === TESTS || !RANDOM.test(file));
    const files = ['test/helpers/qjs-prelude.ts', 'test/helpers/fixture.ts', ...tests.sort()];
    return files.map((file) => `import ${JSON.stringify(join(process.cwd(), file))};`).join('\n');
  },
};

/** The native module is loaded at run time from beside the bundle (`where` for a bundle that lies elsewhere). */
const nativeModule = (where) => ({
  name: 'native-module',
  resolveId: (id) => (id.endsWith('/libc.so') ? { id: `${where}/libc.so`, external: 'absolute' } : null),
});

/** uvu and what it stands on become part of the test bundles; the programs import no package. */
const UVU = {
  uvu: 'uvu/dist/index.mjs',
  'uvu/assert': 'uvu/assert/index.mjs',
  'uvu/diff': 'uvu/diff/index.mjs',
  kleur: 'kleur/index.mjs',
  dequal: 'dequal/dist/index.mjs',
  diff: 'diff/lib/index.mjs',
};
const uvu = {
  name: 'uvu',
  resolveId: (id) => (id in UVU ? join(process.cwd(), 'node_modules', UVU[id]) : null),
};

/** The scripts that other programs call lie beside the program. */
const scripts = {
  name: 'scripts',
  writeBundle: ({ file, dir = dirname(file) }) => cpSync('hotplug', dir, { recursive: true, dereference: true }),
};

/**
 * What a router keeps in memory: a second look finds what esbuild leaves, with nothing that would change what the code means; a
 * getter only answers.
 */
const smaller = {
  name: 'smaller',
  renderChunk: (code) =>
    terser(code, {
      module: true,
      ecma: 2022,
      compress: { passes: 3, unsafe_arrows: true, hoist_funs: true, pure_getters: true },
    }),
};

const bundle = (input, file, { minify = false, libc = '.' } = {}) => ({
  input,
  output: { file, format: 'es', inlineDynamicImports: true },
  external: ['std', 'os', /^node:/],
  plugins: [allTests, nativeModule(libc), uvu, esbuild({ target: 'es2022', minify }), ...(minify ? [smaller] : [])],
});

const program = (engine, name) => {
  const made = bundle(`src/entry.${engine}.${name}.ts`, `dist/${engine}/${name}.mjs`, { minify: engine === 'qjs' });
  return { ...made, plugins: [...made.plugins, scripts] };
};

/** Help texts and costs are for the console and the documents; in the daemon they would only lie about in memory. */
const withoutHelp = {
  name: 'without-help',
  transform(code, id) {
    if (!/\/(properties|config)\.ts$/.test(id)) return null;
    const words = /\b(?:help|cost):\s*(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"),?/g;
    return { code: code.replace(words, ''), map: null };
  },
};

/** What can be worked out when a bundle is made need not be each time it runs: a module of nothing but values. */
const workedOut = {
  name: 'worked-out',
  async load(id) {
    if (!id.endsWith('/src/menus/stubs.ts')) return null;
    const { outputFiles } = await build({ entryPoints: [id], bundle: true, format: 'esm', write: false });
    const { stubs } = await import(`data:text/javascript,${encodeURIComponent(outputFiles[0].text)}`);
    return `export const stubs = ${JSON.stringify(stubs)};`;
  },
};

/** What stays in memory is one file, whose size is looked after: nothing that it cannot do without lies beside it. */
const whole = {
  name: 'whole',
  generateBundle(_options, files) {
    for (const { fileName, isEntry, imports = [] } of Object.values(files)) {
      const other = isEntry && imports.find((name) => name in files);
      if (other) this.error(`${fileName} would load ${other} at once`);
    }
  },
};

/** A menu's part is named by the menu, any other by its file. */
const chunkOf = (name) => (chunk) => {
  const menu = /\/menus\/(\w+)\/behaviour\.ts$/.exec(chunk.facadeModuleId ?? '')?.[1];
  return `${name}.${menu ?? '[name]'}.mjs`;
};

/** What several parts share, and what is always wanted together. */
const TOGETHER = {
  loopprotect: /\/(plan\/probes|daemon\/(arp|frames|loopprotect))\.ts$/,
  lines:
    /\/(plan\/(lines|lanes|routes|rules|ruleset|addresses|keeping|settings|nft|replyonly|dscp|hooks)|model\/once)\.ts$/,
  netifd: /\/(plan\/netifd|daemon\/(netifd|zones))\.ts$/,
  gateways: /\/(plan\/gateways|daemon\/gateways|daemon\/questions|runtime\/echo)\.ts$/,
};
const manualChunks = (id) => Object.keys(TOGETHER).find((name) => TOGETHER[name].test(id));

/**
 * What is needed now and then (`import()`) lies beside the program and is loaded when it is: the daemon stays in memory for
 * ever, and a script at the console needs no editor.
 */
const split = (engine, name) => {
  const made = program(engine, name);
  const output = {
    dir: `dist/${engine}`,
    entryFileNames: `${name}.mjs`,
    chunkFileNames: chunkOf(name),
    manualChunks,
    onlyExplicitManualChunks: true,
  };
  const plugins = [...(name === 'macvland' ? [workedOut, withoutHelp] : []), ...made.plugins, whole];
  return { ...made, plugins, output: { ...output, format: 'es' } };
};

/** The property tables as a module of LuCI's, which is the body of a function and begins with what it needs. */
const forms = {
  input: 'src/entry.luci.ts',
  output: {
    file: 'package-feed/luci-app-macvlan/htdocs/luci-static/resources/macvlan/tables.js',
    format: 'iife',
    name: 'tables',
    banner: "'use strict';\n'require baseclass';\n",
    footer: 'return baseclass.extend({ menus: tables.menus });',
  },
  plugins: [esbuild({ target: 'es2022', minify: false })],
};

const bundles = [
  ...['node', 'qjs'].flatMap((engine) => ['macvland', 'macvlan'].map((name) => split(engine, name))),
  program('node', 'ubusd'),
  forms,
  bundle('test/board/ubusd.ts', 'dist/test/board/ubusd.mjs', { minify: true }),
  bundle('test/contract/node.ts', 'dist/test/contract.node.mjs'),
  bundle('test/contract/qjs.ts', 'dist/test/contract.qjs.mjs', { libc: '../qjs' }),
  bundle(TESTS, 'dist/test/unit.mjs', { libc: '../qjs' }),
  bundle(FIXED_TESTS, 'dist/test/unit-fixed.mjs', { libc: '../qjs' }),
];

const MAINS = { macvland: 'daemon', macvlan: 'console', ubusd: 'broker' };

/** What has to be there for a bundle to be made. */
function sources(input) {
  if (input === TESTS || input === FIXED_TESTS) return [];
  const name = /^src\/entry\.\w+\.(\w+)\.ts$/.exec(input)?.[1];
  return name ? [input, `src/${MAINS[name]}/main.ts`] : [input];
}

/** A program whose main is not there yet does not keep the others from being built. */
export default bundles.filter(({ input }) => {
  const missing = sources(input).find((file) => !existsSync(file));
  if (missing) console.warn(`rollup: no ${missing}: ${input} is left out`);
  return !missing;
});
