import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { waitUntil } from '@mainstay/services';
import type { HttpClient } from '../../mainstay/http-client.ts';
import { sampleOf } from '../../mainstay/metrics.ts';
import { MIB } from '../../report/figure.ts';
import type { Runs } from '../../mainstay/runs.ts';

/** What became of a client that opened an event stream and did not read it. */
export interface SlowReaderFigures {
  /** Events of the run. */
  readonly events: number;
  readonly bytes: number;
  /** From the opening of the stream to its end at the server; undefined if it was not ended. */
  readonly droppedAfterMs: number | undefined;
  /** Events that the client still found in what it had received. */
  readonly readBefore: number;
  readonly readAfter: number;
  /** Numbers that it got neither before nor after, and such that it got twice. */
  readonly gaps: number;
}

const EVENT_BYTES = 60 * 1_024;
/** Events that are more than the buffers of two sockets hold. */
const EVENTS = Math.ceil((1.5 * socketBufferBytes()) / EVENT_BYTES);
const PIPELINE = {
  name: 'emitting',
  stages: [{ id: 's1', agent: 'bench-emit', needs: [], input: { events: EVENTS, bytes: EVENT_BYTES } }],
};
const ENDED_MS = 60_000;
const DROPPED_MS = 60_000;
const READ_MS = 60_000;
const LOOK_MS = 250;

/** Opens the stream of a run with many large events, reads nothing until the server gives up, and resumes where it was. */
export async function measureSlowReader(client: HttpClient, runs: Runs, signal: AbortSignal): Promise<SlowReaderFigures> {
  await runs.define(PIPELINE);
  const id = await runs.submit(PIPELINE.name);
  const seq = await lastEventOf(client, id, signal);
  const path = `/api/v1/runs/${id}/events`;
  const streamsBefore = await openStreams(client);
  const begun = performance.now();
  const stalled = await client.open(path);
  await waitUntil(async () => ((await openStreams(client)) > streamsBefore ? true : undefined), {
    timeoutMs: 5_000,
    intervalMs: 20,
    signal,
  });
  const dropped = await waitUntil(async () => ((await openStreams(client)) <= streamsBefore ? performance.now() - begun : undefined), {
    timeoutMs: DROPPED_MS,
    intervalMs: LOOK_MS,
    signal,
  });
  const before = await numbersIn(stalled);
  const after = await numbersIn(await client.open(path, before.at(-1) ?? 0));
  const got = new Map<number, number>();
  for (const number of [...before, ...after]) got.set(number, (got.get(number) ?? 0) + 1);
  const gaps = Array.from({ length: seq }, (_, index) => got.get(index + 1) ?? 0).filter((times) => times !== 1).length;
  return {
    events: seq,
    bytes: EVENTS * EVENT_BYTES,
    droppedAfterMs: dropped,
    readBefore: before.length,
    readAfter: after.length,
    gaps,
  };
}

/** The number of the run's last event, when it has ended. */
async function lastEventOf(client: HttpClient, id: string, signal: AbortSignal): Promise<number> {
  const seq = await waitUntil(
    async () => {
      const { text } = await client.call('GET', `/api/v1/runs/${id}`);
      const run = JSON.parse(text) as { readonly status: string; readonly lastEvent: number };
      if (run.status === 'failed') throw new Error(`The run that emits failed: ${text.slice(0, 500)}`);
      return run.status === 'succeeded' ? run.lastEvent : undefined;
    },
    { timeoutMs: ENDED_MS, intervalMs: 100, signal },
  );
  if (seq === undefined) throw new Error(`The run that emits did not end within ${ENDED_MS} ms`);
  return seq;
}

async function openStreams(client: HttpClient): Promise<number> {
  return sampleOf((await client.call('GET', '/metrics')).text, 'mainstay_open_event_streams') ?? 0;
}

/** Reads to the end, or to where the connection broke: the numbers of the events that arrived whole. */
async function numbersIn(stream: IncomingMessage): Promise<readonly number[]> {
  const limit = new AbortController();
  const numbers: number[] = [];
  let rest = '';
  const reading = (async () => {
    for await (const chunk of stream.setEncoding('utf8')) {
      rest += String(chunk);
      const end = rest.lastIndexOf('\n\n');
      if (end < 0) continue;
      numbers.push(...[...rest.slice(0, end).matchAll(/^id: (\d+)$/gm)].map(([, number]) => Number(number)));
      rest = rest.slice(end + 2);
    }
  })().catch(() => undefined);
  await Promise.race([reading, delay(READ_MS, undefined, { signal: limit.signal }).catch(() => undefined)]);
  limit.abort();
  stream.destroy();
  return numbers;
}

/** What sender and receiver buffer at most, by the kernel's settings where it tells them. */
function socketBufferBytes(): number {
  try {
    const largest = ['rmem', 'wmem'].map((name) =>
      Number(readFileSync(`/proc/sys/net/ipv4/tcp_${name}`, 'utf8').trim().split(/\s+/).at(-1)),
    );
    return largest.reduce((sum, bytes) => sum + bytes, 0);
  } catch {
    return 16 * MIB;
  }
}
