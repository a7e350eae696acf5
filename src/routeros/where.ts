import { parseIpv4, parseMac, printMac } from '../bytes/ip.ts';
import { parseTime } from '../model/time.ts';
import type { Scanner } from './scanner.ts';
import type { Operator, Value, Where } from './statement.ts';
import { type Item, valueIn } from './table.ts';

/** A bare word in a condition. */
export const WORD = /[^\s=!<>~()[\]{};"&|\\]+/y;
const AND = /(?:and(?![\w-])|&&)/y;
const OR = /(?:or(?![\w-])|\|\|)/y;
const OPERATOR = /!=|<=|>=|[=<>~]|in(?![\w-])/y;
/** Of `*`, `+` and `{1,}` in one pattern. */
const MOST_REPEATED = 4;
/** What a person nests by hand; more would only be there to exhaust the stack. */
const DEEPEST = 50;

/** How the language reads what a condition holds: the name of a property, and a value of its characters. */
export interface Words {
  property(): string;
  value(pattern: RegExp): Value | undefined;
}

/** Read a condition up to the end of the command or to one of `closing`. Undefined when there is none. */
export function parseWhere(scanner: Scanner, closing: string, words: Words): Where | undefined {
  scanner.skipBlanks();
  return scanner.endsHere(closing) ? undefined : parseOr(scanner, closing, words, 0);
}

function parseOr(scanner: Scanner, closing: string, words: Words, depth: number): Where {
  const terms = [parseAnd(scanner, closing, words, depth)];
  while (scanner.takes(OR)) terms.push(parseAnd(scanner, closing, words, depth));
  return terms.length === 1 ? terms[0]! : { kind: 'or', terms };
}

/** `[find interface=ether1 mode=bridge]`: what stands side by side must all be true. */
function parseAnd(scanner: Scanner, closing: string, words: Words, depth: number): Where {
  const terms = [parseNot(scanner, closing, words, depth)];
  while (scanner.takes(AND) || !endsTerm(scanner, closing)) terms.push(parseNot(scanner, closing, words, depth));
  return terms.length === 1 ? terms[0]! : { kind: 'and', terms };
}

function parseNot(scanner: Scanner, closing: string, words: Words, depth: number): Where {
  if (depth > DEEPEST) scanner.fail('syntax error');
  if (scanner.takes(/(?:not(?![\w-])|!)/y)) return { kind: 'not', of: parseNot(scanner, closing, words, depth + 1) };
  if (!scanner.takes(/\(/y)) return parseComparison(scanner, words);
  const inner = parseOr(scanner, ')', words, depth + 1);
  if (!scanner.takes(/\)/y)) scanner.fail('syntax error');
  return inner;
}

function parseComparison(scanner: Scanner, words: Words): Where {
  const place = scanner.place();
  const property = words.property();
  scanner.skipBlanks();
  const operator = scanner.take(OPERATOR) as Operator | '';
  if (operator === '') return { kind: 'set', property };
  scanner.skipBlanks();
  const start = scanner.at;
  // `comment=` asks for an empty one.
  const value = words.value(WORD) ?? '';
  const fault = operator === '~' && typeof value === 'string' ? patternFault(value) : undefined;
  if (fault !== undefined) scanner.fail(fault, start);
  return { kind: 'compare', property, operator, value, ...place };
}

function endsTerm(scanner: Scanner, closing: string): boolean {
  scanner.skipBlanks();
  const before = scanner.at;
  const ends = scanner.endsHere(`${closing})`) || scanner.take(OR) !== '';
  scanner.at = before;
  return ends;
}

/**
 * Why a text is no pattern for `~`, or undefined. The engine goes back and tries again: what could keep it busy for ever
 * (a repeated group, a reference to one, many repetitions) is refused, for the daemon runs scripts too.
 */
export function patternFault(text: string): string | undefined {
  const bare = text.replace(/\\[^1-9]|\[(?:\\.|[^\]\\])*\]/g, 'x');
  if (/\)[*+{]|\\[1-9]/.test(bare) || (bare.match(/[*+]|\{\d*,/g)?.length ?? 0) > MOST_REPEATED)
    return `the pattern "${text}" repeats too much`;
  try {
    new RegExp(text);
    return undefined;
  } catch {
    return `"${text}" is no regular expression`;
  }
}

/** Whether the condition, whose values have all been worked out, is true of the item. */
export function matches(where: Where, item: Item): boolean {
  switch (where.kind) {
    case 'and':
      return where.terms.every((term) => matches(term, item));
    case 'or':
      return where.terms.some((term) => matches(term, item));
    case 'not':
      return !matches(where.of, item);
    case 'set':
      return !/^(|no|false)$/.test(valueIn(item, where.property));
    case 'compare':
      return compares(
        where.property === '.id' ? item.id : valueIn(item, where.property),
        where.operator,
        where.value as string,
      );
  }
}

/** Two texts as the language compares them. A pattern has to be one. */
export function compares(actual: string, operator: Operator, wanted: string): boolean {
  if (operator === '~') return new RegExp(wanted).test(actual);
  if (operator === 'in') return wanted.split(',').some((one) => isIn(actual, one));
  const [left, right] = [comparable(actual), comparable(wanted)];
  const equal = actual === wanted || left === right;
  if (operator === '=') return equal;
  if (operator === '!=') return !equal;
  if (actual === '' || typeof left !== typeof right) return false;
  if (equal) return operator.endsWith('=');
  return left < right === operator.startsWith('<');
}

/** `192.0.2.7/24 in 192.0.2.0/24`; of other values the same as `=`. */
function isIn(actual: string, wanted: string): boolean {
  const [net, length] = wanted.split('/');
  const [inner, outer] = [parseIpv4(actual.split('/')[0]!), parseIpv4(net!)];
  if (!inner || !outer || length === undefined || !/^\d{1,2}$/.test(length)) return compares(actual, '=', wanted);
  const size = 2 ** (32 - Math.min(32, Number(length)));
  return Math.floor(numberOf(inner) / size) === Math.floor(numberOf(outer) / size);
}

function numberOf(address: Uint8Array): number {
  return address.reduce((sum, byte) => sum * 256 + byte, 0);
}

/** What a value is compared by: numbers, durations and addresses by size, MACs and booleans however they are spelt. */
function comparable(text: string): number | string {
  const seconds = parseTime(text);
  if (seconds !== undefined) return seconds;
  const address = parseIpv4(text);
  if (address) return numberOf(address);
  const mac = parseMac(text);
  if (mac) return printMac(mac);
  return text === 'true' ? 'yes' : text === 'false' ? 'no' : text;
}
