import { DependencyError, InternalError, MainstayError, type Shortage, shortageOf, TimeoutError, ValidationError } from '@mainstay/types';

/** SQLSTATE of an error of the server; undefined for others. */
export function sqlState(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) && !code.startsWith('E') ? code : undefined;
}

/** The statement met another one; doing it again may succeed: deadlock, serialization failure. */
export function isCollision(error: unknown): boolean {
  return ['40P01', '40001'].includes(sqlState(error) ?? '');
}

/** A row with these keys is there already. */
export function isDuplicateKey(error: unknown): boolean {
  return sqlState(error) === '23505';
}

/** The data itself is at fault: data exception, constraint, nesting too deep, a value beyond a limit of the server. */
export function isDataError(error: unknown): boolean {
  const state = sqlState(error) ?? '';
  return ['22', '23', '54'].includes(state.slice(0, 2)) || error instanceof RangeError;
}

/** The server is there but does not take us now: starting, stopping, ended our connection. */
const AWAY = new Set(['57P01', '57P02', '57P03', '57P05', '25006', '3D000']);

/** No answer of anybody, but a mistake in this program. */
const OUR_FAULT = new Set(['TypeError', 'ReferenceError', 'SyntaxError']);

/**
 * What went wrong, as an error of the platform. A connection that broke, and anything else that is no answer, is POSTGRES_UNAVAILABLE;
 * what ran out is named in `details.resource`.
 */
export function toStoreError(error: unknown, statement: string): MainstayError {
  if (error instanceof MainstayError) return error;
  return ofResource(error, statement) ?? ofState(error, statement);
}

/** Something ran out: at the server, or here. */
function ofResource(error: unknown, statement: string): DependencyError | undefined {
  const shortage = shortageOf(error);
  if (shortage === undefined) return undefined;
  const { code, resource } = shortage;
  const state = sqlState(error);
  return new DependencyError(code, `${WORDS[code]} ("${statement}"): ${textOf(error)}`, {
    cause: error,
    details: { statement, ...(state !== undefined && { sqlState: state }), resource },
  });
}

const WORDS: Readonly<Record<Shortage['code'], string>> = {
  DISK_FULL: 'The disk of the Postgres server is full',
  POSTGRES_EXHAUSTED: 'Postgres has nothing left',
  OUT_OF_FILE_HANDLES: 'No connection to Postgres can be opened',
  REDIS_FULL: 'Redis takes nothing more',
};

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function ofState(error: unknown, statement: string): MainstayError {
  const state = sqlState(error);
  const text = textOf(error);
  const options = { cause: error, details: { statement, ...(state !== undefined && { sqlState: state }) } };
  if (isDataError(error)) return new ValidationError('VALIDATION_FAILED', `Postgres refused a value of "${statement}": ${text}`, options);
  if (state === '57014')
    return new TimeoutError('OPERATION_TIMEOUT', `Postgres gave up "${statement}" at its time limit: ${text}`, options);
  if (state === undefined && error instanceof Error && OUR_FAULT.has(error.name))
    return new InternalError(`"${statement}" failed: ${text}`, options);
  if (
    state === undefined ||
    state.startsWith('08') ||
    state.startsWith('28') ||
    state.startsWith('58') ||
    AWAY.has(state) ||
    isCollision(error)
  ) {
    return new DependencyError('POSTGRES_UNAVAILABLE', `Postgres cannot be used for "${statement}": ${text}`, options);
  }
  return new InternalError(`Postgres refused "${statement}": ${text}`, options);
}
