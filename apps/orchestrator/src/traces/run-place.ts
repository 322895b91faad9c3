import { formatTraceparent, parseTraceparent, rootSpanId } from '@mainstay/observability';
import type { RunState } from '../pipeline/model.ts';

/** Where a run stands in its trace. */
export interface RunPlace {
  readonly traceId: string;
  /** The caller's span; undefined: the run is the root of its trace. */
  readonly parentSpanId: string | undefined;
  readonly sampled: boolean;
}

/** The `traceparent` of a run without a caller, in a trace that begins with it. */
export function rootTraceparent(traceId: string, sampled: boolean): string {
  return formatTraceparent({ traceId, spanId: rootSpanId(traceId), sampled });
}

/** Undefined for a run of whose trace nothing valid is known. */
export function placeOf({ traceparent }: Pick<RunState, 'traceparent'>): RunPlace | undefined {
  const place = parseTraceparent(traceparent);
  if (place === undefined) return undefined;
  const { traceId, spanId, sampled } = place;
  return { traceId, parentSpanId: spanId === rootSpanId(traceId) ? undefined : spanId, sampled };
}
