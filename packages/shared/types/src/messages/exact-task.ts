import { envelopeFields, type Fields, hasFields, isAbsentOr, isListOf, isName, isObject, isPositive, isText, present } from './fields.ts';
import type { Answer, TaskMessage } from './task-message.ts';

const OWN_FIELDS = 8;

/** True for what the schema of a task accepts and gives back as it is. */
export function isExactTask(raw: unknown): boolean {
  if (!isObject(raw)) return false;
  const m: Fields<TaskMessage> = raw;
  const envelope = envelopeFields(m);
  return (
    envelope > 0 &&
    m.type === 'task' &&
    isName(m.agent) &&
    isName(m.pipeline) &&
    (m.priority === 'normal' || m.priority === 'high' || m.priority === 'low') &&
    m.input !== undefined &&
    isPositive(m.timeoutMs) &&
    isText(m.idempotencyKey, 1, 500) &&
    isListOf(m.answers, 0, 100, isExactAnswer) &&
    hasFields(raw, envelope + OWN_FIELDS + present(m.restored))
  );
}

function isExactAnswer(raw: unknown): boolean {
  if (!isObject(raw)) return false;
  const m: Fields<Answer> = raw;
  return (
    isName(m.key) &&
    m.answer !== undefined &&
    isText(m.by, 0, 200) &&
    isAbsentOr(m.comment, (comment) => isText(comment, 0, 10_000)) &&
    hasFields(raw, 3 + present(m.comment))
  );
}
