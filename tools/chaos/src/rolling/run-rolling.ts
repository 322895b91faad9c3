import { setTimeout as delay } from 'node:timers/promises';
import { createClient } from '@mainstay/client';
import { verify, type VerifyReport } from '@mainstay/verify';
import type { ChaosOptions } from '../options.ts';
import { Load } from '../load/load.ts';
import { seededRandom } from '../random.ts';
import { type Spread, spreadOf } from '../report/recovery.ts';
import { evenNow } from '../steps/step-lines.ts';
import { findLeaks } from '../system/leaks.ts';
import { queryWorld } from '../system/query.ts';
import { World } from '../system/world.ts';
import { Poster, type Posted } from './poster.ts';
import { Watchers } from './watchers.ts';

export interface RollingReport {
  readonly ok: boolean;
  readonly problems: readonly string[];
  readonly perSecond: number;
  readonly restarts: readonly { readonly name: string; readonly tookMs: number }[];
  readonly requests: number;
  readonly failedRequests: number;
  /** Answer times in milliseconds. */
  readonly api: Readonly<Record<'before' | 'during' | 'after', Spread | undefined>>;
  readonly streams: number;
  readonly brokenStreams: number;
  readonly lostAttempts: number;
  readonly lostRuns: number;
  readonly leaks: readonly string[];
  readonly verify: VerifyReport;
}

const PER_SECOND = 200;
const WATCHERS = 5;
const RESTARTS = 10;
/** A system that has just started is slower. */
const WARM_UP_MS = 5_000;
const CALM_MS = 5_000;
/** Longer than a shutdown may take. */
const SHUTDOWN_MS = 40_000;
const END_MS = 90_000;

export interface RollingScene {
  readonly options: ChaosOptions;
  readonly onProgress: (line: string) => void;
  readonly signal: AbortSignal;
}

/** Replaces orchestrators and workers one after another, ten times, while clients post and watch. */
export async function runRolling({ options, onProgress, signal }: RollingScene): Promise<RollingReport> {
  const world = await World.start({ ...options, capacity: 64, smallDisks: false, onProgress });
  const client = createClient({ url: world.url, key: world.adminKey });
  try {
    await new Load(world.url, world.adminKey, seededRandom(options.seed)).define();
    return await roll(world, new Watchers(client, 'long'), { options, onProgress, signal });
  } finally {
    await client.close();
    await world.close(options.keep);
  }
}

async function roll(world: World, watchers: Watchers, { onProgress, signal }: RollingScene): Promise<RollingReport> {
  const bodies = [...Array.from({ length: 19 }, () => 'template'), 'long'].map((pipeline) => JSON.stringify({ pipeline, input: {} }));
  const poster = new Poster(world.url, world.adminKey, bodies);
  poster.start(PER_SECOND);
  watchers.start(WATCHERS);
  await delay(WARM_UP_MS);
  const calmAt = evenNow();
  await delay(CALM_MS);
  const beginAt = evenNow();
  const restarts = await restartAll(world, onProgress, signal);
  const endAt = evenNow();
  await delay(CALM_MS);
  await poster.stop();
  await watchers.stop();
  onProgress('waiting for every accepted run');
  const lostRuns = await unfinished(world);
  const [row] = await queryWorld<{ n: number }>(
    world,
    `select count(*)::int as n from run_events where type in ('task.lost', 'task.failed')`,
  );
  const stopped = await world.stopProcesses();
  const leaks = await findLeaks(world);
  const checked = await verify({ url: world.postgres.url });
  const failed = poster.posted.filter(({ problem }) => problem !== undefined);
  const problems = [
    ...[...new Set(failed.map(({ problem = '' }) => `a request failed: ${problem}`))].slice(0, 10),
    ...watchers.problems.slice(0, 10).map((problem) => `a stream: ${problem}`),
    ...stopped.map((name) => `did not stop in order: ${name}`),
    ...(restarts.length < RESTARTS && !signal.aborted ? ['not every process came back'] : []),
    ...(lostRuns > 0 ? [`${String(lostRuns)} runs did not end`] : []),
    ...((row?.n ?? 0) > 0 ? [`${String(row?.n)} attempts were lost`] : []),
    ...leaks,
    ...checked.findings.slice(0, 10).map(({ code, run = '', message }) => `${code} ${run}: ${message}`),
  ];
  return {
    ok: problems.length === 0,
    problems,
    perSecond: PER_SECOND,
    restarts,
    requests: poster.posted.length,
    failedRequests: failed.length,
    api: {
      before: times(poster.posted, calmAt, beginAt),
      during: times(poster.posted, beginAt, endAt),
      after: times(poster.posted, endAt, Infinity),
    },
    streams: watchers.whole,
    brokenStreams: watchers.problems.length,
    lostAttempts: row?.n ?? 0,
    lostRuns,
    leaks,
    verify: checked,
  };
}

async function restartAll(world: World, onProgress: (line: string) => void, signal: AbortSignal): Promise<RollingReport['restarts']> {
  const done: { name: string; tookMs: number }[] = [];
  while (done.length < RESTARTS && !signal.aborted) {
    const { child } = world.members[done.length % world.members.length] ?? {};
    if (child === undefined) break;
    const begun = performance.now();
    await child.replace('SIGTERM', SHUTDOWN_MS);
    // until it is started again, and known by the others
    await delay(500);
    if (!(await world.allPresent())) break;
    done.push({ name: child.name, tookMs: Math.round(performance.now() - begun) });
    onProgress(`${child.name} was replaced in ${((performance.now() - begun) / 1_000).toFixed(1)} s`);
  }
  return done;
}

/** Runs that are not over within the time. */
async function unfinished(world: World): Promise<number> {
  const end = performance.now() + END_MS;
  for (;;) {
    const [row] = await queryWorld<{ n: number }>(
      world,
      `select count(*)::int as n from runs where status not in ('succeeded', 'failed', 'cancelled')`,
    );
    if (row?.n === 0 || performance.now() > end) return row?.n ?? 0;
    await delay(200);
  }
}

function times(posted: readonly Posted[], from: number, to: number): Spread | undefined {
  return spreadOf(posted.filter(({ at }) => at >= from && at < to).map(({ ms }) => ms));
}
