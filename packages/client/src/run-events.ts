import { type MainstayError, NetworkError, networkFailure, toMainstayError } from '@mainstay/types';
import { backoffDelayMs } from '@mainstay/utils';
import type { Http } from './http.ts';
import type { RunEvent } from './model.ts';
import { type SseMessage, SseParser } from './sse-parser.ts';

export interface EventsOptions {
  /** Events after this number. Default 0: all. */
  readonly after?: number;
  /** Goes on after the run has ended, for it may be retried. Default false. */
  readonly follow?: boolean;
  readonly signal?: AbortSignal;
}

const LONGEST_BACKOFF_MS = 5_000;

/**
 * The events of a run, each once and in order, over any number of connections; ends after the run. Rejects with
 * RUN_NOT_FOUND and whatever else the server refuses for good, with the signal's reason, or with NETWORK_FAILED when the server has been
 * away for `deadlineMs`.
 */
export async function* runEvents(http: Http, run: string, options: EventsOptions, closed: AbortSignal): AsyncGenerator<RunEvent, void> {
  const { clock, random, baseMs, deadlineMs } = http.settings;
  const signal = options.signal === undefined ? closed : AbortSignal.any([closed, options.signal]);
  const path = `/api/v1/runs/${encodeURIComponent(run)}/events${options.follow === true ? '?follow=true' : ''}`;
  let after = options.after ?? 0;
  let contactAt = clock.monotonic();
  for (let failures = 0; ; failures += 1) {
    let error: MainstayError;
    try {
      for await (const messages of connection(http, path, after, signal)) {
        contactAt = clock.monotonic();
        failures = 0;
        for (const { event, data } of messages) {
          if (event === 'end') return;
          const next = JSON.parse(data) as RunEvent;
          if (next.seq <= after) continue;
          after = next.seq;
          yield next;
        }
      }
      error = new NetworkError('The stream of events broke off');
    } catch (thrown) {
      signal.throwIfAborted();
      error = toMainstayError(thrown);
      if (error.disposition !== 'retryable' || clock.monotonic() - contactAt > deadlineMs) throw error;
    }
    const policy = { backoff: 'exponential', jitter: 'full', baseMs, maxMs: LONGEST_BACKOFF_MS } as const;
    await clock.sleep(Math.max(backoffDelayMs(policy, Math.min(failures + 1, 30), random), error.retryAfterMs ?? 0), signal);
  }
}

/** What one connection brings, chunk by chunk. The messages of a stream that has nothing left are an `end`. */
async function* connection(http: Http, path: string, after: number, signal: AbortSignal): AsyncGenerator<readonly SseMessage[], void> {
  const response = await http.stream(path, { 'last-event-id': String(after) }, signal);
  if (response.statusCode === 204) {
    yield [{ event: 'end', data: '{}' }];
    return;
  }
  const messages: SseMessage[] = [];
  const parser = new SseParser((message) => messages.push(message));
  response.setEncoding('utf8');
  try {
    for await (const chunk of response as AsyncIterable<string>) {
      parser.feed(chunk);
      yield messages.splice(0);
    }
  } catch (error) {
    throw networkFailure(http.url, error);
  } finally {
    response.destroy();
  }
}
