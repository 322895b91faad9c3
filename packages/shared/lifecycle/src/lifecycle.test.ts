import { FakeClock } from '@mainstay/utils/testing';
import { describe, expect, test } from '@jest/globals';
import type { Component } from './component.ts';
import { createLifecycle, type LifecycleState } from './lifecycle.ts';
import type { LifecycleLogger } from './logger.ts';

/** Logs what its components are told, in order. */
function setUp(graceMs = 1_000) {
  const clock = new FakeClock();
  const errors: string[] = [];
  const note = () => undefined;
  const logger: LifecycleLogger = { info: note, warn: note, fatal: note, error: (_fields, message) => errors.push(message) };
  const lifecycle = createLifecycle({ clock, graceMs, logger });
  const log: string[] = [];
  const states: LifecycleState[] = [];
  lifecycle.onState((state) => states.push(state));
  const component = (name: string, own: Partial<Component> = {}): Component => ({
    name,
    start: () => void log.push(`start ${name}`),
    drain: () => void log.push(`drain ${name}`),
    stop: () => void log.push(`stop ${name}`),
    ...own,
  });
  return { clock, errors, lifecycle, log, states, component };
}

const hang = () => new Promise<void>(() => undefined);
const explode = () => Promise.reject(new Error('broken'));

describe('createLifecycle', () => {
  test('starts in order, then drains all and stops all in reverse', async () => {
    const { lifecycle, log, states, component } = setUp();
    for (const name of ['database', 'engine', 'http']) lifecycle.add(component(name));
    expect(lifecycle.state).toBe('starting');
    await lifecycle.start();
    expect(lifecycle.state).toBe('ready');
    const report = await lifecycle.shutdown('test');
    expect(log).toEqual([
      ...['start database', 'start engine', 'start http'],
      ...['drain http', 'drain engine', 'drain database'],
      ...['stop http', 'stop engine', 'stop database'],
    ]);
    expect(states).toEqual(['ready', 'draining', 'stopped']);
    expect(report).toEqual({ reason: 'test', failures: [], tookMs: 0 });
  });

  test('knows since when each component runs', async () => {
    const { clock, lifecycle, component } = setUp();
    const gate = Promise.withResolvers<undefined>();
    lifecycle.add(component('first'));
    lifecycle.add(component('second', { start: () => gate.promise }));
    const started = lifecycle.start();
    await clock.advance(100);
    expect(lifecycle.runningSince('second')).toBeUndefined();
    gate.resolve(undefined);
    await started;
    expect((lifecycle.runningSince('second') ?? 0) - (lifecycle.runningSince('first') ?? 0)).toBe(100);
  });

  test('starts once and shuts down once, however often it is asked', async () => {
    const { lifecycle, log, component } = setUp();
    lifecycle.add(component('a'));
    await Promise.all([lifecycle.start(), lifecycle.start()]);
    const [first, second] = await Promise.all([lifecycle.shutdown('first'), lifecycle.shutdown('second')]);
    expect(second).toBe(first);
    expect(log).toEqual(['start a', 'drain a', 'stop a']);
  });

  test('aborts its signal when draining begins', async () => {
    const { lifecycle } = setUp();
    await lifecycle.start();
    expect(lifecycle.signal.aborted).toBe(false);
    const ended = lifecycle.shutdown('deploy');
    expect(lifecycle.state).toBe('draining');
    expect(lifecycle.signal.reason).toMatchObject({ code: 'SUSPENDED', message: 'Shutting down: deploy' });
    await ended;
  });

  test('stops in reverse what was started when a start fails, and rejects with its error', async () => {
    const { lifecycle, log, states, component } = setUp();
    lifecycle.add(component('a'));
    lifecycle.add(component('b'));
    lifecycle.add(component('c', { start: explode }));
    lifecycle.add(component('d'));
    await expect(lifecycle.start()).rejects.toThrow('broken');
    expect(log).toEqual(['start a', 'start b', 'stop b', 'stop a']);
    expect(states).toEqual(['draining', 'failed']);
    await expect(lifecycle.shutdown('later')).resolves.toMatchObject({ reason: 'the start failed' });
  });

  test('interrupts a start that is under way and stops what had been started', async () => {
    const { lifecycle, log, states, component } = setUp();
    lifecycle.add(component('a'));
    lifecycle.add(
      component('b', {
        start: (signal) =>
          new Promise((_resolve, reject) => {
            signal.addEventListener('abort', () => {
              reject(new Error('interrupted'));
            });
          }),
      }),
    );
    const started = expect(lifecycle.start()).rejects.toThrow('interrupted');
    await new Promise(setImmediate);
    await lifecycle.shutdown('SIGTERM');
    await started;
    expect(log).toEqual(['start a', 'drain a', 'stop a']);
    expect(states).toEqual(['draining', 'stopped']);
  });

  test('stops a component whose start ended only after the shutdown was asked for', async () => {
    const { lifecycle, log, component } = setUp();
    const gate = Promise.withResolvers<undefined>();
    lifecycle.add(component('slow', { start: () => gate.promise }));
    const started = expect(lifecycle.start()).rejects.toMatchObject({ code: 'CANCELLED' });
    const ended = lifecycle.shutdown('SIGTERM');
    gate.resolve(undefined);
    await started;
    await ended;
    expect(log).toEqual(['drain slow', 'stop slow']);
  });

  test('gives up a start that ignores the shutdown', async () => {
    const { clock, lifecycle, component } = setUp();
    lifecycle.add(component('deaf', { start: hang, stopTimeoutMs: 200 }));
    const started = expect(lifecycle.start()).rejects.toMatchObject({ code: 'OPERATION_TIMEOUT' });
    const ended = lifecycle.shutdown('SIGTERM');
    await clock.advance(200);
    await started;
    await ended;
    expect(lifecycle.state).toBe('stopped');
  });

  test('cannot be started once it is shutting down', async () => {
    const { lifecycle, log, component } = setUp();
    lifecycle.add(component('a'));
    await lifecycle.shutdown('never mind');
    await expect(lifecycle.start()).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
    expect(log).toEqual([]);
  });

  test('tells a draining component when the grace period is over and gives it its own time to hand work back', async () => {
    const { clock, lifecycle, log, component } = setUp(1_000);
    lifecycle.add(
      component('worker', {
        drain: async (deadline) => {
          await new Promise((resolve) => {
            deadline.addEventListener('abort', resolve);
          });
          await clock.sleep(150);
          log.push('handed back');
        },
        stopTimeoutMs: 200,
      }),
    );
    await lifecycle.start();
    const ended = lifecycle.shutdown('SIGTERM');
    await clock.advance(999);
    expect(log).toEqual(['start worker']);
    await clock.advance(151);
    const report = await ended;
    expect(log).toEqual(['start worker', 'handed back', 'stop worker']);
    expect(report).toMatchObject({ failures: [], tookMs: 1_150 });
  });

  test('goes on with the others when steps fail or hang, and ends as failed', async () => {
    const { clock, errors, lifecycle, log, component } = setUp(1_000);
    lifecycle.add(component('a'));
    lifecycle.add(component('b', { stop: hang, stopTimeoutMs: 50 }));
    lifecycle.add(component('c', { drain: hang, stop: explode, stopTimeoutMs: 100 }));
    await lifecycle.start();
    const ended = lifecycle.shutdown('SIGTERM');
    await clock.advance(1_150);
    const { failures, tookMs } = await ended;
    expect(failures.map(({ component: name, step }) => `${step} ${name}`)).toEqual(['drain c', 'stop c', 'stop b']);
    expect(failures.map(({ error }) => error)).toMatchObject([
      { code: 'OPERATION_TIMEOUT' },
      { message: 'broken' },
      { code: 'OPERATION_TIMEOUT' },
    ]);
    expect(log).toEqual(['start a', 'start b', 'start c', 'drain b', 'drain a', 'stop a']);
    expect(tookMs).toBe(1_150);
    expect(lifecycle.state).toBe('failed');
    expect(errors).toHaveLength(3);
    expect(clock.pendingTimers).toBe(0);
  });

  test('bounds drains that begin after the grace period was used up', async () => {
    const { clock, lifecycle, component } = setUp(0);
    lifecycle.add(component('a', { drain: hang, stopTimeoutMs: 10 }));
    lifecycle.add(component('b', { drain: hang, stopTimeoutMs: 10 }));
    await lifecycle.start();
    const ended = lifecycle.shutdown('SIGTERM');
    await clock.advance(20);
    expect((await ended).tookMs).toBe(20);
  });

  test('leaves out the steps that a component does not have', async () => {
    const { lifecycle } = setUp();
    lifecycle.add({ name: 'bare' });
    await lifecycle.start();
    await expect(lifecycle.shutdown('test')).resolves.toMatchObject({ failures: [] });
  });

  test('survives listeners that fail and forgets those that left', async () => {
    const { errors, lifecycle } = setUp();
    const seen: LifecycleState[] = [];
    lifecycle.onState(() => {
      throw new Error('listener');
    });
    const leave = lifecycle.onState((state) => seen.push(state));
    await lifecycle.start();
    leave();
    await lifecycle.shutdown('test');
    expect(seen).toEqual(['ready']);
    expect(errors).toHaveLength(3);
  });

  test('refuses components that come too late or have the name of another', async () => {
    const { lifecycle } = setUp();
    lifecycle.add({ name: 'a' });
    expect(() => {
      lifecycle.add({ name: 'a' });
    }).toThrow('There are two components named a');
    await lifecycle.start();
    expect(() => {
      lifecycle.add({ name: 'b' });
    }).toThrow('Component b was added after the start');
  });

  test('refuses a grace period that is not a number', () => {
    expect(() => createLifecycle({ graceMs: -1 })).toThrow('lifecycle: option graceMs must be a number of at least 0, not -1');
  });
});
