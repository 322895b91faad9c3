import { z } from 'zod';
import { FINAL_RUN_STATUSES, type RunState } from '../../pipeline/model.ts';
import type { RunEnd } from '../../store/store.ts';
import { viewEnd } from '../ends/end-text.ts';
import { OVERLAP_MS, type Position, positionOf, positionText } from '../ends/position.ts';
import { streamEnds } from '../ends/stream-ends.ts';
import { type Call, defineRoute, type Reply } from '../route.ts';
import { endPage, endsHeaders, endsOfRuns, endsQuery } from '../schemas/runs.ts';
import { serveStream, SSE, wantsStream } from './serve-stream.ts';

const PAGE = 200;

export const endRoutes = [
  defineRoute({
    id: 'getRunEnds',
    method: 'get',
    path: '/api/v1/runs/ends',
    tag: 'Runs',
    access: 'runs:read',
    summary: 'Hear of runs that end',
    description:
      'With `Accept: text/event-stream` a stream of the ends of all runs: `event:` is run.succeeded, run.failed or run.cancelled, `data:` a RunEnd, ' +
      '`id:` a position that `Last-Event-ID` or `after` resumes. A run is told at least once: around the position of a resumed stream, twice. ' +
      `Otherwise a page as JSON; its \`after\` lies at least ${String(OVERLAP_MS / 1_000)} s back, so that pages that are read one after the other miss nothing and tell some ends again. ` +
      'Without a position both begin now. With `runs` it tells which of these have ended.',
    query: endsQuery,
    headers: endsHeaders,
    replies: {
      200: [
        { description: 'A page, the ends of the given runs, or the stream', schema: z.union([endPage, endsOfRuns]) },
        { description: 'The stream', type: SSE },
      ],
    },
    errors: ['OVERLOADED', 'RATE_LIMITED', 'SHUTTING_DOWN'],
    handle: async (call) => {
      const { query, headers } = call;
      if (query.runs !== undefined) return await endsOf(call, query.runs.split(','));
      const resumed = headers['last-event-id'] ?? query.after;
      const after = resumed === undefined ? undefined : positionOf(resumed);
      return wantsStream(call) ? await stream(call, after) : await page(call, after, query.limit ?? PAGE);
    },
  }),
];

async function page({ principal, services: { store } }: Call, after: Position | undefined, limit: number): Promise<Reply> {
  const settled = Math.floor(store.now()) - OVERLAP_MS;
  if (after === undefined) return { status: 200, json: { items: [], after: String(settled + OVERLAP_MS) } };
  const ends = await store.ended(principal.tenant, after.at, afterRun(after), limit);
  const last = ends.at(-1);
  const reached: Position = last === undefined ? after : { at: last.at, run: last.run };
  // Later commits may still become visible before this: the next page begins there again.
  const next = reached.at < settled || reached.at <= after.at ? reached : { at: Math.max(settled, after.at) };
  return { status: 200, json: { items: ends.map(viewEnd), after: positionText(next) } };
}

/** The end that a page continues after; only its time and run count. */
function afterRun({ at, run }: Position): RunEnd | undefined {
  return run === undefined ? undefined : { at, run, status: 'succeeded' };
}

async function endsOf({ principal, services: { store } }: Call, runs: readonly string[]): Promise<Reply> {
  const states = await store.load(runs);
  const mine = runs.flatMap((run) => states.get(run) ?? []).filter(({ tenant }) => tenant === principal.tenant);
  const known = new Set(mine.map(({ id }) => id));
  return { status: 200, json: { items: mine.flatMap(endOf).map(viewEnd), unknown: runs.filter((run) => !known.has(run)) } };
}

function endOf({ id, status, finishedAt }: RunState): readonly RunEnd[] {
  if (finishedAt === undefined || !FINAL_RUN_STATUSES.has(status)) return [];
  return [{ run: id, status: status as RunEnd['status'], at: finishedAt }];
}

function stream(call: Call, after: Position | undefined): Promise<Reply> {
  const { principal, services, reauthenticate, response } = call;
  return serveStream(call, 'ends', (signal) => streamEnds(services, { tenant: principal.tenant, after, reauthenticate, signal }, response));
}
