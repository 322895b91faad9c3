import { waitUntil } from '@mainstay/services';
import { forgetPeak, peakBytesOf } from '../../driver/process-use.ts';
import { CAPACITY } from '../../mainstay/cluster.ts';
import { definitionOf, type PipelineShape } from '../../mainstay/definitions.ts';
import type { HttpClient } from '../../mainstay/http-client.ts';
import type { Runs } from '../../mainstay/runs.ts';
import { KIB, MIB } from '../../report/figure.ts';
import { CHAIN, measureLoad } from '../chain-load.ts';
import type { Part, Scene } from '../part.ts';
import { withSite } from '../site.ts';
import { type PayloadFigures, type PayloadsFigures, payloadsReport } from './payloads-report.ts';

/** The last one is the greatest that is allowed; 65 KB is the first that is more than 16 bits of bytes. */
const SIZES = [KIB, 16 * KIB, 64 * KIB, 65 * KIB, 256 * KIB, MIB];
const ENDED_MS = 30_000;

/** All outputs of a size together, and those at once, are about so much. */
const VOLUME = 256 * MIB;
const QUICK_VOLUME = 16 * MIB;
const AT_ONCE = 24 * MIB;
const MAX_RUNS = 2_000;
const QUICK_MAX_RUNS = 200;

export function payloads(quick: boolean): Part {
  return {
    name: 'payloads',
    title: 'the chain with larger and larger outputs',
    limitMs: quick ? 120_000 : 600_000,
    async measure(scene) {
      const figures = await measure(scene);
      return { figures, report: payloadsReport(figures) };
    },
  };
}

async function measure(scene: Scene): Promise<PayloadsFigures> {
  return withSite(scene, { name: 'payloads' }, async ({ installation, runsAt }) => {
    const orchestrator = await installation.startOrchestrator();
    await installation.startWorker(CAPACITY);
    const runs = await runsAt(orchestrator);
    const sizes: PayloadFigures[] = [];
    for (const outputBytes of SIZES) {
      const count = runsOf(outputBytes, scene.quick);
      const inFlight = Math.max(4, Math.min(CAPACITY, count, Math.floor(AT_ONCE / outputBytes)));
      forgetPeak(orchestrator.program.pid);
      const load = await measureLoad([runs], { pipeline: shapeOf(outputBytes), warmUpRuns: Math.ceil(count / 10), runs: count, inFlight });
      const peak = peakBytesOf(orchestrator.program.pid);
      scene.onProgress(`${outputBytes / KIB} KB: ${load.runsPerSecond.toFixed(1)} runs/s`);
      sizes.push({ outputBytes, runs: count, inFlight, ...load, ...(peak === undefined ? {} : { orchestratorPeakBytes: peak }) });
    }
    return { sizes, tooLarge: await aboveTheMaximum(scene, orchestrator.client, runs) };
  });
}

function runsOf(outputBytes: number, quick: boolean): number {
  const fitting = Math.floor((quick ? QUICK_VOLUME : VOLUME) / (CHAIN.stepsPerRun * outputBytes));
  return Math.max(4, Math.min(quick ? QUICK_MAX_RUNS : MAX_RUNS, fitting));
}

function shapeOf(outputBytes: number): PipelineShape {
  return { ...CHAIN, name: `chain-${outputBytes}`, outputBytes };
}

interface RunError {
  readonly code: string;
  readonly message: string;
  readonly cause?: RunError;
}

/** The code of the error and of its causes. */
function codesOf(error: RunError | undefined): readonly string[] {
  return error === undefined ? [] : [error.code, ...codesOf(error.cause)];
}

async function aboveTheMaximum({ signal }: Scene, client: HttpClient, runs: Runs): Promise<PayloadsFigures['tooLarge']> {
  const shape = shapeOf(MIB + 1);
  await runs.define(definitionOf(shape));
  const id = await runs.submit(shape.name);
  const ended = await waitUntil(
    async () => {
      const { text } = await client.call('GET', `/api/v1/runs/${id}`);
      const run = JSON.parse(text) as { readonly status: string; readonly error?: RunError };
      return ['succeeded', 'failed', 'cancelled'].includes(run.status) ? run : undefined;
    },
    { timeoutMs: ENDED_MS, intervalMs: 50, signal },
  );
  return {
    outputBytes: shape.outputBytes,
    status: ended?.status ?? 'not ended',
    codes: codesOf(ended?.error),
    message: ended?.error?.message ?? '–',
  };
}
