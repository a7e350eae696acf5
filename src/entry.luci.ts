import { descriptions } from './menus/descriptions.ts';
import type { Property } from './model/properties.ts';

/** The property tables for LuCI's forms: the browser judges a value by the code by which the daemon does. */

/** How a form asks for a value. */
type Kind = 'flag' | 'choice' | 'list' | 'secret' | 'text';

export interface Row {
  readonly name: string;
  readonly kind: Kind;
  readonly words: readonly string[];
  readonly expected: string;
  readonly help: string;
  readonly required: boolean;
  /** UCI's spelling of what it is when it is left out. */
  readonly standard: string;
  /** What is wrong with a text; undefined: nothing. */
  check(text: string): string | undefined;
}

const WORDS = /^[\w-]+(?: \| [\w-]+)+$/;

function rowOf(name: string, { type, default: value, help, required, secret }: Property<unknown>): Row {
  const { policy, expected } = type;
  const isChoice = WORDS.test(expected);
  const kind =
    policy === 'Boolean' ? 'flag' : secret ? 'secret' : policy === 'Array' ? 'list' : isChoice ? 'choice' : 'text';
  return {
    name,
    kind,
    words: kind === 'choice' ? expected.split(' | ') : [],
    expected,
    help,
    required: required === true,
    standard: value === undefined ? '' : [type.store(value)].flat().join(' '),
    check: (text) => (type.parse(text) === undefined ? (type.refuse?.(text) ?? `expected ${expected}`) : undefined),
  };
}

export const menus = descriptions.map(({ type, path, object, key, columns, properties }) => ({
  type,
  path,
  object,
  key,
  columns: columns.filter((name) => name in properties),
  rows: Object.entries(properties).map(([name, property]) => rowOf(name, property as Property<unknown>)),
}));
