import type { ErrorCode, Disposition } from '../catalogue.ts';
import { type Classification, classified, type Classifier } from './classification.ts';
import { textOf } from './shape.ts';

type Entry = readonly [code: ErrorCode, disposition?: Disposition];

/** SQLSTATE codes, and below them whole classes by their first two characters (Postgres 18, appendix A). */
const STATES: Readonly<Record<string, Entry>> = {
  '23505': ['CONFLICT', 'terminal'],
  '23503': ['CONFLICT', 'terminal'],
  '23P01': ['CONFLICT', 'terminal'],
  // fail-over: the connection leads to what is a standby now
  '25006': ['POSTGRES_UNAVAILABLE'],
  '25P03': ['POSTGRES_UNAVAILABLE'],
  '3D000': ['POSTGRES_UNAVAILABLE'],
  '55000': ['CONFLICT', 'terminal'],
  '55006': ['CONFLICT', 'retryable'],
  '55P03': ['CONFLICT', 'retryable'],
  '57P01': ['POSTGRES_UNAVAILABLE'],
  '57P02': ['POSTGRES_UNAVAILABLE'],
  '57P03': ['POSTGRES_UNAVAILABLE'],
  '57P05': ['POSTGRES_UNAVAILABLE'],
};

const CLASSES: Readonly<Record<string, Entry>> = {
  '08': ['POSTGRES_UNAVAILABLE'],
  '22': ['VALIDATION_FAILED'],
  '23': ['VALIDATION_FAILED'],
  '28': ['POSTGRES_UNAVAILABLE'],
  '40': ['CONFLICT', 'retryable'],
  '54': ['VALIDATION_FAILED'],
  '57': ['POSTGRES_UNAVAILABLE'],
  '58': ['POSTGRES_UNAVAILABLE'],
};

/** Errors of the driver and its pool, which have no code. */
const MESSAGES: readonly (readonly [RegExp, ErrorCode])[] = [
  [/^Connection terminated\b/, 'POSTGRES_UNAVAILABLE'],
  [/^timeout expired$/, 'POSTGRES_UNAVAILABLE'],
  [/^timeout exceeded when trying to connect$/, 'POSTGRES_UNAVAILABLE'],
  [/^Client has encountered a connection error\b/, 'POSTGRES_UNAVAILABLE'],
  [/^Query read timeout$/, 'OPERATION_TIMEOUT'],
];

/** The shape of a SQLSTATE: codes of Node (`EPIPE`) and of Prisma (`P2002`) have five characters as well. */
const SQL_STATE = /^(?:[0-9][0-9A-Z]|F0|HV|P0|XX)[0-9A-Z]{3}$/;

/** Errors of Postgres by their SQLSTATE, and those of the `pg` driver. */
export const classifyPostgres: Classifier = (error) => {
  const state = textOf(error, 'code');
  if (state !== undefined && SQL_STATE.test(state)) return classifySqlState(state, textOf(error, 'message') ?? '');
  const message = state === undefined ? (textOf(error, 'message') ?? '') : '';
  const [, code] = MESSAGES.find(([pattern]) => pattern.test(message)) ?? [];
  return code === undefined ? undefined : classified(code, '');
};

/** What a SQLSTATE stands for; those of no class above are mistakes of this program, such as faulty SQL. */
export function classifySqlState(state: string, message: string): Classification {
  if (state === '57014') return cancelledQuery(message);
  const [code, disposition] = STATES[state] ?? CLASSES[state.slice(0, 2)] ?? (['INTERNAL', 'terminal'] as const);
  return classified(code, state, disposition);
}

/** One code stands for a time limit and for a person's wish. */
function cancelledQuery(message: string): Classification {
  return message.includes('user request') ? classified('CANCELLED', '57014') : classified('OPERATION_TIMEOUT', '57014');
}
