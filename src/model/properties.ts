import { Refused } from './refused.ts';
import type { ValueType } from './types.ts';

/** What a change of the property costs the line, in rising order (netifd's reload classes). */
export type Cost = 'live' | 'respawn' | 'recreate';

/** One property, for everything that reads, checks, shows or documents it. */
export interface Property<T> {
  readonly type: ValueType<T>;
  readonly help: string;
  readonly cost: Cost;
  readonly default?: T;
  readonly required?: true;
  /** Write-only, such as a password: no `list` shows it, and an export only when asked to. */
  readonly secret?: true;
}

// biome-ignore lint/suspicious/noExplicitAny: rows of different value types stand in one table
export type PropertyTable = Readonly<Record<string, Property<any>>>;

type Always<P> = P extends { required: true } | { default: AnyValue } ? true : false;
type ValueOf<P> = P extends Property<infer T> ? T : never;

/** The record that a table describes: what is required or has a default is there, the rest may be missing. */
export type Values<P extends PropertyTable> = {
  -readonly [K in keyof P as Always<P[K]> extends true ? K : never]: ValueOf<P[K]>;
} & { -readonly [K in keyof P as Always<P[K]> extends true ? never : K]?: ValueOf<P[K]> };

export type AnyValue = string | number | boolean | readonly string[];
export type AnyValues = Record<string, AnyValue | undefined>;

/** A table with its row types kept, so that `Values` can tell required from optional. */
export function properties<const P extends PropertyTable>(table: P): P {
  return table;
}

export function consoleName(property: string): string {
  return property.replaceAll('_', '-');
}

/** The row of a property; `constructor` and other names that every object answers to have none. */
export function rowOf(table: PropertyTable, name: string): PropertyTable[string] | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

/** One value from UCI, ubus or the console. Throws Refused. */
export function parseValue(table: PropertyTable, name: string, input: string): AnyValue {
  const row = rowOf(table, name);
  if (!row) throw new Refused(`unknown property ${name}; known are ${Object.keys(table).join(', ')}`, name);
  const value = row.type.parse(input);
  if (value !== undefined) return value;
  const why = row.type.refuse?.(input);
  const shown = row.secret ? '' : ` ${quoted(input)}`;
  throw new Refused(`${name}${shown} is not valid: ${why ?? `expected ${row.type.expected}`}`, name);
}

/** The table's defaults under the values that were given. */
export function withDefaults(table: PropertyTable, given: AnyValues): AnyValues {
  const values: AnyValues = {};
  for (const name in table) values[name] = given[name] ?? table[name]!.default;
  return values;
}

function quoted(input: string): string {
  return JSON.stringify(input.length > 60 ? `${input.slice(0, 60)}…` : input);
}
