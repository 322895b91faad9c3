import type { z } from 'zod';
import type { StalledRuns, WorkerInfo } from '../../engine/engine.ts';
import type { detailedView } from '../schemas/health.ts';
import type { Services } from '../services.ts';
import { iso } from './iso.ts';

type Detailed = z.input<typeof detailedView>;

/** Runs that are named. */
const MAX_STALLED = 20;

/** Everything that `/health/detailed` tells. Runs are named to their own tenant only. */
export async function viewHealth(services: Services, tenant: string): Promise<Detailed> {
  const { engine, health, hardening, clock, streams } = services;
  const [report, queues] = await Promise.all([health.ready(), services.queues()]);
  const workers = engine.workers();
  const missing = engine.missingKinds().map(({ agent }) => agent);
  const { score, costs, emergency } = hardening.health();
  return {
    status: report.status,
    state: report.state,
    name: engine.name,
    version: services.version,
    node: process.version,
    startedAt: iso(Math.round(clock.now() - process.uptime() * 1_000)),
    uptimeMs: Math.round(process.uptime() * 1_000),
    score: round(score),
    parts: Object.fromEntries(costs.map(({ name, value }) => [name, round(value)])),
    emergency,
    dependencies: { ...report.checks },
    queues: queues ?? null,
    agents: {
      workers: workers.length,
      capacity: sum(workers.map(({ capacity }) => capacity)),
      running: sum(workers.map(({ running }) => running)),
      missing,
      kinds: agentsByKind(workers, missing),
    },
    stalled: viewStalled(engine.stalledRuns(), tenant),
    breakers: services.breakers().map(({ name, state }) => ({ name, state })),
    eventStreams: streams.open,
  };
}

function agentsByKind(workers: readonly WorkerInfo[], missing: readonly string[]): Detailed['agents']['kinds'] {
  const kinds = new Map(missing.map((kind) => [kind, { workers: 0, missing: true }]));
  for (const kind of workers.flatMap(({ kinds: offered, draining }) => (draining ? [] : offered))) {
    kinds.set(kind, { workers: (kinds.get(kind)?.workers ?? 0) + 1, missing: kinds.get(kind)?.missing ?? false });
  }
  return Object.fromEntries([...kinds].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function viewStalled({ oldest, ...counts }: StalledRuns, tenant: string): Detailed['stalled'] {
  const own = oldest.filter((stall) => stall.tenant === tenant).slice(0, MAX_STALLED);
  return { ...counts, oldest: own.map(({ run, pipeline, reason, since }) => ({ run, pipeline, reason, since: iso(since) })) };
}

function round(value: number): number {
  return Math.round(Math.min(1, Math.max(0, value)) * 1_000) / 1_000;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
