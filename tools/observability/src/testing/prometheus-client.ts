/** One series of an answer. */
export interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly values: readonly (readonly [number, string])[];
}

/** Asks Prometheus by its HTTP API. */
export class PrometheusClient {
  readonly url: string;

  constructor(url: string) {
    this.url = url;
  }

  async get<T>(path: string, query: Readonly<Record<string, string>> = {}): Promise<T> {
    const response = await fetch(`${this.url}/api/v1/${path}?${new URLSearchParams(query).toString()}`);
    const body = (await response.json()) as { readonly status: string; readonly data: T; readonly error?: string };
    if (body.status !== 'success') throw new Error(`${path} ${query['query'] ?? ''}: ${body.error ?? ''}`);
    return body.data;
  }

  names(): Promise<readonly string[]> {
    return this.get('label/__name__/values');
  }

  /** What the expression gave within the last seconds, second by second. */
  async lately(expr: string, seconds: number): Promise<readonly Series[]> {
    const end = Date.now() / 1_000;
    const query = { query: expr, start: String(end - seconds), end: String(end), step: '1' };
    return (await this.get<{ readonly result: readonly Series[] }>('query_range', query)).result;
  }

  /** Whether the expression gives a value above 0 now. False while Prometheus does not answer yet. */
  async isAbove0(query: string): Promise<boolean> {
    try {
      const { result } = await this.get<{ readonly result: readonly { readonly value: readonly [number, string] }[] }>('query', { query });
      return result.some(({ value: [, value] }) => Number(value) > 0);
    } catch {
      return false;
    }
  }
}
