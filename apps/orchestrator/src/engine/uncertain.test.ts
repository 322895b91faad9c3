import { describe, expect, test } from '@jest/globals';
import { createLogger } from '@mainstay/observability';
import { DependencyError } from '@mainstay/types';
import { systemClock } from '@mainstay/utils';
import { createMemoryStore } from '../store/memory/memory-store.ts';
import type { AttemptRow, Store } from '../store/store.ts';
import { Marks } from './marks.ts';
import { Uncertain } from './uncertain.ts';

const attempt: AttemptRow = { run: 'r', task: 's', fence: 1 };

function scene() {
  const marks = new Marks('me');
  const stop = new AbortController();
  const published: number[] = [];
  const redispatched: AttemptRow[] = [];
  let away = true;
  let during: (() => void) | undefined;
  const memory = createMemoryStore();
  const store: Store = {
    ...memory,
    checkIn: (mark) => {
      if (away) return Promise.reject(new DependencyError('POSTGRES_UNAVAILABLE', 'away'));
      published.push(mark.published);
      return memory.checkIn(mark);
    },
    unpublished: () => Promise.resolve([attempt]),
  };
  const uncertain = new Uncertain({
    ...{ self: 'me', store, marks, clock: systemClock, logger: createLogger({ service: 'test', level: 'silent' }) },
    undelivered: (attempts) => {
      redispatched.push(...attempts);
      during?.();
      during = undefined;
      return Promise.resolve();
    },
    ...{ signal: stop.signal, retryMs: 1 },
  });
  return {
    ...{ marks, uncertain, published, redispatched, stop },
    back: (): void => {
      away = false;
    },
    whileSettling: (what: () => void): void => {
      during = what;
    },
  };
}

async function until(holds: () => boolean): Promise<void> {
  for (let i = 0; i < 2_000 && !holds(); i++) await new Promise((resolve) => setTimeout(resolve, 1));
  expect(holds()).toBe(true);
}

describe('Uncertain', () => {
  test('holds the mark below the first batch without an answer until the store is back, then has everything above it sent anew', async () => {
    const { marks, uncertain, published, redispatched, back } = scene();
    marks.close(marks.open().batch);
    for (let i = 0; i < 1_000; i++) uncertain.add(marks.open().batch);
    expect(marks.current()).toMatchObject({ batch: 1_001, published: 1 });
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(marks.current().published).toBe(1);
    back();
    await until(() => marks.current().published === 1_001);
    expect([published, redispatched]).toEqual([[1], [attempt]]);
    await uncertain.ended();
  });

  test('a batch that becomes uncertain while others are settled is settled after them', async () => {
    const { marks, uncertain, redispatched, back, whileSettling } = scene();
    uncertain.add(marks.open().batch);
    whileSettling(() => {
      uncertain.add(marks.open().batch);
      uncertain.add(marks.open().batch);
    });
    back();
    await until(() => redispatched.length === 1);
    await until(() => marks.current().published === 3);
    expect(redispatched).toHaveLength(2);
  });

  test('gives up when it is to stop; the mark stays where it is', async () => {
    const { marks, uncertain, stop } = scene();
    uncertain.add(marks.open().batch);
    stop.abort();
    await uncertain.ended();
    expect(marks.current().published).toBe(0);
  });
});
