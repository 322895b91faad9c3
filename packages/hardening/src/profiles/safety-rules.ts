import type { HardeningSettings } from './hardening-settings.ts';
import type { Profile, ProfileName } from './profiles.ts';

/** When a setting is unsafe. */
export interface SafetyRule {
  readonly setting: keyof HardeningSettings;
  /** Least strict profile that it holds for. Default staging. */
  readonly from?: ProfileName;
  readonly severity: 'refuse' | 'warn';
  readonly fix: string;
  readonly problem: (settings: HardeningSettings, profile: Profile) => string | false | undefined;
}

const LOOPBACK: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]', '::1']);

/** All rules; a setting may have several. */
export const safetyRules: readonly SafetyRule[] = [
  {
    setting: 'nodeEnv',
    severity: 'refuse',
    fix: 'Set NODE_ENV=production.',
    problem: ({ nodeEnv }) => nodeEnv !== undefined && nodeEnv !== 'production' && `NODE_ENV is ${nodeEnv}`,
  },
  {
    setting: 'logLevel',
    severity: 'refuse',
    from: 'production',
    fix: 'Set LOG_LEVEL to info or warn.',
    problem: ({ logLevel }) =>
      logLevel !== undefined && ['trace', 'debug', 'silent', 'fatal'].includes(logLevel) && `the log level is ${logLevel}`,
  },
  {
    setting: 'databaseUrl',
    severity: 'refuse',
    from: 'production',
    fix: 'Add sslmode=verify-full to DATABASE_URL.',
    problem: ({ databaseUrl }) =>
      remoteWithout(databaseUrl, (url) => verifiesCertificate(url)) && 'Postgres is on another host and its certificate is not checked',
  },
  {
    setting: 'databaseUrl',
    severity: 'refuse',
    fix: 'Give the database user a password of its own.',
    problem: ({ databaseUrl }) => hasWeakPassword(databaseUrl) && 'the password of Postgres is missing or a default',
  },
  {
    setting: 'redisUrl',
    severity: 'refuse',
    from: 'production',
    fix: 'Use rediss://.',
    problem: ({ redisUrl }) =>
      remoteWithout(redisUrl, (url) => url.protocol === 'rediss:') && 'Redis is on another host and is not reached over TLS',
  },
  {
    setting: 'redisUrl',
    severity: 'refuse',
    from: 'production',
    fix: 'Set a password for Redis.',
    problem: ({ redisUrl }) => remoteWithout(redisUrl, (url) => url.password !== '') && 'Redis is on another host and takes no password',
  },
  {
    setting: 'signingKeyBytes',
    severity: 'refuse',
    fix: 'Give MAINSTAY_SIGNING_KEYS secrets of 32 bytes or more.',
    problem: ({ signingKeyBytes: keys }) =>
      keys !== undefined && (keys.length === 0 || keys.some((bytes) => bytes < 32)) && 'messages are not signed with keys of 32 bytes',
  },
  {
    setting: 'bootstrapAdminKeyLength',
    severity: 'refuse',
    from: 'production',
    fix: 'Unset MAINSTAY_BOOTSTRAP_ADMIN_KEY after the first start, or make it 43 characters of random base64.',
    problem: ({ bootstrapAdminKeyLength: length }) =>
      length !== undefined && length > 0 && length < 43 && 'the first admin key has less than 256 bits',
  },
  {
    setting: 'inspector',
    severity: 'refuse',
    fix: 'Start Node without --inspect.',
    problem: ({ inspector }) => inspector === true && 'the debugger is open: it gives full control of the process',
  },
  {
    setting: 'tlsUnchecked',
    severity: 'refuse',
    fix: 'Unset NODE_TLS_REJECT_UNAUTHORIZED; name own authorities with NODE_EXTRA_CA_CERTS.',
    problem: ({ tlsUnchecked }) => tlsUnchecked === true && 'certificates of other services are not checked',
  },
  {
    setting: 'runsAsRoot',
    severity: 'refuse',
    from: 'enterprise',
    fix: 'Run as a user of its own.',
    problem: ({ runsAsRoot }) => runsAsRoot === true && 'the process runs as root',
  },
  {
    setting: 'heapLimitBytes',
    severity: 'refuse',
    from: 'production',
    fix: 'Set --max-old-space-size below the memory limit of the profile.',
    problem: ({ heapLimitBytes: heap }, { memoryLimitBytes: limit }) =>
      heap !== undefined && heap > 2 * limit && `the heap may grow to ${mb(heap)} MB, the profile allows ${mb(limit)} MB`,
  },
  {
    setting: 'availableMemoryBytes',
    severity: 'warn',
    fix: 'Give the container at least the memory of the profile.',
    problem: ({ availableMemoryBytes: given }, { memoryLimitBytes: limit }) =>
      given !== undefined && given < limit && `${mb(given)} MB are available, the profile counts on ${mb(limit)} MB`,
  },
  {
    setting: 'maxConcurrent',
    severity: 'warn',
    fix: 'Lower the number of operations at the same time.',
    problem: ({ maxConcurrent: set }, { maxConcurrent: limit }) =>
      set !== undefined && set > limit && `${set} operations at the same time, the profile allows ${limit}`,
  },
  {
    setting: 'operationTimeoutMs',
    severity: 'warn',
    fix: 'Lower the time limit, or name it at the operations that need more.',
    problem: ({ operationTimeoutMs: set }, { timeouts }) =>
      set !== undefined && set > timeouts.operationMs && `operations may take ${set} ms, the profile allows ${timeouts.operationMs}`,
  },
  {
    setting: 'requestTimeoutMs',
    severity: 'warn',
    fix: 'Lower the time limit of requests.',
    problem: ({ requestTimeoutMs: set }, { timeouts }) =>
      set !== undefined && set > timeouts.requestMs && `requests may take ${set} ms, the profile allows ${timeouts.requestMs}`,
  },
  {
    setting: 'maxBodyBytes',
    severity: 'refuse',
    from: 'production',
    fix: 'Lower MAINSTAY_MAX_BODY_BYTES.',
    problem: ({ maxBodyBytes: body }, { memoryLimitBytes: limit, maxConcurrent }) =>
      body !== undefined && body * maxConcurrent > limit && `${maxConcurrent} bodies of ${mb(body)} MB do not fit into ${mb(limit)} MB`,
  },
  {
    setting: 'shutdownGraceMs',
    severity: 'warn',
    fix: 'Set MAINSTAY_SHUTDOWN_GRACE_MS to 1,000 or more, and less than the time the system gives.',
    problem: ({ shutdownGraceMs: grace }, { timeouts }) =>
      grace !== undefined && (grace < 1_000 || grace > timeouts.systemMs) && `running work has ${grace} ms to end`,
  },
  {
    setting: 'managementPort',
    severity: 'warn',
    from: 'production',
    fix: 'Keep MANAGEMENT_PORT behind a firewall or unset it.',
    problem: ({ managementPort, host }) =>
      managementPort !== undefined &&
      host !== undefined &&
      !LOOPBACK.has(host) &&
      'metrics are served without a key on an address that others reach',
  },
  {
    setting: 'retentionDays',
    severity: 'refuse',
    from: 'enterprise',
    fix: 'Set MAINSTAY_RETENTION_DAYS: data may not be kept for ever.',
    problem: ({ retentionDays }) => retentionDays === 0 && 'finished runs are kept for ever',
  },
  {
    setting: 'auditTrail',
    severity: 'refuse',
    from: 'enterprise',
    fix: 'Turn the audit trail on.',
    problem: ({ auditTrail }) => auditTrail === false && 'nothing is audited',
  },
  {
    setting: 'payloadEncryption',
    severity: 'refuse',
    from: 'enterprise',
    fix: 'Turn the encryption of payloads on.',
    problem: ({ payloadEncryption }) => payloadEncryption === false && 'payloads are stored in plain text',
  },
];

/** True for an address of another host that lacks something. */
function remoteWithout(address: string | undefined, has: (url: URL) => boolean): boolean {
  const url = address === undefined ? null : URL.parse(address);
  return url !== null && url.hostname !== '' && !LOOPBACK.has(url.hostname) && !has(url);
}

function verifiesCertificate(url: URL): boolean {
  return ['verify-full', 'verify-ca'].includes(url.searchParams.get('sslmode') ?? '');
}

function hasWeakPassword(address: string | undefined): boolean {
  const url = address === undefined ? null : URL.parse(address);
  return url !== null && ['', 'postgres', 'password', 'mainstay', 'admin'].includes(decodeURIComponent(url.password));
}

function mb(bytes: number): number {
  return Math.round(bytes / 1_048_576);
}
