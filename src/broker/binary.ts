import type { TextCodec } from '../ubus/blob.ts';

/**
 * One character a byte. The broker forwards text that it need not understand, and compares it as strcmp(3) does: so
 * nothing is lost, whatever the encoding, and JavaScript's order of strings is the order of the bytes.
 */
export const binary: TextCodec = {
  encode: (text) => Uint8Array.from(text, (character) => character.charCodeAt(0)),
  decode: (bytes) => {
    let text = '';
    for (const byte of bytes) text += String.fromCharCode(byte);
    return text;
  },
};
