import type { HealthComponent } from '@mainstay/hardening';
import type { Health, ReadyReport } from '@mainstay/lifecycle';
import type { Clock } from '@mainstay/utils';
import type { Engine } from '../engine/engine.ts';

export interface SystemParts {
  readonly health: Health;
  readonly engine: Pick<Engine, 'workers' | 'missingKinds'>;
  readonly clock: Clock;
  /** Between two looks at the dependencies. Default 5,000. */
  readonly everyMs?: number;
}

/** With these weights beside those of the process, a dependency that is gone is seen, and is no emergency of this process. */
const DEPENDENCIES_WEIGHT = 4;
const AGENTS_WEIGHT = 2;

/**
 * What the health of the system rests on beside this process: its dependencies, looked at in the background whenever somebody asks and
 * the last look is old, and its workers.
 */
export function systemComponents({ health, engine, clock, everyMs = 5_000 }: SystemParts): () => readonly HealthComponent[] {
  let report: ReadyReport | undefined;
  let askedAt = Number.NEGATIVE_INFINITY;

  const look = () => {
    const now = clock.monotonic();
    if (now - askedAt < everyMs) return;
    askedAt = now;
    health.ready().then(
      (found) => (report = found),
      () => (report = undefined),
    );
  };

  return () => {
    look();
    return [
      { name: 'dependencies', value: dependenciesValue(report), weight: DEPENDENCIES_WEIGHT },
      { name: 'agents', value: agentsValue(engine), weight: AGENTS_WEIGHT },
    ];
  };
}

/** Share of the checks that are well, or of something that still starts; those of workers count by themselves. 1 before the first look. */
export function dependenciesValue(report: Pick<ReadyReport, 'checks'> | undefined): number {
  const checks = Object.entries(report?.checks ?? {}).filter(([name]) => name !== 'agents');
  return checks.length === 0
    ? 1
    : checks.filter(([, { status, reason }]) => status === 'ok' || reason === 'starting').length / checks.length;
}

/** 0.5 without a worker that takes tasks, 0.7 when tasks of some kind wait for one in vain. */
export function agentsValue(engine: SystemParts['engine']): number {
  if (!engine.workers().some(({ draining }) => !draining)) return 0.5;
  return engine.missingKinds().length === 0 ? 1 : 0.7;
}
