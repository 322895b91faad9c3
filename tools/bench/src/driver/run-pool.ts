export interface PoolResult {
  readonly wallMs: number;
  /** From the start of each run to the moment that its client knew of its end, in the order of the ends. */
  readonly latenciesMs: readonly number[];
}

/** Does `runs` runs, at most `inFlight` at the same time; the first failure ends it. */
export async function runPool(runs: number, inFlight: number, one: (index: number) => Promise<unknown>): Promise<PoolResult> {
  const latenciesMs: number[] = [];
  let next = 0;
  const begun = performance.now();
  const client = async (): Promise<void> => {
    while (next < runs) {
      const index = next++;
      const startedAt = performance.now();
      await one(index);
      latenciesMs.push(performance.now() - startedAt);
    }
  };
  await Promise.all(Array.from({ length: Math.min(runs, inFlight) }, client));
  return { wallMs: performance.now() - begun, latenciesMs };
}
