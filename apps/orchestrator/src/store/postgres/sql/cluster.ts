import { type Statement, toMs } from './statement.ts';

/** $1 name, $2 published. */
export const checkIn: Statement = {
  name: 'check-in',
  text: `
insert into orchestrators (name, published) values ($1, $2)
on conflict (name) do update set published = excluded.published, seen_at = now()`,
};

export const orchestrators: Statement = { name: 'orchestrators', text: 'select name from orchestrators order by name' };

/** $1 name. */
export const checkOut: Statement = { name: 'check-out', text: 'delete from orchestrators where name = $1' };

export const epoch: Statement = { name: 'epoch', text: `select value from settings where key = 'epoch'` };

/** The first epoch; nothing happens if there is one. $1 epoch. */
export const firstEpoch: Statement = {
  name: 'first-epoch',
  text: `insert into settings (key, value) values ('epoch', $1) on conflict (key) do nothing`,
};

/** $1 expected, $2 next. */
export const nextEpoch: Statement = { name: 'next-epoch', text: `update settings set value = $2 where key = 'epoch' and value = $1` };

/** $1 kinds. */
export const learnKinds: Statement = {
  name: 'learn-kinds',
  text: 'insert into agent_kinds (kind) select distinct k from unnest($1::text[]) as k order by k on conflict (kind) do nothing',
};

export const knownKinds: Statement = { name: 'known-kinds', text: 'select kind from agent_kinds' };

/** The database's clock in milliseconds. */
export const readClock: Statement = { name: 'clock', text: `select ${toMs('clock_timestamp()')} as now` };

/** Where there is no answer the connection is dead, and is not to be held by a ping for as long as by a statement that has work to do. */
export const ping: Statement = { name: 'ping', text: 'select 1', answerWithinMs: 2_000 };
