import type { Call, Reply } from '../route.ts';

export const SSE = 'text/event-stream';

/** Named before JSON, or alone. A HEAD request gets the page's headers. */
export function wantsStream({ request }: Call): boolean {
  return request.method !== 'HEAD' && request.accepts(['application/json', SSE]) === SSE;
}

/** Has `write` write a stream in a place of its own, until it is done, the client is gone or the server drains. */
export async function serveStream(
  { principal, services, request, response }: Call,
  of: string,
  write: (signal: AbortSignal) => Promise<void>,
): Promise<Reply> {
  using _slot = services.streams.take(principal.tenant);
  const gone = new AbortController();
  response.once('close', () => {
    gone.abort();
  });
  const signal = AbortSignal.any([gone.signal, services.streams.signal]);
  request.socket.setNoDelay(true);
  try {
    await write(signal);
    response.end();
  } catch (error) {
    if (!signal.aborted) services.logger.warn({ err: error, of }, 'an event stream was cut off; its client can resume');
    if (services.streams.signal.aborted) response.end();
    else response.destroy();
  }
  return { streamed: true };
}
