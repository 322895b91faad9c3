import type { ASTNode } from '@marcbachmann/cel-js';
import type { JsonValue } from '@mainstay/types';
import type { Scope } from '../pipeline/model.ts';
import { field, isMap } from './values.ts';

/** What a selection finds; undefined where there is nothing, which the general evaluation explains. */
export type Select = (scope: Scope) => JsonValue | undefined;

/**
 * The short way for an expression that does nothing but select fields of the input or of a stage, such as `input.a.b` or
 * `stages.x.output`: most mappings are that. Undefined for any other expression. The node is known to be valid.
 */
export function compileSelection(node: ASTNode): Select | undefined {
  const path = pathOf(node);
  if (path === undefined) return undefined;
  const [root, ...names] = path;
  if (root === 'input') return (scope) => walk(scope.input, names, 0);
  const [id, part] = names;
  if (root !== 'stages' || id === undefined || (part !== 'output' && part !== 'status')) return undefined;
  return (scope) => (Object.hasOwn(scope.stages, id) ? walk(scope.stages[id]?.[part], names, 2) : undefined);
}

/** The names from the variable on. */
function pathOf(node: ASTNode): readonly string[] | undefined {
  const names: string[] = [];
  let at = node;
  while (at.op === '.' || at.op === '[]') {
    const [of, by] = at.args;
    const name = typeof by === 'string' ? by : by.op === 'value' ? by.args : undefined;
    if (typeof name !== 'string') return undefined;
    names.push(name);
    at = of;
  }
  return at.op === 'id' ? [at.args, ...names.reverse()] : undefined;
}

function walk(from: JsonValue | undefined, names: readonly string[], begin: number): JsonValue | undefined {
  let value = from;
  for (let i = begin; i < names.length; i++) {
    if (value === undefined || !isMap(value)) return undefined;
    value = field(value, names[i] ?? '');
  }
  return value;
}
