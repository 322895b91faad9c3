import type { ErrorGroupRow } from '../../store/errors.ts';
import type { Principal } from '../auth/principal.ts';
import { defineRoute } from '../route.ts';
import { idParams } from '../schemas/common.ts';
import { errorGroupDetail, errorGroupPage, errorsQuery, markErrorBody } from '../schemas/errors.ts';
import { OPERATOR_TENANT } from '../scopes.ts';
import { defined, iso, isoIf } from '../views/iso.ts';
import { notFound } from './not-found.ts';
import { pageRequest, viewPage } from './page.ts';

const tag = 'Errors';

function viewGroup({ fingerprint, firstSeenAt, lastSeenAt, markedAt, sample: _sample, ...rest }: ErrorGroupRow) {
  return {
    id: fingerprint,
    ...rest,
    firstSeenAt: iso(firstSeenAt),
    lastSeenAt: iso(lastSeenAt),
    ...defined({ markedAt: isoIf(markedAt) }),
  };
}

/** Stacks tell of the installation, so they are for those who operate it. */
function viewDetail(group: ErrorGroupRow, { tenant }: Principal) {
  const { message, stack } = group.sample;
  return { ...viewGroup(group), sample: { message, ...(tenant === OPERATOR_TENANT && defined({ stack })) } };
}

function known(group: ErrorGroupRow | undefined, id: string): ErrorGroupRow {
  if (group === undefined) throw notFound('ERROR_GROUP_NOT_FOUND', 'error', id);
  return group;
}

export const errorRoutes = [
  defineRoute({
    id: 'listErrors',
    method: 'get',
    path: '/api/v1/errors',
    tag,
    access: 'errors:read',
    summary: 'List errors in groups, the one seen last first',
    description:
      "Failed attempts of the tenant's runs; for the tenant `default` also what went wrong in the orchestrators themselves. An error shows up here within about five seconds.",
    query: errorsQuery,
    replies: { 200: { description: 'A page', schema: errorGroupPage } },
    handle: async ({ query, principal, services: { store } }) => {
      const filter = defined({ status: query.status, code: query.code, run: query.run });
      return { status: 200, json: viewPage(await store.errorGroups(principal.tenant, filter, pageRequest(query)), viewGroup) };
    },
  }),
  defineRoute({
    id: 'getError',
    method: 'get',
    path: '/api/v1/errors/{id}',
    tag,
    access: 'errors:read',
    summary: 'Read a group of errors with its newest occurrence',
    params: idParams,
    replies: { 200: { description: 'The group', schema: errorGroupDetail } },
    errors: ['ERROR_GROUP_NOT_FOUND'],
    handle: async ({ params: { id }, principal, services: { store } }) => ({
      status: 200,
      json: viewDetail(known(await store.errorGroup(principal.tenant, id), id), principal),
    }),
  }),
  defineRoute({
    id: 'resolveError',
    method: 'post',
    path: '/api/v1/errors/{id}/resolve',
    tag,
    access: 'errors:write',
    summary: 'Mark a group of errors as resolved, ignored or open',
    description: 'A resolved one is open again when it is seen again. Doing it twice does no harm.',
    params: idParams,
    body: markErrorBody,
    replies: { 200: { description: 'The group', schema: errorGroupDetail } },
    errors: ['ERROR_GROUP_NOT_FOUND'],
    handle: async ({ params: { id }, body, principal, services: { store, logger } }) => {
      const status = body?.status ?? 'resolved';
      const group = known(await store.markErrorGroup(principal.tenant, id, status, principal.name), id);
      logger.info({ principal: principal.name, tenant: principal.tenant, error: id, status }, 'a group of errors was marked');
      return { status: 200, json: viewDetail(group, principal) };
    },
  }),
];
