import { describe, expect, test } from '@jest/globals';
import { createLogger } from '@mainstay/observability';
import { createMemoryHub, type Receipt, type Transport } from '@mainstay/transport';
import { type AttemptRef, DependencyError, type TaskMessage } from '@mainstay/types';
import { type Clock, systemClock } from '@mainstay/utils';
import { FakeClock } from '@mainstay/utils/testing';
import type { Change } from '../pipeline/model.ts';
import { Harness } from '../pipeline/testing/harness.ts';
import { Dispatcher } from './dispatcher.ts';
import { Marks } from './marks.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const receipt = (entry: string): Receipt => ({ lane: 'results', entry });
const started = (priority = 0): Change =>
  new Harness(
    [
      { id: 'a', agent: 'x' },
      { id: 'b', agent: 'x' },
    ],
    {},
    { priority },
  ).created.started;

function scene(clock: Clock = systemClock) {
  const marks = new Marks('me');
  const calls: string[] = [];
  const gates: { readonly resolve: () => void; readonly reject: (error: Error) => void }[] = [];
  let up = true;
  const call = (what: string): Promise<void> => {
    calls.push(what);
    return new Promise((resolve, reject) => gates.push({ resolve, reject }));
  };
  const real = createMemoryHub().connect({ name: 'me', side: 'orchestrator' });
  const transport: Transport = Object.create(real, {
    up: { get: () => up },
    sendTasks: {
      value: (tasks: readonly TaskMessage[]) => call(`tasks ${tasks.length}${tasks[0]?.priority === 'high' ? ' high' : ''}`),
    },
    ackResults: { value: (receipts: readonly Receipt[]) => call(`acks ${receipts.map(({ entry }) => entry).join()}`) },
  }) as Transport;
  const undelivered: (readonly AttemptRef[])[] = [];
  const uncertain: number[] = [];
  let refuse = false;
  const dispatcher = new Dispatcher({
    ...{ transport, marks, clock, logger: createLogger({ service: 'test', level: 'silent' }) },
    undelivered: (attempts) => {
      undelivered.push(attempts);
      return refuse ? Promise.reject(new Error('no')) : Promise.resolve();
    },
    onUncertain: (batch) => uncertain.push(batch),
  });
  const publish = (): void => {
    dispatcher.publish([started()], marks.open().batch);
  };
  return {
    ...{ marks, calls, gates, dispatcher, undelivered, uncertain, publish },
    setUp: (now: boolean) => (up = now),
    refuse: () => (refuse = true),
  };
}

