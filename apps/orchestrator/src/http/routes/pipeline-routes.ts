import { NotFoundError, ValidationError } from '@mainstay/types';
import { parseDefinition } from '../../pipeline/parse-definition.ts';
import type { PipelineRow } from '../../store/store.ts';
import { auditEntry } from '../audited.ts';
import { defineRoute } from '../route.ts';
import { anyObject } from '../schemas/common.ts';
import {
  definitionBody,
  pipelinePage,
  pipelineParams,
  pipelineQuery,
  pipelinesQuery,
  pipelineView,
  putQuery,
  storedPipeline,
} from '../schemas/pipelines.ts';
import { defined, iso } from '../views/iso.ts';
import { pageRequest, viewPage } from './page.ts';

const tag = 'Pipelines';

export const pipelineRoutes = [
  defineRoute({
    id: 'putPipeline',
    method: 'put',
    path: '/api/v1/pipelines/{name}',
    tag,
    access: 'pipelines:write',
    summary: 'Store a definition',
    description: 'A definition that differs from the newest version becomes a new version. Runs keep the version they began with.',
    params: pipelineParams,
    query: putQuery,
    body: anyObject,
    bodyFacts: definitionBody,
    replies: {
      200: { description: 'Equal to the newest version', schema: storedPipeline },
      201: { description: 'A new version', schema: storedPipeline, headers: { Location: 'Where it can be read' } },
    },
    errors: ['PIPELINE_INVALID', 'EXPRESSION_INVALID', 'EXPRESSION_TOO_COSTLY'],
    handle: async (call) => {
      const { params, query, body, principal, services } = call;
      const { name } = params;
      const { store, engine } = services;
      const knownAgents = new Set([...(await store.knownKinds()), ...engine.offers().keys()]);
      const definition = parseDefinition(body, { knownAgents, allowUnknownAgents: query.allowUnknownAgents ?? false });
      if (definition.name !== name) throw nameMismatch(name, definition.name);
      const { version, created } = await store.putPipeline(principal.tenant, definition, (added) => [
        auditEntry(call, { action: 'pipeline.changed', target: name, details: { version: added, stages: definition.stages.length } }),
      ]);
      const location = `/api/v1/pipelines/${encodeURIComponent(name)}?version=${version}`;
      return { status: created ? 201 : 200, json: { name, version }, ...(created ? { headers: { Location: location } } : {}) };
    },
  }),
  defineRoute({
    id: 'listPipelines',
    method: 'get',
    path: '/api/v1/pipelines',
    tag,
    access: 'pipelines:read',
    summary: 'List pipelines in their newest versions, by name',
    query: pipelinesQuery,
    replies: { 200: { description: 'A page', schema: pipelinePage } },
    handle: async ({ query, principal, services: { store } }) => ({
      status: 200,
      json: viewPage(await store.pipelines(principal.tenant, pageRequest(query)), ({ name, version, definition, createdAt }) => ({
        name,
        version,
        ...defined({ description: definition.description }),
        stages: definition.stages.length,
        createdAt: iso(createdAt),
      })),
    }),
  }),
  defineRoute({
    id: 'getPipeline',
    method: 'get',
    path: '/api/v1/pipelines/{name}',
    tag,
    access: 'pipelines:read',
    summary: 'Read a definition with its defaults filled in',
    params: pipelineParams,
    query: pipelineQuery,
    replies: { 200: { description: 'The definition', schema: pipelineView } },
    errors: ['PIPELINE_NOT_FOUND'],
    handle: async ({ params: { name }, query: { version }, principal, services: { store } }) => {
      const row = await store.pipeline(principal.tenant, name, version);
      if (row === undefined) throw pipelineNotFound(name, version);
      return { status: 200, json: viewPipeline(row) };
    },
  }),
];

function viewPipeline({ name, version, definition, createdAt }: PipelineRow) {
  return { name, version, definition, createdAt: iso(createdAt) };
}

function nameMismatch(path: string, body: string): ValidationError {
  const message = `The definition is named ${JSON.stringify(body)}, but the path says ${JSON.stringify(path)}`;
  return new ValidationError('VALIDATION_FAILED', `${message}; make them the same`, {
    details: { issues: [{ path: '/name', problem: message }] },
  });
}

function pipelineNotFound(name: string, version: number | undefined): NotFoundError {
  const what = version === undefined ? `There is no pipeline ${name}` : `There is no version ${version} of pipeline ${name}`;
  return new NotFoundError('PIPELINE_NOT_FOUND', what, { details: { pipeline: name, ...(version === undefined ? {} : { version }) } });
}
