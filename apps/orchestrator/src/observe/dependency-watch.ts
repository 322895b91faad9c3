import { boundedLabel, type Logger, type Metrics } from '@mainstay/observability';
import type { CarrierUsage, Depth, Transport } from '@mainstay/transport';
import { SAFE_POLICY } from '@mainstay/transport/redis';
import { type Clock, systemClock } from '@mainstay/utils';
import type { Engine } from '../engine/engine.ts';
import { every } from '../engine/every.ts';
import type { Store } from '../store/store.ts';

export interface DependencyWatchOptions {
  readonly engine: Pick<Engine, 'depths'>;
  readonly store: Pick<Store, 'ping' | 'apiKeysExpiring'>;
  readonly transport: Pick<Transport, 'evictionPolicy' | 'usage'>;
  readonly metrics: Metrics;
  readonly logger: Logger;
  readonly clock?: Clock;
}

/** Between two looks, in milliseconds. */
const EVERY_MS = 10_000;
const ANSWER_WITHIN_MS = 2_000;
/** A key that expires within this time should be replaced. */
const EXPIRING_MS = 14 * 86_400_000;

/** Looks at Postgres, Redis and the queues now and then, and shows what it found. What cannot be read is not shown. */
export class DependencyWatch {
  readonly #options: DependencyWatchOptions;
  readonly #clock: Clock;
  readonly #stop = new AbortController();
  readonly #show: ReturnType<typeof gaugesOf>;
  #loop: Promise<void> | undefined;

  constructor(options: DependencyWatchOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#show = gaugesOf(options.metrics);
  }

  start(): void {
    const { logger } = this.#options;
    const { signal } = this.#stop;
    this.#loop ??= every(
      () => EVERY_MS,
      'the look at the dependencies',
      () => this.look(),
      { clock: this.#clock, logger, signal },
    );
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#loop;
  }

  async look(): Promise<void> {
    await Promise.all([this.#lookAtPostgres(), this.#lookAtRedis()]);
  }

  async #lookAtPostgres(): Promise<void> {
    const late = new AbortController();
    using _timer = this.#clock.setTimeout(() => {
      late.abort(new Error('Postgres did not answer in time'));
    }, ANSWER_WITHIN_MS);
    const { store } = this.#options;
    await store.ping(late.signal).then(
      async () => {
        this.#show.up('postgres', true);
        const now = this.#clock.now();
        await store.apiKeysExpiring(now, now + EXPIRING_MS).then(this.#show.expiringKeys, () => undefined);
      },
      () => {
        this.#show.up('postgres', false);
      },
    );
  }

  async #lookAtRedis(): Promise<void> {
    try {
      this.#show.depths(await this.#options.engine.depths());
      this.#show.mayEvict((await this.#options.transport.evictionPolicy()) !== SAFE_POLICY);
      this.#show.usage(await this.#options.transport.usage());
      this.#show.up('redis', true);
    } catch {
      this.#show.depths(new Map());
      this.#show.up('redis', false);
    }
  }
}

function gaugesOf(metrics: Metrics) {
  const up = metrics.gauge('mainstay_dependency_up');
  const evicts = metrics.gauge('mainstay_redis_may_evict');
  const used = metrics.gauge('mainstay_redis_used_bytes');
  const limit = metrics.gauge('mainstay_redis_limit_bytes');
  const evicted = metrics.gauge('mainstay_redis_evicted_keys');
  const clients = metrics.gauge('mainstay_redis_clients');
  const expiring = metrics.gauge('mainstay_api_keys_expiring');
  const waiting = metrics.gauge('mainstay_queue_depth');
  const pending = metrics.gauge('mainstay_queue_pending');
  const label = boundedLabel();
  return {
    up: (dependency: 'postgres' | 'redis', answered: boolean) => {
      up.set({ dependency }, answered ? 1 : 0);
    },
    usage: (usage: CarrierUsage) => {
      used.set(usage.usedBytes);
      limit.set(usage.limitBytes);
      evicted.set(usage.evictedKeys);
      clients.set(usage.clients);
    },
    expiringKeys: (count: number) => {
      expiring.set(count);
    },
    mayEvict: (may: boolean) => {
      evicts.set(may ? 1 : 0);
    },
    depths: (depths: ReadonlyMap<string, Depth>) => {
      waiting.reset();
      pending.reset();
      for (const [kind, depth] of depths) {
        const agent = label(kind);
        waiting.inc({ agent }, depth.waiting);
        pending.inc({ agent }, depth.pending);
      }
    },
  };
}
