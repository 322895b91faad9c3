import { PipelineError, type JsonValue } from '@mainstay/types';
import { compileExpression, type Expression } from '../expressions/expression.ts';
import { compileTemplate } from '../expressions/template.ts';
import type { DefinitionIssue } from './definition-issue.ts';
import type { Scope, Stage } from './model.ts';

/** The expressions of a stage or of the run's output, ready for use. */
export interface StageExpressions {
  readonly mapInput: (scope: Scope) => JsonValue;
  readonly holds: (scope: Scope) => boolean;
  readonly passes: (scope: Scope) => boolean;
  /** Stages referred to, with the place of the expression. */
  readonly references: readonly { readonly stage: string; readonly path: string }[];
}

const NO_SCOPE: Scope = { input: null, stages: {} };

/** Collects references and faults while the expressions of one thing are compiled. */
export class ExpressionCompiler {
  readonly references: { readonly stage: string; readonly path: string }[] = [];
  readonly #issues: DefinitionIssue[];

  constructor(issues: DefinitionIssue[]) {
    this.#issues = issues;
  }

  template(value: JsonValue | undefined, path: string, absent: (scope: Scope) => JsonValue): (scope: Scope) => JsonValue {
    if (value === undefined) return absent;
    const template = compileTemplate(value, {
      variables: ['input', 'stages'],
      onFault: (fault) => {
        this.#fault(`${path}${fault.path}`, fault.error);
      },
    });
    this.#refer(template.stages, path);
    return template.fill;
  }

  condition(source: string | undefined, path: string, kind: 'when' | 'gate'): (scope: Scope) => boolean {
    if (source === undefined) return () => true;
    const expression = this.#compile(source, path, kind);
    if (expression === undefined) return () => false;
    const decide = (scope: Scope): boolean => truth(expression, expression.evaluate(scope));
    if (expression.constant) this.#checkConstant(decide, path, kind);
    this.#refer(expression.stages, path);
    return decide;
  }

  #compile(source: string, path: string, kind: 'when' | 'gate'): Expression | undefined {
    try {
      return compileExpression(source, { variables: kind === 'gate' ? ['output', 'input', 'stages'] : ['input', 'stages'] });
    } catch (error) {
      this.#fault(path, error);
      return undefined;
    }
  }

  /** What reads nothing of the run can be tried now. */
  #checkConstant(decide: (scope: Scope) => boolean, path: string, kind: 'when' | 'gate'): void {
    try {
      if (decide(NO_SCOPE)) return;
      const problem =
        kind === 'when'
          ? 'the condition is always false: the stage would never run'
          : 'the gate is always false: the stage could never pass';
      this.#issues.push({ path, code: 'UNREACHABLE', problem });
    } catch (error) {
      this.#fault(path, error);
    }
  }

  #refer(stages: ReadonlySet<string>, path: string): void {
    for (const stage of stages) this.references.push({ stage, path });
  }

  #fault(path: string, error: unknown): void {
    if (!(error instanceof PipelineError)) throw error;
    const code = error.code === 'EXPRESSION_TOO_COSTLY' ? 'EXPRESSION_TOO_COSTLY' : 'EXPRESSION_INVALID';
    this.#issues.push({ path, code, problem: error.message });
  }
}

function truth(expression: Expression, value: JsonValue): boolean {
  if (typeof value === 'boolean') return value;
  throw new PipelineError('EXPRESSION_FAILED', `a condition must give true or false, not ${JSON.stringify(value).slice(0, 100)}`, {
    details: { source: expression.source.slice(0, 200), problem: 'not true or false' },
  });
}

/** Compiles what a stage contains. */
export function compileStageExpressions(stage: Stage, at: number, issues: DefinitionIssue[]): StageExpressions {
  const path = `/stages/${String(at)}`;
  const compiler = new ExpressionCompiler(issues);
  return {
    mapInput: compiler.template(stage.input, `${path}/input`, (scope) => scope.input),
    holds: compiler.condition(stage.when, `${path}/when`, 'when'),
    passes: compiler.condition(stage.gate, `${path}/gate`, 'gate'),
    references: compiler.references,
  };
}
