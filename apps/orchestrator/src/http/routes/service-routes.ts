import { landingPage } from '../openapi/landing-page.ts';
import { defineRoute } from '../route.ts';
import { anyObject } from '../schemas/common.ts';

const HTML = 'text/html; charset=utf-8';

export const serviceRoutes = [
  defineRoute({
    id: 'getLandingPage',
    method: 'get',
    path: '/',
    tag: 'Contract',
    access: 'public',
    summary: 'A page with links',
    replies: { 200: { description: 'The page', type: 'text/html' } },
    handle: () => ({ status: 200, text: landingPage(), type: HTML }),
  }),
  defineRoute({
    id: 'getOpenApi',
    method: 'get',
    path: '/openapi.json',
    tag: 'Contract',
    access: 'authenticated',
    basic: true,
    summary: 'This contract (OpenAPI 3.1)',
    replies: { 200: { description: 'The document', schema: anyObject } },
    handle: ({ services }) => ({ status: 200, text: services.openApi, type: 'application/json; charset=utf-8' }),
  }),
  defineRoute({
    id: 'getDocs',
    method: 'get',
    path: '/docs',
    tag: 'Contract',
    access: 'authenticated',
    basic: true,
    summary: 'This contract as a page',
    description: 'A browser asks for a password: it is the API key; the user name does not matter.',
    replies: { 200: { description: 'The page', type: 'text/html' } },
    handle: ({ services }) => ({ status: 200, text: services.docsPage, type: HTML }),
  }),
  defineRoute({
    id: 'getMetrics',
    method: 'get',
    path: '/metrics',
    tag: 'Health',
    access: 'metrics:read',
    summary: 'Metrics in the text format of Prometheus',
    description:
      'In the OpenMetrics format, with exemplars, where Accept asks for it. Without a key on MANAGEMENT_PORT, where that is set.',
    replies: {
      200: [
        { description: 'All metrics of this process', type: 'text/plain' },
        { description: 'The same with exemplars', type: 'application/openmetrics-text' },
      ],
    },
    handle: async ({ services: { metrics }, request }) => ({ status: 200, ...(await metrics.scrape(request.headers.accept)) }),
  }),
];
