import { type OrchestratorEnv, traceSettings } from '@mainstay/config';
import { createTracing, type Logger, type Metrics, spanMetrics, type Tracing } from '@mainstay/observability';
import type { Change } from '../pipeline/model.ts';
import type { Store } from '../store/store.ts';
import { RunTraces } from './run-traces.ts';

/** The traces of this process. */
export interface Traces {
  readonly tracing: Tracing;
  readonly onChanges: (changes: readonly Change[]) => void;
  /** Sends what is left, for a while. */
  stop(): Promise<void>;
}

export interface TracesDeps {
  readonly store: Pick<Store, 'events'>;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** Undefined when traces are off. */
export function composeTraces(env: OrchestratorEnv, version: string, { store, logger, metrics }: TracesDeps): Traces | undefined {
  const tracing = createTracing({
    service: 'mainstay-orchestrator',
    version,
    settings: traceSettings(env),
    redact: { paths: env.MAINSTAY_REDACT_PATHS, patterns: env.MAINSTAY_REDACT_PATTERNS },
    counts: spanMetrics(metrics),
    onFailure: (error, spans) => {
      logger.warn({ err: error, spans }, 'spans could not be sent');
    },
  });
  if (tracing === undefined) return undefined;
  const runs = new RunTraces({ tracing, store, logger });
  return {
    tracing,
    onChanges: (changes) => {
      runs.changes(changes);
    },
    async stop() {
      await runs.settle();
      await tracing.close();
    },
  };
}
