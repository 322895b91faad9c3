import type { Logger, Metrics } from '@mainstay/observability';
import type { Transport } from '@mainstay/transport';
import type { Clock } from '@mainstay/utils';
import type { Change, Transition } from '../pipeline/model.ts';
import type { Store } from '../store/store.ts';
import type { TaskFailure } from './task-failure.ts';

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
  /** Told of each failed attempt that is on disk. Must not throw or wait. */
  readonly onFailure?: (failure: TaskFailure) => void;
  /** Told of each change that was just written. Must not throw or wait. */
  readonly onChange?: (change: Change) => void;
  /**
   * Told of an orchestrator that died, by one of those that are left, as a rule. It stays on record until this resolves, so that the next
   * one is told where this process dies as well; what rejects is tried again.
   */
  readonly onDied?: (orchestrator: string) => Promise<void>;
  readonly config?: Partial<EngineConfig>;
}

export interface EngineConfig {
  /** Default 1 MiB. */
  readonly maxOutputBytes: number;
  /** Inputs, or new runs, in one transaction; what is urgent waits at most for one that has begun. Default 250. */
  readonly maxBatch: number;
  /** What the inputs in one transaction may carry together, about, in characters of JSON. Default 16 Mi. */
  readonly maxBatchSize: number;
  /** Transactions of results that may be under way at once; their runs are disjoint. Default 2. */
  readonly parallelCommits: number;
  /** While a transaction is under way, another one begins only with so many inputs. Default 50. */
  readonly minParallelBatch: number;
  /** Results are not read while so many inputs wait. Default 5,000. */
  readonly maxBacklog: number;
  /** Results are not read while those that are not on disk carry so much, about, in characters of JSON. Default 64 Mi. */
  readonly maxOpenSize: number;
  /** Submissions that may wait for their transaction, and inputs of users; further ones are refused with OVERLOADED. Default 2,000. */
  readonly maxWaiting: number;
  /** What the submissions that wait may carry together, about, in characters of JSON. Default 64 Mi. */
  readonly maxWaitingSize: number;
  /** With so many tasks that are committed and not in the transport, submissions are refused with OVERLOADED. Default 20,000. */
  readonly maxUnsent: number;
  /**
   * With so many inputs of runs that wait to be applied, submissions are refused with OVERLOADED: what was begun comes first. At half of
   * `maxBacklog` the results of urgent runs still reach the queue in which they go first. Default 2,000.
   */
  readonly maxUnapplied: number;
  /** Submissions that are not urgent are refused while more waits than is applied in this time: each step of an urgent run waits for it. Default 125. */
  readonly maxUnappliedMs: number;
  /** But not with fewer inputs that wait than this, which keep batches large. Default 250. */
  readonly minUnapplied: number;
  /**
   * While urgent runs are about, only so much of `maxBatch`, `maxUnappliedMs` and `minUnapplied` counts: what is done at once is what
   * their steps wait for. Between 0 and 1. Default 0.25.
   */
  readonly shareBesideUrgent: number;
  /** States of unfinished runs kept in memory. Default 20,000. */
  readonly maxCachedRuns: number;
  /** What they may take together, about. Default 128 MiB. */
  readonly maxCachedBytes: number;
  /** A worker whose heartbeats stop for so long loses its tasks. Default 4,000. */
  readonly leaseMs: number;
  /** A process without its subscription for so long is dead. Default 600. */
  readonly absentMs: number;
  /** Between two looks at presence and epoch. Default 250. */
  readonly presenceMs: number;
  /** An orchestrator whose store answers nothing for so long leaves its work to others. Default 1,500. */
  readonly muteMs: number;
  /** Between two signs of life of this orchestrator. Default 1,000. */
  readonly heartbeatMs: number;
  /** Between two looks at due times that nobody announced, with other orchestrators; see the sweeper. Default 1,000. */
  readonly dueMs: number;
  /** Between two looks at what is rare, while there is work; see the sweeper. Default 2,000. */
  readonly slowMs: number;
  /** Time that workers have to reconnect and report after the transport came back. Default 1,500. */
  readonly graceMs: number;
  /** See the sweeper. Default 15,000. */
  readonly missingMs: number;
  /** A run on which nothing has happened for so long, though something should have, is told of. Default 10 minutes. */
  readonly stalledMs: number;
  /** So is one with a decision that is open for so long. Default a day. */
  readonly undecidedMs: number;
  /** Between two looks for such runs. Default 30,000. */
  readonly watchdogMs: number;
}

export const engineDefaults: EngineConfig = Object.freeze({
  maxOutputBytes: 1024 * 1024,
  maxBatch: 250,
  maxBatchSize: 16 * 1024 * 1024,
  parallelCommits: 2,
  minParallelBatch: 50,
  maxBacklog: 5_000,
  maxOpenSize: 64 * 1024 * 1024,
  maxWaiting: 2_000,
  maxWaitingSize: 64 * 1024 * 1024,
  maxUnsent: 20_000,
  maxUnapplied: 2_000,
  maxUnappliedMs: 125,
  minUnapplied: 250,
  shareBesideUrgent: 0.25,
  maxCachedRuns: 20_000,
  maxCachedBytes: 128 * 1024 * 1024,
  leaseMs: 4_000,
  absentMs: 600,
  presenceMs: 250,
  muteMs: 1_500,
  heartbeatMs: 1_000,
  dueMs: 1_000,
  slowMs: 2_000,
  graceMs: 1_500,
  missingMs: 15_000,
  stalledMs: 600_000,
  undecidedMs: 86_400_000,
  watchdogMs: 30_000,
});
