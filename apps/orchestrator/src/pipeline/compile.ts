import { InternalError, type JsonValue } from '@mainstay/types';
import { type DefinitionIssue, invalidDefinition } from './definition-issue.ts';
import { type Graph, resolveGraph } from './graph.ts';
import type { CompiledPipeline, CompiledStage, Definition, Scope, Stage } from './model.ts';
import { compileStageExpressions, ExpressionCompiler, type StageExpressions } from './stage-expressions.ts';

/** What compiling a definition gives: everything, and what is wrong with it. */
export interface Compilation {
  readonly stages: readonly CompiledStage[];
  readonly graph: Graph;
  readonly output: (scope: Scope) => JsonValue;
  readonly outputReferences: readonly string[];
  readonly issues: readonly DefinitionIssue[];
}

/** Makes a definition ready for use. Throws PipelineError PIPELINE_INVALID for one that `parseDefinition` would refuse. */
export function compilePipeline(definition: Definition, version: number): CompiledPipeline {
  const { stages, graph, output, outputReferences, issues } = compileDefinition(definition);
  if (issues.length > 0) throw invalidDefinition(issues);
  const byId = new Map(stages.map((stage) => [stage.id, stage]));
  return {
    definition,
    version,
    order: graph.order.flatMap((at) => stages[at] ?? []),
    output,
    outputReferences,
    stage: (id) => {
      const stage = byId.get(id);
      if (stage === undefined) throw new InternalError(`The pipeline ${definition.name} has no stage ${id}`);
      return stage;
    },
  };
}

/** Resolves the graph and compiles all expressions, collecting every fault. */
export function compileDefinition(definition: Definition): Compilation {
  const graph = resolveGraph(definition.stages);
  const issues: DefinitionIssue[] = [...graph.issues];
  const stages = definition.stages.map((stage, at) => {
    const expressions = compileStageExpressions(stage, at, issues);
    checkReferences(expressions, at, graph, issues);
    return compileStage(stage, expressions, graph.dependents[at] ?? []);
  });
  const compiler = new ExpressionCompiler(issues);
  const last = stages.filter((stage) => stage.dependents.length === 0).map((stage) => stage.id);
  const output = compiler.template(definition.output, '/output', (scope) => lastOutputs(scope, last));
  for (const { stage, path } of compiler.references) if (!graph.index.has(stage)) issues.push(unknownStage(stage, path));
  const outputReferences = definition.output === undefined ? last : [...new Set(compiler.references.map(({ stage }) => stage))];
  return { stages, graph, output, outputReferences, issues };
}

function compileStage(stage: Stage, expressions: StageExpressions, dependents: readonly string[]): CompiledStage {
  const { mapInput, holds, passes } = expressions;
  const references = [...new Set(expressions.references.map((reference) => reference.stage))];
  return { ...stage, dependents, mapInput, holds, passes, references };
}

/** A stage may only read what is finished for certain when it begins. */
function checkReferences(expressions: StageExpressions, at: number, graph: Graph, issues: DefinitionIssue[]): void {
  for (const { stage, path } of expressions.references) {
    const other = graph.index.get(stage);
    if (other === undefined) issues.push(unknownStage(stage, path));
    else if (!graph.isAncestor(at, other)) {
      const problem = `stages.${stage} is not finished for certain when this stage begins: add it to needs`;
      issues.push({ path, code: 'NOT_NEEDED', problem });
    }
  }
}

function unknownStage(stage: string, path: string): DefinitionIssue {
  return { path, code: 'UNKNOWN_STAGE', problem: `there is no stage ${stage}` };
}

/** The output of a run whose definition says nothing about it. */
function lastOutputs(scope: Scope, last: readonly string[]): JsonValue {
  return Object.fromEntries(last.map((id) => [id, scope.stages[id]?.output ?? null]));
}
