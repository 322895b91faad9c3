import { z } from 'zod';
import { bytes, choice, decimal, durationMs, integer, list, patterns, port, secret, text, url } from './fields.ts';
import { signingKeys } from './signing-keys.ts';
import { traceVariables } from './trace-variables.ts';

/** Headings of the example file, in its order. */
export const GROUPS = ['General', 'Services', 'Security', 'HTTP', 'Limits', 'Protocol', 'Workers', 'Traces', 'Command line'] as const;
export type Group = (typeof GROUPS)[number];

/** Description and group of a variable; `example` stands in the example file instead of the default. */
const about = (group: Group, description: string, example?: string) => ({
  group,
  description,
  ...(example === undefined ? {} : { example }),
});

const common = {
  NODE_ENV: choice(['development', 'test', 'production'])
    .prefault('development')
    .meta(about('General', 'Kind of installation: development, test or production.', 'production')),
  LOG_LEVEL: choice(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'])
    .prefault('info')
    .meta(about('General', 'Least severe level that is logged: trace, debug, info, warn, error, fatal or silent.')),
  MAINSTAY_DATA_DIR: text()
    .prefault('.mainstay')
    .meta(about('General', 'Folder for the data that this installation keeps on disk.', '/var/lib/mainstay')),
};

const processes = {
  REDIS_URL: url({ protocols: ['redis', 'rediss'] }).meta({
    ...about(
      'Services',
      'Redis, as redis://[user:password@]host:port[/db], or rediss:// for TLS. Its maxmemory-policy must be noeviction.',
    ),
    secret: true,
  }),
  MAINSTAY_REDIS_PREFIX: text({ pattern: /^[A-Za-z0-9._-]{1,64}$/, expected: 'letters, digits, dot, dash and underscore, 64 at most' })
    .prefault('mainstay')
    .meta(about('Services', 'Begin of every Redis key. Installations that share a Redis need different ones.')),
  MAINSTAY_SIGNING_KEYS: signingKeys().meta({
    ...about(
      'Security',
      'Keys that sign messages between the processes: keyId:base64secret[,keyId2:base64secret2], each secret of at least 32 bytes (openssl rand -base64 32). The first signs, all verify. The same in all processes.',
    ),
    secret: true,
  }),
  MAINSTAY_LOG_FORMAT: choice(['plain', 'ecs'])
    .prefault('plain')
    .meta(about('General', 'Names of the fields in log lines: plain, or ecs for those of the Elastic Common Schema.')),
  MAINSTAY_REDACT_PATHS: list()
    .prefault('')
    .meta(about('Security', 'Fields that no log line shows, separated by commas, such as input.customer.name; * is any one name.')),
  MAINSTAY_REDACT_PATTERNS: patterns()
    .prefault('')
    .meta(
      about(
        'Security',
        'What no log line, span, error text, problem document or record shows, by its form: regular expressions separated by blanks, beside the forms that are always hidden. Each is tried on every such text: keep them simple.',
      ),
    ),
  MANAGEMENT_PORT: port()
    .optional()
    .meta(
      about(
        'HTTP',
        'Port that serves metrics without a key, and CPU profiles and the log level to operators; do not expose it. Not set: none.',
      ),
    ),
  MAINSTAY_MAX_OUTPUT_BYTES: bytes().prefault('1mb').meta(about('Limits', 'Largest output of an agent.')),
  MAINSTAY_MAX_MESSAGE_BYTES: bytes({ min: 1_024 }).prefault('4mb').meta(about('Limits', 'Largest message between the processes.')),
  MAINSTAY_INLINE_BYTES: bytes({ min: 1_024 })
    .prefault('64kb')
    .meta(about('Limits', 'Largest message that lies in its lane; larger ones are kept beside it until they are acknowledged.')),
  MAINSTAY_MAX_PROFILE_BYTES: bytes()
    .prefault('1gb')
    .meta(about('Limits', 'Largest heap snapshot that a process writes into its data folder when an operator wants one.')),
  MAINSTAY_PROFILE_RETENTION_DAYS: decimal({ max: 36_500 })
    .prefault('7')
    .meta(about('Limits', 'Days that heap snapshots are kept in the data folder; a fraction is allowed, 0 keeps them for ever.')),
  MAINSTAY_SHUTDOWN_GRACE_MS: durationMs()
    .prefault('30000')
    .meta(about('Protocol', 'Time that running work has to end in a shutdown before it is handed back.')),
  MAINSTAY_HEARTBEAT_MS: durationMs({ min: 50 }).prefault('1000').meta(about('Protocol', 'Time between the signs of life of a worker.')),
  MAINSTAY_LEASE_MS: durationMs({ min: 101 })
    .prefault('4000')
    .meta(about('Protocol', 'A worker that was silent for so long loses its tasks. More than twice MAINSTAY_HEARTBEAT_MS.')),
  MAINSTAY_PROFILE: choice(['staging', 'production', 'enterprise'])
    .optional()
    .meta(
      about(
        'General',
        'Profile whose limits the processes keep to and whose rules the settings have to keep: staging warns, production and enterprise refuse to start on unsafe ones. Not set: none.',
      ),
    ),
  MAINSTAY_MEMORY_LIMIT: bytes({ min: 64 * 1_048_576 })
    .optional()
    .meta(
      about(
        'Limits',
        'Memory that one process may hold; above 95 % of it an emergency begins. Not set: that of the profile; without one, that of the machine. A lower limit of the control group comes first.',
      ),
    ),
  ...traceVariables,
  MAINSTAY_PARENT_FD: integer({ min: 0, max: 1_023 })
    .optional()
    .meta({ ...about('General', 'Descriptor of a pipe whose end means that the parent process died.'), internal: true }),
};

/** A lease must outlast one lost heartbeat. Checked even when other variables are wrong. */
const leaseOutlastsHeartbeats = {
  path: ['MAINSTAY_LEASE_MS'],
  message: 'must be more than twice MAINSTAY_HEARTBEAT_MS',
  when: ({ value }: { readonly value: unknown }) => numbersOf(value) !== undefined,
};

function numbersOf(value: unknown): readonly [lease: number, heartbeat: number] | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { MAINSTAY_LEASE_MS: lease, MAINSTAY_HEARTBEAT_MS: heartbeat } = value as Readonly<Record<string, unknown>>;
  return typeof lease === 'number' && typeof heartbeat === 'number' ? [lease, heartbeat] : undefined;
}

