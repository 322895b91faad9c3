import { z } from 'zod';
import { SCOPES } from '../scopes.ts';
import { cursorQuery, line, pageOf, time } from './common.ts';

export const apiKeyView = z
  .object({
    id: z.string(),
    tenant: z.string(),
    name: z.string(),
    scopes: z.array(z.string()),
    prefix: z.string().describe('First characters of the key, to recognise it by'),
    createdAt: time,
    expiresAt: time.optional(),
    revokedAt: time.optional(),
  })
  .meta({ id: 'ApiKey' });

export const apiKeyPage = pageOf('ApiKeyPage', apiKeyView);

export const apiKeysQuery = z.strictObject(cursorQuery);

export const newApiKeyBody = z
  .strictObject({
    name: line(200).describe('Who or what uses it'),
    scopes: z.array(z.enum(SCOPES)).min(1).max(SCOPES.length).describe('`admin` includes all others'),
    expiresAt: time.optional().describe('Default: never'),
    tenant: z
      .string()
      .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'Must be lower-case letters, digits and hyphens, at most 63')
      .optional()
      .describe("Default: one's own. Another one only for admins of the tenant `default`"),
  })
  .meta({ id: 'NewApiKey', examples: [{ name: 'ci', scopes: ['runs:read', 'runs:write'] }] });

export const createdApiKey = apiKeyView
  .extend({ key: z.string().describe('The key itself: shown now and never again') })
  .meta({ id: 'CreatedApiKey' });
