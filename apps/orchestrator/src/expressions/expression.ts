import { Environment, type ASTNode } from '@marcbachmann/cel-js';
import type { JsonValue } from '@mainstay/types';
import type { Scope } from '../pipeline/model.ts';
import type { Facts, Variable } from './compilation.ts';
import { compileNode } from './compile-node.ts';
import { type Evaluate, type Evaluation, fault, invalid, withSource } from './evaluation.ts';
import { MAX_COST, MAX_DEPTH, MAX_NODES, MAX_RESULT_LENGTH, MAX_SOURCE_LENGTH } from './limits.ts';
import { compileSelection } from './selection.ts';
import { jsonLength } from './values.ts';

/** An expression, parsed and checked once. */
export interface Expression {
  readonly source: string;
  /** Throws PipelineError EXPRESSION_FAILED or EXPRESSION_TOO_COSTLY. */
  readonly evaluate: (scope: Scope) => JsonValue;
  /** Stages that it refers to. */
  readonly stages: ReadonlySet<string>;
  /** Reads nothing of the run: always gives the same. */
  readonly constant: boolean;
}

const environment = new Environment({
  unlistedVariablesAreDyn: true,
  homogeneousAggregateLiterals: false,
  limits: { maxAstNodes: MAX_NODES, maxDepth: MAX_DEPTH, maxListElements: MAX_NODES, maxMapEntries: MAX_NODES },
});

/**
 * Parses and checks an expression of CEL. The library parses; evaluation is our own, over JSON values, so that its cost is
 * counted step by step and nothing but JSON is within reach. Throws PipelineError EXPRESSION_INVALID or EXPRESSION_TOO_COSTLY.
 */
export function compileExpression(source: string, options: { readonly variables: readonly Variable[] }): Expression {
  const facts: Facts = { stages: new Set(), reads: false, builds: false };
  try {
    const ast = parse(source);
    const run = compileNode(ast, { variables: new Set(options.variables), locals: [], facts, compile: compileNode });
    const select = compileSelection(ast);
    return {
      source,
      stages: facts.stages,
      constant: !facts.reads,
      evaluate: (scope) => select?.(scope) ?? evaluate(source, run, scope, facts.builds),
    };
  } catch (error) {
    throw withSource(error, source, 'EXPRESSION_INVALID');
  }
}

function parse(source: string): ASTNode {
  if (source.length > MAX_SOURCE_LENGTH) {
    throw fault('EXPRESSION_TOO_COSTLY', `it has more than ${String(MAX_SOURCE_LENGTH)} characters`);
  }
  try {
    return environment.parse(source).ast;
  } catch (error) {
    throw parseFault(error);
  }
}

/** The library's complaint in our words: a limit of size, or a fault with its place. */
function parseFault(error: unknown): Error {
  const { code, summary, range } = error as {
    readonly code?: unknown;
    readonly summary?: unknown;
    readonly range?: { readonly start: number };
  };
  if (code === 'limit_exceeded') {
    return fault(
      'EXPRESSION_TOO_COSTLY',
      `it is nested deeper than ${String(MAX_DEPTH)} or has more than ${String(MAX_NODES)} parts`,
      range?.start,
    );
  }
  return invalid(typeof summary === 'string' ? summary : error instanceof Error ? error.message : 'it cannot be parsed', range?.start);
}

function evaluate(source: string, run: Evaluate, scope: Scope, builds: boolean): JsonValue {
  const at: Evaluation = { scope, locals: [], left: MAX_COST, position: 0 };
  try {
    const value = run(at);
    if (builds && jsonLength(value, MAX_RESULT_LENGTH) === Infinity) {
      throw fault('EXPRESSION_TOO_COSTLY', `its result is larger than ${String(MAX_RESULT_LENGTH)} characters or nested too deeply`);
    }
    return value;
  } catch (error) {
    throw withSource(error, source, 'EXPRESSION_FAILED');
  }
}
