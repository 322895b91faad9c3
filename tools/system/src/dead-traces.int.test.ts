import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { waitUntil } from '@mainstay/services';
import { dispatchSpanId, runSpanId, taskSpanId } from '@mainstay/observability';
import { System } from './system.ts';
import { OtlpReceiver } from './testing/otlp-receiver.ts';

jest.setTimeout(120_000);

let system: System;
let receiver: OtlpReceiver;

beforeAll(async () => {
  [system, receiver] = await Promise.all([System.start(), OtlpReceiver.start()]);
});
afterAll(async () => {
  await Promise.all([system.close(), receiver[Symbol.asyncDispose]()]);
});

/** Spans of the orchestrators by id, of one run. */
const ofOrchestrators = (traceId: string) => receiver.trace(traceId).filter(({ service }) => service === 'mainstay-orchestrator');
const otel = (delayMs: number) => ({
  OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
  OTEL_BSP_SCHEDULE_DELAY: String(delayMs),
  OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '2000',
});

test('spans of runs that ended before their orchestrator was killed are sent by the next one, each run as one whole tree', async () => {
  // it tells its spans, and is killed long before it sends any
  const first = await system.orchestrator({ env: otel(60_000) });
  const worker = await system.worker(first.api, otel(50));
  await first.api.put({ name: 'lost', stages: [{ id: 'a', agent: 'fail', input: { times: 1 }, retry: { baseMs: 10 } }] } as {
    name: string;
  });
  const ids = await Promise.all(Array.from({ length: 20 }, () => first.api.submit('lost')));
  const runs = await Promise.all(ids.map((id) => first.api.ended(id)));
  const traceIds = runs.map((run) => (run as { traceId?: string }).traceId ?? '');
  await first.process.end('SIGKILL');
  expect(traceIds.flatMap(ofOrchestrators)).toEqual([]);

  const second = await system.orchestrator({ env: otel(50) });
  const all = await waitUntil(() => traceIds.every((traceId) => ofOrchestrators(traceId).length > 0) || undefined, { timeoutMs: 20_000 });
  expect(all).toBe(true);
  for (const [index, traceId] of traceIds.entries()) {
    const id = ids[index] ?? '';
    const spans = receiver.trace(traceId);
    const own = ofOrchestrators(traceId).map(({ spanId }) => spanId);
    const wanted = [runSpanId(id, 0), taskSpanId(id, 'a', 0), dispatchSpanId(id, 'a', 1), dispatchSpanId(id, 'a', 2)];
    expect(own).toEqual(expect.arrayContaining(wanted));
    expect(new Set(own).size).toBe(own.length);
    // what the worker told has its parents again
    const known = new Set(spans.map(({ spanId }) => spanId));
    const orphans = spans.filter(({ parentSpanId }) => parentSpanId !== '' && !known.has(parentSpanId));
    expect(orphans).toEqual([]);
    expect(spans.filter(({ name }) => name === 'attempt fail')).toHaveLength(2);
  }
  // it is off the record, so that nobody tells of it again
  const alone = async () => ((await system.query('select name from orchestrators')).length === 1 ? true : undefined);
  expect(await waitUntil(alone, { timeoutMs: 20_000 })).toBe(true);
  expect(second.process.output).toContain('spans that a dead orchestrator may not have sent are told again');
  expect(await Promise.all([worker.end('SIGTERM'), second.process.end('SIGTERM')])).toEqual([0, 0]);
});
