import type { TraceSampler } from '@mainstay/types';
import { createRedactor, type RedactOptions } from '../redact.ts';
import { otlpExporter, type OtlpSettings } from './otlp-exporter.ts';
import { createSampler, type Sampler } from './sampler.ts';
import { type DropReason, inBatches, type SpanCounts, type SpanExporter } from './span-exporter.ts';
import { type MakeSpans, SpanQueue, type SpanQueueSettings } from './span-queue.ts';
import type { Attributes, SpanRecord } from './span-record.ts';

/** Why a span of an unsampled trace is kept all the same. */
export type KeptFor = 'error' | 'slow';

/** Which spans of unsampled traces are kept all the same: see {@link Tracing.keeps}. */
export interface KeepSettings {
  /** Those that tell of an error. */
  readonly errors: boolean;
  /** Those that took so long or longer; undefined: none for that. */
  readonly slowMs: number | undefined;
}

/** What `traceSettings` of @mainstay/config makes of the standard variables. */
export interface TracingSettings {
  readonly otlp: OtlpSettings;
  readonly sampler: TraceSampler;
  /** Share of traces, 0 to 1. */
  readonly ratio: number;
  readonly keep: KeepSettings;
  readonly queue: SpanQueueSettings;
  /** `OTEL_SERVICE_NAME`; undefined: that of the program. */
  readonly service: string | undefined;
  readonly resource: Attributes;
}

export interface TracingOptions {
  /** Name of the program. */
  readonly service: string;
  readonly version?: string;
  /** Undefined: traces are off. */
  readonly settings: TracingSettings | undefined;
  readonly counts?: SpanCounts;
  /** Told of each export that failed. Must not throw. */
  readonly onFailure?: (error: unknown, spans: number) => void;
  /** Secrets beyond those that are always hidden. */
  readonly redact?: RedactOptions;
  /** Default: OTLP over HTTP, as the settings say. */
  readonly exporter?: SpanExporter;
}

/** Where a process tells its spans. Nothing waits for their export. */
export interface Tracing {
  readonly sample: Sampler;
  /** Tells a span that is over. The caller has decided that it is wanted. */
  record(span: SpanRecord): void;
  /**
   * Tells about so many spans, which are made some moments later, together with others: that costs a fraction. Many are made at once. What
   * `make` holds is held until then, and must not change.
   */
  recordLater(make: MakeSpans, spans: number): void;
  /** Why a span of an unsampled trace is wanted all the same; undefined: it is not. */
  keeps(durationMs: number, failed: boolean): KeptFor | undefined;
  /** Counts spans, or runs whose spans were not even made, as lost. */
  dropped(spans: number, reason: DropReason): void;
  /** Sends what waits; resolves after so long at the latest. */
  flush(withinMs?: number): Promise<void>;
  /** Sends what waits, drops what is left after so long, and ends. Idempotent. */
  close(withinMs?: number): Promise<void>;
}

const CLOSE_MS = 3_000;
const IGNORED: SpanCounts = { exported: () => undefined, dropped: () => undefined };

/** Undefined when traces are off: then nothing is loaded, and nothing is to be done for them. */
export function createTracing(options: TracingOptions): Tracing | undefined {
  const { settings, counts = IGNORED, onFailure = () => undefined } = options;
  if (settings === undefined) return undefined;
  const clean = createRedactor(options.redact).field;
  const exporter =
    options.exporter === undefined
      ? otlpExporter({ settings: settings.otlp, resource: resourceOf(options, settings), clean })
      : inBatches(options.exporter);
  const queue = new SpanQueue({ settings: settings.queue, exporter, counts, onFailure });
  const { errors, slowMs = Infinity } = settings.keep;
  return {
    sample: createSampler(settings.sampler, settings.ratio),
    record: (span) => {
      queue.add(span);
    },
    recordLater: (make, spans) => {
      queue.later(make, spans);
    },
    keeps: (durationMs, failed) => {
      if (failed && errors) return 'error';
      return durationMs >= slowMs ? 'slow' : undefined;
    },
    dropped: (spans, reason) => {
      counts.dropped(spans, reason);
    },
    flush: (withinMs = CLOSE_MS) => queue.flush(withinMs),
    close: (withinMs = CLOSE_MS) => queue.close(withinMs),
  };
}

function resourceOf({ service, version }: TracingOptions, settings: TracingSettings): Attributes {
  return {
    'telemetry.sdk.language': 'nodejs',
    'telemetry.sdk.name': 'opentelemetry',
    'process.pid': process.pid,
    'service.version': version,
    ...settings.resource,
    'service.name': settings.service ?? settings.resource['service.name'] ?? service,
  };
}
