import { context, createContextKey, isSpanContextValid, ROOT_CONTEXT, trace, TraceFlags } from '@opentelemetry/api';
import { currentContext, type LogContext } from '../context.ts';
import { formatTraceparent, parseTraceparent } from '../traceparent.ts';
import { workPlaces } from '../work-place.ts';

/** Where the present work stands in its trace. */
export interface ActiveTrace {
  /** W3C Trace Context, version 00. */
  readonly traceparent: string;
  readonly tracestate?: string | undefined;
}

const PROBE = createContextKey('mainstay.probe');
/** Made once: whether there is an SDK is asked for every attempt. */
const PROBED = ROOT_CONTEXT.setValue(PROBE, true);
const isProbed = (): boolean => context.active().getValue(PROBE) === true;

/**
 * Runs `fn`, and everything that it starts, at this place of a trace. Where the process has an OpenTelemetry SDK of its own, its
 * instrumentation sees the same place.
 */
export function runWithTrace<T>(active: ActiveTrace, fn: () => T): T {
  return runWithBoth(currentContext(), active, fn);
}

/** {@link runWithTrace} and `runWithContext` at once, for less than one after the other. */
export function runWithBoth<T>(logged: LogContext | undefined, active: ActiveTrace, fn: () => T): T {
  const place = { context: logged, trace: active };
  return hasSdk() ? context.with(sdkContext(active), () => workPlaces.run(place, fn)) : workPlaces.run(place, fn);
}

/** The place of the present work: as {@link runWithTrace} has it, or as the process's own OpenTelemetry SDK has it. */
export function activeTrace(): ActiveTrace | undefined {
  return workPlaces.getStore()?.trace ?? sdkTrace();
}

/** Headers by which a request goes on with the present trace; none without one. */
export function traceHeaders(active: ActiveTrace | undefined = activeTrace()): Record<string, string> {
  if (active === undefined) return {};
  const { traceparent, tracestate } = active;
  return { traceparent, ...(tracestate === undefined ? {} : { tracestate }) };
}

/** Environment by which a child process goes on with the present trace: `TRACEPARENT` and `TRACESTATE`. */
export function traceEnvironment(active: ActiveTrace | undefined = activeTrace()): Record<string, string> {
  if (active === undefined) return {};
  const { traceparent, tracestate } = active;
  return { TRACEPARENT: traceparent, ...(tracestate === undefined ? {} : { TRACESTATE: tracestate }) };
}

/** The place that a parent process gave by {@link traceEnvironment}; undefined when there is none or it is not valid. */
export function traceOfEnvironment(env: Readonly<Record<string, string | undefined>>): ActiveTrace | undefined {
  const { TRACEPARENT: traceparent = '', TRACESTATE: tracestate } = env;
  return parseTraceparent(traceparent) === undefined ? undefined : { traceparent, tracestate };
}

function hasSdk(): boolean {
  return context.with(PROBED, isProbed);
}

function sdkContext({ traceparent }: ActiveTrace) {
  const place = parseTraceparent(traceparent);
  if (place === undefined) return context.active();
  const { traceId, spanId, sampled } = place;
  const traceFlags = sampled ? TraceFlags.SAMPLED : TraceFlags.NONE;
  return trace.setSpanContext(context.active(), { traceId, spanId, traceFlags, isRemote: true });
}

function sdkTrace(): ActiveTrace | undefined {
  const found = trace.getSpanContext(context.active());
  if (found === undefined || !isSpanContextValid(found)) return undefined;
  const { traceId, spanId, traceFlags, traceState } = found;
  const sampled = (traceFlags & TraceFlags.SAMPLED) !== 0;
  return { traceparent: formatTraceparent({ traceId, spanId, sampled }), tracestate: traceState?.serialize() };
}
