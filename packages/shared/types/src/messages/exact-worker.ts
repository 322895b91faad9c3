import { MAX_MESSAGE_LENGTH, MAX_STACK_LENGTH, type SerializedError } from '../errors/serialize.ts';
import { envelopeFields, type Fields, hasFields, isAbsentOr, isListOf, isName, isObject, isPositive, isText, present } from './fields.ts';
import type { Emitted, Question, ReportMessage, ResultMessage } from './result-message.ts';

const RESULT_FIELDS = 5;
const REPORT_FIELDS = 4;

/** True for what the schema of worker messages accepts and gives back as it is. */
export function isExactWorkerMessage(raw: unknown): boolean {
  if (!isObject(raw)) return false;
  const m: Fields<Omit<ResultMessage, 'type'> & Omit<ReportMessage, 'type'>> & { readonly type?: unknown } = raw;
  const envelope = envelopeFields(m);
  if (envelope === 0 || !isName(m.worker) || !isPositive(m.startedAt)) return false;
  if (m.type === 'result') {
    return isPositive(m.finishedAt) && isExactOutcome(m.outcome) && hasFields(raw, envelope + RESULT_FIELDS + present(m.checkpoint));
  }
  return (
    m.type === 'report' &&
    isAbsentOr(m.number, isPositive) &&
    isAbsentOr(m.progress, isExactProgress) &&
    isListOf(m.events, 0, 1_000, isExactEvent) &&
    hasFields(raw, envelope + REPORT_FIELDS + present(m.number) + present(m.progress) + present(m.checkpoint))
  );
}

function isExactOutcome(raw: unknown): boolean {
  if (!isObject(raw)) return false;
  const m: { readonly status?: unknown; readonly output?: unknown; readonly error?: unknown; readonly question?: unknown } = raw;
  switch (m.status) {
    case 'succeeded':
      return m.output !== undefined && hasFields(raw, 2);
    case 'failed':
      return isExactError(m.error) && hasFields(raw, 2);
    case 'suspended':
    case 'cancelled':
      return hasFields(raw, 1);
    case 'asked':
      return isExactQuestion(m.question) && hasFields(raw, 2);
    default:
      return false;
  }
}

function isExactError(raw: unknown): boolean {
  if (!isObject(raw)) return false;
  const m: Fields<SerializedError> = raw;
  return (
    isText(m.code, 1, 64) &&
    isText(m.name, 0, 128) &&
    isText(m.message, 0, MAX_MESSAGE_LENGTH) &&
    (m.disposition === 'terminal' || m.disposition === 'retryable' || m.disposition === 'cancelled') &&
    isAbsentOr(m.details, isObject) &&
    isAbsentOr(m.retryAfterMs, (ms) => Number.isFinite(ms) && (ms as number) >= 0) &&
    isAbsentOr(m.stack, (stack) => isText(stack, 0, MAX_STACK_LENGTH)) &&
    isAbsentOr(m.cause, isExactError) &&
    hasFields(raw, 4 + present(m.details) + present(m.retryAfterMs) + present(m.stack) + present(m.cause))
  );
}

function isExactQuestion(raw: unknown): boolean {
  if (!isObject(raw)) return false;
  const m: Fields<Question> = raw;
  const optional = [m.options, m.timeoutMs, m.default, m.agent, m.context];
  return (
    isName(m.key) &&
    isText(m.question, 1, 10_000) &&
    isAbsentOr(m.options, (options) => isListOf(options, 1, 100, (option) => option !== undefined)) &&
    isAbsentOr(m.timeoutMs, isPositive) &&
    isAbsentOr(m.agent, isName) &&
    hasFields(raw, 2 + optional.filter((value) => value !== undefined).length)
  );
}

function isExactProgress(raw: unknown): boolean {
  if (!isObject(raw)) return false;
  const m: { readonly fraction?: unknown; readonly note?: unknown } = raw;
  return (
    typeof m.fraction === 'number' &&
    m.fraction >= 0 &&
    m.fraction <= 1 &&
    isAbsentOr(m.note, (note) => isText(note, 0, 1_000)) &&
    hasFields(raw, 1 + present(m.note))
  );
}

function isExactEvent(raw: unknown): boolean {
  if (!isObject(raw)) return false;
  const m: Fields<Emitted> = raw;
  return isName(m.name) && isPositive(m.at) && hasFields(raw, 2 + present(m.data));
}
