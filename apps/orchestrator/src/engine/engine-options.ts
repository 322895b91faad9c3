import type { Logger, Metrics } from '@mainstay/observability';
import type { Transport } from '@mainstay/transport';
import type { Clock } from '@mainstay/utils';
import type { Transition } from '../pipeline/model.ts';
import type { Store } from '../store/store.ts';

export interface EngineOptions {
  readonly store: Store;
  /** Connected as side `orchestrator`; its name becomes the engine's. Events of the transport must be passed on: see `transportUp`. */
  readonly transport: Transport;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly clock?: Clock;
  /** Uniform in [0, 1). Default `Math.random`. */
  readonly random?: () => number;
  /** Default UUIDv7. */
  readonly newId?: () => string;
  /** Default: the real one. A simulation injects broken variants. */
  readonly transition?: Transition;
  readonly config?: Partial<EngineConfig>;
}

export interface EngineConfig {
  /** Default 1 MiB. */
  readonly maxOutputBytes: number;
  /** Inputs, or new runs, in one transaction. Default 500. */
  readonly maxBatch: number;
  /** Results are not read while so many inputs wait. Default 5,000. */
  readonly maxBacklog: number;
  /** Submissions that may wait for their transaction. Default 5,000. */
  readonly maxWaiting: number;
  /** States of unfinished runs kept in memory. Default 20,000. */
  readonly maxCachedRuns: number;
  /** A worker whose heartbeats stop for so long loses its tasks. Default 4,000. */
  readonly leaseMs: number;
  /** A process without its subscription for so long is dead. Default 600. */
  readonly absentMs: number;
  /** Between two looks at presence and epoch. Default 250. */
  readonly presenceMs: number;
  /** Between two signs of life of this orchestrator. Default 1,000. */
  readonly heartbeatMs: number;
  /** Between two looks at due times that nobody announced. Default 1,000. */
  readonly dueMs: number;
  /** Between two looks at what is rare. Default 2,000. */
  readonly slowMs: number;
  /** Time that workers have to reconnect and report after the transport came back. Default 1,500. */
  readonly graceMs: number;
  /** See the sweeper. Default 15,000. */
  readonly missingMs: number;
}

export const engineDefaults: EngineConfig = Object.freeze({
  maxOutputBytes: 1024 * 1024,
  maxBatch: 500,
  maxBacklog: 5_000,
  maxWaiting: 5_000,
  maxCachedRuns: 20_000,
  leaseMs: 4_000,
  absentMs: 600,
  presenceMs: 250,
  heartbeatMs: 1_000,
  dueMs: 1_000,
  slowMs: 2_000,
  graceMs: 1_500,
  missingMs: 15_000,
});
