import type { Machine } from '../runtime/machine.ts';
import { UciError } from './error.ts';
import { type Content, decodeLossless } from './lossless.ts';
import { type Document, parse } from './parse.ts';
import { isPackageName } from './words.ts';

export interface UciFile {
  readonly text: string;
  readonly document: Document;
}

/** The files of a directory of UCI packages (`/etc/config`), for reading. Others' pending deltas are not read. */
export class UciStore {
  readonly #machine: Pick<Machine, 'files'>;
  readonly #directory: string;
  /** Reading a file costs a slow router more than all else: what was read or written last is kept until it is forgotten. */
  #last: UciFile | undefined;

  constructor(machine: Pick<Machine, 'files'>, directory: string) {
    this.#machine = machine;
    this.#directory = directory;
  }

  /** The file as it is now; undefined when there is none. */
  read(name: string): UciFile | undefined {
    const content = this.contentAt(this.pathOf(name));
    return content && this.fileOf(content.text);
  }

  /** Keep nothing in memory that can be read again. */
  forget(): void {
    this.#last = undefined;
  }

  pathOf(name: string): string {
    if (!isPackageName(name)) throw new UciError(`"${name}" cannot be the name of a package`);
    return `${this.#directory}/${name}`;
  }

  contentAt(path: string): Content | undefined {
    const bytes = this.#machine.files.read(path);
    return bytes && { text: decodeLossless(bytes), bytes };
  }

  /** A text as a file. */
  fileOf(text: string): UciFile {
    if (this.#last?.text !== text) this.#last = fileOf(text);
    return this.#last;
  }
}

/** The document is read when first asked for: a slow router takes long for a large file. */
function fileOf(text: string): UciFile {
  let document: Document | undefined;
  return {
    text,
    get document() {
      document ??= parse(text);
      return document;
    },
  };
}
