import { UciError } from './error.ts';
import type { Document, Option, Section } from './parse.ts';
import { isName, isText, isType } from './words.ts';

/** A section by its name, or an anonymous one by its place in `document.sections`. */
export type SectionReference = string | number;

/**
 * What can be done to a file. A text sets an `option`, an array a `list`; empty ones delete it, because UCI has no
 * empty value. `rename` also gives an anonymous section its name. Places are those before the first change.
 */
export type Change =
  | { kind: 'set'; section: SectionReference; option: string; value: string | readonly string[] }
  | { kind: 'delete'; section: SectionReference; option: string }
  | { kind: 'add'; type: string; name: string }
  | { kind: 'remove'; section: SectionReference }
  | { kind: 'rename'; section: SectionReference; name: string };

/** Whether a document is as the changes, which are some, would make it. */
export function hasAll(document: Document, changes: readonly Change[]): boolean {
  const last = new Map(
    changes.map((change) => [`${sectionOf(change)} ${'option' in change ? change.option : ''}`, change]),
  );
  return changes.length > 0 && [...last.values()].every((change) => has(document, change));
}

function sectionOf(change: Change): SectionReference {
  return change.kind === 'add' ? change.name : change.section;
}

function has(document: Document, change: Change): boolean {
  const reference = change.kind === 'rename' ? change.name : sectionOf(change);
  const section = typeof reference === 'number' ? undefined : document.named.get(reference);
  if (change.kind === 'remove') return section === undefined;
  const values = 'option' in change ? section?.options.find(({ name }) => name === change.option)?.values : undefined;
  if (change.kind === 'delete') return values === undefined;
  return section !== undefined && (change.kind !== 'set' || values?.join('\0') === [change.value].flat().join('\0'));
}

export interface DraftOption {
  kind: 'option' | 'list';
  values: readonly string[];
}

/** A section as it shall be. */
export class Draft {
  removed = false;
  readonly options: Map<string, DraftOption>;

  constructor(
    readonly type: string,
    public name: string | undefined,
    options: readonly Option[] = [],
  ) {
    this.options = new Map(options.map(({ name, kind, values }) => [name, { kind, values }]));
  }
}

/** What changes make of a document. Sections that none of them names cost nothing. */
export class Drafts {
  readonly #document: Document;
  readonly #touched = new Map<Section, Draft>();
  readonly #added: Draft[] = [];
  /** Who has a name, or nobody, where that is not as in the document. */
  readonly #named = new Map<string, Draft | undefined>();

  constructor(document: Document, changes: readonly Change[]) {
    this.#document = document;
    for (const change of changes) this.#apply(change);
  }

  /** A section's draft, if a change names it. */
  of(section: Section): Draft | undefined {
    return this.#touched.get(section);
  }

  get added(): Draft[] {
    return this.#added.filter(({ removed }) => !removed);
  }

  #apply(change: Change): void {
    if (change.kind === 'add') {
      if (!isType(change.type)) throw new UciError(`"${change.type}" cannot be the type of a section`);
      const draft = new Draft(change.type, undefined);
      this.#name(draft, change.name);
      this.#added.push(draft);
      return;
    }
    const draft = this.#find(change.section);
    if (change.kind === 'set') setOption(draft, change.option, change.value);
    else if (change.kind === 'delete') draft.options.delete(change.option);
    else if (change.kind === 'rename') this.#name(draft, change.name);
    else {
      draft.removed = true;
      if (draft.name !== undefined) this.#named.set(draft.name, undefined);
    }
  }

  #name(draft: Draft, name: string): void {
    if (draft.name === name) return;
    if (!isName(name)) throw new UciError(`"${name}" cannot be the name of a section`);
    if (this.#holder(name)) throw new UciError(`there is a section ${name} already`);
    if (draft.name !== undefined) this.#named.set(draft.name, undefined);
    this.#named.set(name, draft);
    draft.name = name;
  }

  #find(reference: SectionReference): Draft {
    const draft = typeof reference === 'number' ? this.#at(reference) : this.#holder(reference);
    if (!draft || draft.removed) throw new UciError(`no section ${reference}`);
    return draft;
  }

  #holder(name: string): Draft | undefined {
    return this.#named.has(name) ? this.#named.get(name) : this.#draft(this.#document.named.get(name));
  }

  #at(place: number): Draft | undefined {
    return this.#draft(this.#document.sections[place]);
  }

  #draft(section: Section | undefined): Draft | undefined {
    if (!section) return undefined;
    const known = this.#touched.get(section);
    const draft = known ?? new Draft(section.type, section.name, section.options);
    if (!known) this.#touched.set(section, draft);
    return draft;
  }
}

function setOption(draft: Draft, name: string, value: string | readonly string[]): void {
  if (!isName(name)) throw new UciError(`"${name}" cannot be the name of an option`);
  const values = typeof value === 'string' ? [value] : value;
  if (!values.every(isText)) throw new UciError(`${name} holds a control character, which UCI cannot store`);
  if (value === '' || values.length === 0) draft.options.delete(name);
  else draft.options.set(name, { kind: typeof value === 'string' ? 'option' : 'list', values });
}
