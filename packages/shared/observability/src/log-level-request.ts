import { ValidationError } from '@mainstay/types';
import { changeLogLevel, type LevelChange, type LevelChanged, LOG_LEVELS, MAX_LEVEL_SECONDS } from './log-level.ts';
import type { Logger } from './logger.ts';

/** The path that management listeners take `PUT` requests for another log level on. */
export const LOG_LEVEL_PATH = '/log-level';

const MAX_BYTES = 1_024;

/** `{"level","forSeconds"?}` as a change of the level of this process; rejects with VALIDATION_FAILED what is not so. */
export async function answerLevelRequest(logger: Logger, body: AsyncIterable<Uint8Array>): Promise<LevelChanged> {
  return changeLogLevel(logger, await readLevelRequest(body));
}

/** The change that is asked for, for who does something before it; rejects like {@link answerLevelRequest}. */
export async function readLevelRequest(body: AsyncIterable<Uint8Array>): Promise<LevelChange> {
  return levelChange(await textOf(body));
}

async function textOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > MAX_BYTES) throw invalid('', `has more than ${MAX_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** @throws ValidationError `VALIDATION_FAILED` that names the field. */
export function levelChange(text: string): LevelChange {
  const { level: name, forSeconds, ...others } = fieldsOf(text);
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw invalid(unknown.slice(0, 100), 'is not known; level and forSeconds are');
  const level = LOG_LEVELS.find((known) => known === name);
  if (level === undefined) throw invalid('level', `must be one of ${LOG_LEVELS.join(', ')}`);
  if (forSeconds === undefined) return { level };
  if (typeof forSeconds === 'number' && Number.isInteger(forSeconds) && forSeconds >= 1 && forSeconds <= MAX_LEVEL_SECONDS) {
    return { level, forSeconds };
  }
  throw invalid('forSeconds', `must be a whole number from 1 to ${MAX_LEVEL_SECONDS}`);
}

function fieldsOf(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw invalid('', 'is not JSON');
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  throw invalid('', 'must be an object');
}

function invalid(field: string, problem: string): ValidationError {
  return new ValidationError('VALIDATION_FAILED', `${field === '' ? 'The body' : JSON.stringify(field)} ${problem}`, {
    details: { issues: [{ path: `/${field}`, problem, in: 'body' }] },
  });
}
