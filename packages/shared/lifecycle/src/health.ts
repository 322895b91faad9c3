import { type Clock, systemClock } from '@mainstay/utils';
import { CheckRunner } from './check-runner.ts';
import type { CheckResult, HealthCheck } from './health-check.ts';
import type { Lifecycle, LifecycleState } from './lifecycle.ts';

/** `degraded`: usable, but something that is not critical is missing. */
export type ReadyStatus = 'ok' | 'degraded' | 'down';

export interface ReadyReport {
  readonly status: ReadyStatus;
  readonly state: LifecycleState;
  readonly checks: Readonly<Record<string, CheckResult>>;
}

export interface HealthOptions {
  /** Without `runningSince`, everything runs from the beginning. */
  readonly lifecycle: Pick<Lifecycle, 'state' | 'logger'> & Partial<Pick<Lifecycle, 'runningSince'>>;
  readonly checks: Readonly<Record<string, HealthCheck>>;
  readonly clock?: Clock;
  /** Uniform in [0, 1). */
  readonly random?: () => number;
}

export interface Health {
  /** Answers in less than 100 ms, whatever the checks do. Not ready unless the lifecycle is. */
  ready(): Promise<ReadyReport>;
}

export function createHealth({ lifecycle, checks, clock = systemClock, random }: HealthOptions): Health {
  const { logger } = lifecycle;
  const runners = Object.entries(checks).map(([name, check]) => ({
    name,
    runner: new CheckRunner(name, check, { clock, logger, random, runningSince: () => sinceOf(lifecycle, check) }),
  }));
  return {
    async ready() {
      const results = await Promise.all(runners.map(async ({ name, runner }) => ({ name, runner, result: await runner.result() })));
      const bad = results.filter(({ result }) => result.status !== 'ok');
      const { state } = lifecycle;
      return {
        status: state !== 'ready' || bad.some(({ runner }) => runner.critical) ? 'down' : bad.length > 0 ? 'degraded' : 'ok',
        state,
        checks: Object.fromEntries(results.map(({ name, result }) => [name, result])),
      };
    },
  };
}

function sinceOf(lifecycle: HealthOptions['lifecycle'], { component }: HealthCheck): number | undefined {
  if (component === undefined || lifecycle.runningSince === undefined) return 0;
  return lifecycle.runningSince(component);
}
