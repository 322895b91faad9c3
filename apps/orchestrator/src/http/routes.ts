import type { Route } from './route.ts';
import { adminRoutes } from './routes/admin-routes.ts';
import { agentRoutes } from './routes/agent-routes.ts';
import { apiKeyRoutes } from './routes/api-key-routes.ts';
import { deadLetterRoutes } from './routes/dead-letter-routes.ts';
import { decisionRoutes } from './routes/decision-routes.ts';
import { eventRoutes } from './routes/event-routes.ts';
import { healthRoutes } from './routes/health-routes.ts';
import { pipelineRoutes } from './routes/pipeline-routes.ts';
import { runActionRoutes } from './routes/run-action-routes.ts';
import { runRoutes } from './routes/run-routes.ts';
import { serviceRoutes } from './routes/service-routes.ts';

/** Every route. Registration, the contract and the tests come from this table. */
export const routes: readonly Route[] = [
  ...healthRoutes,
  ...serviceRoutes,
  ...pipelineRoutes,
  ...runRoutes,
  ...runActionRoutes,
  ...eventRoutes,
  ...decisionRoutes,
  ...agentRoutes,
  ...deadLetterRoutes,
  ...apiKeyRoutes,
  ...adminRoutes,
];
