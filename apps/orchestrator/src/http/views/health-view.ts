import type { z } from 'zod';
import type { ReadyReport } from '@mainstay/lifecycle';
import type { MissingKind, WorkerInfo } from '../../engine/engine.ts';
import type { detailedView } from '../schemas/health.ts';
import type { Services } from '../services.ts';
import { iso } from './iso.ts';

type Detailed = z.input<typeof detailedView>;
export type HealthParts = Detailed['parts'];

/** Memory use below this share of the limit is healthy. */
const CALM_MEMORY = 0.7;
/** Event loop delays up to this are healthy, and ten times of it is not alive. */
const CALM_LAG_MS = 50;

/** Everything that `/health/detailed` tells. */
export async function viewHealth(services: Services): Promise<Detailed> {
  const { engine, health, resources, clock, streams } = services;
  const [report, queues] = await Promise.all([health.ready(), engine.depths().catch(() => undefined)]);
  const workers = engine.workers();
  const missing = engine.missingKinds();
  const parts = healthParts(report, workers, missing, resources.pressure());
  return {
    status: report.status,
    state: report.state,
    name: engine.name,
    version: services.version,
    node: process.version,
    startedAt: iso(Math.round(clock.now() - process.uptime() * 1_000)),
    uptimeMs: Math.round(process.uptime() * 1_000),
    score: healthScore(parts),
    parts,
    dependencies: { ...report.checks },
    queues:
      queues === undefined ? null : Object.fromEntries([...queues].map(([kind, { waiting, pending }]) => [kind, { waiting, pending }])),
    agents: {
      workers: workers.length,
      capacity: sum(workers.map(({ capacity }) => capacity)),
      running: sum(workers.map(({ running }) => running)),
      missing: missing.map(({ agent }) => agent),
    },
    breakers: services.breakers().map(({ name, state }) => ({ name, state })),
    eventStreams: streams.open,
  };
}

/** Each part from 0 (gone) to 1 (healthy). */
export function healthParts(
  report: Pick<ReadyReport, 'checks'>,
  workers: readonly Pick<WorkerInfo, 'draining'>[],
  missing: readonly MissingKind[],
  pressure: { readonly memory: number; readonly lagP99Ms: number },
): HealthParts {
  const checks = Object.values(report.checks);
  return {
    dependencies: checks.length === 0 ? 1 : share(checks.filter(({ status }) => status === 'ok').length / checks.length),
    agents: workers.some(({ draining }) => !draining) ? (missing.length === 0 ? 1 : 0.7) : 0.5,
    memory: share(1 - (pressure.memory - CALM_MEMORY) / (1 - CALM_MEMORY)),
    eventLoop: share(1 - (pressure.lagP99Ms - CALM_LAG_MS) / (9 * CALM_LAG_MS)),
  };
}

/** The parts multiplied: one part that is gone is enough to be unhealthy. */
export function healthScore(parts: HealthParts): number {
  return share(parts.dependencies * parts.agents * parts.memory * parts.eventLoop);
}

function share(value: number): number {
  return Math.round(Math.min(1, Math.max(0, value)) * 1_000) / 1_000;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
