import { collectGarbage } from '@mainstay/hardening';
import { memoryUsage } from '@mainstay/utils';
import { levelDetails } from '../answer-log-level.ts';
import { auditFacts } from '../audited.ts';
import { requireOperator } from '../auth/principal.ts';
import { defineRoute } from '../route.ts';
import { gcView, logLevelBody, logLevelView } from '../schemas/admin.ts';
import { emptyBody } from '../schemas/runs.ts';

const tag = 'Administration';

export const adminRoutes = [
  defineRoute({
    id: 'putLogLevel',
    method: 'put',
    path: '/api/v1/admin/log-level',
    tag,
    access: 'admin',
    summary: 'Change what all processes log, or one of them, for a time or until the next change',
    description:
      'For admins of the tenant `default`. All orchestrators and workers hear of it at once, and those that come, or come back, while it holds within seconds; each counts the time by itself, so that it ends whoever dies. With `process` only that one is asked, and has answered.',
    body: logLevelBody,
    replies: { 200: { description: 'The level now and before, of the process named', schema: logLevelView } },
    errors: ['PROCESS_NOT_FOUND', 'REDIS_UNAVAILABLE', 'OPERATION_TIMEOUT'],
    handle: async (call) => {
      const { body, principal, services } = call;
      const { control, audit } = services;
      const { level, forSeconds, process } = body;
      requireOperator(principal, 'Changing the log level');
      await audit.note(auditFacts(call, { action: 'log-level.changed', target: process ?? 'all', details: levelDetails(body) }));
      const wish = { level, ...(forSeconds === undefined ? {} : { forMs: 1_000 * forSeconds }) };
      if (process === undefined) {
        return { status: 200, json: { ...(await control.setLevel(wish, principal.name)), process: control.self, scope: 'all' } };
      }
      return { status: 200, json: { ...(await control.setLevelOf(process, wish, principal.name)), process, scope: 'process' } };
    },
  }),
  defineRoute({
    id: 'collectGarbage',
    method: 'post',
    path: '/api/v1/admin/gc',
    tag,
    access: 'admin',
    summary: 'Collect the garbage of this process now',
    description:
      'For admins of the tenant `default`. Stops this process for some milliseconds per 100 MB of heap. Does nothing where the collector is not exposed (`node --expose-gc`; the programs of this platform expose it).',
    body: emptyBody,
    replies: { 200: { description: 'What it did', schema: gcView } },
    handle: async (call) => {
      const { principal, services } = call;
      requireOperator(principal, 'Collecting garbage');
      await services.audit.note(auditFacts(call, { action: 'garbage.collected', target: services.engine.name }));
      const before = memoryUsage();
      const startedAt = services.clock.monotonic();
      const collected = collectGarbage();
      const tookMs = services.clock.monotonic() - startedAt;
      const after = memoryUsage();
      const bytes = ({ heapUsed, rss }: NodeJS.MemoryUsage) => ({ heapUsedBytes: heapUsed, rssBytes: rss });
      return { status: 200, json: { collected, tookMs, before: bytes(before), after: bytes(after) } };
    },
  }),
];
