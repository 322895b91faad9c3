import type { Clock } from '@mainstay/utils';
import type { Engine } from '../../engine/engine.ts';
import { FINAL_RUN_STATUSES, type RunEvent } from '../../pipeline/model.ts';
import type { Store } from '../../store/store.ts';
import { viewEvent } from '../views/run-view.ts';
import type { SseWriter } from './sse-writer.ts';

export interface EventSource {
  readonly store: Store;
  readonly engine: Pick<Engine, 'onEvents'>;
  readonly clock: Clock;
  readonly random: () => number;
}

export interface StreamRequest {
  readonly tenant: string;
  readonly run: string;
  /** Events after this number. */
  readonly after: number;
  /** Goes on after the run has ended: it may be retried. */
  readonly follow: boolean;
  /** Rejects when the credentials are no longer valid; asked before each heartbeat. */
  readonly reauthenticate: () => Promise<unknown>;
  readonly signal: AbortSignal;
}

export interface StreamTimes {
  readonly heartbeatMs: number;
  /** Looks for events that nobody announced, on the average so often. */
  readonly pollMs: number;
}

export const STREAM_TIMES: StreamTimes = { heartbeatMs: 15_000, pollMs: 10_000 };

const BATCH = 200;
const FINAL_EVENTS: ReadonlySet<string> = new Set(['run.succeeded', 'run.failed', 'run.cancelled']);

/**
 * Writes a run's events from a position on, in order and without gaps, until the run has ended (then an event `end`), the
 * signal aborts or the credentials are no longer valid. Everything comes from the store; announcements only wake.
 */
export async function streamEvents(
  source: EventSource,
  request: StreamRequest,
  writer: SseWriter,
  times: StreamTimes = STREAM_TIMES,
): Promise<void> {
  const { store, engine, clock } = source;
  const { tenant, run, signal } = request;
  const bell = new Bell();
  const unsubscribe = engine.onEvents(run, () => {
    bell.ring();
  });
  let after = request.after;
  let last: RunEvent | undefined;
  let heartbeatAt = clock.monotonic() + times.heartbeatMs;
  try {
    for (;;) {
      bell.reset();
      const events = await store.events(tenant, run, after, BATCH);
      if (events === undefined) return;
      for (const event of events) {
        await writer.send({ id: event.seq, event: event.type, data: viewEvent(event) });
        last = event;
        after = event.seq;
      }
      if (events.length === BATCH) continue;
      if (!request.follow && (await hasEnded(store, request, last, after))) {
        await writer.send({ event: 'end', data: { after } });
        return;
      }
      const pollAt = clock.monotonic() + times.pollMs * (0.75 + source.random() / 2);
      while (!bell.rung && clock.monotonic() < pollAt) {
        await bell.wait(clock, Math.max(0, Math.min(pollAt, heartbeatAt) - clock.monotonic()), signal);
        if (clock.monotonic() < heartbeatAt) continue;
        await request.reauthenticate();
        await writer.heartbeat();
        heartbeatAt = clock.monotonic() + times.heartbeatMs;
      }
    }
  } finally {
    unsubscribe();
  }
}

/** A run that ended may have been retried: its state counts, not its last event alone. */
async function hasEnded(store: Store, { tenant, run }: StreamRequest, last: RunEvent | undefined, after: number): Promise<boolean> {
  if (last !== undefined && !FINAL_EVENTS.has(last.type)) return false;
  const state = await store.run(tenant, run);
  return state !== undefined && FINAL_RUN_STATUSES.has(state.status) && state.seq <= after;
}

/** Remembers that it rang while nobody listened. */
class Bell {
  rung = false;
  #wake: (() => void) | undefined;

  ring(): void {
    this.rung = true;
    this.#wake?.();
  }

  reset(): void {
    this.rung = false;
  }

  /** Resolves when it rings or after `ms`; rejects with the signal's reason. */
  async wait(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.rung) return;
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    const done = () => {
      resolve(undefined);
    };
    const onAbort = () => {
      reject(signal.reason instanceof Error ? signal.reason : new Error('aborted'));
    };
    this.#wake = done;
    signal.addEventListener('abort', onAbort, { once: true });
    using _timer = clock.setTimeout(done, ms);
    try {
      await promise;
    } finally {
      this.#wake = undefined;
      signal.removeEventListener('abort', onAbort);
    }
  }
}
