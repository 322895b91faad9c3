import type { Client } from 'pg';

/** Ids are read so many at a time. */
const PAGE = 1_000;
/** Of stored JSON that is held at once; a single larger run is taken alone. */
const MAX_BYTES = 8 * 1_024 * 1_024;

interface SizedRun {
  readonly id: string;
  /** As text, because sums are 64 bits wide. */
  readonly bytes: string;
}

/** Ids of all runs in order, in groups that fit into memory however large or many their rows are. */
export async function* runGroups(client: Client): AsyncGenerator<readonly string[]> {
  let after = '00000000-0000-0000-0000-000000000000';
  for (;;) {
    const { rows } = await client.query<SizedRun>(sized, [after, PAGE]);
    yield* groupsOf(rows);
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) return;
    after = last.id;
  }
}

/** Of values that lie beside the row, the length is known without reading them. */
const sized = `
select r.id::text as id,
       (coalesce(octet_length(r.live), 0) + coalesce(octet_length(r.output), 0)
        + coalesce((select sum(octet_length(c.events) + coalesce(octet_length(c.tasks), 0)) from changes c where c.run_id = r.id), 0))::text as bytes
  from (select id, live, output from runs where id > $1::uuid order by id limit $2::int) as r
 order by r.id`;

/** In order, each of {@link MAX_BYTES} at most or of one run. */
export function* groupsOf(rows: readonly SizedRun[], maxBytes = MAX_BYTES): Generator<readonly string[]> {
  let group: string[] = [];
  let sum = 0;
  for (const { id, bytes } of rows) {
    const size = Number(bytes);
    if (group.length > 0 && sum + size > maxBytes) {
      yield group;
      group = [];
      sum = 0;
    }
    group.push(id);
    sum += size;
  }
  if (group.length > 0) yield group;
}
