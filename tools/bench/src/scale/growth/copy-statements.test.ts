import { describe, expect, test } from '@jest/globals';
import { type Column, copyStatements } from './copy-statements.ts';

const column = (table: string, name: string, type: string, automatic = false): Column => ({ table, column: name, type, automatic });

describe('copyStatements', () => {
  test('shifts ids and times of every table and leaves the rest as it is', () => {
    const [runs, changes] = copyStatements(
      [
        column('runs', 'id', 'uuid'),
        column('runs', 'created_at', 'timestamp with time zone'),
        column('runs', 'ended_at', 'bigint'),
        column('runs', 'seq', 'bigint'),
        column('changes', 'run_id', 'uuid'),
        column('changes', 'events', 'jsonb'),
      ],
      [{ table: 'runs', columns: ['id'] }],
    );
    expect(runs?.keep).toBe('create temp table "kept_runs" as select * from "runs"');
    expect(runs?.copy).toBe(
      'insert into "runs" ("id", "created_at", "ended_at", "seq") select pg_temp.earlier(o."id", c.n * $3::bigint), ' +
        `o."created_at" - c.n * $3::bigint * interval '1 millisecond', o."ended_at" - c.n * $3::bigint, o."seq" ` +
        'from "kept_runs" o cross join generate_series($1::bigint, $2::bigint) as c(n) order by c.n desc',
    );
    expect(changes?.copy).toContain('("run_id", "events") select pg_temp.earlier(o."run_id", c.n * $3::bigint), o."events" from');
  });

  test('leaves to Postgres what it fills itself', () => {
    const [copied] = copyStatements([column('t', 'n', 'bigint', true), column('t', 'run_id', 'uuid')], []);
    expect(copied?.copy).toContain('into "t" ("run_id")');
  });

  test('numbers the last text of a key that has no id', () => {
    const columns = [column('keys', 'tenant', 'text'), column('keys', 'key', 'text'), column('keys', 'run_id', 'uuid')];
    const keyed = copyStatements(columns, [{ table: 'keys', columns: ['tenant', 'key'] }]);
    expect(keyed[0]?.copy).toContain(`select o."tenant", o."key" || '-' || c.n, pg_temp.earlier(`);
    const byRun = copyStatements(columns, [{ table: 'keys', columns: ['run_id', 'key'] }]);
    expect(byRun[0]?.copy).toContain('select o."tenant", o."key", pg_temp.earlier(');
  });
});
