import type { Scanner } from './scanner.ts';
import type { Value } from './statement.ts';

/** What stands in parentheses: `("macvlan" . ($i + 1))`, from the operators that bind least to those that bind most. */

const LEVELS: readonly RegExp[] = [
  /\|\||or(?![\w-])/y,
  /&&|and(?![\w-])/y,
  /!=|<=|>=|[=<>~]|in(?![\w-])/y,
  /\./y,
  /[+-]/y,
  /[*/%]/y,
];
const WORDS: Readonly<Record<string, string>> = { '||': 'or', '&&': 'and' };
/** An address, with or without a prefix length; a number or a time; a word. */
const WORD = /\d+\.\d+\.\d+\.\d+(?:\/\d+)?|\d[\w:]*|[A-Za-z*][\w:-]*/y;

/** What a person puts together by hand; each takes from the stack when it is worked out. */
const LONGEST = 100;

/**
 * Read up to the `)`, which is taken; the scanner stands behind the `(`. `nested` reads what begins with `(`, `[`, `{`, `"` or `$`.
 */
export function parseExpression(scanner: Scanner, nested: () => Value): Value {
  const start = scanner.at - 1;
  const values = [parseLevel(scanner, nested, 0)];
  while (scanner.takes(/,/y)) values.push(parseLevel(scanner, nested, 0));
  if (!scanner.takes(/\)/y)) scanner.fail('syntax error', scanner.next === '' ? start : scanner.at);
  return values.length === 1 ? values[0]! : { kind: 'list', values };
}

function parseLevel(scanner: Scanner, nested: () => Value, level: number): Value {
  if (level === LEVELS.length) return parseUnary(scanner, nested);
  let left = parseLevel(scanner, nested, level + 1);
  for (let n = 0; ; n++) {
    scanner.skipBlanks();
    const place = scanner.place();
    const operator = scanner.take(LEVELS[level]!);
    if (operator === '') return left;
    if (n > LONGEST) scanner.fail('syntax error');
    const operands = [left, parseLevel(scanner, nested, level + 1)];
    left = { kind: 'operation', ...place, operator: WORDS[operator] ?? operator, operands };
  }
}

function parseUnary(scanner: Scanner, nested: () => Value): Value {
  scanner.skipBlanks();
  const place = scanner.place();
  const operators: string[] = [];
  for (;;) {
    const operator = scanner.take(/!|-|not(?![\w-])/y);
    if (operator === '') break;
    if (operators.length > LONGEST) scanner.fail('syntax error');
    operators.push(operator === 'not' ? '!' : operator);
    scanner.skipBlanks();
  }
  const operand = '([{"$'.includes(scanner.next || ' ') ? nested() : scanner.take(WORD) || scanner.fail('syntax error');
  return operators.reduceRight<Value>(
    (of, operator) => ({ kind: 'operation', ...place, operator, operands: [of] }),
    operand,
  );
}
