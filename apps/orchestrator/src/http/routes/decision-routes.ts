import { ConflictError, MainstayError } from '@mainstay/types';
import type { DecisionRow } from '../../store/store.ts';
import { type Call, defineRoute } from '../route.ts';
import { idParams } from '../schemas/common.ts';
import { answerBody, decisionPage, decisionsQuery, decisionView } from '../schemas/decisions.ts';
import { defined, iso } from '../views/iso.ts';
import { viewDecision } from '../views/run-view.ts';
import { knownId, notFound } from './not-found.ts';
import { pageRequest, viewPage } from './page.ts';

const tag = 'Decisions';

async function requireDecision({ services, principal }: Pick<Call, 'services' | 'principal'>, id: string): Promise<DecisionRow> {
  const row = await services.store.decision(principal.tenant, knownId('DECISION_NOT_FOUND', 'decision', id));
  if (row === undefined) throw notFound('DECISION_NOT_FOUND', 'decision', id);
  return row;
}

function alreadyMade({ id, answer, by, answeredAt }: DecisionRow): ConflictError {
  return new ConflictError('DECISION_ALREADY_MADE', `Decision ${id} was made by ${by ?? 'somebody else'}`, {
    details: { ...defined({ answer, by }), ...(answeredAt === undefined ? {} : { answeredAt: iso(answeredAt) }) },
  });
}

export const decisionRoutes = [
  defineRoute({
    id: 'listDecisions',
    method: 'get',
    path: '/api/v1/decisions',
    tag,
    access: 'runs:read',
    summary: 'List decisions',
    query: decisionsQuery,
    replies: { 200: { description: 'A page', schema: decisionPage } },
    handle: async ({ query, principal, services: { store } }) => {
      const filter = defined({
        status: query.status,
        run: query.run === undefined ? undefined : knownId('RUN_NOT_FOUND', 'run', query.run),
      });
      return { status: 200, json: viewPage(await store.decisions(principal.tenant, filter, pageRequest(query)), viewDecision) };
    },
    errors: ['RUN_NOT_FOUND'],
  }),
  defineRoute({
    id: 'getDecision',
    method: 'get',
    path: '/api/v1/decisions/{id}',
    tag,
    access: 'runs:read',
    summary: 'Read a decision',
    params: idParams,
    replies: { 200: { description: 'The decision', schema: decisionView } },
    errors: ['DECISION_NOT_FOUND'],
    handle: async (call) => ({ status: 200, json: viewDecision(await requireDecision(call, call.params.id)) }),
  }),
  defineRoute({
    id: 'answerDecision',
    method: 'post',
    path: '/api/v1/decisions/{id}',
    tag,
    access: 'decisions:write',
    summary: 'Answer a decision',
    params: idParams,
    body: answerBody,
    replies: { 200: { description: 'The answered decision', schema: decisionView } },
    errors: ['DECISION_NOT_FOUND', 'DECISION_ALREADY_MADE', 'RUN_STATE_CONFLICT'],
    handle: async (call) => {
      const { body, principal, services } = call;
      const row = await requireDecision(call, call.params.id);
      if (row.status === 'answered') throw alreadyMade(row);
      const { answer, comment } = body;
      try {
        await services.engine.act(principal.tenant, row.run, {
          type: 'answer',
          decision: row.id,
          answer,
          by: principal.name,
          ...defined({ comment }),
        });
      } catch (error) {
        throw await explain(call, row.id, error);
      }
      return { status: 200, json: viewDecision(await requireDecision(call, row.id)) };
    },
  }),
];

/** Somebody else was faster: says how they answered. */
async function explain(call: Call, id: string, error: unknown): Promise<unknown> {
  if (!(error instanceof MainstayError) || !['DECISION_ALREADY_MADE', 'DECISION_NOT_FOUND'].includes(error.code)) return error;
  const row = await requireDecision(call, id);
  return row.status === 'answered' ? alreadyMade(row) : error;
}
