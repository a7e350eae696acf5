/** UTF-8 in both directions: QuickJS has neither TextEncoder nor Buffer. */

/** A lone surrogate has no UTF-8: it becomes the byte that `stray` makes of it, or U+FFFD as TextEncoder does it. */
export function encodeUtf8(
  text: string,
  stray: (surrogate: number) => number | undefined = () => undefined,
): Uint8Array {
  return asciiBytes(text) ?? encodeAny(text, stray);
}

/** Nearly everything that we read and write is ASCII, and the engine of the routers is slow character by character. */
function asciiBytes(text: string): Uint8Array | undefined {
  const out = new Uint8Array(text.length);
  for (let i = 0; i < out.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0x7f) return undefined;
    out[i] = code;
  }
  return out;
}

function encodeAny(text: string, stray: (surrogate: number) => number | undefined): Uint8Array {
  const out = new Uint8Array(text.length * 3);
  let n = 0;
  for (const character of text) {
    const code = character.codePointAt(0)!;
    const isLone = code >= 0xd800 && code <= 0xdfff;
    const byte = isLone ? stray(code) : undefined;
    const point = isLone ? 0xfffd : code;
    if (byte !== undefined) out[n++] = byte;
    else if (point < 0x80) out[n++] = point;
    else if (point < 0x800) {
      out[n++] = 0xc0 | (point >> 6);
      out[n++] = 0x80 | (point & 0x3f);
    } else if (point < 0x10000) {
      out[n++] = 0xe0 | (point >> 12);
      out[n++] = 0x80 | ((point >> 6) & 0x3f);
      out[n++] = 0x80 | (point & 0x3f);
    } else {
      out[n++] = 0xf0 | (point >> 18);
      out[n++] = 0x80 | ((point >> 12) & 0x3f);
      out[n++] = 0x80 | ((point >> 6) & 0x3f);
      out[n++] = 0x80 | (point & 0x3f);
    }
  }
  return out.slice(0, n);
}

/** What is no UTF-8 becomes, byte by byte, what `stray` makes of it, so that no input is refused here. */
export function decodeUtf8(bytes: Uint8Array, stray: (byte: number) => string = () => '\ufffd'): string {
  const text = decodeLatin1(bytes);
  // Nearly everything that we read is ASCII.
  return /[\x80-\xff]/.test(text) ? text.replace(/[\x80-\xff]+/g, (run) => decodeRun(run, stray)) : text;
}

/** As many bytes as a call takes as arguments on every engine. */
const MOST = 4096;

/** A character a byte. */
function decodeLatin1(bytes: Uint8Array): string {
  if (bytes.length <= MOST) return Reflect.apply(String.fromCharCode, undefined, bytes);
  let text = '';
  for (let at = 0; at < bytes.length; at += MOST) text += decodeLatin1(bytes.subarray(at, at + MOST));
  return text;
}

/** Bytes of 0x80 and more that stand together: no sequence goes beyond them. */
function decodeRun(run: string, stray: (byte: number) => string): string {
  let text = '';
  for (let i = 0; i < run.length; ) {
    const first = run.charCodeAt(i);
    const point = sequence(run, i, first);
    text += point ? String.fromCodePoint(point.value) : stray(first);
    i += point?.length ?? 1;
  }
  return text;
}

function sequence(run: string, at: number, first: number): { value: number; length: number } | undefined {
  const length = first >= 0xf0 && first < 0xf5 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 0;
  if (length === 0 || first >= 0xf5 || at + length > run.length) return undefined;
  let value = first & (0xff >> (length + 1));
  for (let i = 1; i < length; i++) {
    const next = run.charCodeAt(at + i);
    if ((next & 0xc0) !== 0x80) return undefined;
    value = (value << 6) | (next & 0x3f);
  }
  const smallest = length === 4 ? 0x10000 : length === 3 ? 0x800 : 0x80;
  if (value < smallest || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff)) return undefined;
  return { value, length };
}
