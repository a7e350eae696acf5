import { type AnyValues, type PropertyTable, parseValue, properties, withDefaults } from './properties.ts';
import { Refused } from './refused.ts';
import { integer } from './types.ts';

/** A section as the UCI library reads it. */
export interface UciSection {
  readonly type: string;
  readonly name?: string | undefined;
  readonly line: number;
  readonly options: readonly { readonly name: string; readonly values: readonly string[]; readonly line: number }[];
}

export interface UciFile {
  readonly sections: readonly UciSection[];
  readonly problems: readonly { readonly line: number; readonly error: string }[];
}

/** Something in the configuration that cannot be used; the rest works. `line` counts from 1. */
export interface Problem {
  readonly section?: string;
  readonly line?: number;
  readonly property?: string;
  readonly error: string;
}

/** One configured thing. An item with problems is kept and shown, but nothing is done for it. */
export interface Item {
  readonly type: string;
  /** The section's name, or the one that it gets at our first write. */
  readonly id: string;
  readonly line: number;
  /** What the user wrote, and that with the defaults under it. */
  readonly given: AnyValues;
  readonly values: AnyValues;
  readonly problems: readonly Problem[];
}

/** RouterOS port names and the supervision of children, as procd words them. */
export const globals = properties({
  respawn_threshold: {
    type: integer(0, 86400),
    default: 60,
    cost: 'live',
    help: 'a child that ran for fewer seconds counts as failed',
  },
  respawn_timeout: {
    type: integer(1, 3600),
    default: 5,
    cost: 'live',
    help: 'seconds before the first new start; doubled with each failure in a row',
  },
  respawn_retry: {
    type: integer(0, 1000),
    default: 0,
    cost: 'live',
    help: 'failures in a row after which a line is given up; 0 = never',
  },
});

export interface Config {
  readonly items: readonly Item[];
  readonly portAlias: ReadonlyMap<string, string>;
  readonly respawn: { readonly threshold: number; readonly timeout: number; readonly retry: number };
  readonly problems: readonly Problem[];
  /** The names of all sections, ours or not, given or stood in for. */
  readonly ids: ReadonlySet<string>;
  /** Sections without a name: their places in the file, with the id that stands for them here. */
  readonly unnamed: readonly { readonly at: number; readonly id: string }[];
}

/** Nothing configured. */
export const emptyConfig: Config = readConfig({ sections: [], problems: [] }, []);

/** Only what the reader needs of a menu. */
interface ItemType {
  readonly type: string;
  readonly properties: PropertyTable;
}

/** Read the file's sections. Never throws: what is wrong becomes a problem of its section. */
export function readConfig(file: UciFile, types: readonly ItemType[]): Config {
  const ids = sectionIds(file.sections);
  const reader: Reader = { items: [], problems: file.problems.map((problem): Problem => problem) };
  const section = file.sections.find((candidate) => candidate.type === 'globals');
  const known = readValues(globals, section, section?.name ?? 'globals', (name) => name === 'port_alias');
  reader.problems.push(...known.problems);
  file.sections.forEach((section, at) => {
    const type = types.find((candidate) => candidate.type === section.type);
    if (type) addItem(reader, type, section, ids[at]!);
  });
  const respawn = withDefaults(globals, known.given) as { [K in keyof typeof globals]: number };
  const { items, problems } = reader;
  return {
    items,
    problems,
    portAlias: readAliases(section, problems),
    respawn: { threshold: respawn.respawn_threshold, timeout: respawn.respawn_timeout, retry: respawn.respawn_retry },
    ids: new Set(ids),
    unnamed: file.sections.flatMap(({ name }, at) => (name === undefined ? [{ at, id: ids[at]! }] : [])),
  };
}

/** Below these all are taken: without them a thousand sections would be counted half a million times. */
const firsts = new WeakMap<ReadonlySet<string | undefined>, Map<string, number>>();

/** The lowest `<type>_<n>` that no section has, n from 1. Ids may be added to a set in use, but none taken away. */
export function freshId(type: string, taken: ReadonlySet<string | undefined>): string {
  const known = firsts.get(taken) ?? new Map<string, number>();
  firsts.set(taken, known);
  for (let n = known.get(type) ?? 1; ; n++) {
    if (taken.has(`${type}_${n}`)) continue;
    known.set(type, n);
    return `${type}_${n}`;
  }
}

function sectionIds(sections: readonly UciSection[]): string[] {
  const taken = new Set(sections.map((section) => section.name));
  return sections.map(({ type, name }) => {
    if (name !== undefined) return name;
    const id = freshId(type, taken);
    taken.add(id);
    return id;
  });
}

interface Reader {
  readonly items: Item[];
  readonly problems: Problem[];
}

function addItem({ items, problems: all }: Reader, type: ItemType, section: UciSection, id: string): void {
  const { given, problems } = readValues(type.properties, section, id, () => false);
  // A named section needs no `option name` beside it.
  if (type.properties.name && section.name !== undefined && !section.options.some(({ name }) => name === 'name'))
    given.name = section.name;
  const { line } = section;
  const values = withDefaults(type.properties, given);
  items.push({ type: type.type, id, line, given, values, problems });
  all.push(...problems);
}

function readValues(
  table: PropertyTable,
  section: UciSection | undefined,
  id: string,
  elsewhere: (name: string) => boolean,
) {
  const given: AnyValues = {};
  const problems: Problem[] = [];
  for (const option of section?.options ?? []) {
    if (elsewhere(option.name)) continue;
    try {
      const { values } = option;
      given[option.name] = parseValue(table, option.name, values.length === 1 ? values[0]! : values.join(' '));
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      problems.push({ section: id, line: option.line, property: option.name, error: error.message });
    }
  }
  if (section) problems.push(...missing(table, section, id, given));
  return { given, problems };
}

/** What is required and was not even tried to be given. */
function missing(table: PropertyTable, { options, line }: UciSection, id: string, given: AnyValues): Problem[] {
  const problems: Problem[] = [];
  for (const property in table) {
    if (!table[property]!.required || given[property] !== undefined) continue;
    if (!options.some(({ name }) => name === property))
      problems.push({ section: id, line, property, error: `${property} is missing` });
  }
  return problems;
}

function readAliases(section: UciSection | undefined, problems: Problem[]): Map<string, string> {
  const aliases = new Map<string, string>();
  for (const option of section?.options ?? []) {
    if (option.name !== 'port_alias') continue;
    for (const pair of option.values) {
      const match = /^([^=\s]+)=([^=\s]+)$/.exec(pair);
      if (match) aliases.set(match[1]!, match[2]!);
      else
        problems.push({
          section: 'globals',
          line: option.line,
          property: 'port_alias',
          error: `port_alias "${pair}" is not NAME=DEVICE, such as ether1=wan`,
        });
    }
  }
  return aliases;
}
