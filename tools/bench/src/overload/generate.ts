import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { startProgram } from '../child-program.ts';

const GENERATOR = fileURLToPath(new URL('generator.ts', import.meta.url));

const countsSchema = z.object({
  offered: z.number(),
  accepted: z.number(),
  refused: z.number(),
  withoutRetryAfter: z.number(),
  other: z.number(),
  broken: z.number(),
  unanswered: z.number(),
});
export type GeneratorCounts = z.output<typeof countsSchema>;

export interface GeneratorJob {
  readonly port: number;
  readonly authorization: string;
  readonly body: string;
  /** Runs. */
  readonly perSecond: number;
  /** Runs in one request. */
  readonly batch: number;
  readonly seconds: number;
  readonly connections: number;
}

/** Lets a process of its own post runs; resolves with what was answered when all is. `onCounts`: once a second. */
export async function generate(job: GeneratorJob, folder: string, onCounts: (counts: GeneratorCounts) => void): Promise<GeneratorCounts> {
  let last: GeneratorCounts | undefined;
  const program = await startProgram({
    file: process.execPath,
    args: ['--disable-warning=ExperimentalWarning', GENERATOR, JSON.stringify(job)],
    env: {},
    logFile: join(folder, 'generator.log'),
    onLine: (line) => {
      last = countsSchema.parse(JSON.parse(line));
      onCounts(last);
    },
  });
  const code = await program.ended;
  if (code !== 0 || last === undefined) throw new Error(`The generator ended with ${String(code)}; see generator.log in ${folder}`);
  return last;
}
