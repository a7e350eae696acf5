import { decodeUtf8, encodeUtf8 } from '../bytes/utf8.ts';

/**
 * Any bytes as text and back without loss: comments in Latin-1 must survive an edit elsewhere in the file. A byte that
 * is no UTF-8 becomes a lone low surrogate, U+DC80 to U+DCFF, which no UTF-8 can bring forth (as Python's PEP 383).
 */
export function decodeLossless(bytes: Uint8Array): string {
  return decodeUtf8(bytes, (byte) => String.fromCharCode(0xdc00 + byte));
}

/** A text that was decoded here, and what it was decoded from. */
export interface Content {
  readonly text: string;
  readonly bytes: Uint8Array;
}

/** `known` is a text that is nearly the same: only what differs is then encoded, which is slow under QuickJS. */
export function encodeLossless(text: string, known?: Content): Uint8Array {
  // Then each character of it is one byte.
  if (known && known.text.length === known.bytes.length) return encodeBetween(text, known);
  return encodeUtf8(text, (surrogate) => (surrogate >= 0xdc80 && surrogate <= 0xdcff ? surrogate - 0xdc00 : undefined));
}

function encodeBetween(text: string, { text: known, bytes }: Content): Uint8Array {
  const most = Math.min(text.length, known.length);
  const head = longest(most, (from, to) => text.startsWith(known.slice(from, to), from));
  const tail = longest(most - head, (from, to) =>
    text.endsWith(known.slice(known.length - to, known.length - from), text.length - from),
  );
  const between = text.slice(head, text.length - tail);
  // The half of a pair would be cut off.
  if (/[\ud800-\udbff]$/.test(between)) return encodeLossless(text);
  const middle = encodeLossless(between);
  const out = new Uint8Array(head + middle.length + tail);
  out.set(bytes.subarray(0, head));
  out.set(middle, head);
  out.set(bytes.subarray(bytes.length - tail), head + middle.length);
  return out;
}

/** How far it is the same, asking only for spans where it is up to their beginning. */
function longest(most: number, isSame: (from: number, to: number) => boolean): number {
  let [known, limit] = [0, most];
  while (known < limit) {
    const next = Math.ceil((known + limit) / 2);
    if (isSame(known, next)) known = next;
    else limit = next - 1;
  }
  return known;
}
