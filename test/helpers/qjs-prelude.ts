/** What uvu expects of its surroundings and QuickJS has not. To be imported before uvu; under Node it does nothing. */
interface Std {
  exit(code: number): never;
  getenviron(): Record<string, string>;
  out: { puts(text: string): void; flush(): void };
}

interface Os {
  setTimeout(fn: () => void, ms: number): unknown;
  clearTimeout(timer: unknown): void;
  now(): number;
}

async function install(scope: Record<string, unknown>): Promise<void> {
  // Tests reject promises on purpose; without the module an older engine ends the program at the first of them.
  await import('./libc.so');
  const [stdName, osName] = ['std', 'os'];
  const std = (await import(stdName)) as Std;
  const os = (await import(osName)) as Os;
  const hrtime = (since: [number, number] = [0, 0]): [number, number] => {
    const ms = os.now() - since[0] * 1000 - since[1] / 1e6;
    return [Math.floor(ms / 1000), (ms % 1000) * 1e6];
  };
  scope.setTimeout = (fn: () => void, ms = 0) => os.setTimeout(fn, ms);
  scope.clearTimeout = (timer: unknown) => timer !== undefined && os.clearTimeout(timer);
  scope.performance = { now: () => os.now() };
  scope.process = {
    argv: scope.scriptArgs,
    env: std.getenviron(),
    hrtime,
    on: () => undefined,
    exit: (code: number) => std.exit(code),
    stdout: {
      write(text: string) {
        std.out.puts(text);
        std.out.flush();
      },
    },
    // uvu sets it when all suites are through; the engine has no exit code of its own.
    set exitCode(code: number) {
      std.exit(code);
    },
  };
}

if ('scriptArgs' in globalThis) await install(globalThis as unknown as Record<string, unknown>);

export {};
