/** UTF-8 in both directions: QuickJS has neither TextEncoder nor Buffer. */

export function encodeUtf8(text: string): Uint8Array {
  return asciiBytes(text) ?? encodeAny(text);
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

function encodeAny(text: string): Uint8Array {
  const out = new Uint8Array(text.length * 3);
  let n = 0;
  for (const character of text) {
    const code = character.codePointAt(0)!;
    // A lone surrogate has no UTF-8; U+FFFD is what TextEncoder writes too.
    const point = code >= 0xd800 && code <= 0xdfff ? 0xfffd : code;
    if (point < 0x80) out[n++] = point;
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

/** Malformed bytes become U+FFFD one by one, so that no input is refused here. */
export function decodeUtf8(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; ) {
    const end = asciiEnd(bytes, i);
    if (end > i) {
      text += String.fromCharCode(...bytes.subarray(i, end));
      i = end;
      continue;
    }
    const point = sequence(bytes, i, bytes[i]!);
    text += String.fromCodePoint(point?.value ?? 0xfffd);
    i += point?.length ?? 1;
  }
  return text;
}

/** Where the ASCII from `start` on ends, or as much of it as one call takes as arguments. */
function asciiEnd(bytes: Uint8Array, start: number): number {
  const limit = Math.min(bytes.length, start + 4096);
  let at = start;
  while (at < limit && bytes[at]! < 0x80) at++;
  return at;
}

function sequence(bytes: Uint8Array, at: number, first: number): { value: number; length: number } | undefined {
  const length = first >= 0xf0 && first < 0xf5 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 0;
  if (length === 0 || first >= 0xf5 || at + length > bytes.length) return undefined;
  let value = first & (0xff >> (length + 1));
  for (let i = 1; i < length; i++) {
    const next = bytes[at + i]!;
    if ((next & 0xc0) !== 0x80) return undefined;
    value = (value << 6) | (next & 0x3f);
  }
  const smallest = length === 4 ? 0x10000 : length === 3 ? 0x800 : 0x80;
  if (value < smallest || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff)) return undefined;
  return { value, length };
}
