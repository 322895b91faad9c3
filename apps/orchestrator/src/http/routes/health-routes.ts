import { defineRoute } from '../route.ts';
import { aliveView, detailedView, readyView, resourcesView } from '../schemas/health.ts';
import { viewHealth } from '../views/health-view.ts';
import { viewResources } from '../views/resources-view.ts';

const tag = 'Health';

export const healthRoutes = [
  defineRoute({
    id: 'getHealth',
    method: 'get',
    path: '/health',
    tag,
    access: 'public',
    summary: 'Whether the process is alive',
    replies: { 200: { description: 'It is', schema: aliveView } },
    handle: () => ({ status: 200, json: { status: 'ok' } }),
  }),
  defineRoute({
    id: 'getReady',
    method: 'get',
    path: '/health/ready',
    tag,
    access: 'public',
    summary: 'Whether requests should be sent here',
    description:
      'Answers in less than 100 ms, also while what it looks at hangs. `degraded` is ready: something that is not critical is missing. What is not ok says since when, when it was ok last, and the code of the error.',
    replies: {
      200: { description: 'Ready, perhaps degraded', schema: readyView },
      503: { description: 'Not ready', schema: readyView },
    },
    handle: async ({ services }) => {
      const { status, state, checks } = await services.health.ready();
      return { status: status === 'down' ? 503 : 200, json: { status, state, checks } };
    },
  }),
  defineRoute({
    id: 'getDetailedHealth',
    method: 'get',
    path: '/health/detailed',
    tag,
    access: 'metrics:read',
    prompt: true,
    summary: 'Version, uptime, health score and its parts, dependencies, queues, workers',
    replies: { 200: { description: 'Everything, whether healthy or not', schema: detailedView } },
    handle: async ({ services, principal }) => ({ status: 200, json: await viewHealth(services, principal.tenant) }),
  }),
  defineRoute({
    id: 'getResources',
    method: 'get',
    path: '/health/resources',
    tag,
    access: 'metrics:read',
    prompt: true,
    summary: 'Memory, CPU, event loop and handles of this process',
    replies: { 200: { description: 'The present values', schema: resourcesView } },
    handle: ({ services }) => ({ status: 200, json: viewResources(services.hardening.health()) }),
  }),
];
