import { ConfigurationError } from '@mainstay/types';
import { z } from 'zod';
import type { Secret } from './secret.ts';
import { traceVariables } from './trace-variables.ts';

/** The variables about traces alone, for programs of one's own. */
export const traceEnv = z.object(traceVariables);
type TraceEnv = z.output<typeof traceEnv>;

/** What the variables about traces come to. */
export interface TraceSettings {
  readonly otlp: { readonly url: string; readonly headers: Readonly<Record<string, string>>; readonly timeoutMs: number };
  readonly sampler: TraceEnv['OTEL_TRACES_SAMPLER'];
  readonly ratio: number;
  readonly keep: { readonly errors: boolean; readonly slowMs: number | undefined };
  readonly queue: {
    readonly maxQueueSize: number;
    readonly maxBatchSize: number;
    readonly scheduleDelayMs: number;
    readonly exportTimeoutMs: number;
  };
  readonly service: string | undefined;
  readonly resource: Readonly<Record<string, string>>;
}

const DEFAULT_ENDPOINT = 'http://localhost:4318';
const KEEP = new Set(['errors', 'slow', 'none']);

/**
 * Undefined when traces are off, which they are unless an endpoint is set or `OTEL_TRACES_EXPORTER` is `otlp`.
 * @throws ConfigurationError `CONFIG_INVALID` that names the variable that cannot be read, never its value.
 */
export function traceSettings(env: TraceEnv): TraceSettings | undefined {
  const endpoint = endpointOf(env);
  if (endpoint === undefined) return undefined;
  return {
    otlp: {
      url: endpoint,
      headers: {
        ...pairs('OTEL_EXPORTER_OTLP_HEADERS', env.OTEL_EXPORTER_OTLP_HEADERS),
        ...pairs('OTEL_EXPORTER_OTLP_TRACES_HEADERS', env.OTEL_EXPORTER_OTLP_TRACES_HEADERS),
      },
      timeoutMs: env.OTEL_EXPORTER_OTLP_TIMEOUT,
    },
    sampler: env.OTEL_TRACES_SAMPLER,
    ratio: env.OTEL_TRACES_SAMPLER_ARG,
    keep: keepOf(env),
    queue: {
      maxQueueSize: env.OTEL_BSP_MAX_QUEUE_SIZE,
      maxBatchSize: Math.min(env.OTEL_BSP_MAX_EXPORT_BATCH_SIZE, env.OTEL_BSP_MAX_QUEUE_SIZE),
      scheduleDelayMs: env.OTEL_BSP_SCHEDULE_DELAY,
      exportTimeoutMs: env.OTEL_BSP_EXPORT_TIMEOUT,
    },
    service: env.OTEL_SERVICE_NAME,
    resource: pairs('OTEL_RESOURCE_ATTRIBUTES', env.OTEL_RESOURCE_ATTRIBUTES),
  };
}

function endpointOf(env: TraceEnv): string | undefined {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: base, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: own, OTEL_TRACES_EXPORTER: exporter } = env;
  if (env.OTEL_SDK_DISABLED || exporter === 'none') return undefined;
  if (own !== undefined) return own;
  if (base === undefined && exporter === undefined) return undefined;
  return `${(base ?? DEFAULT_ENDPOINT).replace(/\/+$/, '')}/v1/traces`;
}

function keepOf({ MAINSTAY_TRACES_KEEP: kinds, MAINSTAY_TRACES_SLOW_MS: slowMs }: TraceEnv): TraceSettings['keep'] {
  if (!kinds.every((kind) => KEEP.has(kind))) throw invalid('MAINSTAY_TRACES_KEEP', 'must be of errors, slow and none');
  return { errors: kinds.includes('errors'), slowMs: kinds.includes('slow') ? slowMs : undefined };
}

/** `name=value` pairs, separated by commas, percent-encoded. */
function pairs(variable: string, value: Secret | string | undefined): Record<string, string> {
  const text = typeof value === 'string' || value === undefined ? (value ?? '') : value.reveal();
  const read: Record<string, string> = {};
  for (const pair of text.split(',')) {
    if (pair.trim() === '') continue;
    const at = pair.indexOf('=');
    if (at < 1) throw invalid(variable, 'must be name=value pairs, separated by commas');
    read[decoded(variable, pair.slice(0, at))] = decoded(variable, pair.slice(at + 1));
  }
  return read;
}

function decoded(variable: string, text: string): string {
  try {
    return decodeURIComponent(text.trim());
  } catch {
    throw invalid(variable, 'must be percent-encoded');
  }
}

function invalid(variable: string, problem: string): ConfigurationError {
  return new ConfigurationError('CONFIG_INVALID', `The environment is not usable:\n  ${variable} ${problem}`, {
    details: { issues: [{ variable, problem }] },
  });
}
