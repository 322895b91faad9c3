import type { Statement } from './statement.ts';

/** Events of a run after a number, as rows of one change each. No row: no such run; a row of nulls: no event. $1 run, $2 tenant, $3 after, $4 limit. */
export const readEvents: Statement = {
  name: 'events',
  text: `
select c.events
  from runs r
  left join lateral (select last, events from changes where run_id = r.id and last > $3 order by last limit $4) as c on true
 where r.id = $1 and (r.tenant = $2) is true
 order by c.last`,
};
