/** What quickjs.ts uses of the engine's own modules (quickjs-libc.c, doc/quickjs.texi). */

declare module 'std' {
  interface File {
    puts(text: string): void;
    flush(): void;
  }
  export const out: File;
  export const err: File;
  export function getenv(name: string): string | undefined;
  export function exit(code: number): never;
}

declare module 'os' {
  export function setReadHandler(fd: number, fn: (() => void) | null): void;
  export function setTimeout(fn: () => void, ms: number): unknown;
  export function clearTimeout(timer: unknown): void;
}

/** native/libc.c, lying beside the bundle. */
declare module '*/libc.so';

/** The program's own name and its arguments. */
declare const scriptArgs: readonly string[];

interface ImportMeta {
  /** file:// and the real path, in which nothing is escaped. */
  readonly url: string;
}
