import { decodeUtf8, encodeUtf8 } from '../bytes/utf8.ts';

/**
 * Any bytes as text and back without loss: comments in Latin-1 must survive an edit elsewhere in the file. A byte that
 * is no UTF-8 becomes a lone low surrogate, U+DC80 to U+DCFF, which no UTF-8 can bring forth (as Python's PEP 383).
 */
export function decodeLossless(bytes: Uint8Array): string {
  return decodeUtf8(bytes, (byte) => String.fromCharCode(0xdc00 + byte));
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
