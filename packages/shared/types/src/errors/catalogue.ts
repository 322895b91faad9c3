/**
 * What may be done about an error.
 * - `terminal`: trying again gives the same result.
 * - `retryable`: trying again later may succeed.
 * - `cancelled`: somebody asked for the work to stop.
 */
export type Disposition = 'terminal' | 'retryable' | 'cancelled';

/** Which part of the world an error belongs to; used for grouping, metrics and the choice of class. */
export type ErrorCategory =
  | 'agent'
  | 'pipeline'
  | 'validation'
  | 'network'
  | 'timeout'
  | 'conflict'
  | 'not-found'
  | 'authentication'
  | 'authorization'
  | 'overload'
  | 'configuration'
  | 'dependency'
  | 'cancelled'
  | 'internal';

/** What the catalogue says of one error code. */
export interface ErrorFacts {
  readonly category: ErrorCategory;
  readonly disposition: Disposition;
  /** HTTP status of the problem response. */
  readonly status: number;
  /** The problem's title: one short sentence without any value of the occurrence. */
  readonly title: string;
  /** What the reader should do. */
  readonly hint: string;
}

const define = <const C extends Readonly<Record<string, ErrorFacts>>>(catalogue: C): C => Object.freeze(catalogue);

/** Every error code of the platform, declared once. `docs/ERROR-HANDLING.md` and the HTTP map are derived from it. */
export const errorCatalogue = define({
  // agents and workers
  AGENT_FAILED: {
    category: 'agent',
    disposition: 'retryable',
    status: 500,
    title: 'The agent failed',
    hint: 'Read the cause; the task is retried as its stage says.',
  },
  AGENT_REJECTED: {
    category: 'agent',
    disposition: 'terminal',
    status: 422,
    title: 'The agent refused its input for good',
    hint: 'Correct the input; trying again gives the same result.',
  },
  AGENT_INPUT_INVALID: {
    category: 'agent',
    disposition: 'terminal',
    status: 422,
    title: "The input does not satisfy the agent's schema",
    hint: "Correct the stage's input mapping or the run's input at the paths listed.",
  },
  AGENT_OUTPUT_INVALID: {
    category: 'agent',
    disposition: 'terminal',
    status: 500,
    title: "The agent's output does not satisfy its own schema",
    hint: 'Mend the agent: its output schema and its code disagree at the paths listed.',
  },
  AGENT_OUTPUT_TOO_LARGE: {
    category: 'agent',
    disposition: 'terminal',
    status: 500,
    title: "The agent's output exceeds the limit",
    hint: 'Return a reference to the data, or raise MAINSTAY_MAX_OUTPUT_BYTES.',
  },
  AGENT_UNRESPONSIVE: {
    category: 'agent',
    disposition: 'retryable',
    status: 504,
    title: 'The agent did not stop in time after it was told to',
    hint: 'Make the agent observe ctx.signal.',
  },
  WORKER_LOST: {
    category: 'agent',
    disposition: 'retryable',
    status: 503,
    title: 'The worker that held the task died',
    hint: 'The task is given to another worker; if it kills each of them, see its dead letter.',
  },
  WORKER_OUT_OF_MEMORY: {
    category: 'agent',
    disposition: 'retryable',
    status: 503,
    title: 'The task ran out of memory',
    hint: 'Give the agent a larger memory limit or a smaller input.',
  },
  LEASE_LOST: {
    category: 'agent',
    disposition: 'cancelled',
    status: 409,
    title: 'The worker no longer holds this task',
    hint: 'Nothing to do: another attempt has the task.',
  },
  // pipelines and runs
  PIPELINE_INVALID: {
    category: 'pipeline',
    disposition: 'terminal',
    status: 422,
    title: 'The pipeline definition is invalid',
    hint: 'Correct the definition at the paths listed in details.issues.',
  },
  EXPRESSION_INVALID: {
    category: 'pipeline',
    disposition: 'terminal',
    status: 422,
    title: 'An expression is invalid',
    hint: 'Correct the expression; docs/EXPRESSIONS.md lists what is allowed.',
  },
  EXPRESSION_FAILED: {
    category: 'pipeline',
    disposition: 'terminal',
    status: 422,
    title: 'An expression could not be evaluated',
    hint: 'Guard the access with has(...) or a condition, or correct the input.',
  },
  EXPRESSION_TOO_COSTLY: {
    category: 'pipeline',
    disposition: 'terminal',
    status: 422,
    title: 'An expression exceeds its bounds',
    hint: 'Shorten or flatten the expression, or make its result smaller.',
  },
  GATE_FAILED: {
    category: 'pipeline',
    disposition: 'terminal',
    status: 422,
    title: 'A quality gate does not hold',
    hint: "Look at the stage's output against its gate.",
  },
  DECISION_EXPIRED: {
    category: 'pipeline',
    disposition: 'terminal',
    status: 408,
    title: 'Nobody answered the decision in time',
    hint: 'Give the decision a default answer or a longer timeout.',
  },
  RUN_FAILED: {
    category: 'pipeline',
    disposition: 'terminal',
    status: 500,
    title: 'The run failed',
    hint: 'details.stage says which stage failed and why.',
  },
  RUN_STATE_CONFLICT: {
    category: 'conflict',
    disposition: 'terminal',
    status: 409,
    title: 'The run is in a state that does not allow this',
    hint: 'Read the run; details.status says its state.',
  },
  // requests
  VALIDATION_FAILED: {
    category: 'validation',
    disposition: 'terminal',
    status: 400,
    title: 'The request is invalid',
    hint: 'Correct the request at the paths listed in details.issues.',
  },
  MALFORMED_JSON: {
    category: 'validation',
    disposition: 'terminal',
    status: 400,
    title: 'The body is not valid JSON',
    hint: 'Send one JSON value in UTF-8.',
  },
  UNSUPPORTED_MEDIA_TYPE: {
    category: 'validation',
    disposition: 'terminal',
    status: 415,
    title: 'The content type is not supported',
    hint: 'Send Content-Type: application/json.',
  },
  PAYLOAD_TOO_LARGE: {
    category: 'validation',
    disposition: 'terminal',
    status: 413,
    title: 'The body or value exceeds the limit',
    hint: 'Send less, or raise the limit named in details.',
  },
  METHOD_NOT_ALLOWED: {
    category: 'validation',
    disposition: 'terminal',
    status: 405,
    title: 'The method is not allowed here',
    hint: 'See the Allow header.',
  },
  NOT_ACCEPTABLE: {
    category: 'validation',
    disposition: 'terminal',
    status: 406,
    title: 'None of the accepted types can be given',
    hint: 'Accept application/json.',
  },
  ROUTE_NOT_FOUND: {
    category: 'not-found',
    disposition: 'terminal',
    status: 404,
    title: 'There is no such route',
    hint: 'See /openapi.json.',
  },
  RUN_NOT_FOUND: {
    category: 'not-found',
    disposition: 'terminal',
    status: 404,
    title: 'There is no such run',
    hint: 'Check the id; GET /api/v1/runs lists the runs you can see.',
  },
  PIPELINE_NOT_FOUND: {
    category: 'not-found',
    disposition: 'terminal',
    status: 404,
    title: 'There is no such pipeline or version',
    hint: 'GET /api/v1/pipelines lists what exists.',
  },
  DECISION_NOT_FOUND: {
    category: 'not-found',
    disposition: 'terminal',
    status: 404,
    title: 'There is no such decision',
    hint: 'GET /api/v1/decisions lists the open ones.',
  },
  DEAD_LETTER_NOT_FOUND: {
    category: 'not-found',
    disposition: 'terminal',
    status: 404,
    title: 'There is no such dead letter',
    hint: 'GET /api/v1/dead-letters lists them.',
  },
  ERROR_GROUP_NOT_FOUND: {
    category: 'not-found',
    disposition: 'terminal',
    status: 404,
    title: 'There is no such group of errors',
    hint: 'GET /api/v1/errors lists them.',
  },
  API_KEY_NOT_FOUND: {
    category: 'not-found',
    disposition: 'terminal',
    status: 404,
    title: 'There is no such API key',
    hint: 'GET /api/v1/api-keys lists them.',
  },
  PROCESS_NOT_FOUND: {
    category: 'not-found',
    disposition: 'terminal',
    status: 404,
    title: 'There is no such process',
    hint: 'GET /api/v1/agents lists workers and orchestrators by name.',
  },
  NOT_FOUND: {
    category: 'not-found',
    disposition: 'terminal',
    status: 404,
    title: 'There is no such thing',
    hint: 'Check the name or id.',
  },
  DECISION_ALREADY_MADE: {
    category: 'conflict',
    disposition: 'terminal',
    status: 409,
    title: 'The decision was already made',
    hint: 'details.answer says how.',
  },
  IDEMPOTENCY_KEY_REUSED: {
    category: 'conflict',
    disposition: 'terminal',
    status: 409,
    title: 'The idempotency key was used with another request',
    hint: 'Use a new key for a new request.',
  },
  CONFLICT: {
    category: 'conflict',
    disposition: 'retryable',
    status: 409,
    title: 'Somebody else changed this at the same time',
    hint: 'Read it again and retry.',
  },
  PROFILE_RUNNING: {
    category: 'conflict',
    disposition: 'retryable',
    status: 409,
    title: 'A profile of this process is being recorded already',
    hint: 'Try again when it has ended; details.endsInMs says when.',
  },
  PROFILE_TOO_LARGE: {
    category: 'overload',
    disposition: 'terminal',
    status: 507,
    title: 'The profile would take more room than it may',
    hint: 'Raise MAINSTAY_MAX_PROFILE_BYTES, make room in the data folder, or record for a shorter time.',
  },
  UNAUTHENTICATED: {
    category: 'authentication',
    disposition: 'terminal',
    status: 401,
    title: 'No valid credentials',
    hint: 'Send Authorization: Bearer with an API key.',
  },
  FORBIDDEN: {
    category: 'authorization',
    disposition: 'terminal',
    status: 403,
    title: 'The credentials do not allow this',
    hint: 'Use a key with the scope named in details.',
  },
  RATE_LIMITED: {
    category: 'overload',
    disposition: 'retryable',
    status: 429,
    title: 'Too many requests',
    hint: 'Wait as long as Retry-After says.',
  },
  OVERLOADED: {
    category: 'overload',
    disposition: 'retryable',
    status: 503,
    title: 'The service is at its limit',
    hint: 'Wait as long as Retry-After says.',
  },
  EMERGENCY: {
    category: 'overload',
    disposition: 'retryable',
    status: 503,
    title: 'The service is in an emergency and takes only work of high priority',
    hint: 'Wait as long as Retry-After says; operators see why with mainstay emergency status.',
  },
  SHUTTING_DOWN: {
    category: 'overload',
    disposition: 'retryable',
    status: 503,
    title: 'The service is shutting down',
    hint: 'Retry: another replica or the next start answers.',
  },
  // messages
  MESSAGE_INVALID: {
    category: 'validation',
    disposition: 'terminal',
    status: 500,
    title: 'A message does not satisfy its schema',
    hint: 'Compare the versions of the sender and the receiver.',
  },
  MESSAGE_VERSION_UNSUPPORTED: {
    category: 'validation',
    disposition: 'terminal',
    status: 500,
    title: 'A message has an unsupported version',
    hint: 'Sender and receiver may be two versions apart at most.',
  },
  MESSAGE_SIGNATURE_INVALID: {
    category: 'authentication',
    disposition: 'terminal',
    status: 500,
    title: 'The signature of a message is wrong',
    hint: 'Give all processes the same MAINSTAY_SIGNING_KEYS.',
  },
  MESSAGE_TOO_LARGE: {
    category: 'validation',
    disposition: 'terminal',
    status: 413,
    title: 'A message exceeds the limit',
    hint: 'Pass large data by reference.',
  },
  MESSAGE_PAYLOAD_MISSING: {
    category: 'validation',
    disposition: 'terminal',
    status: 500,
    title: 'The payload of a message is not there',
    hint: 'It lay in a lane for longer than payloads are kept, or something removed keys of Redis. The task is dispatched anew.',
  },
  // the world outside
  NETWORK_FAILED: {
    category: 'network',
    disposition: 'retryable',
    status: 502,
    title: 'A network call failed',
    hint: 'The call is retried; check the address and the other side.',
  },
  POSTGRES_UNAVAILABLE: {
    category: 'dependency',
    disposition: 'retryable',
    status: 503,
    title: 'Postgres cannot be reached',
    hint: 'Check DATABASE_URL and the server; work goes on by itself when it is back.',
  },
  REDIS_UNAVAILABLE: {
    category: 'dependency',
    disposition: 'retryable',
    status: 503,
    title: 'Redis cannot be reached',
    hint: 'Check REDIS_URL and the server; work goes on by itself when it is back.',
  },
  REDIS_EVICTS: {
    category: 'configuration',
    disposition: 'terminal',
    status: 500,
    title: 'Redis may evict keys',
    hint: 'Set maxmemory-policy noeviction on this Redis.',
  },
  CIRCUIT_OPEN: {
    category: 'dependency',
    disposition: 'retryable',
    status: 503,
    title: 'The circuit breaker is open',
    hint: 'The dependency failed repeatedly; details.retryAfterMs says when it is probed.',
  },
  DISK_FULL: {
    category: 'dependency',
    disposition: 'retryable',
    status: 507,
    title: 'There is no space left on the device',
    hint: 'Free space on the volume named in details.',
  },
  POSTGRES_EXHAUSTED: {
    category: 'dependency',
    disposition: 'retryable',
    status: 503,
    title: 'Postgres has no memory or no connections left',
    hint: 'details.resource says which. Raise max_connections, lower MAINSTAY_DATABASE_POOL, or give the server memory; work goes on by itself.',
  },
  REDIS_FULL: {
    category: 'dependency',
    disposition: 'retryable',
    status: 503,
    title: 'Redis takes nothing more: its memory or its disk is full',
    hint: 'Raise maxmemory or free its disk; work goes on by itself.',
  },
  OUT_OF_FILE_HANDLES: {
    category: 'dependency',
    disposition: 'retryable',
    status: 503,
    title: 'This process can open no more files and connections',
    hint: 'Raise its limit of open files (ulimit -n, LimitNOFILE); work goes on by itself.',
  },
  OPERATION_TIMEOUT: {
    category: 'timeout',
    disposition: 'retryable',
    status: 504,
    title: 'An operation took too long',
    hint: 'details.timeoutMs says the limit.',
  },
  DEADLINE_EXCEEDED: {
    category: 'timeout',
    disposition: 'terminal',
    status: 504,
    title: 'The deadline has passed',
    hint: 'Give the stage or the run more time.',
  },
  CANCELLED: { category: 'cancelled', disposition: 'cancelled', status: 499, title: 'The work was cancelled', hint: 'Nothing to do.' },
  SUSPENDED: {
    category: 'cancelled',
    disposition: 'cancelled',
    status: 503,
    title: 'The work was handed back by a shutdown',
    hint: 'It is resumed by itself.',
  },
  // this installation
  CONFIG_INVALID: {
    category: 'configuration',
    disposition: 'terminal',
    status: 500,
    title: 'The configuration is invalid',
    hint: 'Correct every variable listed.',
  },
  SERVICE_UNAVAILABLE: {
    category: 'dependency',
    disposition: 'terminal',
    status: 500,
    title: 'A service for development cannot be had on this machine',
    hint: 'details says what to install or which variable to set.',
  },
  DATA_DIR_HELD: {
    category: 'conflict',
    disposition: 'terminal',
    status: 409,
    title: 'Another process holds the data folder',
    hint: 'Stop it, or set MAINSTAY_DATA_DIR to another folder.',
  },
  SCHEMA_TOO_NEW: {
    category: 'configuration',
    disposition: 'terminal',
    status: 500,
    title: 'The database is newer than this program',
    hint: 'Start a newer version of the program.',
  },
  SCHEMA_TOO_OLD: {
    category: 'configuration',
    disposition: 'terminal',
    status: 500,
    title: 'The database lacks migrations that this program needs',
    hint: 'Check the address; an orchestrator of this version brings the database up to date when it starts.',
  },
  SCHEMA_DIVERGED: {
    category: 'configuration',
    disposition: 'terminal',
    status: 500,
    title: "A migration of the database differs from this program's",
    hint: 'Restore the migration named in details as it was applied; put changes into a new one.',
  },
  INTERNAL: {
    category: 'internal',
    disposition: 'retryable',
    status: 500,
    title: 'Something went wrong inside',
    hint: 'Report it with the correlation id.',
  },
});

/** A code of the catalogue. */
export type ErrorCode = keyof typeof errorCatalogue;

/** True for a string that is a code of the catalogue. */
export function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(errorCatalogue, text);
}
