import { itemId } from './menu.ts';
import { Fault, type Place } from './scanner.ts';
import type { Operation, Operator } from './statement.ts';
import { compares, patternFault } from './where.ts';

/** What a value came to: a text, several, or items of a menu. */
export type Datum = string | readonly string[] | Items;

export interface Items {
  /** The menu's type. */
  readonly type: string;
  readonly ids: readonly string[];
}

export function isItems(datum: Datum): datum is Items {
  return typeof datum === 'object' && 'ids' in datum;
}

/** As `:put` shows it. */
export function textOf(datum: Datum): string {
  if (isItems(datum)) return datum.ids.map(itemId).join(';');
  return typeof datum === 'string' ? datum : datum.join(';');
}

export function isTrue(datum: Datum): boolean {
  return datum === 'true' || datum === 'yes';
}

/** An operator on texts. Throws Fault where it needs numbers and has none. */
export function operate({ operator, ...place }: Operation, operands: readonly string[]): string {
  const [left = '', right] = operands;
  if (right === undefined) return operator === '!' ? String(!isTrue(left)) : String(-numeric(left, place));
  switch (operator) {
    case 'or':
      return String(isTrue(left) || isTrue(right));
    case 'and':
      return String(isTrue(left) && isTrue(right));
    case '.':
      return left + right;
    case '+':
    case '-':
    case '*':
    case '/':
    case '%':
      return String(calculate(operator, numeric(left, place), numeric(right, place), place));
    default:
      if (operator === '~') {
        const fault = patternFault(right);
        if (fault !== undefined) throw new Fault(fault, place);
      }
      return String(compares(left, operator as Operator, right));
  }
}

function numeric(text: string, place: Place): number {
  if (!/^-?\d{1,15}$/.test(text)) throw new Fault(`"${text}" is no whole number`, place);
  return Number(text);
}

function calculate(operator: '+' | '-' | '*' | '/' | '%', left: number, right: number, place: Place): number {
  if (right === 0 && (operator === '/' || operator === '%')) throw new Fault('division by zero', place);
  switch (operator) {
    case '+':
      return left + right;
    case '-':
      return left - right;
    case '*':
      return left * right;
    case '/':
      return Math.trunc(left / right);
    case '%':
      return left % right;
  }
}
