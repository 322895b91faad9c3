import type { Client } from 'pg';
import { withPostgres } from '../../servers/with-postgres.ts';
import { type Column, copyStatements, EARLIER_ID, type UniqueKey } from './copy-statements.ts';

const COLUMNS = `
  select c.relname as "table", a.attname as "column", format_type(a.atttypid, null) as type,
         a.attgenerated <> '' or a.attidentity <> '' or coalesce(pg_get_expr(d.adbin, d.adrelid) like 'nextval(%', false) as automatic
    from pg_class c
    join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'public'
    join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
   where c.relkind in ('r', 'p') and not c.relispartition
     and (c.relname = 'runs' or exists (select from pg_attribute r where r.attrelid = c.oid and r.attname = 'run_id' and not r.attisdropped))
   order by c.relname, a.attnum`;

const KEYS = `
  select c.relname as "table", array_agg(a.attname::text order by k.n) as columns
    from pg_index i
    join pg_class c on c.oid = i.indrelid
    join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'public'
    cross join unnest(i.indkey) with ordinality as k(attnum, n)
    join pg_attribute a on a.attrelid = c.oid and a.attnum = k.attnum
   where i.indisunique
   group by c.relname, i.indexrelid`;

const SIZES = `
  select c.relname as name, greatest(0, c.reltuples)::bigint::text as rows,
         pg_table_size(c.oid)::text as "tableBytes", pg_indexes_size(c.oid)::text as "indexBytes"
    from pg_class c join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'public'
   where c.relkind in ('r', 'm') and pg_total_relation_size(c.oid) > 1000000
   order by pg_total_relation_size(c.oid) desc`;

/** Copies in one statement. */
const CHUNK = 10;

export interface HistoryOptions {
  /** Finished runs that there are to be in the end. */
  readonly runs: number;
  /** The copies' times are spread over so long before the present. */
  readonly spanMs: number;
  readonly signal: AbortSignal;
  readonly onProgress: (line: string) => void;
}

/** Multiplies the rows of the runs that are there, all finished; then the tables are as after a long time. */
export async function multiplyRuns(databaseUrl: string, options: HistoryOptions): Promise<void> {
  await withPostgres(databaseUrl, async (client) => {
    const present = await countRuns(client);
    const copies = Math.floor(options.runs / present) - 1;
    if (copies < 1) throw new Error(`there are ${present} runs to copy; ${options.runs} cannot be made of them`);
    const { rows: columns } = await client.query<Column>(COLUMNS);
    const { rows: keys } = await client.query<UniqueKey>(KEYS);
    await client.query(EARLIER_ID);
    const statements = copyStatements(columns, keys);
    for (const { keep } of statements) await client.query(keep);
    const stepMs = Math.floor(options.spanMs / copies);
    for (let last = copies; last > 0; last -= CHUNK) {
      options.signal.throwIfAborted();
      for (const { copy } of statements) await client.query(copy, [Math.max(1, last - CHUNK + 1), last, stepMs]);
    }
    options.onProgress(`${await countRuns(client)} runs by copying; vacuum`);
    await client.query('vacuum (analyze)');
    await client.query('checkpoint');
  });
}

export interface TableSize {
  readonly name: string;
  readonly rows: number;
  readonly tableBytes: number;
  readonly indexBytes: number;
}

/** Tables of more than a megabyte, the greatest first. */
export async function tableSizes(databaseUrl: string): Promise<readonly TableSize[]> {
  return withPostgres(databaseUrl, async (client) => {
    const { rows } = await client.query<Record<'name' | 'rows' | 'tableBytes' | 'indexBytes', string>>(SIZES);
    return rows.map(({ name, ...row }) => ({
      name,
      rows: Number(row.rows),
      tableBytes: Number(row.tableBytes),
      indexBytes: Number(row.indexBytes),
    }));
  });
}

async function countRuns(client: Client): Promise<number> {
  return (await client.query<{ n: number }>('select count(*)::int as n from runs')).rows[0]?.n ?? 0;
}
