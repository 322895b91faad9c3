import { OverloadError, TimeoutError } from '@mainstay/types';
import type { Clock } from '@mainstay/utils';
import type { ServerResponse } from 'node:http';
import type { RunEnd, Store } from '../../store/store.ts';
import { openSse, type SseWriter } from '../events/sse-writer.ts';
import { endsText } from './end-text.ts';
import type { EndsFeeds } from './ends-feed.ts';
import { OVERLAP_MS, type Position, positionText } from './position.ts';
import { Told } from './told.ts';

export interface EndsSource {
  readonly store: Pick<Store, 'ended' | 'now'>;
  readonly ends: Pick<EndsFeeds, 'listen'>;
  readonly clock: Clock;
}

export interface EndsRequest {
  readonly tenant: string;
  /** Absent: from now on. */
  readonly after: Position | undefined;
  /** Rejects when the credentials are no longer valid; asked before each heartbeat. */
  readonly reauthenticate: () => Promise<unknown>;
  readonly signal: AbortSignal;
}

const PAGE = 500;
const HEARTBEAT_MS = 15_000;
/** A client that reads nothing for so long is cut off while it catches up; later one that is a heartbeat behind. */
const STALL_MS = 30_000;
/** Bytes that may wait for a slow reader. */
const MAX_BEHIND_BYTES = 4 * 1_024 * 1_024;
/** Ends that may wait while older ones are read. */
const MAX_PENDING = 50_000;

/**
 * Writes the ends of the tenant's runs until the signal aborts: those after the position from the store, then each as it
 * happens. At least once: ends around the position may be told again. Rejects when the client is too slow; it can resume.
 */
export async function streamEnds(source: EndsSource, request: EndsRequest, response: ServerResponse): Promise<void> {
  const { signal } = request;
  const { promise: broken, reject } = Promise.withResolvers<never>();
  broken.catch(() => undefined);
  const stream = new LiveEnds(response, reject);
  const stopListening = source.ends.listen(request.tenant, (ends, text) => {
    stream.hear(ends, text);
  });
  const writer = openSse(response, source.clock, STALL_MS, signal);
  try {
    const start = request.after ?? { at: Math.floor(source.store.now()) };
    await writer.position(positionText(start));
    if (request.after !== undefined) await catchUp(source.store, request.tenant, request.after, stream, writer);
    stream.goLive();
    await Promise.race([broken, beat(source.clock, request, response, writer)]);
  } finally {
    stopListening();
  }
}

async function catchUp(store: EndsSource['store'], tenant: string, from: Position, stream: LiveEnds, writer: SseWriter): Promise<void> {
  let after: RunEnd | undefined;
  for (;;) {
    const ends = await store.ended(tenant, from.at - OVERLAP_MS, after, PAGE);
    const fresh = stream.fresh(ends);
    if (fresh.length > 0) await writer.raw(endsText(fresh));
    if (ends.length < PAGE) return;
    after = ends.at(-1);
  }
}

async function beat(clock: Clock, { signal, reauthenticate }: EndsRequest, response: ServerResponse, writer: SseWriter): Promise<never> {
  for (;;) {
    await clock.sleep(HEARTBEAT_MS, signal);
    if (response.writableNeedDrain) {
      throw new TimeoutError('OPERATION_TIMEOUT', `The client has read nothing for ${HEARTBEAT_MS} ms`, {
        details: { timeoutMs: HEARTBEAT_MS },
      });
    }
    await reauthenticate();
    await writer.heartbeat();
  }
}

/** Hears ends from the beginning, keeps them while older ones are written, and passes them straight on afterwards. */
class LiveEnds {
  readonly #response: ServerResponse;
  readonly #onBroken: (error: Error) => void;
  /** What the client was told while it caught up. */
  readonly #told = new Told(MAX_PENDING);
  #pending: RunEnd[] | undefined = [];

  constructor(response: ServerResponse, onBroken: (error: Error) => void) {
    this.#response = response;
    this.#onBroken = onBroken;
  }

  fresh(ends: readonly RunEnd[]): readonly RunEnd[] {
    return this.#told.fresh(ends);
  }

  hear(ends: readonly RunEnd[], text: string): void {
    if (this.#pending === undefined) this.#write(text);
    else if (this.#pending.length + ends.length > MAX_PENDING) this.#onBroken(behind(MAX_PENDING, 'ends'));
    else this.#pending.push(...ends);
  }

  goLive(): void {
    const text = endsText(this.fresh(this.#pending ?? []));
    this.#pending = undefined;
    if (text !== '') this.#write(text);
  }

  #write(text: string): void {
    this.#response.write(text);
    if (this.#response.writableLength > MAX_BEHIND_BYTES) this.#onBroken(behind(MAX_BEHIND_BYTES, 'bytes'));
  }
}

function behind(max: number, of: string): OverloadError {
  return new OverloadError('OVERLOADED', `The client is more than ${max} ${of} behind; it can resume`);
}
