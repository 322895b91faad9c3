import { FINAL_RUN_STATUSES } from '../../pipeline/model.ts';
import { openSse } from '../events/sse-writer.ts';
import { streamEvents } from '../events/stream-events.ts';
import { type Call, defineRoute, type Reply } from '../route.ts';
import { idParams } from '../schemas/common.ts';
import { eventPage, eventsHeaders, eventsQuery } from '../schemas/runs.ts';
import { viewEvent } from '../views/run-view.ts';
import { requireRun } from './run-routes.ts';
import { serveStream, SSE, wantsStream } from './serve-stream.ts';

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

async function page({ principal, services }: Call, run: string, after: number, limit: number): Promise<Reply> {
  const events = (await services.store.events(principal.tenant, run, after, limit)) ?? [];
  return { status: 200, json: { items: events.map(viewEvent), after: events.at(-1)?.seq ?? after } };
}

function stream(call: Call, run: string, after: number, follow: boolean): Promise<Reply> {
  const { principal, services, response, reauthenticate } = call;
  return serveStream(call, run, (signal) =>
    streamEvents(
      services,
      { tenant: principal.tenant, run, after, follow, reauthenticate, signal },
      openSse(response, services.clock, STALL_MS, signal),
    ),
  );
}
