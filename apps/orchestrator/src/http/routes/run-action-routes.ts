import type { UserInput } from '../../engine/engine.ts';
import { type Call, defineRoute, type Reply } from '../route.ts';
import { idParams } from '../schemas/common.ts';
import { cancelBody, emptyBody, runView } from '../schemas/runs.ts';
import { defined } from '../views/iso.ts';
import { knownId } from './not-found.ts';
import { viewState } from './run-routes.ts';

const tag = 'Runs';
const replies = { 200: { description: 'The run as it is now on disk', schema: runView } };
const errors = ['RUN_NOT_FOUND', 'RUN_STATE_CONFLICT'] as const;

/** Gives a run an input of a user and answers with the state on disk. */
async function act({ principal, services }: Call, id: string, input: UserInput): Promise<Reply> {
  const state = await services.engine.act(principal.tenant, knownId('RUN_NOT_FOUND', 'run', id), input);
  return { status: 200, json: await viewState(state, services) };
}

function action(type: 'pause' | 'resume' | 'retry', summary: string, description: string) {
  return defineRoute({
    id: `${type}Run`,
    method: 'post',
    path: `/api/v1/runs/{id}/${type}`,
    tag,
    access: 'runs:write',
    summary,
    description,
    params: idParams,
    body: emptyBody,
    replies,
    errors,
    handle: (call) => {
      const by = call.principal.name;
      const { correlationId } = call.trace;
      return act(call, call.params.id, type === 'retry' ? { type, by, correlationId } : { type, by });
    },
  });
}

export const runActionRoutes = [
  defineRoute({
    id: 'cancelRun',
    method: 'post',
    path: '/api/v1/runs/{id}/cancel',
    tag,
    access: 'runs:write',
    summary: 'Cancel a run',
    description: 'Work that runs is told to stop; nothing that it still delivers counts.',
    params: idParams,
    body: cancelBody,
    replies,
    errors,
    handle: (call) => act(call, call.params.id, { type: 'cancel', by: call.principal.name, ...defined({ reason: call.body?.reason }) }),
  }),
  action('pause', 'Pause a run', 'Work that runs goes on to its end; nothing further begins.'),
  action('resume', 'Resume a paused run', 'It goes on where it was.'),
  action('retry', 'Retry a failed or cancelled run', 'What succeeded stays; the rest is tried again with fresh counters.'),
];
