import { beforeEach, describe, expect, test } from '@jest/globals';
import {
  createLogger,
  createTracing,
  type DropReason,
  isSampled,
  type KeptFor,
  runSpanId,
  type SpanRecord,
  type Tracing,
} from '@mainstay/observability';
import { uuidv7 } from '@mainstay/types';
import type { Change } from '../pipeline/model.ts';
import { Harness, stage } from '../pipeline/testing/harness.ts';
import { createMemoryStore } from '../store/memory/memory-store.ts';
import type { DispatchMark, Store } from '../store/store.ts';
import { placeOf } from './run-place.ts';
import { runSpans } from './run-spans.ts';
import { RunTraces } from './run-traces.ts';
import { tellSpansOfTheDead } from './spans-of-the-dead.ts';

const SAMPLED = `00-${'a'.repeat(32)}-${'c'.repeat(16)}-01`;
const UNSAMPLED = `00-${'a'.repeat(32)}-${'c'.repeat(16)}-00`;
const mark: DispatchMark = { orchestrator: 'dead', batch: 1, published: 1, epoch: 'e' };
const logger = createLogger({ service: 'test', level: 'silent' });

let store: Store;
let reads: number;
/** What reads wait for. */
let readable: () => Promise<unknown>;

beforeEach(() => {
  store = createMemoryStore({ now: () => 1_000_000 });
  reads = 0;
  readable = () => Promise.resolve();
});

/** An orchestrator's traces, and what becomes of them. */
class Scene {
  readonly spans: SpanRecord[] = [];
  readonly dropped: Partial<Record<DropReason, number>> = {};
  readonly tracing: Tracing;
  readonly runs: RunTraces;

  constructor({ keep = { errors: true, slowMs: 60_000 }, batch = 100_000 } = {}) {
    const tracing = createTracing({
      service: 'test',
      settings: {
        otlp: { url: 'http://127.0.0.1:9', headers: {}, timeoutMs: 1_000 },
        ...{ sampler: 'parentbased_always_on', ratio: 1, keep, service: undefined, resource: {} },
        queue: { maxQueueSize: 100_000, maxBatchSize: batch, scheduleDelayMs: 60_000, exportTimeoutMs: 1_000 },
      },
      exporter: { export: async (batch) => void this.spans.push(...batch), close: () => Promise.resolve() },
      counts: { exported: () => undefined, dropped: (n, reason) => (this.dropped[reason] = (this.dropped[reason] ?? 0) + n) },
    });
    if (tracing === undefined) throw new Error('traces are off');
    this.tracing = tracing;
    this.runs = new RunTraces({
      ...{ tracing, logger },
      store: {
        events: async (...args) => {
          reads++;
          await readable();
          return store.events(...args);
        },
      },
    });
  }

  /** Everything that was told. */
  async told(): Promise<readonly SpanRecord[]> {
    await this.runs.settle();
    await this.tracing.flush();
    return this.spans;
  }
}

/** A run that is written to the store; each change is seen by the orchestrator that is named. */
class Played {
  readonly run: Harness;

  private constructor(run: Harness) {
    this.run = run;
  }

  static async begin(at: Scene | undefined, traceparent: string, stages: readonly object[] = [stage('a')]): Promise<Played> {
    const run = new Harness(stages, {}, { id: uuidv7(), traceparent });
    await store.create([run.created], mark);
    at?.runs.written(run.created.started);
    return new Played(run);
  }

  async goes(at: Scene | undefined, step: (run: Harness) => Change): Promise<this> {
    const change = step(this.run);
    if (!(await store.commit([change], mark)).has(change.state.id)) throw new Error('not written');
    at?.runs.written(change);
    return this;
  }

  /** The spans as its events have them. */
  spans(kept?: KeptFor): readonly SpanRecord[] {
    const place = placeOf(this.run.state);
    return place === undefined ? [] : runSpans(this.run.state, place, this.run.events, kept);
  }
}

const succeed = (run: Harness) => run.succeed('a');

