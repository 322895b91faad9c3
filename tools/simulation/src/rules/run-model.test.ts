import { describe, expect, test } from '@jest/globals';
import type { Definition, RunEvent, RunState } from '@mainstay/orchestrator/parts';
import { compare, emptyRun, follow } from './run-model.ts';

type Told = readonly [type: RunEvent['type'], task?: string | undefined, data?: RunEvent['data']];

const numbered = (...told: readonly Told[]): RunEvent[] =>
  told.map(([type, task, data], index) => ({
    ...{ seq: index + 1, at: 0, type },
    ...(task === undefined ? {} : { task }),
    ...(data === undefined ? {} : { data }),
  }));

const dispatched = (fence: number, attempt = fence): Told => ['task.dispatched', 'a', { agent: 'x', fence, attempt }];
const BEGUN: readonly Told[] = [['run.created'], ['run.started'], dispatched(1)];
const STALLED: Told = ['run.stalled', undefined, { reason: 'silent', since: 1, lastEventAt: 1 }];
const DONE: readonly Told[] = [['task.succeeded', 'a', { fence: 1 }], ['run.succeeded']];

/** A history that may be, with a loss, a failure and a second try. */
const EVENTFUL: readonly Told[] = [
  ...BEGUN,
  ['task.started', 'a', { fence: 1 }],
  STALLED,
  ['task.lost', 'a', { fence: 1, losses: 1 }],
  dispatched(2),
  ['task.failed', 'a', { fence: 2 }],
  ['task.retrying', 'a', { failures: 1, round: 0 }],
  dispatched(3),
  ['task.suspended', 'a', { fence: 3 }],
  dispatched(4, 3),
  ['decision.opened', 'a', { kind: 'question', decision: 'd' }],
  ['decision.answered', 'a'],
  dispatched(5, 3),
  ['task.succeeded', 'a', { fence: 5 }],
  ['run.succeeded'],
];

const wrongWith = (...told: readonly Told[]): string[] => follow(emptyRun('r'), numbered(...told));

describe('the events of a run', () => {
  test('that tell what may happen are right', () => {
    expect(wrongWith(...BEGUN, ...DONE)).toEqual([]);
    expect(wrongWith(...EVENTFUL)).toEqual([]);
  });

  test('are wrong without any one of those that begin or end something', () => {
    const needed = new Set(['task.dispatched', 'task.lost', 'task.failed', 'task.suspended', 'decision.opened', 'decision.answered']);
    for (const [index, [type]] of EVENTFUL.entries()) {
      if (!needed.has(type)) continue;
      expect({ type, isWrong: wrongWith(...EVENTFUL.toSpliced(index, 1)).length > 0 }).toEqual({ type, isWrong: true });
    }
  });

  test.each<[what: string, told: readonly Told[], says: string]>([
    [
      'an outcome of an old fence',
      [...BEGUN, ['task.redispatched', 'a', { fence: 1 }], dispatched(2, 1), ['task.succeeded', 'a', { fence: 1 }]],
      'fence 1',
    ],
    ['a second success', [...BEGUN, DONE[0] ?? ['run.queued'], DONE[0] ?? ['run.queued']], 'succeeded 2 times'],
    ['anything after the end', [...BEGUN, ...DONE, ['run.waiting']], 'of a run that is succeeded'],
    ['a stall that is told twice', [...BEGUN, STALLED, STALLED], 'tells what the event before told'],
    ['a stall of a run that somebody paused', [...BEGUN, ['run.paused'], STALLED], 'of a run that is paused'],
    ['a loss that is not counted', [...BEGUN, ['task.lost', 'a', { fence: 1, losses: 0 }]], '0 losses are counted'],
    [
      'a failure that is not counted',
      [...BEGUN, ['task.failed', 'a', { fence: 1 }], ['task.retrying', 'a', { failures: 0, round: 0 }]],
      '0 failures',
    ],
    ['an attempt that is not counted', [...BEGUN, ['task.lost', 'a', { fence: 1, losses: 1 }], dispatched(2, 1)], 'attempt 1 follows'],
    ['two dispatches at once', [...BEGUN, dispatched(2)], 'is dispatched'],
  ])('are wrong with %s', (_what, told, says) => {
    expect(wrongWith(...told).join('\n')).toContain(says);
  });

  test('are wrong where a number is missing', () => {
    const events = numbered(...BEGUN, ...DONE);
    expect(follow(emptyRun('r'), events.toSpliced(1, 1))[0]).toBe('event 3 (task.dispatched) follows event 1');
  });

  test('are wrong when no worker told what they say', () => {
    const events = numbered(...BEGUN, ...DONE);
    expect(follow(emptyRun('r'), events, () => false)).toEqual([expect.stringContaining('no worker told how fence 1 ended')]);
    expect(follow(emptyRun('r'), events, () => true)).toEqual([]);
  });
});

describe('the state of a run', () => {
  const definition = { name: 'p', stages: [{ id: 'a', retry: { maxAttempts: 4, maxLosses: 4 } }] } as unknown as Definition;
  const model = emptyRun('r');
  follow(model, numbered(...BEGUN, ...DONE));
  const task = { stage: 'a', status: 'succeeded', fence: 1, attempt: 1, failures: 0, losses: 0, rounds: 0 };
  const state = (more: object = {}, taskMore: object = {}): RunState =>
    ({
      seq: 5,
      status: 'succeeded',
      slot: false,
      decisions: new Map(),
      tasks: new Map([['a', { ...task, ...taskMore }]]),
      ...more,
    }) as unknown as RunState;

  test('is what its events say', () => {
    expect(compare(model, state(), definition)).toEqual([]);
  });

  test.each<[more: object, taskMore: object]>([
    [{ seq: 4 }, {}],
    [{ status: 'running' }, {}],
    [{ slot: true }, {}],
    [{ decisions: new Map([['d', {}]]) }, {}],
    [{}, { status: 'running' }],
    [{}, { fence: 2 }],
    [{}, { attempt: 2 }],
    [{}, { failures: 1 }],
    [{}, { losses: 1 }],
  ])('otherwise it is wrong: %j %j', (more, taskMore) => {
    expect(compare(model, state(more, taskMore), definition)).toHaveLength(1);
  });
});
