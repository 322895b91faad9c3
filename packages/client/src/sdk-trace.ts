import { context, isSpanContextValid, trace } from '@opentelemetry/api';

/** A place in a trace, as W3C Trace Context has it. */
export interface TracePlace {
  readonly traceparent: string;
  readonly tracestate?: string | undefined;
}

/** The span of the process's OpenTelemetry SDK that is active now; undefined without one. */
export function sdkTrace(): TracePlace | undefined {
  const place = trace.getSpanContext(context.active());
  if (place === undefined || !isSpanContextValid(place)) return undefined;
  const { traceId, spanId, traceFlags, traceState } = place;
  return { traceparent: `00-${traceId}-${spanId}-${(traceFlags & 1) === 1 ? '01' : '00'}`, tracestate: traceState?.serialize() };
}