describe('Dispatcher', () => {
  test('sends what came in one turn in one turn, tasks first, and gathers while that is under way', async () => {
    const { calls, gates, dispatcher, marks, publish } = scene();
    dispatcher.start();
    publish();
    dispatcher.ack(receipt('1'));
    dispatcher.ack(receipt('2'));
    await turn();
    expect(calls).toEqual(['tasks 2', 'acks 1,2']);
    publish();
    publish();
    dispatcher.ack(receipt('3'));
    await turn();
    expect([calls.length, dispatcher.backlog, marks.current().published]).toEqual([2, 6, 0]);
    gates[0]?.resolve();
    await turn();
    expect([calls.slice(2), dispatcher.backlog, marks.current().published]).toEqual([['tasks 4'], 4, 1]);
    gates[1]?.resolve();
    await turn();
    expect(calls.slice(3)).toEqual(['acks 3']);
    for (const { resolve } of gates) resolve();
    await turn();
    expect([dispatcher.idle, dispatcher.backlog, marks.current().published]).toEqual([true, 0, 3]);
  });

  test('urgent tasks do not wait for others; a batch is closed when all of its tasks are there', async () => {
    const { calls, gates, dispatcher, marks, publish } = scene();
    dispatcher.start();
    publish();
    await turn();
    dispatcher.publish([started(), started(1)], marks.open().batch);
    await turn();
    expect(calls).toEqual(['tasks 2', 'tasks 2 high']);
    gates[1]?.resolve();
    await turn();
    expect([marks.current().published, dispatcher.backlog]).toEqual([0, 4]);
    gates[0]?.resolve();
    await turn();
    expect([calls[2], marks.current().published]).toEqual(['tasks 2', 1]);
    gates[2]?.resolve();
    await turn();
    expect([marks.current().published, dispatcher.idle]).toEqual([2, true]);
  });

  test('of a batch that could be sent in part only the rest is dispatched anew, and it is open until then', async () => {
    const { gates, dispatcher, marks, undelivered } = scene();
    dispatcher.start();
    dispatcher.publish([started(), started(1)], marks.open().batch);
    await turn();
    gates[0]?.resolve();
    gates[1]?.reject(new DependencyError('REDIS_UNAVAILABLE', 'away'));
    expect(marks.current().published).toBe(0);
    await turn();
    expect([undelivered.map(({ length }) => length), marks.current().published, dispatcher.backlog]).toEqual([[2], 1, 0]);
  });

  test('closes a batch that dispatches nothing', () => {
    const { dispatcher, marks } = scene();
    dispatcher.publish([], marks.open().batch);
    expect([marks.current().published, dispatcher.idle]).toEqual([1, true]);
  });

  test('what could not be sent counts as backlog until it is dispatched anew, when the transport is back', async () => {
    const { gates, dispatcher, marks, undelivered, publish, setUp } = scene();
    dispatcher.start();
    publish();
    await turn();
    setUp(false);
    gates[0]?.reject(new DependencyError('REDIS_UNAVAILABLE', 'away'));
    await turn();
    expect([dispatcher.backlog, dispatcher.idle, undelivered.length, marks.current().published]).toEqual([2, false, 0, 0]);
    setUp(true);
    await new Promise((resolve) => setTimeout(resolve, 250));
    expect(undelivered.flat().map(({ task }) => task)).toEqual(['a', 'b']);
    expect([dispatcher.backlog, dispatcher.idle, marks.current().published]).toEqual([0, true, 1]);
  });

  test('while the transport is full it tries one task at a time, and all others when that was taken', async () => {
    const clock = new FakeClock();
    const { gates, dispatcher, undelivered, publish } = scene(clock);
    dispatcher.start();
    publish();
    publish();
    await turn();
    gates[0]?.reject(new DependencyError('REDIS_FULL', 'no memory'));
    await turn();
    await clock.advance(900);
    expect([dispatcher.full, undelivered.length, dispatcher.backlog]).toEqual([true, 0, 4]);
    await clock.advance(200);
    expect(undelivered.map(({ length }) => length)).toEqual([1]);
    await clock.advance(1_000);
    expect(undelivered.map(({ length }) => length)).toEqual([1, 1]);
    publish();
    await turn();
    gates[1]?.resolve();
    await turn();
    await clock.advance(100);
    expect(undelivered.map(({ length }) => length)).toEqual([1, 1, 2]);
    expect([dispatcher.full, dispatcher.backlog]).toEqual([false, 0]);
  });

  test('what cannot be dispatched anew either is looked for in the store', async () => {
    const { gates, dispatcher, marks, uncertain, publish, refuse } = scene();
    dispatcher.start();
    refuse();
    publish();
    await turn();
    gates[0]?.reject(new DependencyError('REDIS_UNAVAILABLE', 'away'));
    await turn();
    expect([uncertain, dispatcher.backlog, marks.current().published]).toEqual([[1], 0, 0]);
  });

  test('tries acknowledgements again', async () => {
    const { calls, gates, dispatcher } = scene();
    dispatcher.start();
    dispatcher.ack(receipt('1'));
    await turn();
    gates[0]?.reject(new DependencyError('REDIS_UNAVAILABLE', 'away'));
    await new Promise((resolve) => setTimeout(resolve, 250));
    expect(calls).toEqual(['acks 1', 'acks 1']);
  });

  test('sends the tasks that wait before it stops', async () => {
    const { calls, gates, dispatcher, publish } = scene();
    dispatcher.start();
    publish();
    const stopped = dispatcher.stop();
    await turn();
    publish();
    gates[0]?.resolve();
    await turn();
    gates[1]?.resolve();
    await stopped;
    expect([calls, dispatcher.backlog]).toEqual([['tasks 2', 'tasks 2'], 0]);
  });
});
