import { ValidationError } from '@mainstay/types';
import { keepDays } from '../../maintenance/retention-policy.ts';
import { auditFacts } from '../audited.ts';
import { requireOperator } from '../auth/principal.ts';
import { defineRoute } from '../route.ts';
import { removalBody, removalView, retentionQuery, retentionView } from '../schemas/maintenance.ts';
import { defined, iso, isoIf } from '../views/iso.ts';

const tag = 'Administration';
const path = '/api/v1/maintenance/retention';
const DEFAULT_LIMIT = 10_000;

export const maintenanceRoutes = [
  defineRoute({
    id: 'getRetention',
    method: 'get',
    path,
    tag,
    access: 'admin',
    summary: 'How long finished runs are kept, how many there are, and what would be removed',
    description: 'For admins of the tenant `default`.',
    query: retentionQuery,
    replies: { 200: { description: 'The present state, of all tenants', schema: retentionView } },
    handle: async ({ query, principal, services: { retention } }) => {
      requireOperator(principal, 'Looking at the retention of runs');
      const { runs, oldestEndedAt, before, past } = await retention.status(query.olderThanMs);
      return {
        status: 200,
        json: {
          keepDays: keepDays(retention.policy) ?? null,
          everyMinutes: retention.policy.everyMs / 60_000,
          finishedRuns: runs,
          ...defined({ oldestEndedAt: isoIf(oldestEndedAt), endedBefore: isoIf(before), removable: past }),
        },
      };
    },
  }),
  defineRoute({
    id: 'runRetention',
    method: 'post',
    path,
    tag,
    access: 'admin',
    summary: 'Remove old finished runs now',
    description:
      'For admins of the tenant `default`. Removes finished runs of all tenants, the oldest first, with their events, checkpoints, decisions, dead letters and idempotency keys. Answers after about two seconds at most; `more` says that there is something left to do.',
    body: removalBody,
    replies: { 200: { description: 'What was removed', schema: removalView } },
    handle: async (call) => {
      const { body, principal, services } = call;
      const { retention, logger, audit } = services;
      requireOperator(principal, 'Removing finished runs');
      const keepMs = body?.olderThanMs ?? retention.policy.keepMs;
      if (keepMs === undefined) throw needsAge();
      const limit = body?.limit ?? DEFAULT_LIMIT;
      await audit.note(auditFacts(call, { action: 'runs.removed', target: 'finished runs', details: { olderThanMs: keepMs, limit } }));
      const { before, removed, more } = await retention.remove(keepMs, limit);
      const endedBefore = iso(before);
      logger.info({ principal: principal.name, endedBefore, removed, more }, 'removed finished runs on request');
      return { status: 200, json: { endedBefore, removed, more } };
    },
  }),
];

function needsAge(): ValidationError {
  const problem = 'is needed: this installation keeps finished runs for ever (MAINSTAY_RETENTION_DAYS is 0)';
  return new ValidationError('VALIDATION_FAILED', `olderThanMs ${problem}`, {
    details: { issues: [{ path: '/olderThanMs', problem, in: 'body' }] },
  });
}
