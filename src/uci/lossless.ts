import { decodeUtf8, encodeUtf8 } from '../bytes/utf8.ts';

/**
 * Any bytes as text and back without loss: comments in Latin-1 must survive an edit elsewhere in the file. A byte that
 * is no UTF-8 becomes a lone low surrogate, U+DC80 to U+DCFF, which no UTF-8 can bring forth (as Python's PEP 383).
 */
export function decodeLossless(bytes: Uint8Array): string {
  const text = decodeUtf8(bytes);
  if (!text.includes('\ufffd')) return text;
  let out = '';
  let at = 0;
  for (const character of text) {
    const real = character !== '\ufffd' || (bytes[at] === 0xef && bytes[at + 1] === 0xbf && bytes[at + 2] === 0xbd);
    out += real ? character : String.fromCharCode(0xdc00 + bytes[at]!);
    at += real ? encodedLength(character.codePointAt(0)!) : 1;
  }
  return out;
}

export function encodeLossless(text: string): Uint8Array {
  if (!/[\udc80-\udcff]/u.test(text)) return encodeUtf8(text);
  const bytes: number[] = [];
  // With the u flag only lone surrogates match here, never the half of a pair.
  for (const part of text.split(/([\udc80-\udcff])/u)) {
    if (/^[\udc80-\udcff]$/u.test(part)) bytes.push(part.charCodeAt(0) - 0xdc00);
    else for (const byte of encodeUtf8(part)) bytes.push(byte);
  }
  return Uint8Array.from(bytes);
}

function encodedLength(point: number): number {
  return point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
}
