import type { RunState } from '../../pipeline/model.ts';
import { factsOf } from '../request-facts.ts';
import { linkRun } from '../request-span.ts';
import { type Call, defineRoute } from '../route.ts';
import { idParams } from '../schemas/common.ts';
import { createdRun, newRunBody, runHeaders, runPage, runsQuery, runView } from '../schemas/runs.ts';
import type { Services } from '../services.ts';
import { defined } from '../views/iso.ts';
import { viewRun, viewSummary } from '../views/run-view.ts';
import { knownId, notFound } from './not-found.ts';
import { pageRequest, viewPage } from './page.ts';
import { RUNS_PATH as PATH, submissionOf } from './submission.ts';

const tag = 'Runs';

/** A run's state as users see it. */
export async function viewState(state: RunState, { pipelines, engine }: Services) {
  const { order } = await pipelines.get(state.tenant, state.pipeline, state.version);
  return viewRun(state, order, engine.missingKinds());
}

/** The run of that id; rejects with RUN_NOT_FOUND. */
export async function requireRun({ services, principal }: Pick<Call, 'services' | 'principal'>, id: string): Promise<RunState> {
  const state = await services.store.run(principal.tenant, knownId('RUN_NOT_FOUND', 'run', id));
  if (state === undefined) throw notFound('RUN_NOT_FOUND', 'run', id);
  return state;
}

export const runRoutes = [
  defineRoute({
    id: 'createRun',
    method: 'post',
    path: PATH,
    tag,
    access: 'runs:write',
    summary: 'Start a run',
    description: 'Answered when the run is on disk. With an Idempotency-Key, repeating the request gives the same run.',
    headers: runHeaders,
    body: newRunBody,
    replies: {
      202: {
        description: 'Accepted',
        schema: createdRun,
        headers: { Location: 'Where the run can be read', 'Idempotency-Replayed': '`true` when the run had been created before' },
      },
    },
    errors: ['PIPELINE_NOT_FOUND', 'IDEMPOTENCY_KEY_REUSED', 'DEADLINE_EXCEEDED', 'EMERGENCY', 'OVERLOADED', 'SHUTTING_DOWN'],
    handle: async ({ body, headers, principal, trace, response, services: { engine, admission, tracing } }) => {
      admission.check(body.priority);
      const bounds = { key: headers['idempotency-key'], deadlineMs: headers['x-deadline-ms'] };
      const submitted = await engine.submit(submissionOf(principal, body, trace, bounds));
      if (tracing !== undefined && !submitted.repeated) linkRun(factsOf(response), submitted.id, trace);
      return {
        status: 202,
        json: { id: submitted.id, status: submitted.status },
        headers: { Location: `${PATH}/${submitted.id}`, ...(submitted.repeated ? { 'Idempotency-Replayed': 'true' } : {}) },
      };
    },
  }),
  defineRoute({
    id: 'listRuns',
    method: 'get',
    path: PATH,
    tag,
    access: 'runs:read',
    summary: 'List runs, the newest first',
    query: runsQuery,
    replies: { 200: { description: 'A page', schema: runPage } },
    handle: async ({ query, principal, services: { store } }) => {
      const filter = defined({ status: query.status, pipeline: query.pipeline });
      return { status: 200, json: viewPage(await store.runs(principal.tenant, filter, pageRequest(query)), viewSummary) };
    },
  }),
  defineRoute({
    id: 'getRun',
    method: 'get',
    path: `${PATH}/{id}`,
    tag,
    access: 'runs:read',
    summary: 'Read a run with its tasks and open decisions',
    params: idParams,
    replies: { 200: { description: 'The run', schema: runView } },
    errors: ['RUN_NOT_FOUND'],
    handle: async (call) => ({ status: 200, json: await viewState(await requireRun(call, call.params.id), call.services) }),
  }),
];
