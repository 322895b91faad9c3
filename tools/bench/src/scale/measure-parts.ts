import { setTimeout as delay } from 'node:timers/promises';
import type { BenchServers } from '../servers/bench-servers.ts';
import type { Findings, Part, PartResult, Scene } from './part.ts';

export interface MeasureOptions {
  readonly servers: BenchServers;
  readonly quick: boolean;
  readonly onProgress: (line: string) => void;
}

const STOP_MS = 60_000;

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

/** A part whose time is over is told so, and has a while to end what it has begun. */
async function within(part: Pick<Part, 'limitMs'>, measure: (signal: Scene['signal']) => Promise<Findings>): Promise<Findings> {
  const controller = new AbortController();
  const over = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => over.resolve(undefined), part.limitMs);
  const work = measure(controller.signal);
  try {
    const findings = await Promise.race([work, over.promise]);
    if (findings !== undefined) return findings;
    const error = new Error(`not done within ${part.limitMs / 1_000} s`);
    controller.abort(error);
    await Promise.race([work.catch(() => undefined), delay(STOP_MS, undefined, { ref: false })]);
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
