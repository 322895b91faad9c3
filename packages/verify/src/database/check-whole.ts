import type { Client } from 'pg';
import type { Finding } from '../invariants.ts';

/** Most that is told of one kind. */
const MAX_TOLD = 100;

const SLOTS = `
select coalesce(s.tenant, h.tenant) as tenant, coalesce(s.pipeline, h.pipeline) as pipeline, s.active, coalesce(h.held, 0)::int as held
  from slots s
  full join (select tenant, pipeline, count(*) as held from runs where slot group by tenant, pipeline) as h
    on h.tenant = s.tenant and h.pipeline = s.pipeline
 where s.active is distinct from coalesce(h.held, 0)
 order by 1, 2 limit ${String(MAX_TOLD)}`;

interface SlotRow {
  readonly tenant: string;
  readonly pipeline: string;
  readonly active: number | null;
  readonly held: number;
}

/** The count of slots per pipeline against the runs that hold them. */
export async function checkSlots(client: Client): Promise<readonly Finding[]> {
  const { rows } = await client.query<SlotRow>(SLOTS);
  return rows.map(({ tenant, pipeline, active, held }) => ({
    code: 'SLOTS_MISCOUNTED' as const,
    tenant,
    message: `of ${pipeline}, ${active === null ? 'no count' : String(active)} of slots is noted, and ${String(held)} runs hold one`,
  }));
}

/** Tables whose rows belong to runs. */
export const BELONGINGS = ['changes', 'decisions', 'dead_letters', 'checkpoints', 'idempotency_keys'] as const;
export type Belonging = (typeof BELONGINGS)[number];

interface OrphanRow {
  readonly run: string;
  readonly tenant: string;
  readonly n: number;
}

/** Rows of the table whose run is not there. */
export async function findOrphans(client: Client, table: Belonging): Promise<readonly Finding[]> {
  const { rows } = await client.query<OrphanRow>(`
select t.run_id::text as run, min(t.tenant) as tenant, count(*)::int as n from ${table} t
 where not exists (select from runs r where r.id = t.run_id)
 group by t.run_id order by t.run_id limit ${String(MAX_TOLD)}`);
  return rows.map(({ run, tenant, n }) => ({
    code: 'ORPHAN' as const,
    run,
    tenant,
    message: `${String(n)} ${n === 1 ? 'row' : 'rows'} of ${table}, and no run`,
  }));
}

/** How many runs there are in each state. */
export async function countRuns(client: Client): Promise<Readonly<Record<string, number>>> {
  const { rows } = await client.query<{ status: string; n: number }>(
    'select status, count(*)::int as n from runs group by status order by status',
  );
  return Object.fromEntries(rows.map(({ status, n }) => [status, n]));
}
