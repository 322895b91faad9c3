import { createParser, type EventSourceMessage } from 'eventsource-parser';
import { MainstayError, NetworkError } from '@mainstay/types';
import { backoffDelayMs, withTimeout } from '@mainstay/utils';
import type { HttpClient } from './http-client.ts';
import { networkError } from './network-error.ts';
import { RemoteError } from './remote-error.ts';
import { type RunEvent, runEvent } from './views.ts';

export interface FollowOptions {
  /** Events after this number. Default 0. */
  readonly after?: number;
  readonly signal: AbortSignal;
  /** Gives up after so many milliseconds without the server. Default 300,000. */
  readonly giveUpMs?: number;
  /** A stream that is silent for so long is opened anew; the server sends something every 15 s. Default 45,000 ms. */
  readonly silenceMs?: number;
  /** First wait before reconnecting, in milliseconds. Default 250; grows to 5,000. */
  readonly baseMs?: number;
}

/** `lost`: trying again in `retryInMs`; `back`: the stream goes on where it was; `end`: the run had ended when the server said so. */
export type Followed =
  | { readonly type: 'event'; readonly event: RunEvent }
  | { readonly type: 'lost'; readonly error: Error; readonly retryInMs: number }
  | { readonly type: 'back' }
  | { readonly type: 'end' };

const MAX_EVENT_CHARACTERS = 16 * 1_024 * 1_024;

/**
 * The events of a run, each once and in order, over any number of connections. Returns after `end`. Rejects with the
 * signal's reason, with what the server refuses for good, or with NETWORK_FAILED when the server stays away too long.
 */
export async function* followRun(http: HttpClient, run: string, options: FollowOptions): AsyncGenerator<Followed, void, undefined> {
  const { signal, giveUpMs = 300_000, silenceMs = 45_000, baseMs = 250 } = options;
  const { clock, random } = http;
  const position = { after: options.after ?? 0 };
  let contactAt = clock.monotonic();
  let failures = 0;
  for (;;) {
    let error: Error;
    const connection = AbortSignal.any([signal]);
    try {
      for await (const item of connect(http, run, position, { signal: connection, silenceMs })) {
        contactAt = clock.monotonic();
        if (item === 'open') {
          if (failures > 0) yield { type: 'back' };
          failures = 0;
        } else if (item === 'end') {
          yield { type: 'end' };
          return;
        } else if (item !== 'alive') yield { type: 'event', event: item };
      }
      error = new NetworkError('The stream of events broke off');
    } catch (thrown) {
      signal.throwIfAborted();
      error = networkOr(http.url, thrown);
      if (!(error instanceof MainstayError) || error.disposition !== 'retryable') throw error;
    }
    failures += 1;
    if (clock.monotonic() - contactAt >= giveUpMs) throw gaveUp(http.url, run, giveUpMs, error);
    const wait = backoffDelayMs({ backoff: 'exponential', jitter: 'none', baseMs, maxMs: 5_000 }, failures, random);
    const asked = error instanceof MainstayError ? (error.retryAfterMs ?? 0) : 0;
    const retryInMs = Math.max(asked, Math.floor(wait * (0.75 + random() / 4)));
    yield { type: 'lost', error, retryInMs };
    await clock.sleep(retryInMs, signal);
  }
}

type Item = RunEvent | 'open' | 'alive' | 'end';

/** One connection; moves the position on. */
async function* connect(
  http: HttpClient,
  run: string,
  position: { after: number },
  { signal, silenceMs }: { readonly signal: AbortSignal; readonly silenceMs: number },
): AsyncGenerator<Item, void, undefined> {
  const gone = new AbortController();
  const both = AbortSignal.any([signal, gone.signal]);
  const withinSilence = <T>(work: () => Promise<T>) =>
    withTimeout(work, silenceMs, { signal, name: `the stream of events of run ${run}`, clock: http.clock });
  try {
    const path = `/api/v1/runs/${encodeURIComponent(run)}/events`;
    const response = await withinSilence(() => http.stream(path, { 'Last-Event-ID': String(position.after) }, both));
    yield 'open';
    if (response.status === 204 || response.body === null) {
      yield 'end';
      return;
    }
    const chunks = response.body[Symbol.asyncIterator]();
    const decoder = new TextDecoder();
    const messages: EventSourceMessage[] = [];
    const parser = createParser({ onEvent: (message) => messages.push(message), maxBufferSize: MAX_EVENT_CHARACTERS });
    for (;;) {
      const chunk = await withinSilence(() => chunks.next());
      if (chunk.done === true) return;
      parser.feed(decoder.decode(chunk.value as Uint8Array, { stream: true }));
      yield 'alive';
      for (const message of messages.splice(0)) {
        if (message.event === 'end') {
          yield 'end';
          return;
        }
        const event = readEvent(message);
        if (event === undefined || event.seq <= position.after) continue;
        position.after = event.seq;
        yield event;
      }
    }
  } finally {
    gone.abort();
  }
}

/** Messages that are no events are passed over: a newer server may send some. */
function readEvent({ data }: EventSourceMessage): RunEvent | undefined {
  try {
    return runEvent.safeParse(JSON.parse(data)).data;
  } catch {
    return undefined;
  }
}

function networkOr(url: string, thrown: unknown): Error {
  return thrown instanceof RemoteError || thrown instanceof MainstayError ? thrown : networkError(url, thrown);
}

function gaveUp(url: string, run: string, giveUpMs: number, cause: Error): NetworkError {
  const message = `${url} has been away for more than ${Math.round(giveUpMs / 1_000)} s: ${cause.message}`;
  return new NetworkError(message, { cause, details: { hint: `Once it is back: mainstay watch ${run}` } });
}
