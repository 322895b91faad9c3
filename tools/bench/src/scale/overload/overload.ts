import { setTimeout as delay } from 'node:timers/promises';
import { forgetPeak, peakBytesOf, residentBytesOf } from '../../driver/process-use.ts';
import { CAPACITY } from '../../mainstay/cluster.ts';
import { definitionOf } from '../../mainstay/definitions.ts';
import { withPostgres } from '../../servers/with-postgres.ts';
import { CHAIN } from '../chain-load.ts';
import type { Part, Scene } from '../part.ts';
import { type Site, withSite } from '../site.ts';
import { flood, type FloodFigures } from './flood.ts';
import { type OverloadFigures, overloadReport, type OverloadSecond } from './overload-report.ts';
import { measureSlowReader } from './slow-reader.ts';

const RUNS = 50_000;
const QUICK_RUNS = 8_000;
const CONNECTIONS = 64;
const SECOND_MS = 1_000;

/** Far more runs at once than one orchestrator can take, and a client that does not read. */
export function overload(quick: boolean): Part {
  return {
    name: 'overload',
    title: 'more than one orchestrator can take',
    limitMs: quick ? 240_000 : 900_000,
    async measure(scene) {
      const figures = await withSite(scene, { name: 'overload' }, (site) => measure(scene, site, quick ? QUICK_RUNS : RUNS));
      return { figures, report: overloadReport(figures) };
    },
  };
}

async function measure({ signal, onProgress }: Scene, site: Site, runs: number): Promise<OverloadFigures> {
  const orchestrator = await site.installation.startOrchestrator();
  await site.installation.startWorker(CAPACITY);
  const { pid } = orchestrator.program;
  const client = await site.runsAt(orchestrator);
  await client.define(definitionOf(CHAIN));
  forgetPeak(pid);
  const begun = performance.now();
  const watch = new Watch(pid, () => client.succeeded(CHAIN.name));
  const flooded = await flood({
    port: Number(new URL(orchestrator.url).port),
    authorization: `Bearer ${site.installation.adminKey}`,
    body: JSON.stringify({ pipeline: CHAIN.name, input: {} }),
    runs,
    connections: CONNECTIONS,
    signal,
  }).catch((error: unknown) => {
    watch.end();
    throw error;
  });
  onProgress(`${runs} runs accepted in ${(flooded.ms / SECOND_MS).toFixed(1)} s with ${flooded.requests} requests`);
  let succeeded = 0;
  do {
    await delay(250, undefined, { signal });
    succeeded = await client.succeeded(CHAIN.name);
  } while (succeeded < runs);
  const doneMs = performance.now() - begun;
  watch.end();
  const peakBytes = peakBytesOf(pid) ?? 0;
  const slowReader = await measureSlowReader(orchestrator.client, client, signal);
  onProgress(`the stream that nobody read ended after ${((slowReader.droppedAfterMs ?? 0) / SECOND_MS).toFixed(0)} s`);
  return {
    runs,
    connections: CONNECTIONS,
    requests: flooded.requests,
    seconds: joined(flooded, watch.looks),
    withoutRetryAfter: flooded.withoutRetryAfter,
    acceptedMs: flooded.ms,
    doneMs,
    accepted: new Set(flooded.ids).size,
    ...(await inDatabase(site.databaseUrl, flooded.ids)),
    peakBytes,
    slowReader,
  };
}

type Look = Pick<OverloadSecond, 'succeeded' | 'residentBytes'>;

/** Looks once a second at what is done and at the memory. */
class Watch {
  readonly looks: Look[] = [];
  readonly #timer: NodeJS.Timeout;

  constructor(pid: number, succeeded: () => Promise<number>) {
    this.#timer = setInterval(() => {
      const index = this.looks.length;
      const residentBytes = residentBytesOf(pid) ?? 0;
      this.looks.push({ succeeded: this.looks.at(-1)?.succeeded ?? 0, residentBytes });
      succeeded().then(
        (count) => (this.looks[index] = { succeeded: count, residentBytes }),
        () => undefined,
      );
    }, SECOND_MS);
  }

  end(): void {
    clearInterval(this.#timer);
  }
}

function joined({ seconds }: FloodFigures, looks: readonly Look[]): readonly OverloadSecond[] {
  const none = { accepted: 0, tooMany: 0, unavailable: 0, other: 0, broken: 0 };
  return Array.from({ length: Math.max(seconds.length, looks.length) }, (_, index) => ({
    ...(seconds[index] ?? none),
    ...(looks[index] ?? looks.at(-1) ?? { succeeded: 0, residentBytes: 0 }),
  }));
}

async function inDatabase(databaseUrl: string, ids: readonly string[]): Promise<Pick<OverloadFigures, 'succeeded' | 'unasked'>> {
  const sql = `
    select count(*) filter (where status = 'succeeded' and id = any($1::uuid[]))::int as succeeded,
           count(*) filter (where not id = any($1::uuid[]))::int as unasked
      from runs where pipeline = $2`;
  return withPostgres(databaseUrl, async (client) => {
    const { rows } = await client.query<Pick<OverloadFigures, 'succeeded' | 'unasked'>>(sql, [ids, CHAIN.name]);
    return rows[0] ?? { succeeded: 0, unasked: 0 };
  });
}
