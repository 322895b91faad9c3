import { FINAL_RUN_STATUSES } from '../../pipeline/model.ts';
import { openSse } from '../events/sse-writer.ts';
import { streamEvents } from '../events/stream-events.ts';
import { type Call, defineRoute, type Reply } from '../route.ts';
import { idParams } from '../schemas/common.ts';
import { eventPage, eventsHeaders, eventsQuery } from '../schemas/runs.ts';
import { viewEvent } from '../views/run-view.ts';
import { requireRun } from './run-routes.ts';

const SSE = 'text/event-stream';
const PAGE = 200;
/** A client that reads nothing for so long is cut off; it resumes by the number of its last event. */
const STALL_MS = 30_000;

export const eventRoutes = [
  defineRoute({
    id: 'getRunEvents',
    method: 'get',
    path: '/api/v1/runs/{id}/events',
    tag: 'Runs',
    access: 'runs:read',
    summary: "Read or follow a run's events",
    description:
      'With `Accept: text/event-stream` a stream: `id:` is the number of the event, `event:` its type, `data:` the event as JSON. ' +
      'After the last event of a run that has ended comes an event `end`, then the stream closes, unless `follow=true`. ' +
      '`Last-Event-ID` resumes; when nothing is left, that is answered with 204, which ends the reconnecting of browsers. Otherwise a page as JSON.',
    params: idParams,
    query: eventsQuery,
    headers: eventsHeaders,
    replies: {
      200: [
        { description: 'A page, or the stream', schema: eventPage },
        { description: 'The stream', type: SSE },
      ],
      204: { description: 'Resumed, and the run has ended with no further events' },
    },
    errors: ['RUN_NOT_FOUND', 'OVERLOADED', 'RATE_LIMITED', 'SHUTTING_DOWN'],
    handle: async (call) => {
      const { query, headers, params } = call;
      const state = await requireRun(call, params.id);
      const resumed = headers['last-event-id'];
      const after = resumed ?? query.after ?? 0;
      if (!wantsStream(call)) return await page(call, state.id, after, query.limit ?? PAGE);
      const follow = query.follow === 'true';
      if (resumed !== undefined && !follow && FINAL_RUN_STATUSES.has(state.status) && state.seq <= after) return { status: 204 };
      return await stream(call, state.id, after, follow);
    },
  }),
];

/** Named before JSON, or alone. A HEAD request gets the page's headers. */
function wantsStream({ request }: Call): boolean {
  return request.method !== 'HEAD' && request.accepts(['application/json', SSE]) === SSE;
}

async function page({ principal, services }: Call, run: string, after: number, limit: number): Promise<Reply> {
  const events = (await services.store.events(principal.tenant, run, after, limit)) ?? [];
  return { status: 200, json: { items: events.map(viewEvent), after: events.at(-1)?.seq ?? after } };
}

async function stream(
  { principal, services, request, response, reauthenticate }: Call,
  run: string,
  after: number,
  follow: boolean,
): Promise<Reply> {
  using _slot = services.streams.take(principal.tenant);
  const gone = new AbortController();
  response.once('close', () => {
    gone.abort();
  });
  const signal = AbortSignal.any([gone.signal, services.streams.signal]);
  request.socket.setNoDelay(true);
  const writer = openSse(response, services.clock, STALL_MS, signal);
  try {
    await streamEvents(services, { tenant: principal.tenant, run, after, follow, reauthenticate, signal }, writer);
    response.end();
  } catch (error) {
    if (!signal.aborted) services.logger.warn({ err: error, run }, 'an event stream was cut off; its client can resume');
    if (services.streams.signal.aborted) response.end();
    else response.destroy();
  }
  return { streamed: true };
}
