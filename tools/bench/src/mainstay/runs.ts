import { type Client, createClient, type RunEnd, type RunRequest } from '@mainstay/client';
import { newTraceparent } from '@mainstay/observability';
import { Pool } from 'pg';
import type { RunTimes } from '../overload/step-times.ts';
import type { Definition } from './definitions.ts';
import type { HttpClient } from './http-client.ts';

export interface RunsOptions {
  readonly client: HttpClient;
  /** Address of the orchestrator. */
  readonly url: string;
  readonly adminKey: string;
  readonly databaseUrl: string;
}

/** The client's side of runs. */
export interface Runs {
  /** Makes a pipeline known. */
  define(pipeline: Definition): Promise<void>;
  /** Starts a run; resolves when it has succeeded, rejects when it ended otherwise. */
  run(pipeline: string, priority?: number): Promise<void>;
  /** The same within a trace of its caller that is sampled. */
  runTraced(pipeline: string): Promise<void>;
  /** Starts a run; resolves with its id when it is accepted. */
  submit(pipeline: string, priority?: number): Promise<string>;
  /** Resolves when the run has succeeded, rejects when it ended otherwise. */
  ended(id: string): Promise<void>;
  /** How many runs of the pipeline have succeeded, by the database: it tells that even while no orchestrator is there. */
  succeeded(pipeline: string): Promise<number>;
  /** What happened when to runs of the pipeline that were created since then, milliseconds since 1970, by the database. */
  times(pipeline: string, sinceMs: number): Promise<readonly RunTimes[]>;
  close(): Promise<void>;
}

/** Without idempotency keys, as the peers' clients: nothing here is repeated after an answer that was lost. */
export async function openRuns({ client, url, adminKey, databaseUrl }: RunsOptions): Promise<Runs> {
  const api = createClient({ url, key: adminKey, exactlyOnce: false });
  const postgres = new Pool({ connectionString: databaseUrl, max: 2 });
  // one that is not in use may break when the server ends
  postgres.on('error', () => undefined);
  (await postgres.connect()).release();
  return {
    async define(pipeline) {
      const { status, text } = await client.call('PUT', `/api/v1/pipelines/${pipeline.name}`, JSON.stringify(pipeline));
      if (status !== 201 && status !== 200) throw new Error(`PUT of the pipeline ${pipeline.name} answered ${status}: ${text}`);
    },
    run: (pipeline, priority) => run(api, { pipeline, priority }),
    runTraced: (pipeline) => run(api, { pipeline, traceparent: newTraceparent() }),
    submit: async (pipeline, priority) => (await api.submit({ pipeline, priority })).id,
    ended: async (id) => {
      succeeded(await api.result(id));
    },
    succeeded: (pipeline) => countSucceeded(postgres, pipeline),
    times: (pipeline, sinceMs) => timesOf(postgres, pipeline, sinceMs),
    async close() {
      await api.close();
      await postgres.end();
    },
  };
}

async function run(api: Client, request: RunRequest): Promise<void> {
  succeeded(await api.run(request));
}

function succeeded({ id, status }: RunEnd): void {
  if (status !== 'succeeded') throw new Error(`The run ${id} ended as ${status}`);
}

async function countSucceeded(postgres: Pool, pipeline: string): Promise<number> {
  const { rows } = await postgres.query<{ n: number }>({
    name: 'succeeded',
    text: `select count(*)::int as n from runs where pipeline = $1 and status = 'succeeded'`,
    values: [pipeline],
  });
  return rows[0]?.n ?? 0;
}

const TIMES = `
  select (extract(epoch from r.created_at) * 1000)::float8 as "createdAt",
         (select json_agg(json_build_object('startedAt', (t.state ->> 'startedAt')::bigint, 'finishedAt', (t.state ->> 'finishedAt')::bigint)
                          order by t.stage)
            from run_tasks t where t.run_id = r.id) as steps
    from runs r where r.pipeline = $1 and r.created_at >= to_timestamp($2 / 1000.0) and r.status = 'succeeded'`;

async function timesOf(postgres: Pool, pipeline: string, sinceMs: number): Promise<readonly RunTimes[]> {
  return (await postgres.query<RunTimes>(TIMES, [pipeline, sinceMs])).rows;
}
