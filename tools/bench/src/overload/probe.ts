import { setTimeout as delay } from 'node:timers/promises';
import { percentile } from '../statistics.ts';
import type { Runs } from '../mainstay/runs.ts';

export interface ProbeOptions {
  readonly pipeline: string;
  readonly priority: number;
  readonly perSecond: number;
  readonly seconds: number;
}

/** Times from the moment at which a run was handed to the client until it knew of its end. */
export interface ProbeFigures {
  readonly runs: number;
  readonly failed: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  /** Until it was accepted. */
  readonly acceptedP99Ms: number;
}

/** Starts runs at a fixed rate, whatever becomes of those before; resolves when all have ended. */
export async function probe(runs: Runs, { pipeline, priority, perSecond, seconds }: ProbeOptions): Promise<ProbeFigures> {
  const latencies: number[] = [];
  const accepted: number[] = [];
  let failed = 0;
  const one = async (): Promise<void> => {
    const begun = performance.now();
    try {
      const id = await runs.submit(pipeline, priority);
      accepted.push(performance.now() - begun);
      await runs.ended(id);
      latencies.push(performance.now() - begun);
    } catch {
      failed += 1;
    }
  };
  const begun = performance.now();
  const all: Promise<void>[] = [];
  for (let index = 0; index < perSecond * seconds; index++) {
    await delay(Math.max(0, begun + (index * 1_000) / perSecond - performance.now()));
    all.push(one());
  }
  await Promise.all(all);
  return {
    runs: all.length,
    failed,
    p50Ms: percentile(latencies, 50) ?? Number.POSITIVE_INFINITY,
    p99Ms: percentile(latencies, 99) ?? Number.POSITIVE_INFINITY,
    maxMs: Math.max(0, ...latencies),
    acceptedP99Ms: percentile(accepted, 99) ?? Number.POSITIVE_INFINITY,
  };
}
