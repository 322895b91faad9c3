import type { ASTNode } from '@marcbachmann/cel-js';
import { type JsonValue, MainstayError } from '@mainstay/types';
import { bind, type Compilation } from './compilation.ts';
import { type Evaluate, type Evaluation, failed, invalid, spend, tooCostly } from './evaluation.ts';
import { MAX_LIST_LENGTH } from './limits.ts';
import { attempt, truth } from './logic.ts';
import { isList, isMap, typeName } from './values.ts';

/** Runs over the elements of a list (or the keys of a map); `at.locals[slot]` holds the present one. */
type Loop = (at: Evaluation, elements: Iterable<JsonValue>, slot: number, bodies: readonly [Evaluate, Evaluate?]) => JsonValue;

const MACROS = new Map<string, { readonly bodies: readonly number[]; readonly loop: Loop }>([
  ['all', { bodies: [1], loop: (at, elements, slot, [body]) => quantify(at, elements, slot, body, false) }],
  ['exists', { bodies: [1], loop: (at, elements, slot, [body]) => quantify(at, elements, slot, body, true) }],
  ['exists_one', { bodies: [1], loop: (at, elements, slot, [body]) => collect(at, elements, slot, body).length === 1 }],
  ['filter', { bodies: [1], loop: (at, elements, slot, [body]) => collect(at, elements, slot, body) }],
  ['map', { bodies: [1, 2], loop: map }],
]);

export function isMacro(name: string): boolean {
  return MACROS.has(name);
}

/** `list.map(x, …)` and its kin. */
export function compileMacro(name: string, of: ASTNode, args: readonly ASTNode[], compilation: Compilation, position: number): Evaluate {
  const macro = MACROS.get(name);
  if (!macro?.bodies.includes(args.length - 1)) throw invalid(`${name}(…) needs a variable and an expression`, position);
  const receiver = compilation.compile(of, compilation);
  const [inner, slot] = bind(compilation, args[0]);
  const bodies = args.slice(1).map((body) => compilation.compile(body, inner)) as [Evaluate, Evaluate?];
  compilation.facts.builds = true;
  return (at) => {
    spend(at, 1);
    const value = receiver(at);
    at.position = position;
    return macro.loop(at, elementsOf(at, name, value), slot, bodies);
  };
}

/** `cel.bind(name, value, expression)`: the expression with a value under a name. */
export function compileBind(args: readonly ASTNode[], compilation: Compilation, position: number): Evaluate {
  const [, value, body] = args;
  if (value === undefined || body === undefined || args.length !== 3)
    throw invalid('cel.bind(…) needs a variable, a value and an expression', position);
  const [inner, slot] = bind(compilation, args[0]);
  const [bound, result] = [compilation.compile(value, compilation), compilation.compile(body, inner)];
  return (at) => {
    spend(at, 1);
    at.locals[slot] = bound(at);
    return result(at);
  };
}

function elementsOf(at: Evaluation, name: string, value: JsonValue): readonly JsonValue[] {
  if (isList(value)) return value;
  if (!isMap(value)) throw failed(at, `${name}(…) does not apply to ${typeName(value)}`);
  const keys = Object.keys(value);
  spend(at, keys.length);
  return keys;
}

/** The element that decides alone outweighs the faults of others, as with `||` and `&&`. */
function quantify(at: Evaluation, elements: Iterable<JsonValue>, slot: number, body: Evaluate, decides: boolean): boolean {
  let error: MainstayError | undefined;
  for (const element of elements) {
    at.locals[slot] = element;
    const verdict = attempt(at, body);
    if (verdict === decides) return decides;
    if (verdict instanceof MainstayError) error ??= verdict;
  }
  if (error) throw error;
  return !decides;
}

function collect(at: Evaluation, elements: Iterable<JsonValue>, slot: number, body: Evaluate): readonly JsonValue[] {
  const found: JsonValue[] = [];
  for (const element of elements) {
    at.locals[slot] = element;
    if (truth(at, body(at))) push(at, found, element);
  }
  return found;
}

function map(at: Evaluation, elements: Iterable<JsonValue>, slot: number, bodies: readonly [Evaluate, Evaluate?]): JsonValue {
  const results: JsonValue[] = [];
  const [first, second] = bodies;
  for (const element of elements) {
    at.locals[slot] = element;
    if (second === undefined) push(at, results, first(at));
    else if (truth(at, first(at))) push(at, results, second(at));
  }
  return results;
}

function push(at: Evaluation, list: JsonValue[], element: JsonValue): void {
  spend(at, 1);
  if (list.length >= MAX_LIST_LENGTH) throw tooCostly(at, `the list has more than ${String(MAX_LIST_LENGTH)} elements`);
  list.push(element);
}
