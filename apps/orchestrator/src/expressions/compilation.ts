import type { ASTNode } from '@marcbachmann/cel-js';
import { type Evaluate, invalid } from './evaluation.ts';

/** Values that expressions see. */
export type Variable = 'input' | 'stages' | 'output';

/** One expression being compiled. */
export interface Compilation {
  readonly variables: ReadonlySet<string>;
  /** Variables that macros have bound around the present node; the index is the slot. */
  readonly locals: readonly string[];
  /** What is learnt on the way. */
  readonly facts: Facts;
  /** Compiles a part of the expression. */
  readonly compile: (node: ASTNode, compilation: Compilation) => Evaluate;
}

export interface Facts {
  /** Stages that the expression refers to. */
  readonly stages: Set<string>;
  /** Reads anything of the run; otherwise it is a constant. */
  reads: boolean;
  /** Builds lists, maps or texts that were not in the scope. */
  builds: boolean;
}

/** The compilation of what a macro encloses, with one variable more, and its slot. */
export function bind(compilation: Compilation, node: ASTNode | undefined): readonly [Compilation, number] {
  if (node?.op !== 'id') throw invalid('the first argument must be the name of a variable', node?.start);
  const name = node.args;
  if (['input', 'stages', 'output', 'cel'].includes(name)) throw invalid(`\`${name}\` cannot be used as a variable's name`, node.start);
  return [{ ...compilation, locals: [...compilation.locals, name] }, compilation.locals.length];
}
