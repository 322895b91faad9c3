import { createEmergencyJournal, createHardening } from '@mainstay/hardening';
import { createLogger, createMetrics, type Metrics } from '@mainstay/observability';
import type { ComposeParts } from '@mainstay/orchestrator/compose';

/** Names, by comma, what a program of the benchmark is put together without. */
export const LEFT_OUT_VARIABLE = 'BENCH_LEAVES_OUT';
export type LeftOut = 'hardening' | 'metrics';

export function leftOut(): ReadonlySet<string> {
  return new Set((process.env[LEFT_OUT_VARIABLE] ?? '').split(','));
}

/**
 * A process that nobody watches: one facade is made, since the API shows it, and never looks, refuses or listens again.
 * What is left of it is the memory of its code.
 */
export const unhardenedOrchestrator: NonNullable<ComposeParts['harden']> = () => {
  const made = createHardening({ profile: 'production', sampleEveryMs: 0, watchUnhandled: false });
  void made.close();
  const hardening = Object.assign(made, { admit: nothing, look: nothing });
  const journal = createEmergencyJournal({ logger: createLogger({ service: 'bench', level: 'silent' }) });
  return { hardening, journal, [Symbol.asyncDispose]: () => Promise.resolve() };
};

export function unhardenedWorker(): AsyncDisposable {
  return { [Symbol.asyncDispose]: () => Promise.resolve() };
}

/** Metrics that keep nothing: every call returns at once, and a scrape finds nothing. */
export function quietMetrics(): Metrics {
  const made = createMetrics({ service: 'bench', processMetrics: false });
  return {
    ...made,
    tally: () => ({ add: nothing }),
    traced: () => ({ observe: nothing }),
    counter: (...args) => {
      const counter = made.counter(...args);
      return Object.assign(counter, { inc: nothing, labels: () => counter });
    },
    gauge: (...args) => {
      const gauge = made.gauge(...args);
      return Object.assign(gauge, { inc: nothing, dec: nothing, set: nothing, labels: () => gauge });
    },
    histogram: (...args) => {
      const histogram = made.histogram(...args);
      return Object.assign(histogram, { observe: nothing, labels: () => histogram });
    },
  };
}

function nothing(): void {
  // what is left out
}
