import { encodeUtf8 } from '../bytes/utf8.ts';

/** Values as RouterOS writes them, so that it (and we) would read them back. */

const NAMED: Readonly<Record<string, string>> = {
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '"': '\\"',
  '\\': '\\\\',
  $: '\\$',
  '?': '\\?',
};

/** `"in quotes"`, with what would end or change the text escaped; control characters as their UTF-8 bytes in hex. */
export function quoted(value: string): string {
  return `"${value.replace(/[\x00-\x1f\x7f-\x9f"\\$?]/g, (character) => NAMED[character] ?? inHex(character))}"`;
}

function inHex(character: string): string {
  return Array.from(encodeUtf8(character), (byte) => `\\${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('');
}

/** In quotes only when it must be. */
export function quotedIfNeeded(value: string): string {
  return /^[\w.:/*,@%+-]+$/.test(value) ? value : quoted(value);
}
