import type { Logger, Metrics } from '@mainstay/observability';
import type { EngineConfig } from '@mainstay/orchestrator/parts';
import type { Broker } from '../carrier/broker.ts';
import type { Random } from '../core/random.ts';
import type { Scheduler } from '../core/scheduler.ts';
import type { Weather } from '../core/wire.ts';
import type { Database } from '../database/database.ts';
import type { Moods } from '../database/simulated-store.ts';
import type { OnViolation, Oracle } from '../rules/oracle.ts';
import type { Variant } from './variant.ts';

/** What all processes of a simulation share. */
export interface Fleet {
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly broker: Broker;
  readonly database: Database;
  readonly oracle: Oracle;
  readonly variant: Variant;
  readonly metrics: Metrics;
  /** Of the process of this name. */
  readonly loggerOf: (process: string) => Logger;
  readonly config: Partial<EngineConfig>;
  readonly capacity: number;
  readonly carrierWeather: () => Readonly<Weather>;
  readonly databaseWeather: () => Readonly<Weather>;
  readonly moods: () => Readonly<Moods>;
  readonly onViolation: OnViolation;
  readonly tell: (who: string, what: string) => void;
}
