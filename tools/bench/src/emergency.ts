import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { z } from 'zod';
import { MIB } from './report/figure.ts';
import { table } from './report/table.ts';

/** What the process of the test in `packages/hardening` tells of itself. */
const PROGRAM = fileURLToPath(new URL('../../../packages/hardening/src/testing/memory-hog.ts', import.meta.url));
const LIMIT_MS = 60_000;

const moment = z.object({ atMs: z.number(), bytes: z.number() });
const reportSchema = z.object({
  limitBytes: z.number(),
  peakBytes: z.number(),
  rssAtEnd: z.number(),
  entered: z.array(z.string()),
  left: z.number(),
  moments: z.object({ before: moment, entered: moment, acted: moment, left: moment }),
  low: z.object({ begun: z.number(), ended: z.number(), refused: z.number() }),
  high: z.object({ done: z.number(), failed: z.number(), slowestMs: z.number() }),
});

const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', '--disable-warning=ExperimentalWarning', PROGRAM], {
  timeout: LIMIT_MS,
});
const { limitBytes, peakBytes, entered, left, moments, low, high } = reportSchema.parse(JSON.parse(stdout));
const row = (name: string, { atMs, bytes }: z.infer<typeof moment>): readonly string[] => [
  name,
  `${atMs} ms`,
  `${(bytes / MIB).toFixed(0)} MiB`,
  `${((100 * bytes) / limitBytes).toFixed(0)} %`,
];
const bars = [
  { demand: 'it began by itself, for want of memory', kept: entered.includes('memory') },
  { demand: 'it ended by itself', kept: left === 1 },
  { demand: 'memory after it: below 85 % of the limit', kept: moments.left.bytes < 0.85 * limitBytes },
  { demand: 'all work of low priority was ended, and more of it refused', kept: low.ended === low.begun && low.refused > 0 },
  { demand: 'no work of high priority failed', kept: high.failed === 0 && high.done > 0 },
];
process.stdout.write(
  [
    `A process with a limit of ${(limitBytes / MIB).toFixed(0)} MiB, and work of low priority that takes 48 MiB every 20 ms`,
    table([
      ['moment', 'at', 'memory', 'of the limit'],
      row('before', moments.before),
      row('the emergency begins', moments.entered),
      row('all actions are done', moments.acted),
      row('it is over', moments.left),
    ]),
    `peak ${(peakBytes / MIB).toFixed(0)} MiB; low priority: ${low.begun} begun, ${low.ended} ended, ${low.refused} refused; ` +
      `high priority: ${high.done} done, ${high.failed} failed, the slowest in ${high.slowestMs.toFixed(1)} ms`,
    `Bars\n${table(bars.map(({ demand, kept }) => [demand, kept ? 'PASS' : 'FAIL']))}`,
    '',
  ].join('\n\n'),
);
process.exitCode = bars.every(({ kept }) => kept) ? 0 : 1;
