import type { ASTNode } from '@marcbachmann/cel-js';
import type { JsonValue } from '@mainstay/types';
import { compileField, compileHas, compileIdentifier, compileIndex } from './access.ts';
import type { Compilation } from './compilation.ts';
import { type Evaluate, failed, invalid, spend } from './evaluation.ts';
import { type Callable, FUNCTIONS, METHODS } from './functions.ts';
import { compileLogic, compileTernary, compileUnary } from './logic.ts';
import { compileBind, compileMacro, isMacro } from './macros.ts';
import { BINARY } from './operators.ts';
import { compileMatches } from './patterns.ts';

/** Compiles a syntax tree to a closure over JSON values that counts what it does. Throws EXPRESSION_INVALID. */
export function compileNode(node: ASTNode, compilation: Compilation): Evaluate {
  switch (node.op) {
    case 'value':
      return compileLiteral(node);
    case 'id':
      return compileIdentifier(node, compilation);
    case '.':
      return compileField(node, compilation);
    case '[]':
      return compileIndex(node, compilation);
    case 'call':
      return compileCall(node, compilation);
    case 'rcall':
      return compileMethod(node, compilation);
    case 'list':
      return compileList(node, compilation);
    case 'map':
      return compileMap(node, compilation);
    case '?:':
      return compileTernary(node, compilation);
    case '||':
    case '&&':
      return compileLogic(node, compilation);
    case '!_':
    case '-_':
      return compileUnary(node, compilation);
    default:
      return compileBinary(node, compilation);
  }
}

function compileLiteral(node: ASTNode & { op: 'value' }): Evaluate {
  const value = literal(node);
  return (at) => (spend(at, 1), value);
}

function literal(node: ASTNode & { op: 'value' }): JsonValue {
  const value = node.args;
  if (typeof value === 'bigint') {
    if (!Number.isSafeInteger(Number(value))) throw invalid('a whole number is at most 2^53 - 1', node.start);
    return Number(value);
  }
  if (typeof value === 'object' && value !== null)
    throw invalid('unsigned numbers (1u) and bytes (b"") are not part of the language', node.start);
  return value;
}

function compileBinary(node: ASTNode, compilation: Compilation): Evaluate {
  const apply = BINARY[node.op];
  const [left, right] = node.args as [ASTNode, ASTNode];
  if (apply === undefined) throw invalid(`\`${node.op}\` is not part of the language`, node.start);
  const [a, b] = [compilation.compile(left, compilation), compilation.compile(right, compilation)];
  if (node.op === '+') compilation.facts.builds = true;
  return (at) => {
    spend(at, 1);
    const [x, y] = [a(at), b(at)];
    at.position = node.pos;
    return apply(at, x, y);
  };
}

function compileList(node: ASTNode & { op: 'list' }, compilation: Compilation): Evaluate {
  const items = node.args.map((item) => compilation.compile(item, compilation));
  compilation.facts.builds = true;
  return (at) => {
    spend(at, 1 + items.length);
    return items.map((item) => item(at));
  };
}

function compileMap(node: ASTNode & { op: 'map' }, compilation: Compilation): Evaluate {
  const entries = node.args.map(
    ([key, value]) => [compilation.compile(key, compilation), compilation.compile(value, compilation)] as const,
  );
  compilation.facts.builds = true;
  return (at) => {
    spend(at, 1 + entries.length);
    const pairs = entries.map(([key, value]) => [key(at), value(at)] as const);
    at.position = node.start;
    for (const [key] of pairs) if (typeof key !== 'string' || key === '__proto__') throw failed(at, 'the keys of a map must be strings');
    return Object.fromEntries(pairs) as JsonValue;
  };
}

function compileCall(node: ASTNode & { op: 'call' }, compilation: Compilation): Evaluate {
  const [name, args] = node.args;
  if (name === 'has') return compileHas(args, compilation, node.start);
  return compileCallable(name, FUNCTIONS.get(name), args, args.length, node.start, compilation);
}

function compileMethod(node: ASTNode & { op: 'rcall' }, compilation: Compilation): Evaluate {
  const [name, of, args] = node.args;
  if (name === 'bind' && of.op === 'id' && of.args === 'cel') return compileBind(args, compilation, node.start);
  if (isMacro(name)) return compileMacro(name, of, args, compilation, node.start);
  if (name === 'matches') return compileMatches(of, args, compilation, node.start);
  return compileCallable(name, METHODS.get(name), [of, ...args], args.length, node.start, compilation);
}

function compileCallable(
  name: string,
  callable: Callable | undefined,
  args: readonly ASTNode[],
  count: number,
  position: number,
  compilation: Compilation,
): Evaluate {
  if (callable === undefined) throw invalid(`there is no function ${name}(…)`, position);
  if (!callable.arity.includes(count))
    throw invalid(`${name}(…) takes ${callable.arity.join(' or ')} arguments, not ${String(count)}`, position);
  const parts = args.map((arg) => compilation.compile(arg, compilation));
  if (name === 'split' || name === 'join') compilation.facts.builds = true;
  return (at) => {
    spend(at, 1);
    const values = parts.map((part) => part(at));
    at.position = position;
    return callable.call(at, values);
  };
}
