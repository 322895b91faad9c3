import { type JsonObject, PipelineError } from '@mainstay/types';

/** One fault of a definition. */
export interface DefinitionIssue {
  /** JSON pointer into the definition. */
  readonly path: string;
  readonly code: DefinitionIssueCode;
  readonly problem: string;
}

export type DefinitionIssueCode =
  | 'NOT_A_DEFINITION'
  | 'MISSING'
  | 'UNKNOWN_FIELD'
  | 'INVALID_VALUE'
  | 'EMPTY'
  | 'TOO_LARGE'
  | 'TOO_MANY_STAGES'
  | 'DUPLICATE_STAGE'
  | 'DUPLICATE_NEED'
  | 'UNKNOWN_NEED'
  | 'SELF_NEED'
  | 'CYCLE'
  | 'UNKNOWN_AGENT'
  | 'UNREACHABLE'
  | 'UNKNOWN_STAGE'
  | 'NOT_NEEDED'
  | 'EXPRESSION_INVALID'
  | 'EXPRESSION_TOO_COSTLY';

/** More issues than this are only counted. */
export const MAX_ISSUES = 100;

/** The one error of a definition with all its faults. */
export function invalidDefinition(issues: readonly DefinitionIssue[]): PipelineError {
  const [first] = issues;
  const shown = first === undefined ? '' : `: ${first.path === '' ? '' : `${first.path} `}${first.problem}`;
  const more = issues.length > 1 ? ` (and ${String(issues.length - 1)} more)` : '';
  const details: JsonObject = {
    issues: issues.slice(0, MAX_ISSUES).map(({ path, code, problem }) => ({ path, code, problem })),
    count: issues.length,
  };
  return new PipelineError('PIPELINE_INVALID', `The pipeline definition is invalid${shown}${more}`, { details });
}

/** A JSON pointer (RFC 6901). */
export function pointer(path: readonly PropertyKey[]): string {
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}
