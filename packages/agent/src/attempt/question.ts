import { createHash } from 'node:crypto';
import { type JsonValue, type Question, questionSchema, ValidationError } from '@mainstay/types';
import { jsonCopy } from '../json-copy.ts';
import { schemaIssues } from '../schema-issues.ts';
import type { AskOptions } from '../task-context.ts';

const MAX_QUESTION_BYTES = 256 * 1024;
const MAX_KEY_LENGTH = 200;

/** The key of a question: the one given, else its text, else (when it is long) the text's hash. */
export function questionKey(question: string, options: AskOptions): string {
  if (options.key !== undefined) return options.key;
  return question.length <= MAX_KEY_LENGTH ? question : createHash('sha256').update(question).digest('hex');
}

/** @throws ValidationError `VALIDATION_FAILED` that says which part of the question is wrong. */
export function questionOf(question: string, options: AskOptions): Question {
  const raw = {
    key: questionKey(question, options),
    question,
    options: options.options,
    timeoutMs: options.timeoutMs,
    default: options.default,
    agent: options.agent,
    context: options.context,
  };
  const parsed = questionSchema.safeParse(jsonOnly('ctx.ask', raw, MAX_QUESTION_BYTES));
  if (parsed.success) return parsed.data;
  const { details, summary } = schemaIssues(parsed.error);
  throw new ValidationError('VALIDATION_FAILED', `ctx.ask: the question is invalid: ${summary}`, { details });
}

/**
 * A JSON copy of what an agent passed to its context.
 * @throws ValidationError `VALIDATION_FAILED` that names the call, the path and the fault.
 */
export function jsonOnly(call: string, value: unknown, maxBytes: number): JsonValue {
  const copy = jsonCopy(value, maxBytes);
  if (copy.ok) return copy.value;
  const message = `${call}: the value is not acceptable: at ${copy.path}, ${copy.problem}`;
  throw new ValidationError('VALIDATION_FAILED', message, { details: { call, issues: [{ path: copy.path, problem: copy.problem }] } });
}
