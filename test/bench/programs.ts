import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';

const TOP = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const CACHE = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');

export const QJS = join(CACHE, 'openwrt-macvlan', 'qjs');
export const RUNTIMES = ['qjs', 'node'] as const;
export type RuntimeName = (typeof RUNTIMES)[number];

/** The engine and a program for it. */
export function program(runtime: RuntimeName, file: string): string[] {
  return [...(runtime === 'qjs' ? [QJS, '--strip-source'] : [process.execPath]), join(TOP, 'dist', file)];
}

const native: Plugin = {
  name: 'native-module',
  setup({ onResolve }) {
    onResolve({ filter: /libc\.so$/ }, () => ({ path: '../qjs/libc.so', external: true }));
  },
};

/** Our own functions with a stopwatch around them, bundled as the daemon is: dist/bench/inside.RUNTIME.mjs. */
export async function buildInside(): Promise<void> {
  for (const [runtime, module] of [
    ['qjs', 'quickjs'],
    ['node', 'node'],
  ]) {
    const contents = `import { ${module} as runtime } from './src/runtime/${module}.ts';
      import { inside } from './test/bench/inside.ts';
      inside(runtime);`;
    await build({
      stdin: { contents, resolveDir: TOP, loader: 'ts' },
      outfile: join(TOP, 'dist', insideOf(runtime as RuntimeName)),
      bundle: true,
      minify: true,
      format: 'esm',
      target: 'es2022',
      external: ['std', 'os', 'node:*'],
      plugins: [native],
      logLevel: 'error',
    });
  }
}

export function insideOf(runtime: RuntimeName): string {
  return `bench/inside.${runtime}.mjs`;
}
