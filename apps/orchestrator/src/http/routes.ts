import type { Route } from './route.ts';
import { adminRoutes } from './routes/admin-routes.ts';
import { agentRoutes } from './routes/agent-routes.ts';
import { apiKeyRoutes } from './routes/api-key-routes.ts';
import { auditRoutes } from './routes/audit-routes.ts';
import { deadLetterRoutes } from './routes/dead-letter-routes.ts';
import { decisionRoutes } from './routes/decision-routes.ts';
import { emergencyRoutes } from './routes/emergency-routes.ts';
import { endRoutes } from './routes/end-routes.ts';
import { errorRoutes } from './routes/error-routes.ts';
import { eventRoutes } from './routes/event-routes.ts';
import { healthRoutes } from './routes/health-routes.ts';
import { maintenanceRoutes } from './routes/maintenance-routes.ts';
import { pipelineRoutes } from './routes/pipeline-routes.ts';
import { profileRoutes } from './routes/profile-routes.ts';
import { runActionRoutes } from './routes/run-action-routes.ts';
import { runBatchRoutes } from './routes/run-batch-routes.ts';
import { runRoutes } from './routes/run-routes.ts';
import { serviceRoutes } from './routes/service-routes.ts';

/** Every route. Registration, the contract and the tests come from this table. */
export const routes: readonly Route[] = [
  ...healthRoutes,
  ...serviceRoutes,
  ...pipelineRoutes,
  // Before those of one run: their paths would be taken for ids.
  ...runBatchRoutes,
  ...endRoutes,
  ...runRoutes,
  ...runActionRoutes,
  ...eventRoutes,
  ...decisionRoutes,
  ...agentRoutes,
  ...deadLetterRoutes,
  ...errorRoutes,
  ...auditRoutes,
  ...apiKeyRoutes,
  ...maintenanceRoutes,
  ...emergencyRoutes,
  ...adminRoutes,
  ...profileRoutes,
];
