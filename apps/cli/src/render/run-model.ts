import type { RunView } from '../client/views.ts';

/** A stage as the display knows it. Times are milliseconds since 1970 on the server's clock. */
export interface StageModel {
  readonly id: string;
  readonly agent: string;
  /** As the server names it: pending, ready, dispatched, running, … */
  readonly status: string;
  readonly attempt: number;
  /** 0 to 1. */
  readonly fraction?: number | undefined;
  readonly note?: string | undefined;
  readonly startedAt?: number | undefined;
  readonly finishedAt?: number | undefined;
  /** When a task that waits for its next attempt is tried. */
  readonly dueAt?: number | undefined;
  readonly degraded?: boolean | undefined;
}

/** A question that the run waits on. */
export interface OpenDecision {
  readonly id: string;
  readonly stage: string;
  readonly question: string;
  /** Allowed answers; absent: any. */
  readonly options?: readonly unknown[] | undefined;
  /** Answer given when the time is over; absent: none. */
  readonly default?: { readonly value: unknown } | undefined;
  readonly expiresAt?: number | undefined;
}

export interface RunModel {
  readonly id: string;
  readonly pipeline: string;
  readonly version: number;
  readonly status: string;
  readonly createdAt: number;
  readonly finishedAt?: number | undefined;
  readonly stages: readonly StageModel[];
  readonly decisions: readonly OpenDecision[];
  /** Number of the last event. */
  readonly seq: number;
  /** Why it failed or was cancelled. */
  readonly reason?: string | undefined;
}

/** A run before its first event: its stages are known, nothing has happened. */
export function modelOf({ id, pipeline, version, createdAt, tasks }: RunView): RunModel {
  return {
    id,
    pipeline,
    version,
    status: 'queued',
    createdAt: timeOf(createdAt) ?? 0,
    stages: tasks.map(({ stage, agent }) => ({ id: stage, agent, status: 'pending', attempt: 0 })),
    decisions: [],
    seq: 0,
  };
}

/** Milliseconds since 1970; undefined where the text is no time. */
export function timeOf(text: string | undefined): number | undefined {
  const time = text === undefined ? Number.NaN : Date.parse(text);
  return Number.isNaN(time) ? undefined : time;
}
