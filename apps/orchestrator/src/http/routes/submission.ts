import { type JsonObject, type JsonValue, TimeoutError } from '@mainstay/types';
import type { Submission } from '../../engine/engine.ts';
import type { Principal } from '../auth/principal.ts';
import { requestHash } from '../body/canonical-json.ts';
import { runTraceparent, type TraceContext } from '../trace-context.ts';

export const RUNS_PATH = '/api/v1/runs';

/** A run as it is asked for, alone or in a batch. */
export interface RunRequest {
  readonly pipeline: string;
  readonly version?: number | undefined;
  readonly input?: JsonValue | undefined;
  readonly priority?: number | undefined;
}

/** What belongs to a request for a run and is no part of what makes it the same request. */
export interface RequestBounds {
  readonly key?: string | undefined;
  /** Milliseconds until nobody wants the result. */
  readonly deadlineMs?: number | undefined;
}

/**
 * What the engine needs to start the run. The same request gives the same hash, whichever way it came.
 * @throws TimeoutError `DEADLINE_EXCEEDED` when its deadline has passed.
 */
export function submissionOf(
  principal: Principal,
  request: RunRequest,
  trace: TraceContext,
  { key, deadlineMs }: RequestBounds,
): Submission {
  if (deadlineMs === 0) throw new TimeoutError('DEADLINE_EXCEEDED', 'The deadline of the request has passed');
  const { pipeline, version, input, priority } = request;
  return {
    tenant: principal.tenant,
    pipeline,
    input: input === undefined ? {} : input,
    correlationId: trace.correlationId,
    traceparent: runTraceparent(trace),
    by: principal.name,
    ...(trace.tracestate === undefined ? undefined : { tracestate: trace.tracestate }),
    ...(version === undefined ? undefined : { version }),
    ...(priority === undefined ? undefined : { priority }),
    ...(deadlineMs === undefined ? undefined : { deadlineMs }),
    ...(key === undefined ? undefined : { idempotency: { key, hash: hashOf(request) } }),
  };
}

function hashOf({ pipeline, version, input, priority }: RunRequest): string {
  const body: Record<string, JsonValue> = { pipeline };
  if (version !== undefined) body['version'] = version;
  if (input !== undefined) body['input'] = input;
  if (priority !== undefined) body['priority'] = priority;
  return requestHash('POST', RUNS_PATH, body satisfies JsonObject);
}
