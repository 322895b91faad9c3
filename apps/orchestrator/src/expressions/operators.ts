import type { JsonValue } from '@mainstay/types';
import { type Evaluation, failed, spend, textCost, tooCostly } from './evaluation.ts';
import { MAX_LIST_LENGTH, MAX_TEXT_LENGTH } from './limits.ts';
import { checkedNumber, equal, field, isList, isMap, typeName } from './values.ts';

type Binary = (at: Evaluation, a: JsonValue, b: JsonValue) => JsonValue;

/** Operators whose two operands are both evaluated. */
export const BINARY: Readonly<Record<string, Binary>> = {
  '==': equal,
  '!=': (at, a, b) => !equal(at, a, b),
  '<': (at, a, b) => compare(at, '<', a, b) < 0,
  '<=': (at, a, b) => compare(at, '<=', a, b) <= 0,
  '>': (at, a, b) => compare(at, '>', a, b) > 0,
  '>=': (at, a, b) => compare(at, '>=', a, b) >= 0,
  in: contains,
  '+': add,
  '-': (at, a, b) => arithmetic(at, '-', a, b, (x, y) => x - y),
  '*': (at, a, b) => arithmetic(at, '*', a, b, (x, y) => x * y),
  '/': (at, a, b) => divide(at, a, b),
  '%': (at, a, b) => {
    if (b === 0) throw failed(at, 'modulo by zero');
    return arithmetic(at, '%', a, b, (x, y) => x % y);
  },
};

function mismatch(at: Evaluation, operator: string, a: JsonValue, b: JsonValue): Error {
  const hint = operator === '+' && (typeof a === 'string' || typeof b === 'string') ? '; turn it into text with string(…)' : '';
  return failed(at, `\`${operator}\` does not apply to ${typeName(a)} and ${typeName(b)}${hint}`);
}

function compare(at: Evaluation, operator: string, a: JsonValue, b: JsonValue): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (typeof a === 'boolean' && typeof b === 'boolean') return Number(a) - Number(b);
  if (typeof a !== 'string' || typeof b !== 'string') throw mismatch(at, operator, a, b);
  spend(at, textCost(Math.min(a.length, b.length)));
  return a < b ? -1 : a > b ? 1 : 0;
}

function contains(at: Evaluation, item: JsonValue, container: JsonValue): boolean {
  if (isList(container)) return container.some((other) => equal(at, item, other));
  if (!isMap(container) || typeof item !== 'string') throw mismatch(at, 'in', item, container);
  return field(container, item) !== undefined;
}

function add(at: Evaluation, a: JsonValue, b: JsonValue): JsonValue {
  if (typeof a === 'string' && typeof b === 'string') {
    spend(at, textCost(a.length + b.length));
    return checkedText(at, a.length + b.length, () => a + b);
  }
  if (isList(a) && isList(b)) {
    spend(at, a.length + b.length);
    if (a.length + b.length > MAX_LIST_LENGTH) throw tooCostly(at, `the list has more than ${String(MAX_LIST_LENGTH)} elements`);
    return [...a, ...b];
  }
  return arithmetic(at, '+', a, b, (x, y) => x + y);
}

/** Builds a text unless it would be too long. */
export function checkedText(at: Evaluation, length: number, build: () => string): string {
  if (length > MAX_TEXT_LENGTH) throw tooCostly(at, `the text has more than ${String(MAX_TEXT_LENGTH)} characters`);
  return build();
}

function arithmetic(at: Evaluation, operator: string, a: JsonValue, b: JsonValue, apply: (x: number, y: number) => number): number {
  if (typeof a !== 'number' || typeof b !== 'number') throw mismatch(at, operator, a, b);
  return checkedNumber(at, apply(a, b), Number.isInteger(a) && Number.isInteger(b));
}

function divide(at: Evaluation, a: JsonValue, b: JsonValue): number {
  if (typeof a !== 'number' || typeof b !== 'number') throw mismatch(at, '/', a, b);
  if (b === 0) throw failed(at, 'division by zero');
  return checkedNumber(at, a / b, false);
}
