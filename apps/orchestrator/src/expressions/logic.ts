import { type JsonValue, MainstayError } from '@mainstay/types';
import type { ASTNode } from '@marcbachmann/cel-js';
import type { Compilation } from './compilation.ts';
import { type Evaluate, type Evaluation, failed, spend } from './evaluation.ts';
import { FAULT_COST } from './limits.ts';
import { typeName } from './values.ts';

/** True or false, or the fault that came instead. */
type Verdict = boolean | MainstayError;

/** Evaluates to a truth value; a fault other than excessive cost is returned, because the other side may decide alone. */
export function attempt(at: Evaluation, evaluate: Evaluate): Verdict {
  try {
    return truth(at, evaluate(at));
  } catch (error) {
    if (!(error instanceof MainstayError) || error.code !== 'EXPRESSION_FAILED') throw error;
    spend(at, FAULT_COST);
    return error;
  }
}

export function truth(at: Evaluation, value: JsonValue): boolean {
  if (typeof value !== 'boolean') throw failed(at, `true or false is needed here, not ${typeName(value)}`);
  return value;
}

/** `||` (decided by true) and `&&` (decided by false). A side that decides outweighs a fault of the other. */
export function compileLogic(node: ASTNode & { op: '||' | '&&' }, compilation: Compilation): Evaluate {
  const decides = node.op === '||';
  const left = compilation.compile(node.args[0], compilation);
  const right = compilation.compile(node.args[1], compilation);
  return (at) => {
    spend(at, 1);
    at.position = node.pos;
    const first = attempt(at, left);
    if (first === decides) return decides;
    const second = truth(at, right(at));
    if (second === decides || typeof first === 'boolean') return second;
    throw first;
  };
}

/** `condition ? a : b`. */
export function compileTernary(node: ASTNode & { op: '?:' }, compilation: Compilation): Evaluate {
  const [condition, yes, no] = node.args.map((part) => compilation.compile(part, compilation)) as [Evaluate, Evaluate, Evaluate];
  return (at) => {
    spend(at, 1);
    const holds = condition(at);
    at.position = node.start;
    return truth(at, holds) ? yes(at) : no(at);
  };
}

/** `!a` and `-a`. */
export function compileUnary(node: ASTNode & { op: '!_' | '-_' }, compilation: Compilation): Evaluate {
  const operand = compilation.compile(node.args, compilation);
  return (at) => {
    spend(at, 1);
    const value = operand(at);
    at.position = node.start;
    if (node.op === '!_') return !truth(at, value);
    if (typeof value !== 'number') throw failed(at, `\`-\` does not apply to ${typeName(value)}`);
    return -value;
  };
}
