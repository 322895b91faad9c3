import {
  type Attributes as OtelAttributes,
  type HrTime,
  SpanKind as OtelKind,
  SpanStatusCode,
  TraceFlags,
  type TraceState,
} from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import type { SpanExporter } from './span-exporter.ts';
import type { Attributes, SpanKind, SpanRecord } from './span-record.ts';

export interface OtlpSettings {
  /** Where traces are posted to, the path included. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Of one request, its repetitions included. */
  readonly timeoutMs: number;
}

export interface OtlpParts {
  readonly settings: OtlpSettings;
  /** What all spans of this process have in common, `service.name` among it. */
  readonly resource: Attributes;
  /** Makes attributes fit to be shown. */
  readonly clean: (attributes: Attributes) => OtelAttributes;
}

const KINDS: Readonly<Record<SpanKind, OtelKind>> = {
  internal: OtelKind.INTERNAL,
  server: OtelKind.SERVER,
  client: OtelKind.CLIENT,
  producer: OtelKind.PRODUCER,
  consumer: OtelKind.CONSUMER,
};
/** How the exporter says that all went well. */
const TAKEN = 0;
const SCOPE = { name: '@mainstay/observability' };
type Convert = (span: SpanRecord) => ReadableSpan;

/** Posts spans in the OpenTelemetry Protocol over HTTP, as protobuf. What that takes is loaded with the first span. */
export function otlpExporter({ settings, resource, clean }: OtlpParts): SpanExporter {
  const load = async () => {
    const [{ OTLPTraceExporter }, { resourceFromAttributes }] = await Promise.all([
      import('@opentelemetry/exporter-trace-otlp-proto'),
      import('@opentelemetry/resources'),
    ]);
    const { url, headers, timeoutMs } = settings;
    const exporter = new OTLPTraceExporter({ url, headers: { ...headers }, timeoutMillis: timeoutMs });
    return { exporter, convert: converter(resourceFromAttributes(clean(resource)), clean) };
  };
  let loaded: ReturnType<typeof load> | undefined;
  return {
    async export(spans) {
      const { exporter, convert } = await (loaded ??= load());
      const { promise, resolve, reject } = Promise.withResolvers<undefined>();
      exporter.export(spans.map(convert), ({ code, error }) => {
        const result: number = code;
        if (result === TAKEN) resolve(undefined);
        else reject(error ?? new Error('the spans were not taken'));
      });
      await promise;
    },
    async close() {
      await (await loaded)?.exporter.shutdown();
    },
  };
}

function converter(resource: ReadableSpan['resource'], clean: OtlpParts['clean']): Convert {
  return (span) => {
    const { traceId, spanId, parentSpanId, name, startMs, links = [], error, tracestate } = span;
    const endMs = Math.max(startMs, span.endMs);
    const traceState = tracestate === undefined ? {} : { traceState: stateOf(tracestate) };
    const context = { traceId, spanId, traceFlags: TraceFlags.SAMPLED, ...traceState };
    return {
      name,
      kind: KINDS[span.kind],
      spanContext: () => context,
      ...(parentSpanId === undefined
        ? {}
        : { parentSpanContext: { traceId, spanId: parentSpanId, traceFlags: TraceFlags.SAMPLED, isRemote: true } }),
      startTime: hrTime(startMs),
      endTime: hrTime(endMs),
      duration: hrTime(endMs - startMs),
      status:
        error === undefined
          ? { code: SpanStatusCode.UNSET }
          : { code: SpanStatusCode.ERROR, ...(error.description === undefined ? {} : { message: error.description }) },
      attributes: clean(error === undefined ? span.attributes : { ...span.attributes, 'error.type': error.type }),
      links: links.map(({ attributes = {}, ...to }) => ({
        context: { ...to, traceFlags: TraceFlags.SAMPLED },
        attributes: clean(attributes),
      })),
      events: [],
      ended: true,
      resource,
      instrumentationScope: SCOPE,
      droppedAttributesCount: 0,
      droppedEventsCount: 0,
      droppedLinksCount: 0,
    };
  };
}

/** As it came; an exporter only writes it. */
function stateOf(text: string): TraceState {
  const state: TraceState = { serialize: () => text, get: () => undefined, set: () => state, unset: () => state };
  return state;
}

/** Seconds and nanoseconds. */
function hrTime(ms: number): HrTime {
  const seconds = Math.floor(ms / 1_000);
  return [seconds, Math.round((ms - seconds * 1_000) * 1_000_000)];
}
