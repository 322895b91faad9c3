import type { Logger } from '@mainstay/observability';
import type { Clock, TimerHandle } from '@mainstay/utils';
import type { Engine } from '../../engine/engine.ts';
import type { RunEnd, Store } from '../../store/store.ts';
import { endsText } from './end-text.ts';
import { OVERLAP_MS } from './position.ts';
import { Told } from './told.ts';

export interface FeedSource {
  readonly store: Pick<Store, 'ended' | 'orchestrators' | 'now'>;
  readonly engine: Pick<Engine, 'onEnded' | 'name'>;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
  /** Between two looks for ends that other orchestrators told and nobody heard, on the average. Default 5,000. */
  readonly lookMs?: number;
}

/** `text`: the ends as server-sent events. */
export type FeedListener = (ends: readonly RunEnd[], text: string) => void;

const PAGE = 500;
/** Ends remembered so that looks do not tell them again; beyond that they are told twice. */
const MAX_TOLD = 50_000;

/** The ends of one tenant's runs as they happen, for any number of listeners: heard from the engine and, now and then, looked for. */
export class EndsFeed {
  readonly #source: FeedSource;
  readonly #tenant: string;
  readonly #listeners = new Set<FeedListener>();
  readonly #told = new Told(MAX_TOLD);
  readonly #unsubscribe: () => void;
  #timer: TimerHandle | undefined;
  #lookedUntil: number;
  #hadOthers = false;
  #closed = false;

  constructor(source: FeedSource, tenant: string) {
    this.#source = source;
    this.#tenant = tenant;
    this.#unsubscribe = source.engine.onEnded(tenant, (ends) => {
      this.#tell(ends);
    });
    this.#lookedUntil = source.store.now();
    this.#arm();
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  add(listener: FeedListener): void {
    this.#listeners.add(listener);
  }

  delete(listener: FeedListener): void {
    this.#listeners.delete(listener);
  }

  close(): void {
    this.#closed = true;
    this.#unsubscribe();
    this.#timer?.[Symbol.dispose]();
  }

  #tell(ends: readonly RunEnd[]): void {
    const fresh = this.#told.fresh(ends);
    if (fresh.length === 0) return;
    const text = endsText(fresh);
    for (const listener of this.#listeners) listener(fresh, text);
  }

  #arm(): void {
    if (this.#closed) return;
    const { clock, random, logger, lookMs = 5_000 } = this.#source;
    this.#timer = clock.setTimeout(
      () => {
        this.#look()
          .catch((error: unknown) => {
            logger.warn({ err: error }, 'ends of runs could not be looked for; the next look covers the same time');
          })
          .finally(() => {
            this.#arm();
          });
      },
      lookMs * (0.75 + random() / 2),
    );
  }

  /** What this orchestrator wrote itself was heard for certain: alone, it need not look. */
  async #look(): Promise<void> {
    const { store, engine } = this.#source;
    const began = store.now();
    const hasOthers = (await store.orchestrators()).some((name) => name !== engine.name);
    if (hasOthers || this.#hadOthers) await this.#lookSince(this.#lookedUntil - OVERLAP_MS);
    this.#hadOthers = hasOthers;
    this.#lookedUntil = began;
  }

  async #lookSince(since: number): Promise<void> {
    let after: RunEnd | undefined;
    while (!this.#closed) {
      const ends = await this.#source.store.ended(this.#tenant, since, after, PAGE);
      this.#tell(ends);
      if (ends.length < PAGE) return;
      after = ends.at(-1);
    }
  }
}

/** One feed for each tenant that somebody listens to. */
export class EndsFeeds {
  readonly #source: FeedSource;
  readonly #feeds = new Map<string, EndsFeed>();

  constructor(source: FeedSource) {
    this.#source = source;
  }

  /** Returns what ends it. */
  listen(tenant: string, listener: FeedListener): () => void {
    const feed = this.#feeds.get(tenant) ?? new EndsFeed(this.#source, tenant);
    this.#feeds.set(tenant, feed);
    feed.add(listener);
    return () => {
      feed.delete(listener);
      if (feed.listeners > 0 || this.#feeds.get(tenant) !== feed) return;
      this.#feeds.delete(tenant);
      feed.close();
    };
  }
}
