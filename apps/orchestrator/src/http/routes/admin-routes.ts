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
    summary: 'Change what this process logs, until it ends',
    description: 'For admins of the tenant `default`.',
    body: logLevelBody,
    replies: { 200: { description: 'The level now and before', schema: logLevelView } },
    handle: ({ body: { level }, principal, services: { logger } }) => {
      requireOperator(principal, 'Changing the log level');
      const previous = logger.level;
      logger.level = level;
      return { status: 200, json: { level, previous } };
    },
  }),
];
