import type { BenchServers } from '../servers/bench-servers.ts';
import type { Findings, Part, PartResult, Scene } from './part.ts';

export interface MeasureOptions {
  readonly servers: BenchServers;
  readonly quick: boolean;
  readonly onProgress: (line: string) => void;
}

/** All parts in turn; one that fails, or takes longer than it may, does not keep the others from being measured. */
export async function measureParts(parts: readonly Part[], { onProgress, ...options }: MeasureOptions): Promise<readonly PartResult[]> {
  const results: PartResult[] = [];
  for (const part of parts) {
    onProgress(part.title);
    const begun = performance.now();
    const facts = (): Pick<PartResult, 'part' | 'title' | 'seconds'> => ({
      part: part.name,
      title: part.title,
      seconds: (performance.now() - begun) / 1_000,
    });
    try {
      const findings = await within(part, (signal) => part.measure({ ...options, signal, onProgress: (line) => onProgress(`  ${line}`) }));
      results.push({ ...facts(), ...findings });
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      onProgress(`  failed: ${text}`);
      results.push({ ...facts(), error: text });
    }
  }
  return results;
}

/** What the part has begun is ended by the signal; for a part that does not heed it nobody waits. */
async function within(part: Pick<Part, 'limitMs'>, measure: (signal: Scene['signal']) => Promise<Findings>): Promise<Findings> {
  const controller = new AbortController();
  const over = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    const error = new Error(`not done within ${part.limitMs / 1_000} s`);
    controller.abort(error);
    over.reject(error);
  }, part.limitMs);
  const work = measure(controller.signal);
  work.catch(() => undefined);
  try {
    return await Promise.race([work, over.promise]);
  } finally {
    clearTimeout(timer);
  }
}
