import { type JsonObject, type JsonValue, PipelineError } from '@mainstay/types';
import type { Scope } from '../pipeline/model.ts';
import { MAX_COST } from './limits.ts';

/** One evaluation under way. */
export interface Evaluation {
  readonly scope: Scope;
  /** Values of the variables that macros bind, by slot. */
  readonly locals: JsonValue[];
  /** Cost that is left; see MAX_COST. */
  left: number;
  /** Offset in the source of what is evaluated, for messages. */
  position: number;
}

/** A compiled node. */
export type Evaluate = (at: Evaluation) => JsonValue;

/** Takes `cost` units off what is left; throws EXPRESSION_TOO_COSTLY when nothing is. */
export function spend(at: Evaluation, cost: number): void {
  at.left -= cost;
  if (at.left < 0) throw tooCostly(at, `it takes more than ${String(MAX_COST)} steps`);
}

/** The cost of handling a text once. */
export function textCost(length: number): number {
  return 1 + (length >>> 4);
}

export function failed(at: Evaluation, problem: string): PipelineError {
  return fault('EXPRESSION_FAILED', problem, at.position);
}

export function tooCostly(at: Evaluation, problem: string): PipelineError {
  return fault('EXPRESSION_TOO_COSTLY', problem, at.position);
}

/** A fault of the expression itself. */
export function invalid(problem: string, position?: number): PipelineError {
  return fault('EXPRESSION_INVALID', problem, position);
}

/** A fault; `source` is added where it is known ({@link withSource}). */
export function fault(
  code: 'EXPRESSION_INVALID' | 'EXPRESSION_FAILED' | 'EXPRESSION_TOO_COSTLY',
  problem: string,
  position?: number,
): PipelineError {
  return new PipelineError(code, problem, { details: { problem, ...(position === undefined ? {} : { position }) } });
}

const SOURCE_SHOWN = 200;

/** The same fault with the expression it is about. Whatever is not ours is a fault of the given code. */
export function withSource(thrown: unknown, source: string, code: 'EXPRESSION_INVALID' | 'EXPRESSION_FAILED'): PipelineError {
  const known = thrown instanceof PipelineError ? thrown : foreign(thrown, code);
  const shown = source.length <= SOURCE_SHOWN ? source : `${source.slice(0, SOURCE_SHOWN - 1)}…`;
  const details: JsonObject = { source: shown, ...known.details };
  const position = known.details['position'];
  const where = typeof position === 'number' ? ` at character ${String(position + 1)}` : '';
  const kind = known.code === 'EXPRESSION_FAILED' || known.code === 'EXPRESSION_TOO_COSTLY' ? known.code : 'EXPRESSION_INVALID';
  return new PipelineError(kind, `${known.message}${where} of \`${shown}\``, { details });
}

/** Exhausted stacks and impossible sizes are a matter of cost. */
function foreign(thrown: unknown, code: 'EXPRESSION_INVALID' | 'EXPRESSION_FAILED'): PipelineError {
  const message = thrown instanceof Error ? thrown.message : 'it cannot be evaluated';
  return fault(thrown instanceof RangeError ? 'EXPRESSION_TOO_COSTLY' : code, message);
}
