import type { JsonValue } from '@mainstay/types';
import { type Evaluation, failed, spend, textCost, tooCostly } from './evaluation.ts';
import { MAX_LIST_LENGTH } from './limits.ts';
import { checkedText } from './operators.ts';
import { checkedNumber, isList, isMap, typeName } from './values.ts';

/** A function of the language. Of a method, the first argument is the receiver. */
export interface Callable {
  /** Allowed numbers of arguments, without the receiver. */
  readonly arity: readonly number[];
  readonly call: (at: Evaluation, args: readonly JsonValue[]) => JsonValue;
}

const one = (call: (at: Evaluation, value: JsonValue) => JsonValue): Callable => ({
  arity: [1],
  call: (at, args) => call(at, args[0] ?? null),
});

/** Functions called by name. */
export const FUNCTIONS: ReadonlyMap<string, Callable> = toMap({
  size: one(size),
  dyn: one((_at, value) => value),
  string: one(toText),
  double: one(toNumber),
  int: one((at, value) => checkedNumber(at, Math.trunc(toNumber(at, value)), true)),
  bool: one(toBool),
});

/** Functions called on a value. `matches` and the macros are elsewhere: they look at their argument before it is evaluated. */
export const METHODS: ReadonlyMap<string, Callable> = toMap({
  size: { arity: [0], call: (at, args) => size(at, args[0] ?? null) },
  startsWith: test((text, part) => text.startsWith(part)),
  endsWith: test((text, part) => text.endsWith(part)),
  contains: test((text, part) => text.includes(part)),
  indexOf: test((text, part) => text.indexOf(part)),
  lastIndexOf: test((text, part) => text.lastIndexOf(part)),
  lowerAscii: change((text) => text.replace(/[A-Z]+/g, (part) => part.toLowerCase())),
  upperAscii: change((text) => text.replace(/[a-z]+/g, (part) => part.toUpperCase())),
  trim: change((text) => text.trim()),
  substring: { arity: [1, 2], call: substring },
  split: { arity: [1], call: split },
  join: { arity: [0, 1], call: join },
});

function toMap(callables: Readonly<Record<string, Callable>>): ReadonlyMap<string, Callable> {
  return new Map(Object.entries(callables));
}

/** The argument as text. */
export function text(at: Evaluation, value: JsonValue | undefined): string {
  if (typeof value !== 'string') throw failed(at, `a string is needed here, not ${typeName(value ?? null)}`);
  return value;
}

function test(apply: (text: string, part: string) => JsonValue): Callable {
  return {
    arity: [1],
    call: (at, args) => {
      const [whole, part] = [text(at, args[0]), text(at, args[1])];
      spend(at, textCost(whole.length + part.length));
      return apply(whole, part);
    },
  };
}

function change(apply: (text: string) => string): Callable {
  return {
    arity: [0],
    call: (at, args) => {
      const whole = text(at, args[0]);
      spend(at, textCost(whole.length));
      return apply(whole);
    },
  };
}

function size(at: Evaluation, value: JsonValue): number {
  if (isList(value)) return value.length;
  if (typeof value === 'string') {
    spend(at, textCost(value.length));
    let points = 0;
    for (let i = 0; i < value.length; i += (value.codePointAt(i) ?? 0) > 0xffff ? 2 : 1) points++;
    return points;
  }
  if (!isMap(value)) throw failed(at, `size(…) does not apply to ${typeName(value)}`);
  const { length } = Object.keys(value);
  spend(at, length);
  return length;
}

function toText(at: Evaluation, value: JsonValue): string {
  if (typeof value === 'string') return value;
  if (typeof value !== 'number' && typeof value !== 'boolean') throw failed(at, `string(…) does not apply to ${typeName(value)}`);
  return String(value);
}

function toNumber(at: Evaluation, value: JsonValue): number {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string' || !/^[+-]?\d{1,20}(\.\d{1,20})?([eE][+-]?\d{1,3})?$/.test(value)) {
    throw failed(at, `${typeName(value)} is not a number`);
  }
  return checkedNumber(at, Number(value), false);
}

function toBool(at: Evaluation, value: JsonValue): boolean {
  if (value === true || value === 'true') return true;
  if (value === false || value === 'false') return false;
  throw failed(at, `${typeName(value)} is neither true nor false`);
}

function substring(at: Evaluation, args: readonly JsonValue[]): string {
  const whole = text(at, args[0]);
  const [start = 0, end = whole.length] = [args[1], args[2]];
  if (typeof start !== 'number' || typeof end !== 'number' || !inOrder(start, end, whole.length)) {
    throw failed(at, 'substring(start, end) needs whole numbers within the text');
  }
  return whole.substring(start, end);
}

function inOrder(start: number, end: number, length: number): boolean {
  return Number.isInteger(start) && Number.isInteger(end) && start >= 0 && start <= end && end <= length;
}

function split(at: Evaluation, args: readonly JsonValue[]): readonly string[] {
  const [whole, separator] = [text(at, args[0]), text(at, args[1])];
  spend(at, textCost(whole.length));
  const parts = whole.split(separator, MAX_LIST_LENGTH + 1);
  spend(at, parts.length);
  if (parts.length > MAX_LIST_LENGTH) throw tooCostly(at, `the list has more than ${String(MAX_LIST_LENGTH)} elements`);
  return parts;
}

function join(at: Evaluation, args: readonly JsonValue[]): string {
  const [list, separator] = [args[0] ?? null, text(at, args[1] ?? '')];
  if (!isList(list)) throw failed(at, `join(…) does not apply to ${typeName(list)}`);
  const parts = list.map((part) => {
    const { length } = text(at, part);
    spend(at, textCost(length + separator.length));
    return text(at, part);
  });
  const length = parts.reduce((sum, part) => sum + part.length + separator.length, 0);
  return checkedText(at, length, () => parts.join(separator));
}
