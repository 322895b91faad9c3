import type { OrchestratorEnv } from '@mainstay/config';
import { createSentryExporter } from '@mainstay/hardening';
import { OPERATOR_TENANT } from '../http/scopes.ts';
import { ErrorTracking, type ErrorTrackingDeps } from './error-tracking.ts';

/**
 * Tracking as the settings want it: with `SENTRY_DSN`, errors also go there.
 * @throws ConfigurationError `CONFIG_INVALID` for a DSN that is none.
 */
export function errorTracking(
  { SENTRY_DSN: dsn, NODE_ENV: environment }: Pick<OrchestratorEnv, 'SENTRY_DSN' | 'NODE_ENV'>,
  version: string,
  deps: Pick<ErrorTrackingDeps, 'store' | 'source' | 'logger'>,
): ErrorTracking {
  const facts = { release: `mainstay@${version}`, environment, serverName: deps.source };
  return new ErrorTracking({
    ...deps,
    ownTenant: OPERATOR_TENANT,
    ...(dsn && { exporter: createSentryExporter({ dsn: dsn.reveal(), ...facts }) }),
  });
}
