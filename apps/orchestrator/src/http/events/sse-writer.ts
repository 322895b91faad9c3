import type { ServerResponse } from 'node:http';
import { TimeoutError } from '@mainstay/types';
import type { Clock } from '@mainstay/utils';

/** Milliseconds after which a client whose connection broke tries again. */
const RECONNECT_MS = 1_000;

export interface SseEvent {
  readonly id?: number;
  readonly event: string;
  readonly data: unknown;
}

/** Writes server-sent events, never more than the socket takes. */
export interface SseWriter {
  /** Resolves when more may be written; rejects with OPERATION_TIMEOUT when the client stalls, or with the signal's reason. */
  send(event: SseEvent): Promise<void>;
  heartbeat(): Promise<void>;
  /** Tells where the client may resume, without an event. */
  position(id: string): Promise<void>;
  /** Writes events that are text already. */
  raw(text: string): Promise<void>;
}

export function openSse(response: ServerResponse, clock: Clock, stallMs: number, signal: AbortSignal): SseWriter {
  response.writeHead(200, {
    'Content-Type': 'text/event-stream; charset=utf-8',
    'Cache-Control': 'no-store',
    'X-Accel-Buffering': 'no',
  });
  const write = async (text: string) => {
    signal.throwIfAborted();
    if (!response.write(text)) await drained(response, clock, stallMs, signal);
  };
  response.write(`retry: ${RECONNECT_MS}\n\n`);
  return {
    send: ({ id, event, data }) => write(`${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`),
    heartbeat: () => write(': alive\n\n'),
    position: (id) => write(`id: ${id}\n\n`),
    raw: write,
  };
}

async function drained(response: ServerResponse, clock: Clock, stallMs: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  const onDrain = () => {
    resolve(undefined);
  };
  const onAbort = () => {
    reject(signal.reason instanceof Error ? signal.reason : new Error('aborted'));
  };
  using _timer = clock.setTimeout(() => {
    reject(new TimeoutError('OPERATION_TIMEOUT', `The client has read nothing for ${stallMs} ms`, { details: { timeoutMs: stallMs } }));
  }, stallMs);
  response.once('drain', onDrain);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    await promise;
  } finally {
    response.off('drain', onDrain);
    signal.removeEventListener('abort', onAbort);
  }
}
