import { uuidv7, ValidationError } from '@mainstay/types';
import type { AuditEntry } from '../../store/audit.ts';
import type { ApiKeyRow } from '../../store/store.ts';
import { hashApiKey, newApiKey, prefixOf } from '../auth/api-key.ts';
import { requireOperator } from '../auth/principal.ts';
import { auditEntry } from '../audited.ts';
import { type Call, defineRoute } from '../route.ts';
import { apiKeyPage, apiKeysQuery, createdApiKey, newApiKeyBody } from '../schemas/api-keys.ts';
import { idParams } from '../schemas/common.ts';
import { defined, iso, isoIf } from '../views/iso.ts';
import { knownId, notFound } from './not-found.ts';
import { pageRequest, viewPage } from './page.ts';

const tag = 'API keys';

function viewKey({ createdAt, expiresAt, revokedAt, id, tenant, name, scopes, prefix }: ApiKeyRow) {
  return {
    id,
    tenant,
    name,
    scopes,
    prefix,
    createdAt: iso(createdAt),
    ...defined({ expiresAt: isoIf(expiresAt), revokedAt: isoIf(revokedAt) }),
  };
}

export const apiKeyRoutes = [
  defineRoute({
    id: 'listApiKeys',
    method: 'get',
    path: '/api/v1/api-keys',
    tag,
    access: 'admin',
    summary: "List the tenant's API keys",
    query: apiKeysQuery,
    replies: { 200: { description: 'A page, never with the keys themselves', schema: apiKeyPage } },
    handle: async ({ query, principal, services: { store } }) => ({
      status: 200,
      json: viewPage(await store.apiKeys(principal.tenant, pageRequest(query)), viewKey),
    }),
  }),
  defineRoute({
    id: 'createApiKey',
    method: 'post',
    path: '/api/v1/api-keys',
    tag,
    access: 'admin',
    summary: 'Create an API key',
    description: 'The key is in this answer and nowhere else: only its SHA-256 is kept.',
    body: newApiKeyBody,
    replies: { 201: { description: 'The key', schema: createdApiKey } },
    handle: async (call) => {
      const { body, principal } = call;
      const { store } = call.services;
      const { name, scopes, tenant = principal.tenant } = body;
      if (tenant !== principal.tenant) requireOperator(principal, 'Creating keys of another tenant');
      const key = newApiKey();
      const now = store.now();
      const row: ApiKeyRow = {
        id: uuidv7(now),
        tenant,
        name,
        scopes: [...new Set(scopes)],
        prefix: prefixOf(key),
        createdAt: now,
        ...defined({ expiresAt: future(body.expiresAt, now) }),
      };
      await store.addApiKey({ ...row, hash: hashApiKey(key) }, createdRecords(call, row));
      return { status: 201, json: { ...viewKey(row), key } };
    },
  }),
  defineRoute({
    id: 'revokeApiKey',
    method: 'delete',
    path: '/api/v1/api-keys/{id}',
    tag,
    access: 'admin',
    summary: 'Revoke an API key',
    description: 'Seen by all replicas within a second.',
    params: idParams,
    replies: { 204: { description: 'Revoked' } },
    errors: ['API_KEY_NOT_FOUND'],
    handle: async (call) => {
      const { id } = call.params;
      const { principal } = call;
      const { store, authenticator } = call.services;
      const records = [auditEntry(call, { action: 'api-key.revoked', target: id })];
      const revoked = await store.revokeApiKey(principal.tenant, knownId('API_KEY_NOT_FOUND', 'API key', id), records);
      if (!revoked) throw notFound('API_KEY_NOT_FOUND', 'API key', id);
      authenticator.forget();
      return { status: 204 };
    },
  }),
];

/** For the tenant whose key it is, and for the one that made it. */
function createdRecords(call: Call, { id, tenant, name, scopes, prefix, expiresAt }: ApiKeyRow): readonly AuditEntry[] {
  const details = { tenant, name, scopes, prefix, ...defined({ expiresAt: isoIf(expiresAt) }) };
  const tenants = new Set([tenant, call.principal.tenant]);
  return [...tenants].map((of) => auditEntry(call, { action: 'api-key.created', target: id, details, tenant: of }));
}

function future(text: string | undefined, now: number): number | undefined {
  if (text === undefined) return undefined;
  const at = Date.parse(text);
  if (at > now) return at;
  const message = 'expiresAt is in the past';
  throw new ValidationError('VALIDATION_FAILED', message, { details: { issues: [{ path: '/expiresAt', problem: message, in: 'body' }] } });
}
