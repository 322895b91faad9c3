/** A column of a table whose rows belong to runs. */
export interface Column {
  readonly table: string;
  readonly column: string;
  /** As Postgres names it, without its modifiers. */
  readonly type: string;
  /** Filled by Postgres itself: generated, or numbered by a sequence. */
  readonly automatic: boolean;
}

/** The columns of a unique index or primary key. */
export interface UniqueKey {
  readonly table: string;
  readonly columns: readonly string[];
}

/** Statements that copy the rows of one table. */
export interface TableCopy {
  readonly table: string;
  /** Keeps the present rows aside, as what is copied. */
  readonly keep: string;
  /** Inserts the copies number $1 to $2, each $3 milliseconds earlier than the one before. */
  readonly copy: string;
}

/** The id that a UUIDv7 would have been so many milliseconds earlier: ids keep the order of their times, as real ones do. */
export const EARLIER_ID = `create or replace function pg_temp.earlier(id uuid, ms bigint) returns uuid language sql immutable as $$
  select (lpad(to_hex(('x' || left(replace(id::text, '-', ''), 12))::bit(48)::bigint - ms), 12, '0')
          || substr(replace(id::text, '-', ''), 13))::uuid $$`;

/**
 * How every table's rows become those of further, earlier runs: ids and times are shifted, unique texts get the copy's
 * number, everything else stays. So all tables and indexes fill as by real runs, whatever the tables are.
 */
export function copyStatements(columns: readonly Column[], keys: readonly UniqueKey[]): readonly TableCopy[] {
  return [...new Set(columns.map(({ table }) => table))].map((table) => {
    const own = columns.filter((column) => column.table === table && !column.automatic);
    const numbered = numberedTexts(
      columns.filter((column) => column.table === table),
      keys.filter((key) => key.table === table),
    );
    const names = own.map(({ column }) => quoted(column)).join(', ');
    const values = own.map((column) => valueOf(column, numbered)).join(', ');
    const kept = quoted(`kept_${table}`);
    return {
      table,
      keep: `create temp table ${kept} as select * from ${quoted(table)}`,
      copy:
        `insert into ${quoted(table)} (${names}) select ${values} ` +
        `from ${kept} o cross join generate_series($1::bigint, $2::bigint) as c(n) order by c.n desc`,
    };
  });
}

function valueOf({ column, type }: Column, numbered: ReadonlySet<string>): string {
  const name = `o.${quoted(column)}`;
  if (numbered.has(column)) return `${name} || '-' || c.n`;
  if (type === 'uuid') return `pg_temp.earlier(${name}, c.n * $3::bigint)`;
  if (type.startsWith('timestamp')) return `${name} - c.n * $3::bigint * interval '1 millisecond'`;
  if (type === 'bigint' && column.endsWith('_at')) return `${name} - c.n * $3::bigint`;
  return name;
}

/** In each key that no id or number tells apart, its last text. */
function numberedTexts(columns: readonly Column[], keys: readonly UniqueKey[]): ReadonlySet<string> {
  const found = (name: string): Column | undefined => columns.find(({ column }) => column === name);
  const open = keys.filter((key) => !key.columns.some((name) => found(name)?.type === 'uuid' || found(name)?.automatic === true));
  return new Set(open.flatMap((key) => key.columns.findLast((name) => found(name)?.type === 'text') ?? []));
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
