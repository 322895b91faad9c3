import { ConfigurationError } from '@mainstay/types';

/** Where events go, and as whom. */
export interface SentryTarget {
  /** Address that takes envelopes. */
  readonly url: string;
  readonly publicKey: string;
}

/**
 * Reads a DSN of Sentry or of a service that speaks its protocol: `https://key@host[/path]/project`.
 * @throws ConfigurationError `CONFIG_INVALID`, without the value: it is a credential.
 */
export function parseDsn(dsn: string): SentryTarget {
  const url = URL.parse(dsn);
  const parts = url?.pathname.split('/').filter((part) => part !== '') ?? [];
  const project = parts.at(-1);
  if (url === null || !['http:', 'https:'].includes(url.protocol) || url.username === '' || project === undefined) {
    throw new ConfigurationError('CONFIG_INVALID', 'The DSN must look like https://key@host/project', { details: { option: 'dsn' } });
  }
  const path = parts
    .slice(0, -1)
    .map((part) => `/${part}`)
    .join('');
  return { url: `${url.origin}${path}/api/${project}/envelope/`, publicKey: decodeURIComponent(url.username) };
}