function leaseHolds(value: unknown): boolean {
  const [lease, heartbeat] = numbersOf(value) ?? [1, 0];
  return lease > 2 * heartbeat;
}

/** Variables of the orchestrator. */
export const orchestratorEnv = z
  .object({
    ...common,
    ...processes,
    DATABASE_URL: url({ protocols: ['postgres', 'postgresql'] }).meta({
      ...about('Services', 'Postgres, as postgres://user:password@host:port/database.'),
      secret: true,
    }),
    MAINSTAY_DATABASE_POOL: integer({ min: 1, max: 1_000 })
      .prefault('10')
      .meta(about('Services', 'Connections to Postgres that one orchestrator holds at most.')),
    MAINSTAY_BOOTSTRAP_ADMIN_KEY: secret({ minLength: 32 })
      .optional()
      .meta({
        ...about('Security', 'The first admin key, at least 32 characters. Not set: one is generated into the data folder.'),
        secret: true,
      }),
    SENTRY_DSN: secret()
      .optional()
      .meta({
        ...about(
          'Services',
          'Where errors are sent to, too: Sentry, or anything that takes its envelopes, as https://key@host/project. Not set: nowhere.',
        ),
        secret: true,
      }),
    PORT: port().prefault('3000').meta(about('HTTP', 'Port of the HTTP API and the console.')),
    HOST: text()
      .prefault('127.0.0.1')
      .meta(about('HTTP', 'Address that the HTTP API listens on; 0.0.0.0 for all.', '0.0.0.0')),
    MAINSTAY_DRAIN_DELAY_MS: durationMs()
      .prefault('2000')
      .meta(
        about('HTTP', 'Time for which a replica that shuts down goes on answering while others can take over: load balancers need it.'),
      ),
    MAINSTAY_MAX_BODY_BYTES: bytes().prefault('1mb').meta(about('Limits', 'Largest body of a request.')),
    MAINSTAY_RETENTION_DAYS: decimal({ max: 36_500 })
      .prefault('30')
      .meta(
        about('Limits', 'Days that finished runs are kept, with all that belongs to them; a fraction is allowed, 0 keeps them for ever.'),
      ),
    MAINSTAY_AUDIT_RETENTION_DAYS: decimal({ max: 36_500 })
      .prefault('400')
      .meta(about('Limits', 'Days that audit records are kept; a fraction is allowed, 0 keeps them for ever.')),
    MAINSTAY_ERROR_RETENTION_DAYS: decimal({ max: 36_500 })
      .optional()
      .meta(
        about(
          'Limits',
          'Days that groups of errors are kept after they were last seen; a fraction is allowed, 0 keeps them for ever. Not set: as long as finished runs.',
        ),
      ),
    MAINSTAY_RETENTION_EVERY_MINUTES: decimal({ min: 0.001, max: 10_080 })
      .prefault('60')
      .meta(about('Limits', 'Minutes between two looks for finished runs and audit records that are old enough to be removed.')),
    MAINSTAY_STALLED_AFTER_MS: durationMs({ min: 1_000 })
      .prefault('10m')
      .meta(about('Protocol', 'A run on which nothing has happened for so long, though no worker has it, is reported.')),
    MAINSTAY_UNDECIDED_AFTER_MS: durationMs({ min: 1_000 })
      .prefault('1d')
      .meta(about('Protocol', 'A run that has waited for a decision for so long is reported.')),
    MAINSTAY_READY_KINDS: list()
      .prefault('')
      .meta(about('HTTP', 'Kinds of agents, separated by commas, that must have a worker for the orchestrator to be ready.')),
  })
  .refine(leaseHolds, leaseOutlastsHeartbeats);
export type OrchestratorEnv = z.output<typeof orchestratorEnv>;

/** Variables of a worker. It gets no database credentials. */
export const agentsEnv = z
  .object({
    ...common,
    ...processes,
    MAINSTAY_WORKER_CAPACITY: integer({ min: 1, max: 10_000 })
      .prefault('16')
      .meta(about('Workers', 'Tasks that one worker runs at the same time.')),
    MAINSTAY_WORKER_KINDS: list()
      .optional()
      .meta(about('Workers', 'Kinds of agents that this worker offers, separated by commas. Not set: all.')),
  })
  .refine(leaseHolds, leaseOutlastsHeartbeats);
export type AgentsEnv = z.output<typeof agentsEnv>;

/** Variables of the command line. */
export const cliEnv = z.object({
  ...common,
  MAINSTAY_URL: url({ protocols: ['http', 'https'] })
    .prefault('http://127.0.0.1:3000')
    .meta(about('Command line', 'Address of an orchestrator.')),
  MAINSTAY_API_KEY: secret()
    .optional()
    .meta({ ...about('Command line', 'Key that the command line uses. Not set: the admin key in the data folder.'), secret: true }),
});
export type CliEnv = z.output<typeof cliEnv>;
