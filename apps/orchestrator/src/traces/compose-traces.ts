import { setTimeout as sleep } from 'node:timers/promises';
import { type OrchestratorEnv, traceSettings } from '@mainstay/config';
import { createTracing, type Logger, type Metrics, spanMetrics, type Tracing } from '@mainstay/observability';
import type { Change } from '../pipeline/model.ts';
import type { Store } from '../store/store.ts';
import { RunTraces } from './run-traces.ts';
import { tellSpansOfTheDead } from './spans-of-the-dead.ts';

/** Runs that have ended are waited for so long, at the end, until their events are read; then their spans are lost. */
const SETTLE_MS = 2_000;

/** The traces of this process. */
export interface Traces {
  readonly tracing: Tracing;
  readonly onChange: (change: Change) => void;
  /** Sends what an orchestrator that was killed may not have sent. */
  readonly onDied: (orchestrator: string) => Promise<void>;
  /** Sends what is left, for a while. */
  stop(): Promise<void>;
}

export interface TracesDeps {
  readonly store: Pick<Store, 'events' | 'endedAround' | 'load'>;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** Undefined when traces are off. */
export function composeTraces(env: OrchestratorEnv, version: string, { store, logger, metrics }: TracesDeps): Traces | undefined {
  const settings = traceSettings(env);
  const tracing = createTracing({
    service: 'mainstay-orchestrator',
    version,
    settings,
    redact: { paths: env.MAINSTAY_REDACT_PATHS, patterns: env.MAINSTAY_REDACT_PATTERNS },
    counts: spanMetrics(metrics),
    onFailure: (error, spans) => {
      logger.warn({ err: error, spans }, 'spans could not be sent');
    },
  });
  if (tracing === undefined || settings === undefined) return undefined;
  const runs = new RunTraces({ tracing, store, logger });
  const { scheduleDelayMs, exportTimeoutMs } = settings.queue;
  const ofTheDead = { store, runs, tracing, logger, sentWithinMs: scheduleDelayMs + exportTimeoutMs };
  const stopping = new AbortController();
  return {
    tracing,
    onChange: (change) => {
      runs.written(change);
    },
    onDied: (orchestrator) => tellSpansOfTheDead(ofTheDead, orchestrator, stopping.signal),
    async stop() {
      stopping.abort();
      await Promise.race([runs.settle(), sleep(SETTLE_MS, undefined, { ref: false })]);
      await tracing.close();
    },
  };
}
