import type { JsonObject } from '../../json.ts';
import { type Classification, classified, type Classifier } from './classification.ts';
import { isShape, type Shape, textOf } from './shape.ts';

/** More faults than these are not listed. */
const MAX_ISSUES = 20;
/** An open breaker of opossum does not say when it is probed; this is its default. */
const OPOSSUM_RESET_MS = 30_000;
const TOKEN_ERRORS: ReadonlySet<string> = new Set(['JsonWebTokenError', 'TokenExpiredError', 'NotBeforeError']);

/** Schema errors of zod, with path (a JSON pointer) and problem of each fault in `details.issues`. */
export const classifyZod: Classifier = (error) => {
  const issues = error['issues'];
  if (!/^\$?ZodError$/.test(textOf(error, 'name') ?? '') || !Array.isArray(issues)) return undefined;
  const listed = issues.slice(0, MAX_ISSUES).map(issueOf);
  return { code: 'VALIDATION_FAILED', disposition: 'terminal', details: { issues: listed } };
};

function issueOf(issue: unknown): JsonObject {
  const path = isShape(issue) && Array.isArray(issue['path']) ? issue['path'] : [];
  const pointer = path.map((key: unknown) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
  return { path: pointer, problem: textOf(issue, 'message') ?? 'invalid' };
}

/** Refusals of opossum. Two of its codes are errno names, which those of the system have with a `syscall`. */
export const classifyOpossum: Classifier = (error) => {
  if (error['syscall'] !== undefined) return undefined;
  switch (textOf(error, 'code')) {
    case 'EOPENBREAKER':
      return { ...classified('CIRCUIT_OPEN', 'EOPENBREAKER'), retryAfterMs: OPOSSUM_RESET_MS };
    case 'ESEMLOCKED':
      return classified('OVERLOADED', 'ESEMLOCKED');
    case 'ESHUTDOWN':
      return classified('SHUTTING_DOWN', 'ESHUTDOWN');
    case 'ETIMEDOUT':
      return textOf(error, 'message')?.startsWith('Timed out after ') ? classified('OPERATION_TIMEOUT', 'ETIMEDOUT') : undefined;
    default:
      return undefined;
  }
};

/** Tokens that jsonwebtoken refused. */
export const classifyToken: Classifier = (error) => {
  const name = textOf(error, 'name') ?? '';
  return TOKEN_ERRORS.has(name) ? classified('UNAUTHENTICATED', name) : undefined;
};

/** AbortError and TimeoutError of the platform's signals, and of the many libraries that name theirs so. */
export const classifyAbort: Classifier = (error) => {
  switch (textOf(error, 'name')) {
    case 'AbortError':
      return ofAbort(error);
    case 'TimeoutError':
      return classified('OPERATION_TIMEOUT', '');
    default:
      return undefined;
  }
};

/** p-retry's AbortError is no cancellation: it says that trying again is pointless. */
function ofAbort(error: Shape): Classification {
  return 'originalError' in error ? classified('INTERNAL', '', 'terminal') : classified('CANCELLED', '');
}
