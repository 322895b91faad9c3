import type { AuditRow } from '../../store/audit.ts';
import { defineRoute } from '../route.ts';
import { auditPage, auditQuery } from '../schemas/audit.ts';
import { defined, iso } from '../views/iso.ts';
import { pageRequest, viewPage } from './page.ts';

function viewRecord({ at, ...rest }: AuditRow) {
  return { ...rest, at: iso(at) };
}

function ms(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Date.parse(text);
}

export const auditRoutes = [
  defineRoute({
    id: 'listAudit',
    method: 'get',
    path: '/api/v1/audit',
    tag: 'Audit',
    access: 'audit:read',
    summary: 'List what was done in this tenant, and by whom, the newest first',
    description:
      'Records are added and never changed; they leave when they are older than `MAINSTAY_AUDIT_RETENTION_DAYS`. What is done to the installation as a whole is recorded under the tenant `default`.',
    query: auditQuery,
    replies: { 200: { description: 'A page', schema: auditPage } },
    handle: async ({ query, principal, services: { store } }) => {
      const { action, actor, target, after, before } = query;
      const filter = defined({ action, actor, target, after: ms(after), before: ms(before) });
      return { status: 200, json: viewPage(await store.auditRecords(principal.tenant, filter, pageRequest(query)), viewRecord) };
    },
  }),
];
