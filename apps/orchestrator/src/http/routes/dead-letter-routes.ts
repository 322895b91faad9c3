import { ConflictError } from '@mainstay/types';
import type { DeadLetterFilter, DeadLetterRow } from '../../store/store.ts';
import { auditEntry } from '../audited.ts';
import { type Call, defineRoute } from '../route.ts';
import { idParams } from '../schemas/common.ts';
import {
  deadLetterPage,
  deadLettersQuery,
  deadLetterView,
  discardBody,
  redriveBody,
  redriveManyBody,
  redriveManyView,
} from '../schemas/dead-letters.ts';
import { runView } from '../schemas/runs.ts';
import { errorView } from '../views/error-view.ts';
import { defined, iso, isoIf } from '../views/iso.ts';
import { knownId, notFound } from './not-found.ts';
import { pageRequest, viewPage } from './page.ts';
import { redriveMany } from './redrive-many.ts';
import { viewState } from './run-routes.ts';

const tag = 'Dead letters';

const MANY = 100;

function viewDeadLetter({ error, at, redrivenAt, discardedAt, ...rest }: DeadLetterRow) {
  const times = defined({ redrivenAt: isoIf(redrivenAt), discardedAt: isoIf(discardedAt) });
  return { ...rest, error: errorView(error), at: iso(at), ...times };
}

/** Rejects with CONFLICT when it does not wait any more. */
function requireWaiting({ id, run, redrivenAt, discardedAt, discardedBy, discardReason }: DeadLetterRow): void {
  if (redrivenAt === undefined && discardedAt === undefined) return;
  const what = redrivenAt === undefined ? 'discarded' : 'redriven already';
  const details = { run, ...defined({ redrivenAt: isoIf(redrivenAt), discardedAt: isoIf(discardedAt), discardedBy, discardReason }) };
  throw new ConflictError('CONFLICT', `Dead letter ${id} was ${what}`, { details, disposition: 'terminal' });
}

async function requireDeadLetter({ services, principal }: Call, id: string): Promise<DeadLetterRow> {
  const row = await services.store.deadLetter(principal.tenant, knownId('DEAD_LETTER_NOT_FOUND', 'dead letter', id));
  if (row === undefined) throw notFound('DEAD_LETTER_NOT_FOUND', 'dead letter', id);
  return row;
}

export const deadLetterRoutes = [
  defineRoute({
    id: 'listDeadLetters',
    method: 'get',
    path: '/api/v1/dead-letters',
    tag,
    access: 'dead-letters:read',
    summary: 'List tasks that failed for good, the newest first',
    query: deadLettersQuery,
    replies: { 200: { description: 'A page', schema: deadLetterPage } },
    handle: async ({ query, principal, services: { store } }) => ({
      status: 200,
      json: viewPage(await store.deadLetters(principal.tenant, pageRequest(query), filterOf(query)), viewDeadLetter),
    }),
  }),
  defineRoute({
    id: 'getDeadLetter',
    method: 'get',
    path: '/api/v1/dead-letters/{id}',
    tag,
    access: 'dead-letters:read',
    summary: 'Read a dead letter',
    params: idParams,
    replies: { 200: { description: 'The dead letter', schema: deadLetterView } },
    errors: ['DEAD_LETTER_NOT_FOUND'],
    handle: async (call) => ({ status: 200, json: viewDeadLetter(await requireDeadLetter(call, call.params.id)) }),
  }),
  defineRoute({
    id: 'redriveDeadLetter',
    method: 'post',
    path: '/api/v1/dead-letters/{id}/redrive',
    tag,
    access: 'dead-letters:write',
    summary: 'Try a dead task again',
    description: 'The run goes on; with `input`, the task gets that instead of its own.',
    params: idParams,
    body: redriveBody,
    replies: { 200: { description: 'The run as it is now on disk', schema: runView } },
    errors: ['DEAD_LETTER_NOT_FOUND', 'RUN_STATE_CONFLICT', 'CONFLICT'],
    handle: async (call) => {
      const { body, principal, services } = call;
      const row = await requireDeadLetter(call, call.params.id);
      requireWaiting(row);
      const state = await services.engine.act(principal.tenant, row.run, {
        type: 'redrive',
        task: row.stage,
        by: principal.name,
        correlationId: call.trace.correlationId,
        ...defined({ input: body?.input }),
      });
      services.logger.info({ principal: principal.name, deadLetter: row.id, run: row.run }, 'a dead letter was redriven');
      return { status: 200, json: await viewState(state, services) };
    },
  }),
  defineRoute({
    id: 'redriveDeadLetters',
    method: 'post',
    path: '/api/v1/dead-letters/redrive',
    tag,
    access: 'dead-letters:write',
    summary: 'Try many dead tasks again',
    description:
      'Those that wait and match the filter, the newest first, each with its own input. Works for about five seconds; `cursor` says that there may be more. Repeating a request whose answer was lost does no harm.',
    body: redriveManyBody,
    replies: { 200: { description: 'What became of them', schema: redriveManyView } },
    handle: async (call) => {
      const { limit = MANY, cursor, ...filter } = call.body;
      const result = await redriveMany(call, filterOf(filter), pageRequest({ limit, cursor }));
      const { principal, services } = call;
      const { failed, ...counts } = result;
      services.logger.info({ principal: principal.name, ...filter, ...counts, failed: failed.length }, 'dead letters were redriven');
      return { status: 200, json: result };
    },
  }),
  defineRoute({
    id: 'discardDeadLetter',
    method: 'post',
    path: '/api/v1/dead-letters/{id}/discard',
    tag,
    access: 'dead-letters:write',
    summary: 'Give up a dead task',
    description: 'It is kept with who gave it up, when and why, as long as its run, and is not redriven any more. The run stays as it is.',
    params: idParams,
    body: discardBody,
    replies: { 200: { description: 'The dead letter', schema: deadLetterView } },
    errors: ['DEAD_LETTER_NOT_FOUND', 'CONFLICT'],
    handle: async (call) => {
      const { body, params, principal, services } = call;
      const { id, run, stage } = await requireDeadLetter(call, params.id);
      const records = [auditEntry(call, { action: 'dead-letter.discarded', target: id, details: { run, stage, reason: body.reason } })];
      const done = await services.store.discardDeadLetter(principal.tenant, id, principal.name, body.reason, records);
      const row = await requireDeadLetter(call, id);
      if (!done) requireWaiting(row);
      services.logger.info(
        { principal: principal.name, deadLetter: id, run: row.run, stage: row.stage, reason: body.reason },
        'a dead letter was discarded',
      );
      return { status: 200, json: viewDeadLetter(row) };
    },
  }),
];

/** What was asked for, without what was not. */
function filterOf({
  status,
  run,
  pipeline,
  stage,
  agent,
  code,
}: { readonly [K in keyof DeadLetterFilter]?: DeadLetterFilter[K] | undefined }): DeadLetterFilter {
  return defined({ status, run, pipeline, stage, agent, code });
}
