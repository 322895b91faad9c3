import { flameGraph, type TakenProfile } from '@mainstay/profiling';
import { CancelledError } from '@mainstay/types';
import type { Response } from 'express';
import { auditFacts } from '../audited.ts';
import { requireOperatorTenant } from '../auth/principal.ts';
import { defineRoute, type Reply } from '../route.ts';
import { profileBody, profileView } from '../schemas/admin.ts';
import type { Services } from '../services.ts';

export const profileRoutes = [
  defineRoute({
    id: 'takeProfile',
    method: 'post',
    path: '/api/v1/admin/profiles',
    tag: 'Administration',
    access: 'profiles:write',
    summary: 'Record a CPU profile, flame graph, heap snapshot or event loop report of a process',
    description:
      'For the tenant `default`. Answers when it has been recorded; ends when the client goes. One at a time in each process. A heap snapshot is written into the data folder of the process, readable by its owner only: it holds secrets. The process stands still meanwhile, for about a second with each 100 MB of heap.',
    body: profileBody,
    replies: {
      200: [
        { description: 'The profile; of a heap snapshot, where it is', schema: profileView },
        { description: 'A flame graph', type: 'image/svg+xml' },
      ],
    },
    errors: ['PROCESS_NOT_FOUND', 'PROFILE_RUNNING', 'PROFILE_TOO_LARGE', 'DISK_FULL', 'REDIS_UNAVAILABLE', 'OPERATION_TIMEOUT'],
    handle: async (call) => {
      const { body, principal, services, response } = call;
      requireOperatorTenant(principal, 'Recording a profile');
      const { control, logger } = services;
      const { kind, seconds, intervalMicros, process = control.self } = body;
      const wish = { kind: kind === 'flame-graph' ? ('cpu' as const) : kind, seconds, intervalMicros };
      await services.audit.note(auditFacts(call, { action: 'profile.taken', target: process, details: { kind, seconds } }));
      logger.warn({ principal: principal.name, process, kind, seconds }, 'a profile is recorded');
      return reply(await control.profile(process, wish, untilGone(response)), { process, kind, services });
    },
  }),
];

interface Of {
  readonly process: string;
  readonly kind: string;
  readonly services: Services;
}

function reply(taken: TakenProfile, { process, kind, services }: Of): Reply {
  const headers = { 'Cache-Control': 'no-store' };
  if (kind === 'flame-graph' && taken.kind === 'cpu') {
    return { status: 200, text: flameGraph(taken.profile, { title: process }), type: 'image/svg+xml', headers };
  }
  switch (taken.kind) {
    case 'cpu':
      return { status: 200, json: taken.profile, headers };
    case 'heap':
      return { status: 200, json: { process, ...taken.snapshot, at: new Date(services.clock.now()).toISOString() }, headers };
    case 'event-loop':
      return { status: 200, json: taken.report, headers };
  }
}

/** Aborts when the connection ends before the answer does. */
function untilGone(response: Response): AbortSignal {
  const gone = new AbortController();
  response.once('close', () => {
    gone.abort(new CancelledError('CANCELLED', 'the client has gone'));
  });
  return gone.signal;
}
