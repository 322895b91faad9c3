import type { Definition } from './definitions.ts';
import { EndedRuns } from './ended-runs.ts';
import type { HttpClient } from './http-client.ts';

export interface RunsOptions {
  readonly client: HttpClient;
  readonly url: string;
  readonly adminKey: string;
  readonly databaseUrl: string;
}

/** The client's side of runs. */
export interface Runs {
  /** Makes a pipeline known. */
  define(pipeline: Definition): Promise<void>;
  /** Starts a run; resolves when it has succeeded, rejects when it ended otherwise. */
  run(pipeline: string): Promise<void>;
  /** Starts a run; resolves with its id when it is accepted. */
  submit(pipeline: string): Promise<string>;
  /** How many runs of the pipeline have succeeded, by the database. */
  succeeded(pipeline: string): Promise<number>;
  close(): Promise<void>;
}

export async function openRuns({ client, databaseUrl }: RunsOptions): Promise<Runs> {
  const ended = await EndedRuns.connect(databaseUrl);
  const submit = async (pipeline: string): Promise<string> => {
    const { status, text } = await client.call('POST', '/api/v1/runs', JSON.stringify({ pipeline, input: {} }));
    if (status !== 202) throw new Error(`POST /api/v1/runs answered ${status}: ${text}`);
    return (JSON.parse(text) as { readonly id: string }).id;
  };
  return {
    async define(pipeline) {
      const { status, text } = await client.call('PUT', `/api/v1/pipelines/${pipeline.name}`, JSON.stringify(pipeline));
      if (status !== 201 && status !== 200) throw new Error(`PUT of the pipeline ${pipeline.name} answered ${status}: ${text}`);
    },
    run: async (pipeline) => ended.succeeded(await submit(pipeline)),
    submit,
    succeeded: (pipeline) => ended.count(pipeline),
    close: () => ended.close(),
  };
}
