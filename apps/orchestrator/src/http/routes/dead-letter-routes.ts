import { ConflictError } from '@mainstay/types';
import type { DeadLetterRow } from '../../store/store.ts';
import { type Call, defineRoute } from '../route.ts';
import { idParams } from '../schemas/common.ts';
import { deadLetterPage, deadLettersQuery, deadLetterView, redriveBody } from '../schemas/dead-letters.ts';
import { runView } from '../schemas/runs.ts';
import { errorView } from '../views/error-view.ts';
import { defined, iso, isoIf } from '../views/iso.ts';
import { knownId, notFound } from './not-found.ts';
import { pageRequest, viewPage } from './page.ts';
import { viewState } from './run-routes.ts';

const tag = 'Dead letters';

function viewDeadLetter({ error, at, redrivenAt, ...rest }: DeadLetterRow) {
  return { ...rest, error: errorView(error), at: iso(at), ...defined({ redrivenAt: isoIf(redrivenAt) }) };
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
      json: viewPage(await store.deadLetters(principal.tenant, pageRequest(query)), viewDeadLetter),
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
      if (row.redrivenAt !== undefined) {
        throw new ConflictError('CONFLICT', `Dead letter ${row.id} was redriven already`, {
          details: { run: row.run, redrivenAt: iso(row.redrivenAt) },
          disposition: 'terminal',
        });
      }
      const state = await services.engine.act(principal.tenant, row.run, {
        type: 'redrive',
        task: row.stage,
        by: principal.name,
        ...defined({ input: body?.input }),
      });
      return { status: 200, json: await viewState(state, services) };
    },
  }),
];
