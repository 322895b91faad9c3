import { createHash, randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { ConfigurationError } from '@mainstay/types';
import pg from 'pg';
import { toStoreError } from './errors.ts';

export interface Migration {
  readonly name: string;
  readonly sql: string;
  /** SHA-256 of the file, hex: the same as Prisma's. */
  readonly checksum: string;
}

export interface MigrateOptions {
  readonly url: string;
  readonly connectTimeoutMs: number;
  /** Default: those of this program. */
  readonly migrations?: readonly Migration[];
  readonly onApplied?: (name: string) => void;
}

/** The lock that `prisma migrate` takes, so that neither gets in the other's way. */
const LOCK = 72707369;
/** How long another start may hold the lock. */
const LOCK_TIMEOUT_MS = 120_000;
const FOLDER = new URL('../../../prisma/migrations/', import.meta.url);

/**
 * Brings the schema up to date: each pending migration in a transaction of its own, under a lock, with the bookkeeping of
 * `prisma migrate`. Any number of processes may do it at once. Rejects with SCHEMA_TOO_NEW when the database has migrations
 * that are not known here, and with SCHEMA_DIVERGED when an applied one differs or was left half done.
 */
export async function migrate({ url, connectTimeoutMs, migrations, onApplied }: MigrateOptions): Promise<void> {
  const known = migrations ?? (await readMigrations());
  const client = new pg.Client({
    ...{ connectionString: url, connectionTimeoutMillis: connectTimeoutMs, keepAlive: true },
    application_name: 'mainstay-migrate',
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await underLock(client, () => applyPending(client, known, onApplied));
  } catch (error) {
    throw toStoreError(error, 'migrate');
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** The migrations of this program, in order. */
export async function readMigrations(folder: URL = FOLDER): Promise<readonly Migration[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  return await Promise.all(
    names.sort().map(async (name) => migrationOf(name, await readFile(new URL(`${name}/migration.sql`, folder), 'utf8'))),
  );
}

export function migrationOf(name: string, sql: string): Migration {
  return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
}

async function underLock(client: pg.Client, work: () => Promise<void>): Promise<void> {
  await client.query(`set lock_timeout = ${String(LOCK_TIMEOUT_MS)}`);
  await client.query('select pg_advisory_lock($1)', [LOCK]);
  await client.query('set lock_timeout = 0');
  try {
    await work();
  } finally {
    await client.query('select pg_advisory_unlock($1)', [LOCK]).catch(() => undefined);
  }
}

async function applyPending(client: pg.Client, known: readonly Migration[], onApplied: MigrateOptions['onApplied']): Promise<void> {
  await client.query(BOOKKEEPING);
  const { rows } = await client.query<AppliedRow>(
    'select migration_name as name, checksum, finished_at is not null as finished from _prisma_migrations where rolled_back_at is null order by started_at',
  );
  checkApplied(rows, known);
  const applied = new Set(rows.map(({ name }) => name));
  for (const migration of known) {
    if (applied.has(migration.name)) continue;
    await applyOne(client, migration);
    onApplied?.(migration.name);
  }
}

interface AppliedRow {
  readonly name: string;
  readonly checksum: string;
  readonly finished: boolean;
}

function checkApplied(rows: readonly AppliedRow[], known: readonly Migration[]): void {
  const byName = new Map(known.map((migration) => [migration.name, migration]));
  const foreign = rows.filter(({ name }) => !byName.has(name)).map(({ name }) => name);
  if (foreign.length > 0) {
    throw new ConfigurationError('SCHEMA_TOO_NEW', `The database has migrations that this program does not know: ${foreign.join(', ')}`, {
      details: { migrations: foreign },
    });
  }
  for (const { name, checksum, finished } of rows) {
    if (!finished) throw diverged(name, 'was begun and not finished');
    if (byName.get(name)?.checksum !== checksum) throw diverged(name, 'was changed after it was applied');
  }
}

function diverged(name: string, how: string): ConfigurationError {
  return new ConfigurationError('SCHEMA_DIVERGED', `Migration ${name} ${how}`, { details: { migration: name } });
}

async function applyOne(client: pg.Client, { name, sql, checksum }: Migration): Promise<void> {
  await client.query('begin');
  try {
    await client.query(sql);
    await client.query(
      `insert into _prisma_migrations (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
       values ($1, $2, $3, now(), clock_timestamp(), 1)`,
      [randomUUID(), checksum, name],
    );
    await client.query('commit');
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw error;
  }
}

/** As Prisma creates it. */
const BOOKKEEPING = `
create table if not exists _prisma_migrations (
  id                  varchar(36)  primary key not null,
  checksum            varchar(64)  not null,
  finished_at         timestamptz,
  migration_name      varchar(255) not null,
  logs                text,
  rolled_back_at      timestamptz,
  started_at          timestamptz  not null default now(),
  applied_steps_count integer      not null default 0
)`;
