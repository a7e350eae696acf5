import type { Document, Section } from './parse.ts';
import { isName, isText, isType } from './words.ts';

/** A change that cannot be made, or a file that cannot be written. */
export class UciError extends Error {
  constructor(text: string) {
    super(text);
    this.name = 'UciError';
  }
}

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
  const section = typeof reference === 'number' ? undefined : document.sections.find(({ name }) => name === reference);
  if (change.kind === 'remove') return section === undefined;
  const values = 'option' in change ? section?.options.find(({ name }) => name === change.option)?.values : undefined;
  if (change.kind === 'delete') return values === undefined;
  return section !== undefined && (change.kind !== 'set' || values?.join('\0') === [change.value].flat().join('\0'));
}

export interface DraftOption {
  kind: 'option' | 'list';
  values: readonly string[];
}

/** A section as it shall be; `origin` is where it stands in the file now. Most are never touched, and cost nothing more. */
export class Draft {
  name: string | undefined;
  removed = false;
  #options: Map<string, DraftOption> | undefined;

  constructor(
    readonly type: string,
    name: string | undefined,
    readonly origin?: Section,
  ) {
    this.name = name;
  }

  get options(): Map<string, DraftOption> {
    this.#options ??= new Map(this.origin?.options.map(({ name, kind, values }) => [name, { kind, values }]));
    return this.#options;
  }

  /** Something about it may be different now. */
  get isTouched(): boolean {
    return this.#options !== undefined || this.removed || this.name !== this.origin?.name;
  }
}

/** What the document's sections, and new ones behind them, shall be after the changes. */
export function changed(document: Document, changes: readonly Change[]): Draft[] {
  const drafts = document.sections.map((section) => new Draft(section.type, section.name, section));
  for (const change of changes) apply(drafts, change);
  return drafts;
}

function apply(drafts: Draft[], change: Change): void {
  switch (change.kind) {
    case 'set':
      setOption(find(drafts, change.section), change.option, change.value);
      return;
    case 'delete':
      find(drafts, change.section).options.delete(change.option);
      return;
    case 'add':
      if (!isType(change.type)) throw new UciError(`"${change.type}" cannot be the type of a section`);
      drafts.push(new Draft(change.type, freeName(drafts, change.name)));
      return;
    case 'remove':
      find(drafts, change.section).removed = true;
      return;
    case 'rename': {
      const draft = find(drafts, change.section);
      if (draft.name !== change.name) draft.name = freeName(drafts, change.name);
    }
  }
}

function setOption(draft: Draft, name: string, value: string | readonly string[]): void {
  if (!isName(name)) throw new UciError(`"${name}" cannot be the name of an option`);
  const values = typeof value === 'string' ? [value] : value;
  if (!values.every(isText)) throw new UciError(`${name} holds a control character, which UCI cannot store`);
  if (value === '' || values.length === 0) draft.options.delete(name);
  else draft.options.set(name, { kind: typeof value === 'string' ? 'option' : 'list', values });
}

function find(drafts: readonly Draft[], section: SectionReference): Draft {
  const draft =
    typeof section === 'number' ? drafts[section] : drafts.find(({ name, removed }) => name === section && !removed);
  if (!draft || draft.removed) throw new UciError(`no section ${section}`);
  return draft;
}

function freeName(drafts: readonly Draft[], name: string): string {
  if (!isName(name)) throw new UciError(`"${name}" cannot be the name of a section`);
  if (drafts.some((draft) => draft.name === name && !draft.removed))
    throw new UciError(`there is a section ${name} already`);
  return name;
}
