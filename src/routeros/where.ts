import { parseIpv4, parseMac, printMac } from '../bytes/ip.ts';
import { parseTime } from '../model/time.ts';
import type { Scanner } from './scanner.ts';
import { type Item, valueIn } from './table.ts';

/** A condition on an item: `disabled and mtu>1400 and !(name~"^mac")`. */
export type Where =
  | { kind: 'and' | 'or'; terms: Where[] }
  | { kind: 'not'; of: Where }
  | { kind: 'compare'; property: string; operator: Operator; value: string }
  | { kind: 'set'; property: string };

export type Operator = '=' | '!=' | '<' | '>' | '<=' | '>=' | '~';

const WORD = /[^\s=!<>~()[\]{};"&|\\]+/y;
const AND = /(?:and(?![\w-])|&&)/y;
const OR = /(?:or(?![\w-])|\|\|)/y;
const OPERATOR = /!=|<=|>=|[=<>~]/y;
/** What a person nests by hand; more would only be there to exhaust the stack. */
const DEEPEST = 50;

/** Read a condition up to the end of the command or to one of `closing`. Undefined when there is none. */
export function parseWhere(scanner: Scanner, closing: string): Where | undefined {
  scanner.skipBlanks();
  return scanner.endsHere(closing) ? undefined : parseOr(scanner, closing, 0);
}

function parseOr(scanner: Scanner, closing: string, depth: number): Where {
  const terms = [parseAnd(scanner, closing, depth)];
  while (takes(scanner, OR)) terms.push(parseAnd(scanner, closing, depth));
  return terms.length === 1 ? terms[0]! : { kind: 'or', terms };
}

/** `[find interface=ether1 mode=bridge]`: what stands side by side must all be true. */
function parseAnd(scanner: Scanner, closing: string, depth: number): Where {
  const terms = [parseNot(scanner, closing, depth)];
  while (takes(scanner, AND) || !endsTerm(scanner, closing)) terms.push(parseNot(scanner, closing, depth));
  return terms.length === 1 ? terms[0]! : { kind: 'and', terms };
}

function parseNot(scanner: Scanner, closing: string, depth: number): Where {
  if (depth > DEEPEST) scanner.fail('syntax error');
  if (takes(scanner, /(?:not(?![\w-])|!)/y)) return { kind: 'not', of: parseNot(scanner, closing, depth + 1) };
  if (!takes(scanner, /\(/y)) return parseComparison(scanner);
  const inner = parseOr(scanner, ')', depth + 1);
  if (!takes(scanner, /\)/y)) scanner.fail('syntax error');
  return inner;
}

function parseComparison(scanner: Scanner): Where {
  const property = scanner.word(WORD) ?? scanner.fail('syntax error');
  scanner.skipBlanks();
  const operator = scanner.take(OPERATOR) as Operator | '';
  if (operator === '') return { kind: 'set', property };
  scanner.skipBlanks();
  const start = scanner.at;
  // `comment=` asks for an empty one.
  const value = scanner.word(WORD) ?? '';
  if (operator === '~' && !isPattern(value)) scanner.fail('syntax error', start);
  return { kind: 'compare', property, operator, value };
}

function takes(scanner: Scanner, pattern: RegExp): boolean {
  scanner.skipBlanks();
  return scanner.take(pattern) !== '';
}

function endsTerm(scanner: Scanner, closing: string): boolean {
  scanner.skipBlanks();
  const before = scanner.at;
  const ends = scanner.endsHere(`${closing})`) || scanner.take(OR) !== '';
  scanner.at = before;
  return ends;
}

function isPattern(text: string): boolean {
  try {
    new RegExp(text);
    return true;
  } catch {
    return false;
  }
}

/** Whether the condition is true of the item. */
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
      return compares(where.property === '.id' ? item.id : valueIn(item, where.property), where.operator, where.value);
  }
}

function compares(actual: string, operator: Operator, wanted: string): boolean {
  if (operator === '~') return new RegExp(wanted).test(actual);
  const [left, right] = [comparable(actual), comparable(wanted)];
  const equal = actual === wanted || left === right;
  if (operator === '=') return equal;
  if (operator === '!=') return !equal;
  if (actual === '' || typeof left !== typeof right) return false;
  if (equal) return operator.endsWith('=');
  return left < right === operator.startsWith('<');
}

/** What a value is compared by: numbers, durations and addresses by size, MACs and booleans however they are spelt. */
function comparable(text: string): number | string {
  const seconds = parseTime(text);
  if (seconds !== undefined) return seconds;
  const address = parseIpv4(text);
  if (address) return address.reduce((sum, byte) => sum * 256 + byte, 0);
  const mac = parseMac(text);
  if (mac) return printMac(mac);
  return text === 'true' ? 'yes' : text === 'false' ? 'no' : text;
}
