import { EventEmitter } from 'node:events';
import { FakeClock } from '@mainstay/utils/testing';
import { describe, expect, jest, test } from '@jest/globals';
import { installSignals } from './install-signals.ts';
import { createLifecycle } from './lifecycle.ts';
import type { LifecycleLogger } from './logger.ts';

async function setUp(stop: () => Promise<void> | void = () => undefined) {
  const source = new EventEmitter();
  const codes: number[] = [];
  const fatal: [object, string][] = [];
  const note = () => undefined;
  const logger: LifecycleLogger = { info: note, warn: note, error: note, fatal: (fields, message) => fatal.push([fields, message]) };
  const lifecycle = createLifecycle({ logger, clock: new FakeClock() });
  lifecycle.add({ name: 'part', stop });
  await lifecycle.start();
  const remove = installSignals(lifecycle, { source, exit: (code) => codes.push(code) });
  return { source, codes, fatal, lifecycle, remove };
}

const turn = () => new Promise(setImmediate);

describe('installSignals', () => {
  test.each(['SIGTERM', 'SIGINT'])('%s shuts down and exits with 0', async (signal) => {
    const { source, codes, lifecycle } = await setUp();
    source.emit(signal);
    await turn();
    expect(codes).toEqual([0]);
    expect(lifecycle.state).toBe('stopped');
  });

  test('exits with 1 when a step of the shutdown failed', async () => {
    const { source, codes } = await setUp(() => Promise.reject(new Error('x')));
    source.emit('SIGTERM');
    await turn();
    expect(codes).toEqual([1]);
  });

  test.each([
    ['SIGTERM', 'SIGINT', 130],
    ['SIGINT', 'SIGTERM', 143],
  ])('%s and then %s exits at once with %i', async (first, second, code) => {
    const { source, codes } = await setUp(() => new Promise(() => undefined));
    source.emit(first);
    await turn();
    expect(codes).toEqual([]);
    source.emit(second);
    expect(codes).toEqual([code]);
  });

  test.each(['uncaughtException', 'unhandledRejection'])('%s is logged, shuts down and exits with 1', async (event) => {
    const { source, codes, fatal, lifecycle } = await setUp();
    const error = new Error('nobody caught me');
    source.emit(event, error);
    source.emit(event, error);
    await turn();
    expect(codes).toEqual([1]);
    expect(fatal.map(([fields]) => fields)).toEqual([{ err: error }, { err: error }]);
    expect(lifecycle.state).toBe('stopped');
  });

  test('exits with 1 when something breaks during an ordered shutdown', async () => {
    const gate = Promise.withResolvers<undefined>();
    const { source, codes } = await setUp(() => gate.promise);
    source.emit('SIGTERM');
    source.emit('unhandledRejection', new Error('late'));
    gate.resolve(undefined);
    await turn();
    expect(new Set(codes)).toEqual(new Set([1]));
  });

  test('writes crashes to stderr when there is no logger', async () => {
    const written: string[] = [];
    const spy = jest.spyOn(process.stderr, 'write').mockImplementation((text) => written.push(String(text)) > 0);
    try {
      const source = new EventEmitter();
      installSignals(createLifecycle(), { source, exit: () => undefined });
      source.emit('uncaughtException', new Error('visible'));
      source.emit('unhandledRejection', 'text');
      await turn();
    } finally {
      spy.mockRestore();
    }
    expect(written[0]).toContain('uncaught exception: Error: visible');
    expect(written[1]).toContain('"err":"text"');
  });

  test('removes its handlers', async () => {
    const { source, remove } = await setUp();
    expect(source.eventNames()).toHaveLength(4);
    remove();
    expect(source.eventNames()).toEqual([]);
  });
});
