import { beforeEach, describe, expect, test } from '@jest/globals';
import { createLogger } from '@mainstay/observability';
import { DependencyError, ValidationError } from '@mainstay/types';
import { systemClock } from '@mainstay/utils';
import { compilePipeline } from '../pipeline/compile.ts';
import type { RunInput, RunState, Transition, TransitionContext } from '../pipeline/model.ts';
import { newRun } from '../pipeline/new-run.ts';
import { parseDefinition } from '../pipeline/parse-definition.ts';
import { transition } from '../pipeline/transition.ts';
import { createMemoryStore } from '../store/memory/memory-store.ts';
import type { Store } from '../store/store.ts';
import { Applier } from './applier.ts';
import { Marks } from './marks.ts';
import { Pipelines } from './pipelines.ts';
import { RunCache } from './run-cache.ts';

const definition = parseDefinition({
  name: 'p',
  stages: [
    { id: 'a', agent: 'x' },
    { id: 'b', agent: 'x', needs: ['a'] },
  ],
});
const pipeline = compilePipeline(definition, 1);
const RUN = '01234567-89ab-7def-8123-456789abcdef';
let ids = 0;
const context: TransitionContext = {
  ...{ now: 1_000, random: () => 0.5, newId: () => `00000000-0000-7000-8000-${String(++ids).padStart(12, '0')}`, maxOutputBytes: 1_000 },
  ...{ inputProblems: () => [], outputProblems: () => [] },
};
const outcome: RunInput = {
  ...{ type: 'outcome', task: 'a', fence: 1, worker: 'w', startedAt: 1, finishedAt: 2 },
  outcome: { status: 'succeeded', output: { n: 1 } },
};
const unavailable = (): Promise<never> => Promise.reject(new DependencyError('POSTGRES_UNAVAILABLE', 'away'));

let memory: Store;
let state: RunState;

beforeEach(async () => {
  memory = createMemoryStore();
  await memory.putPipeline('t', definition);
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  const run = newRun(pipeline, { id: RUN, tenant: 't', input: {}, correlationId: 'c', traceparent, by: 'x' }, context);
  await memory.create([run], new Marks('other').open());
  state = run.started.state;
});

function scene(over: Partial<Store> = {}, other: Transition = transition) {
  const cache = new RunCache({ maxRuns: 100, maxBytes: 1_000_000 });
  const store: Store = { ...memory, ...over };
  const uncertain: number[] = [];
  const marks = new Marks('me');
  const applier = new Applier({
    ...{ store, cache, marks, pipelines: new Pipelines(store), transition: other, context: () => context },
    onChanges: (changes, batch) => {
      for (const change of changes) cache.put(change);
      marks.close(batch);
    },
    onUncertain: (batch) => uncertain.push(batch),
    onBatch: () => undefined,
    ...{ clock: systemClock, logger: createLogger({ service: 'test', level: 'silent' }) },
    ...{ maxBatch: () => 100, maxBatchSize: 1_000_000, parallel: 2, minParallel: 1 },
  });
  applier.start();
  return { applier, cache, uncertain };
}

describe('Applier', () => {
  test('decides on what the store has when the cache is out of date', async () => {
    const { applier, cache } = scene();
    cache.put({ before: state, state: { ...state, seq: 0 }, touched: new Set() });
    expect(await applier.apply(RUN, outcome)).toMatchObject({ verdict: { taken: true } });
    expect(cache.get(RUN)?.tasks.get('b')?.status).toBe('dispatched');
    await applier.stop();
  });

  test('drops nothing as stale because of an old cached state', async () => {
    const { applier, cache } = scene();
    const tasks = new Map([...state.tasks].map(([id, task]) => [id, { ...task, fence: 0 }]));
    cache.put({ before: state, state: { ...state, tasks }, touched: new Set() });
    expect(await applier.apply(RUN, outcome)).toMatchObject({ verdict: { taken: true } });
    expect(await applier.apply(RUN, outcome)).toMatchObject({ verdict: { taken: false, why: 'stale' } });
  });

  test('inputs of one run in one turn are one change, in their order', async () => {
    const { applier } = scene();
    const [first, second, third] = await Promise.all([
      applier.apply(RUN, outcome),
      applier.apply(RUN, outcome),
      applier.apply(RUN, { type: 'cancel', by: 'x' }),
    ]);
    expect([first, second, third].map(({ verdict }) => verdict.taken)).toEqual([true, false, true]);
    expect(first.state).toBe(third.state);
  });

  test('gives up a letter whose run is written by somebody else without end', async () => {
    const { applier } = scene({ commit: () => Promise.resolve(new Set()) });
    await expect(applier.apply(RUN, outcome)).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  test('a result waits for a store that is away, the input of a user does not', async () => {
    let tries = 0;
    const { applier, uncertain, cache } = scene({
      commit: (changes, mark) => (++tries < 3 ? unavailable() : memory.commit(changes, mark)),
    });
    const patient = applier.apply(RUN, outcome);
    await expect(applier.apply(RUN, { type: 'pause', by: 'x' }, false)).rejects.toMatchObject({ code: 'POSTGRES_UNAVAILABLE' });
    expect(cache.size).toBe(0);
    expect(await patient).toMatchObject({ verdict: { taken: true } });
    expect(uncertain).toEqual([1, 2]);
  });

  test('a store that cannot be read is waited for, too', async () => {
    let tries = 0;
    const { applier } = scene({ load: (runs) => (++tries < 2 ? unavailable() : memory.load(runs)) });
    expect(await applier.apply(RUN, outcome)).toMatchObject({ verdict: { taken: true } });
  });

  test('what the store refuses is refused, and an unknown run is said to be unknown', async () => {
    const { applier } = scene({ commit: () => Promise.reject(new ValidationError('VALIDATION_FAILED', 'no')) });
    await expect(applier.apply(RUN, outcome)).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
    await expect(applier.apply('00000000-0000-7000-8000-000000000000', outcome)).rejects.toMatchObject({ code: 'RUN_NOT_FOUND' });
  });

  test('a bug in the transition is that run’s alone', async () => {
    const broken: Transition = (...args) => {
      if (args[2].some(({ type }) => type === 'tick')) throw new Error('a bug');
      return transition(...args);
    };
    const { applier } = scene({}, broken);
    await expect(applier.apply(RUN, { type: 'tick' })).rejects.toMatchObject({ code: 'INTERNAL' });
    expect(await applier.apply(RUN, outcome)).toMatchObject({ verdict: { taken: true } });
    const silent = scene({}, (...args) => ({ ...transition(...args), verdicts: [] }));
    await expect(silent.applier.apply(RUN, { type: 'pause', by: 'x' })).rejects.toMatchObject({ code: 'INTERNAL' });
  });

  test('stopped, it refuses what waits and what comes', async () => {
    const { applier } = scene({ commit: unavailable });
    const waiting = applier.apply(RUN, outcome);
    await new Promise((resolve) => setImmediate(resolve));
    const stopped = applier.stop();
    await expect(waiting).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
    await stopped;
    await expect(applier.apply(RUN, outcome)).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
    expect([applier.idle, applier.backlog]).toEqual([true, 0]);
  });
});
