import type { Change } from './changes.ts';
import type { Document, Section } from './parse.ts';

/** How long a writer that takes no lock is believed to write from what it read before our change, in ms. */
const WINDOW = 1000;

/** What a change of ours made of a section, and what it was before. */
interface Entry {
  at: number;
  /** The sections that there were before it: a copy made then has them, a file that was written anew may not. */
  others: readonly string[];
  /** The type that it was added with; undefined when it was there. */
  added?: string | undefined;
  /** It was removed, having had these values. */
  removed?: string | undefined;
  options: Map<string, { before: string; value: readonly string[] }>;
}

/**
 * Our changes of the last moments. A text editor or `sed -i` that read the file before one of them and writes after it
 * takes it back without anybody having meant that; from the journal it is made again. Pure.
 */
export class Journal {
  /** One per section: later changes of it come on top. */
  readonly #entries = new Map<string, Entry>();

  /** Changes that were just made to `before`. Sections without a name cannot be recognised, and are not noted. */
  note(before: Document, changes: readonly Change[], now: number): void {
    this.#forget(now);
    const others = [...before.named.keys()];
    for (const change of changes) {
      const name = change.kind === 'add' ? change.name : change.section;
      if (typeof name !== 'string' || change.kind === 'rename') continue;
      const entry = this.#entries.get(name) ?? { at: now, others, options: new Map() };
      entry.at = now;
      this.#entries.set(name, entry);
      this.#noteChange(entry, change, before.named.get(name));
    }
  }

  /** What has to be done to `document` for those of our changes that somebody took back; `at`: when it was to be looked at. */
  undone(document: Document, at: number): Change[] {
    this.#forget(at);
    const copies = new Map<readonly string[], boolean>();
    return [...this.#entries].flatMap(([section, entry]) => {
      const { others } = entry;
      // All changes of one write have them in common.
      if (!copies.has(others)) copies.set(others, this.#isCopy(document, others));
      return copies.get(others) ? undoneOf(section, entry, document.named.get(section)) : [];
    });
  }

  /** It was made again: whoever took it back may have read the file before that once more. */
  renew(again: readonly Change[], now: number): void {
    for (const change of again) {
      const entry = this.#entries.get(change.kind === 'add' ? change.name! : String(change.section));
      if (entry) entry.at = now;
    }
  }

  #isCopy({ named }: Document, others: readonly string[]): boolean {
    return others.every((name) => named.has(name) || this.#entries.has(name));
  }

  #forget(now: number): void {
    for (const [section, { at }] of this.#entries) if (at <= now - WINDOW) this.#entries.delete(section);
  }

  #noteChange(entry: Entry, change: Change, before: Section | undefined): void {
    if (change.kind === 'add') Object.assign(entry, { added: change.type, removed: undefined, options: new Map() });
    else if (change.kind === 'remove')
      Object.assign(entry, { added: undefined, removed: before ? print(before) : '', options: new Map() });
    else if (change.kind === 'set' || change.kind === 'delete') {
      const value = change.kind === 'set' ? [change.value].flat() : [];
      const first = entry.options.get(change.option)?.before ?? textOf(before, change.option);
      entry.options.set(change.option, { before: first, value });
    }
  }
}

function undoneOf(section: string, { added, removed, options }: Entry, found: Section | undefined): Change[] {
  if (removed !== undefined) return found && print(found) === removed ? [{ kind: 'remove', section }] : [];
  if (!found && added === undefined) return [];
  const again: Change[] = found ? [] : [{ kind: 'add', type: added!, name: section }];
  for (const [option, { before, value }] of options) {
    const there = textOf(found, option);
    // A third value is somebody's own wish.
    if (there !== before || there === join(value)) continue;
    if (value.length === 0) again.push({ kind: 'delete', section, option });
    else again.push({ kind: 'set', section, option, value: value.length === 1 ? value[0]! : value });
  }
  return again;
}

function textOf(section: Section | undefined, option: string): string {
  return join(section?.options.find(({ name }) => name === option)?.values ?? []);
}

function join(values: readonly string[]): string {
  return values.join('\0');
}

function print({ type, options }: Section): string {
  return [type, ...options.map(({ name, values }) => `${name}=${join(values)}`)].join('\n');
}
