import type { ApiClient } from '../api-client.ts';

/** Times of requests in milliseconds, by route. */
export type Latencies = Readonly<Record<string, readonly number[]>>;

/** Asks for each route so often, one after the other. Any answer counts: who is not well says so. */
export async function timeRequests(api: ApiClient, routes: readonly string[], times: number): Promise<Latencies> {
  const latencies = Object.fromEntries(routes.map((route): [string, number[]] => [route, []]));
  for (let n = 0; n < times; n++) {
    for (const route of routes) {
      const begun = performance.now();
      const response = await api.request('GET', route);
      await response.arrayBuffer();
      latencies[route]?.push(performance.now() - begun);
      if (response.status === 401) throw new Error(`${route} was refused`);
    }
  }
  return latencies;
}

export function p99Of(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.ceil(0.99 * values.length) - 1] ?? Number.NaN;
}
