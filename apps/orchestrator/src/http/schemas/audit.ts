import { z } from 'zod';
import { AUDIT_ACTIONS } from '../../store/audit.ts';
import { anyObject, cursorQuery, line, pageOf, time } from './common.ts';

export const auditView = z
  .object({
    id: z.string(),
    at: time.describe('When it was written, by the clock of the database'),
    actor: z.string().describe('`key:<id>`, `jwt:<subject>`, `admin`, or `system`'),
    action: z.string().describe('What was done; one that this version does not know was written by a newer one'),
    target: z.string().describe('What it was done to, by its id'),
    details: anyObject,
    correlationId: z.string().describe('Of the request; empty where there was none'),
  })
  .meta({ id: 'AuditRecord' });

export const auditPage = pageOf('AuditPage', auditView);

export const auditQuery = z.strictObject({
  ...cursorQuery,
  action: z.enum(AUDIT_ACTIONS).optional().describe('Only this action'),
  actor: line(300).optional().describe('Only what this one did'),
  target: line(500).optional().describe('Only what was done to this'),
  after: time.optional().describe('Only what was written after this time'),
  before: time.optional().describe('Only what was written before this time'),
});
