/** A run as the API shows it. */
export interface RunView {
  readonly id: string;
  readonly status: string;
  readonly output?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly code: string; readonly message: string };
  readonly tasks: readonly {
    readonly stage: string;
    readonly status: string;
    readonly attempt: number;
    readonly output?: Readonly<Record<string, unknown>>;
    readonly error?: { readonly code: string };
  }[];
}

export interface EventView {
  readonly seq: number;
  readonly type: string;
  readonly task?: string;
}

export const FINAL = new Set(['succeeded', 'failed', 'cancelled']);

/** Calls the API as a client would; a server that is away for a while is waited for. */
export class ApiClient {
  readonly url: string;
  readonly key: string;

  constructor(url: string, key: string) {
    this.url = url;
    this.key = key;
  }

  async request(method: string, path: string, body?: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
    return fetch(this.url + path, {
      method,
      headers: { authorization: `Bearer ${this.key}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(30_000),
    });
  }

  async json<T>(method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<T> {
    const response = await this.request(method, path, body, headers);
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return JSON.parse(text) as T;
  }

  put(definition: { readonly name: string }): Promise<{ name: string; version: number }> {
    return this.json('PUT', `/api/v1/pipelines/${definition.name}?allowUnknownAgents=true`, definition);
  }

  async submit(pipeline: string, input: unknown = {}, over: Readonly<Record<string, unknown>> = {}): Promise<string> {
    return (await this.json<{ id: string }>('POST', '/api/v1/runs', { pipeline, input, ...over })).id;
  }

  run(id: string): Promise<RunView> {
    return this.json('GET', `/api/v1/runs/${id}`);
  }

  async events(id: string): Promise<readonly EventView[]> {
    const all: EventView[] = [];
    for (;;) {
      const page = await this.json<{ items: EventView[] }>('GET', `/api/v1/runs/${id}/events?after=${all.at(-1)?.seq ?? 0}&limit=500`);
      all.push(...page.items);
      if (page.items.length < 500) return all;
    }
  }

  /** The run once the condition holds for it. Answers that fail meanwhile are taken as "not yet". */
  async until(id: string, holds: (run: RunView) => boolean, withinMs = 60_000): Promise<RunView> {
    const end = Date.now() + withinMs;
    let last: unknown;
    while (Date.now() < end) {
      try {
        const run = await this.run(id);
        if (holds(run)) return run;
        last = run;
      } catch (error) {
        last = error;
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`The run ${id} did not get there in ${withinMs} ms: ${last instanceof Error ? last.message : JSON.stringify(last)}`);
  }

  ended(id: string, withinMs?: number): Promise<RunView> {
    return this.until(id, ({ status }) => FINAL.has(status), withinMs);
  }
}
