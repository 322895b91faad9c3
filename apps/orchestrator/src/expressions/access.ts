import type { ASTNode } from '@marcbachmann/cel-js';
import type { JsonValue } from '@mainstay/types';
import type { Compilation } from './compilation.ts';
import { type Evaluate, type Evaluation, failed, invalid, spend } from './evaluation.ts';
import { field, isList, isMap, typeName } from './values.ts';

const STAGES_FORM = '`stages` must be followed by the name of a stage: stages.<id> or stages["<id>"]';

/** A variable. */
export function compileIdentifier(node: ASTNode & { op: 'id' }, compilation: Compilation): Evaluate {
  const name = node.args;
  const slot = compilation.locals.lastIndexOf(name);
  if (slot >= 0) return (at) => (spend(at, 1), at.locals[slot] ?? null);
  if (!compilation.variables.has(name)) {
    const known = [...compilation.variables].join(', ');
    throw invalid(`\`${name}\` is unknown here; there are: ${known}; a stage id with a dash is written stages["a-b"]`, node.start);
  }
  if (name === 'stages') throw invalid(STAGES_FORM, node.start);
  compilation.facts.reads = true;
  if (name === 'output') return (at) => (spend(at, 1), at.scope.output ?? null);
  return (at) => (spend(at, 1), at.scope.input);
}

/** `stages.<id>`, where the node is that; records the stage. */
function compileStage(of: ASTNode, id: string | undefined, compilation: Compilation): Evaluate | undefined {
  if (of.op !== 'id' || of.args !== 'stages' || !compilation.variables.has('stages')) return undefined;
  if (id === undefined) throw invalid(STAGES_FORM, of.start);
  const { facts } = compilation;
  facts.stages.add(id);
  facts.reads = true;
  return (at) => {
    spend(at, 1);
    const stage = Object.hasOwn(at.scope.stages, id) ? at.scope.stages[id] : undefined;
    at.position = of.start;
    if (stage === undefined) throw failed(at, `the stage ${id} has no result`);
    return { output: stage.output, status: stage.status };
  };
}

/** `value.name`. */
export function compileField(node: ASTNode & { op: '.' }, compilation: Compilation): Evaluate {
  const [of, name] = node.args;
  const stage = compileStage(of, name, compilation);
  if (stage) return stage;
  const value = compilation.compile(of, compilation);
  return (at) => {
    spend(at, 1);
    const map = value(at);
    at.position = node.pos;
    return read(at, map, name);
  };
}

/** `value[index]`. */
export function compileIndex(node: ASTNode & { op: '[]' }, compilation: Compilation): Evaluate {
  const [of, by] = node.args;
  const stage = compileStage(of, by.op === 'value' && typeof by.args === 'string' ? by.args : undefined, compilation);
  if (stage) return stage;
  const value = compilation.compile(of, compilation);
  const index = compilation.compile(by, compilation);
  return (at) => {
    spend(at, 1);
    const [container, key] = [value(at), index(at)];
    at.position = node.pos;
    return read(at, container, key);
  };
}

/** `has(value.name)`: whether a map has an entry. */
export function compileHas(args: readonly ASTNode[], compilation: Compilation, position: number): Evaluate {
  const [selection] = args;
  if (args.length !== 1 || selection?.op !== '.') throw invalid('has(…) needs one selection, such as has(input.name)', position);
  const [of, name] = selection.args;
  const value = compilation.compile(of, compilation);
  return (at) => {
    spend(at, 1);
    const map = value(at);
    at.position = position;
    if (!isMap(map)) throw failed(at, `${typeName(map)} has no fields`);
    return field(map, name) !== undefined;
  };
}

function read(at: Evaluation, container: JsonValue, key: JsonValue): JsonValue {
  if (isMap(container) && typeof key === 'string') {
    const value = field(container, key);
    if (value === undefined) throw failed(at, `there is no field ${JSON.stringify(key.slice(0, 100))}`);
    return value;
  }
  if (!isList(container) || typeof key !== 'number')
    throw failed(at, `${typeName(container)} has no ${typeof key === 'number' ? 'elements' : 'fields'}`);
  const value = Number.isInteger(key) ? container[key] : undefined;
  if (value === undefined) throw failed(at, `index ${String(key)} is outside a list of ${String(container.length)}`);
  return value;
}