describe('RunTraces', () => {
  test('tells a sampled run that it saw from the beginning without reading anything', async () => {
    const scene = new Scene();
    const played = await Played.begin(scene, SAMPLED);
    await played.goes(scene, (run) => run.report('a'));
    expect(await scene.told()).toEqual([]);
    await played.goes(scene, succeed);
    expect(await scene.told()).toEqual(played.spans());
    expect(played.spans().map(({ name }) => name)).toEqual(['run p', 'task a']);
    expect(reads).toBe(0);
  });

  test('tells those that ended when a batch is sent, and at once when they are many or have many events', async () => {
    const scene = new Scene({ batch: 3 });
    const played = await Played.begin(scene, SAMPLED);
    await played.goes(scene, succeed);
    await new Promise(setImmediate);
    expect(scene.spans).toEqual([]);
    await scene.tracing.flush();
    expect(scene.spans).toEqual(played.spans());
    const many = [];
    for (let n = 0; n < 64; n++) many.push(await Played.begin(scene, SAMPLED));
    for (const { run } of many) scene.runs.written(succeed(run));
    while (scene.spans.length < 33 * 2) await new Promise(setImmediate);
    await scene.tracing.flush();
    expect(scene.spans).toHaveLength(65 * 2);
    const ids = Array.from({ length: 300 }, (_, number) => `s${number}`);
    const long = await Played.begin(
      scene,
      SAMPLED,
      ids.map((id) => stage(id)),
    );
    for (const id of ids) await long.goes(scene, (run) => run.succeed(id));
    while (scene.spans.length < 65 * 2 + 299) await new Promise(setImmediate);
    expect(long.run.events.length).toBeGreaterThan(500);
  });

  test('reads the events of one that passed through another orchestrator, at its beginning or in between', async () => {
    const [scene, other] = [new Scene(), new Scene()];
    const begun = await Played.begin(other, SAMPLED);
    await begun.goes(scene, succeed);
    const between = await Played.begin(scene, SAMPLED);
    await between.goes(other, (run) => run.fail('a'));
    await between.goes(scene, (run) => run.later(60_000));
    await between.goes(scene, succeed);
    expect(await scene.told()).toEqual([...begun.spans(), ...between.spans()]);
    expect(await other.told()).toEqual([]);
    expect(reads).toBe(2);
  });

  test('tells each round of a retried run', async () => {
    const scene = new Scene();
    const played = await Played.begin(scene, SAMPLED);
    await played.goes(scene, (run) => run.fail('a', { disposition: 'terminal' }));
    await played.goes(scene, (run) => run.apply({ type: 'retry', by: 'ann' }));
    await played.goes(scene, succeed);
    const ids = (await scene.told()).filter(({ name }) => name === 'run p').map(({ spanId }) => spanId);
    expect(ids).toEqual([runSpanId(played.run.state.id, 0), runSpanId(played.run.state.id, 1)]);
  });

  test('keeps unsampled runs that failed, that took a second dispatch or that were slow, and says why', async () => {
    const scene = new Scene({ keep: { errors: true, slowMs: 1_000 } });
    const fine = await Played.begin(scene, UNSAMPLED);
    await fine.goes(scene, succeed);
    const failed = await Played.begin(scene, UNSAMPLED);
    await failed.goes(scene, (run) => run.fail('a', { disposition: 'terminal' }));
    const again = await Played.begin(scene, UNSAMPLED);
    await again.goes(scene, (run) => run.lose('a'));
    await again.goes(scene, succeed);
    const slow = await Played.begin(scene, UNSAMPLED);
    slow.run.now += 1_000;
    await slow.goes(scene, succeed);
    expect(await scene.told()).toEqual([...failed.spans('error'), ...again.spans('error'), ...slow.spans('slow')]);
    const nothing = new Scene({ keep: { errors: false, slowMs: Infinity } });
    const unwanted = await Played.begin(nothing, UNSAMPLED);
    await unwanted.goes(nothing, (run) => run.fail('a', { disposition: 'terminal' }));
    expect(await nothing.told()).toEqual([]);
  });

  test('a run whose trace is not valid is not told, and one that cannot be read is counted; others are told after it', async () => {
    const scene = new Scene();
    const invalid = await Played.begin(scene, `00-${'0'.repeat(32)}-${'c'.repeat(16)}-01`);
    await invalid.goes(scene, succeed);
    const [lost, fine] = [await Played.begin(undefined, SAMPLED), await Played.begin(undefined, SAMPLED)];
    readable = () => Promise.reject(new Error('the store is away'));
    await lost.goes(scene, succeed);
    await scene.runs.settle();
    readable = () => Promise.resolve();
    await fine.goes(scene, succeed);
    expect(await scene.told()).toEqual(fine.spans());
    expect(scene.dropped).toEqual({ failed: 1 });
  });

  test('while the store hangs, so many runs wait to be read and no more; those beyond are counted', async () => {
    const scene = new Scene();
    const hanging = Promise.withResolvers<undefined>();
    readable = () => hanging.promise;
    const played = await Played.begin(undefined, SAMPLED);
    const change = played.run.succeed('a');
    for (let n = 0; n < 1_200; n++) scene.runs.written(change);
    // one is being read, a thousand wait
    expect(scene.dropped).toEqual({ 'queue-full': 199 });
    expect(reads).toBe(1);
    await store.commit([change], mark);
    hanging.resolve(undefined);
    expect((await scene.told()).length).toBe(1_001 * played.spans().length);
  });

  test('of more than 10,000 runs under way the oldest are read at their end', async () => {
    const scene = new Scene();
    const [oldest, newest] = [await Played.begin(scene, SAMPLED), new Harness([stage('a')], {}, { traceparent: SAMPLED })];
    const started = newest.created.started;
    for (let n = 0; n < 10_000; n++) scene.runs.written({ ...started, state: { ...started.state, id: `run-${String(n)}` } });
    await oldest.goes(scene, succeed);
    expect(await scene.told()).toEqual(oldest.spans());
    expect(reads).toBe(1);
  });
});

