import { changeLogLevel } from '@mainstay/observability';
import { requireOperator } from '../auth/principal.ts';
import { defineRoute } from '../route.ts';
import { logLevelBody, logLevelView } from '../schemas/admin.ts';

export const adminRoutes = [
  defineRoute({
    id: 'putLogLevel',
    method: 'put',
    path: '/api/v1/admin/log-level',
    tag: 'Administration',
    access: 'admin',
    summary: 'Change what this process logs, for a time or until it ends',
    description: 'For admins of the tenant `default`.',
    body: logLevelBody,
    replies: { 200: { description: 'The level now and before', schema: logLevelView } },
    handle: ({ body, principal, services: { logger } }) => {
      requireOperator(principal, 'Changing the log level');
      return { status: 200, json: changeLogLevel(logger, body) };
    },
  }),
];
