/** What LuCI's catalogs say for a text: one, or one for each plural form. */
export interface Said {
  readonly id: string;
  readonly isPlural: boolean;
  readonly texts: readonly string[];
}

const ENTRY = 16;

/**
 * A catalog as LuCI reads it (luci-base, lib/lmo.c): all texts, each filled up to four bytes; an index of them by the hash of
 * what they stand for, four big-endian words each (hash, number of forms, place, length); and where the index begins. `forms` is
 * the rule by which a form is chosen, as in a po file's `Plural-Forms`.
 */
export function printCatalog(said: readonly Said[], forms: string): Buffer {
  const entries = [{ key: 0, kind: 0, text: Buffer.from(forms) }];
  for (const { id, isPlural, texts } of said)
    texts.forEach((text, form) => {
      const key = hashOf(keyOf({ id, isPlural }, form));
      // One that is the same in both languages is found without.
      if (isPlural || text !== id) entries.push({ key, kind: texts.length, text: Buffer.from(text) });
    });
  let end = 0;
  const placed = entries.map((entry) => {
    const at = end;
    end += (entry.text.length + 3) & ~3;
    return { ...entry, at };
  });
  const out = Buffer.alloc(end + placed.length * ENTRY + 4);
  for (const { text, at } of placed) text.copy(out, at);
  placed.sort((a, b) => a.key - b.key);
  for (const [n, { key, kind, at, text }] of placed.entries())
    for (const [m, word] of [key, kind, at, text.length].entries()) out.writeUInt32BE(word, end + n * ENTRY + m * 4);
  out.writeUInt32BE(end, out.length - 4);
  return out;
}

/** What a text is looked up by. */
export function keyOf({ id, isPlural }: Pick<Said, 'id' | 'isPlural'>, form: number): string {
  return isPlural ? `${id}\x02${form}` : id;
}

/** SuperFastHash of Paul Hsieh, begun with the length; its last bytes are signed. */
export function hashOf(text: string): number {
  const bytes = Buffer.from(text);
  const rest = bytes.length & 3;
  const whole = bytes.length - rest;
  let hash = bytes.length;
  for (let at = 0; at < whole; at += 4) {
    hash += bytes.readUInt16LE(at);
    hash = (hash << 16) ^ (bytes.readUInt16LE(at + 2) << 11) ^ hash;
    hash += hash >>> 11;
  }
  if (rest === 3) {
    hash += bytes.readUInt16LE(whole);
    hash ^= hash << 16;
    hash ^= bytes.readInt8(whole + 2) << 18;
    hash += hash >>> 11;
  } else if (rest === 2) {
    hash += bytes.readUInt16LE(whole);
    hash ^= hash << 11;
    hash += hash >>> 17;
  } else if (rest === 1) {
    hash += bytes.readInt8(whole);
    hash ^= hash << 10;
    hash += hash >>> 1;
  }
  hash ^= hash << 3;
  hash += hash >>> 5;
  hash ^= hash << 4;
  hash += hash >>> 17;
  hash ^= hash << 25;
  hash += hash >>> 6;
  return hash >>> 0;
}
