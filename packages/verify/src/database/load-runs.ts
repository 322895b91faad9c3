import type { Client, QueryResultRow } from 'pg';
import { readDefinition } from '../run/decode.ts';
import type { ChangeRow, CheckpointRow, DeadLetterRow, DecisionRow, Definition, RunFacts, RunRow } from '../run/facts.ts';

/** Definitions that are kept; pipelines have few versions that are in use. */
const MAX_DEFINITIONS = 1_000;

const RUNS = `
select r.id::text as id, r.tenant, r.pipeline, r.version, r.status, r.seq, r.concurrency, r.slot, r.admitted,
       r.finished_at is not null as has_finished_at, r.due_at is not null as has_due_at, r.dispatcher, r.epoch, r.live, r.output,
       r.error is not null as has_error, r.idempotency_key, k.run_id::text as key_run
  from runs r left join idempotency_keys k on k.tenant = r.tenant and k.key = r.idempotency_key
 where r.id = any($1::uuid[]) order by r.id`;
const CHANGES = `
select run_id::text as run_id, tenant, last, events, tasks from changes where run_id = any($1::uuid[]) order by run_id, last`;
const DECISIONS = `select run_id::text as run_id, tenant, id::text as id, stage, status from decisions where run_id = any($1::uuid[])`;
const DEAD_LETTERS = `
select run_id::text as run_id, tenant, id::text as id, stage, redriven_at is not null as redriven
  from dead_letters where run_id = any($1::uuid[])`;
const CHECKPOINTS = `select run_id::text as run_id, tenant, stage, fence from checkpoints where run_id = any($1::uuid[])`;
const DEFINITION = `select definition from pipelines where tenant = $1 and name = $2 and version = $3`;

/** Reads runs whole. Definitions are read once. */
export class RunLoader {
  readonly #client: Client;
  readonly #definitions = new Map<string, Definition | undefined>();

  constructor(client: Client) {
    this.#client = client;
  }

  async load(ids: readonly string[]): Promise<readonly RunFacts[]> {
    const runs = await this.#rows<RunRow>(RUNS, ids);
    const changes = byRun(await this.#rows<ChangeRow>(CHANGES, ids));
    const decisions = byRun(await this.#rows<DecisionRow>(DECISIONS, ids));
    const deadLetters = byRun(await this.#rows<DeadLetterRow>(DEAD_LETTERS, ids));
    const checkpoints = byRun(await this.#rows<CheckpointRow>(CHECKPOINTS, ids));
    const facts: RunFacts[] = [];
    for (const run of runs) {
      facts.push({
        run,
        changes: changes.get(run.id) ?? [],
        decisions: decisions.get(run.id) ?? [],
        deadLetters: deadLetters.get(run.id) ?? [],
        checkpoints: checkpoints.get(run.id) ?? [],
        definition: await this.#definition(run),
      });
    }
    return facts;
  }

  async #rows<R extends QueryResultRow>(text: string, ids: readonly string[]): Promise<readonly R[]> {
    return (await this.#client.query<R>(text, [ids])).rows;
  }

  async #definition({ tenant, pipeline, version }: RunRow): Promise<Definition | undefined> {
    const key = JSON.stringify([tenant, pipeline, version]);
    if (this.#definitions.has(key)) return this.#definitions.get(key);
    const { rows } = await this.#client.query<{ definition: unknown }>(DEFINITION, [tenant, pipeline, version]);
    const definition = readDefinition(rows[0]?.definition);
    if (this.#definitions.size >= MAX_DEFINITIONS) this.#definitions.clear();
    this.#definitions.set(key, definition);
    return definition;
  }
}

function byRun<R extends { readonly run_id: string }>(rows: readonly R[]): ReadonlyMap<string, readonly R[]> {
  const runs = new Map<string, R[]>();
  for (const row of rows) {
    const own = runs.get(row.run_id);
    if (own === undefined) runs.set(row.run_id, [row]);
    else own.push(row);
  }
  return runs;
}
