import type { Tracing } from '@mainstay/observability';
import { ConfigurationError, type WorkerEmergency } from '@mainstay/types';
import type { Transport } from '@mainstay/transport';
import { checkNumber, type Clock, systemClock } from '@mainstay/utils';
import type { BaseAgent } from '../base-agent.ts';
import type { TaskLog } from '../task-context.ts';

/** What the worker needs of a logger; a pino logger fits. */
export interface WorkerLogger extends TaskLog {
  child(fields: Record<string, unknown>): TaskLog;
  /** Lines of levels that are not wanted are not even put together. Absent: all are wanted. */
  isLevelEnabled?(level: string): boolean;
}

/** Told of every attempt that ended. */
export interface AttemptEnd {
  readonly kind: string;
  /** `lost`: another attempt has the task. */
  readonly status: 'succeeded' | 'failed' | 'suspended' | 'asked' | 'cancelled' | 'lost';
  readonly durationMs: number;
  /** Of the run. */
  readonly traceparent: string;
}

/** Told of every external call of an attempt that ended, its retries included. */
export interface CallEnd {
  readonly name: string;
  /** `refused`: its circuit was open. */
  readonly outcome: 'succeeded' | 'failed' | 'refused' | 'cancelled';
  readonly durationMs: number;
}

export interface WorkerMetrics {
  attemptEnded?(end: AttemptEnd): void;
  callEnded?(end: CallEnd): void;
  callRetried?(name: string): void;
  /** The circuit of a call changed its state. */
  breaker?(name: string, state: 'closed' | 'open' | 'half-open'): void;
  /** Attempts that occupy a slot; told once when several begin or end together. */
  running?(count: number): void;
}

export interface WorkerOptions {
  /** Started and closed by the caller; its name is the worker's. */
  readonly transport: Transport;
  readonly agents: readonly BaseAgent[];
  readonly logger: WorkerLogger;
  /** Attempts at once. Default 16. */
  readonly capacity?: number;
  /** Default 1,000. */
  readonly heartbeatMs?: number;
  /** Without a heartbeat that got through for so long, all attempts are aborted. Default 4,000. */
  readonly leaseMs?: number;
  /** An attempt that runs so long is reported as started; news follow at this interval. Default 250. */
  readonly reportMs?: number;
  /** Time that attempts have to end by themselves when the worker drains. Default 30,000. */
  readonly graceMs?: number;
  /** Time that an attempt has to settle after its signal aborted. Default 5,000. */
  readonly abortGraceMs?: number;
  /** Of an output's JSON. Default 1 MiB. */
  readonly maxOutputBytes?: number;
  /** Of a checkpoint's JSON. Default 1 MiB. */
  readonly maxCheckpointBytes?: number;
  /** Shown to operators. Default `0`. */
  readonly version?: string;
  /** Shown to operators. Default: the machine's. */
  readonly host?: string;
  readonly clock?: Clock;
  /** Told in every heartbeat, so that those who have a database write them down. Default: none. */
  readonly emergencies?: () => readonly WorkerEmergency[];
  readonly metrics?: WorkerMetrics;
  /** Where spans of attempts and calls go. Default: traces are off. */
  readonly tracing?: Tracing | undefined;
}

export type WorkerPlan = Required<Omit<WorkerOptions, 'host' | 'tracing'>> & Pick<WorkerOptions, 'host' | 'tracing'>;

const MIB = 1024 * 1024;
const NEVER_MS = 2 ** 31;

/** @throws ConfigurationError `CONFIG_INVALID` that names the wrong option. */
export function workerPlan(options: WorkerOptions): WorkerPlan {
  const ms = (name: keyof WorkerOptions, value: number, min = 1) => checkNumber('worker', name, value, { min, max: NEVER_MS });
  const plan: WorkerPlan = {
    ...options,
    capacity: checkNumber('worker', 'capacity', options.capacity ?? 16, { min: 1, max: 10_000, integer: true }),
    heartbeatMs: ms('heartbeatMs', options.heartbeatMs ?? 1_000),
    leaseMs: ms('leaseMs', options.leaseMs ?? 4_000),
    reportMs: ms('reportMs', options.reportMs ?? 250),
    graceMs: ms('graceMs', options.graceMs ?? 30_000, 0),
    abortGraceMs: ms('abortGraceMs', options.abortGraceMs ?? 5_000),
    maxOutputBytes: checkNumber('worker', 'maxOutputBytes', options.maxOutputBytes ?? MIB, { min: 1 }),
    maxCheckpointBytes: checkNumber('worker', 'maxCheckpointBytes', options.maxCheckpointBytes ?? MIB, { min: 1 }),
    version: options.version ?? '0',
    clock: options.clock ?? systemClock,
    metrics: options.metrics ?? {},
    emergencies: options.emergencies ?? (() => []),
  };
  checkNumber('worker', 'leaseMs', plan.leaseMs, { min: plan.heartbeatMs });
  checkAgents(plan.agents);
  return plan;
}

function checkAgents(agents: readonly BaseAgent[]): void {
  if (agents.length === 0) throw invalid('it hosts no agent; give at least one');
  const kinds = new Set<string>();
  for (const { kind, concurrency } of agents) {
    if (kind.length === 0 || kind.length > 200)
      throw invalid(`the kind "${kind.slice(0, 50)}" has ${kind.length} characters; give 1 to 200`);
    if (kinds.has(kind)) throw invalid(`two agents have the kind ${kind}; kinds are unique within a worker`);
    if (concurrency !== undefined) checkNumber(`agent ${kind}`, 'concurrency', concurrency, { min: 1, integer: true });
    kinds.add(kind);
  }
}

function invalid(problem: string): ConfigurationError {
  return new ConfigurationError('CONFIG_INVALID', `worker: ${problem}`);
}