describe('tellSpansOfTheDead', () => {
  const inherit = (scene: Scene, signal = new AbortController().signal) =>
    tellSpansOfTheDead({ store, runs: scene.runs, tracing: scene.tracing, logger, sentWithinMs: 5_000 }, 'dead', signal);

  /** Runs that ended while the orchestrator lived that is dead now. */
  async function ended(): Promise<{ readonly sampled: Played; readonly failed: Played }> {
    await store.checkIn(mark);
    const dead = new Scene();
    const [sampled, failed, fine] = [
      await Played.begin(dead, SAMPLED),
      await Played.begin(dead, UNSAMPLED),
      await Played.begin(dead, UNSAMPLED),
    ];
    await sampled.goes(dead, succeed);
    await failed.goes(dead, (run) => run.fail('a', { disposition: 'terminal' }));
    await fine.goes(dead, succeed);
    await Played.begin(dead, SAMPLED);
    return { sampled, failed };
  }

  test('tells the same spans as the one that died', async () => {
    const { sampled, failed } = await ended();
    const scene = new Scene();
    await inherit(scene);
    const spans = await scene.told();
    expect(spans).toHaveLength(sampled.spans().length + failed.spans().length);
    expect(spans).toEqual(expect.arrayContaining([...sampled.spans(), ...failed.spans('error')]));
  });

  test('counts what cannot be read; ends when it is told to, and when the store is away', async () => {
    await ended();
    const scene = new Scene();
    readable = () => Promise.reject(new Error('unreadable'));
    await inherit(scene);
    expect([await scene.told(), scene.dropped]).toEqual([[], { failed: 2 }]);
    await expect(inherit(scene, AbortSignal.abort())).rejects.toThrow('aborted');
    store = { ...store, endedAround: () => Promise.reject(new Error('away')) };
    await expect(inherit(scene)).rejects.toThrow('away');
  });
});

test('the two traceparents are what they are called', () => {
  expect([SAMPLED, UNSAMPLED].map(isSampled)).toEqual([true, false]);
});
