import { setTimeout as delay } from 'node:timers/promises';
import { cpuMsOf, residentBytesOf } from '../driver/process-use.ts';
import { runPool } from '../driver/run-pool.ts';
import { CHAIN } from '../scale/chain-load.ts';
import { type Arm, type ArmName, SCRAPE_EVERY_MS } from './arm.ts';

/** One arm at work for a while, the other one idle. */
export interface Slice {
  readonly arm: ArmName;
  readonly stepsPerSecond: number;
  /** CPU time per step in microseconds, by process. */
  readonly cpuMicros: Readonly<Record<string, number>>;
  /** At its end, by process. */
  readonly residentBytes: Readonly<Record<'orchestrator' | 'worker', number>>;
  readonly scrapes: number;
}

export interface SliceLoad {
  readonly runs: number;
  /** Runs that the client keeps unfinished at the same time. */
  readonly inFlight: number;
}

/** `shared`: processes that both arms use. */
export async function measureSlice(arm: Arm, { runs, inFlight }: SliceLoad, shared: Readonly<Record<string, number>>): Promise<Slice> {
  const pids = { ...shared, ...arm.pids };
  const named = Object.values(pids);
  const use = (): Record<string, number> => ({
    driver: ownCpuMs(),
    ...Object.fromEntries(Object.entries(pids).map(([name, pid]) => [name, cpuMsOf(pid, named) ?? 0])),
  });
  const before = use();
  const scraper = startScraper(arm);
  const { wallMs } = await runPool(runs, inFlight, () => arm.runs.run(CHAIN.name));
  const scrapes = await scraper.end();
  const after = use();
  const steps = runs * CHAIN.stepsPerRun;
  return {
    arm: arm.name,
    stepsPerSecond: (steps * 1_000) / wallMs,
    cpuMicros: Object.fromEntries(Object.keys(after).map((name) => [name, (((after[name] ?? 0) - (before[name] ?? 0)) * 1_000) / steps])),
    residentBytes: {
      orchestrator: residentBytesOf(arm.pids.orchestrator) ?? 0,
      worker: residentBytesOf(arm.pids.worker) ?? 0,
    },
    scrapes,
  };
}

function startScraper(arm: Arm): { end(): Promise<number> } {
  const { unscrapedMs } = arm;
  if (unscrapedMs === undefined) return { end: () => Promise.resolve(0) };
  const stop = new AbortController();
  const { signal } = stop;
  let scrapes = 0;
  let since = performance.now() - unscrapedMs;
  const loop = (async () => {
    for (;;) {
      await delay(Math.max(0, since + SCRAPE_EVERY_MS - performance.now()), undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      since = performance.now();
      await arm.scrape();
      scrapes += 1;
    }
  })();
  return {
    async end() {
      arm.unscrapedMs = performance.now() - since;
      stop.abort();
      await loop;
      return scrapes;
    },
  };
}

/** This process is the client of both arms, and the parent of all other processes. */
function ownCpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}
