import { errorCatalogue, toMainstayError } from '@mainstay/types';
import { childTraceparent, formatTraceparent, newTraceparent, parseTraceparent } from '../traceparent.ts';
import { type ActiveTrace, activeTrace, runWithTrace } from './active-trace.ts';
import type { Attributes, SpanError, SpanKind, SpanLink, SpanRecord } from './span-record.ts';
import type { Tracing } from './tracing.ts';

export interface SpanOptions {
  /** Default `internal`. */
  readonly kind?: SpanKind;
  readonly attributes?: Attributes;
  /** Default: the active one; without one a new trace begins. */
  readonly parent?: ActiveTrace | undefined;
  readonly links?: readonly SpanLink[];
}

/** A span that goes on. */
export interface LiveSpan extends ActiveTrace {
  /** Adds attributes, or replaces those of the same name. */
  set(attributes: Attributes): void;
}

/**
 * Does `work` within a span of its own: what it starts is below it, and what it throws, or rejects with, is told and passed on.
 * Without tracing the work is done at the parent's place.
 */
export async function inSpan<T>(
  tracing: Tracing | undefined,
  name: string,
  work: (span: LiveSpan) => Promise<T> | T,
  options: SpanOptions = {},
): Promise<T> {
  const parent = options.parent ?? activeTrace();
  const traceparent = placeOf(tracing, parent);
  const { tracestate } = parent ?? {};
  let attributes = options.attributes ?? {};
  const live: LiveSpan = {
    traceparent,
    tracestate,
    set: (more) => {
      attributes = { ...attributes, ...more };
    },
  };
  if (tracing === undefined) return work(live);
  const [startMs, begun] = [Date.now(), performance.now()];
  const end = (error?: SpanError): void => {
    const place = parseTraceparent(traceparent);
    if (place === undefined) return;
    const durationMs = performance.now() - begun;
    const kept = place.sampled ? undefined : tracing.keeps(durationMs, error !== undefined);
    if (!place.sampled && kept === undefined) return;
    const span: SpanRecord = {
      ...{ traceId: place.traceId, spanId: place.spanId, name, kind: options.kind ?? 'internal', startMs, endMs: startMs + durationMs },
      parentSpanId: parent === undefined ? undefined : parseTraceparent(parent.traceparent)?.spanId,
      ...{ attributes: { ...attributes, 'mainstay.trace.kept': kept }, links: options.links ?? [], error, tracestate },
    };
    tracing.record(span);
  };
  try {
    const value = await runWithTrace(live, () => work(live));
    end();
    return value;
  } catch (thrown) {
    end(spanErrorOf(thrown));
    throw thrown;
  }
}

/** What a span tells of something that was thrown: its code, and the code's title. */
export function spanErrorOf(thrown: unknown): SpanError {
  const { code } = toMainstayError(thrown, 'INTERNAL');
  return spanError(code);
}

/** The error of this code. */
export function spanError(code: string): SpanError {
  const known: Readonly<Record<string, { readonly title: string }>> = errorCatalogue;
  const title = known[code]?.title;
  return title === undefined ? { type: code } : { type: code, description: title };
}

function placeOf(tracing: Tracing | undefined, parent: ActiveTrace | undefined): string {
  if (tracing === undefined) return parent?.traceparent ?? newTraceparent();
  const own = parent === undefined ? newTraceparent() : childTraceparent(parent.traceparent);
  const place = parseTraceparent(own);
  if (place === undefined) return own;
  const given = parent === undefined ? undefined : parseTraceparent(parent.traceparent)?.sampled;
  return formatTraceparent({ ...place, sampled: tracing.sample(place.traceId, given) });
}
