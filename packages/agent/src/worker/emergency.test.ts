import { describe, expect, test } from '@jest/globals';
import { TestAgent, waiting } from '../testing/agents.ts';
import { withScene } from '../testing/scene.ts';

const quick = () => new TestAgent('quick', (input) => Promise.resolve(input));

describe('a worker that takes only some classes', () => {
  test('leaves the others to other workers, and takes them again when it may', async () => {
    await withScene([quick()], {}, async (scene) => {
      scene.worker.takeOnly('high');
      const low = scene.task('quick', 1, { priority: 'low' });
      await scene.advance(3_000);
      await scene.send(low);
      expect(await scene.outcomeOf('quick', 2, { priority: 'high' })).toMatchObject({ status: 'succeeded' });
      expect(scene.results().some(({ run }) => run === low.run)).toBe(false);
      scene.worker.takeOnly('low');
      await scene.advance(3_000);
      expect((await scene.resultOf(low)).outcome).toEqual({ status: 'succeeded', output: 1 });
    });
  });

  test('hands back what a read under way still brings', async () => {
    await withScene([quick()], {}, async (scene) => {
      scene.worker.takeOnly('normal');
      expect(await scene.outcomeOf('quick', 1, { priority: 'low' })).toEqual({ status: 'suspended' });
    });
  });

  test('hands back attempts of lower classes, whose work is told to stop, and keeps the others', async () => {
    const reasons: unknown[] = [];
    const agent = waiting('waiting', ({ signal, task }) => {
      signal.addEventListener('abort', () => reasons.push([task, (signal.reason as { code?: string }).code]));
    });
    await withScene([agent], {}, async (scene) => {
      const tasks = (['low', 'normal', 'high'] as const).map((priority) => scene.task('waiting', {}, { priority, task: priority }));
      await scene.send(...tasks);
      expect(scene.worker.handBack('normal', 'An emergency')).toBe(1);
      await scene.advance(0);
      expect(reasons).toEqual([['low', 'SUSPENDED']]);
      expect(scene.results().map(({ task, outcome }) => [task, outcome.status])).toEqual([['low', 'suspended']]);
      expect(scene.worker.running()).toHaveLength(2);
    });
  });
});

describe('a worker whose capacity is lowered', () => {
  test('begins fewer attempts, at least one, and more as soon as it may', async () => {
    await withScene([waiting()], { capacity: 4 }, async (scene) => {
      scene.worker.limit(0.5);
      // a read under way may have asked for more
      await scene.advance(3_000);
      await scene.send(...Array.from({ length: 6 }, () => scene.task('waiting', {})));
      expect(scene.worker.running()).toHaveLength(1);
      scene.worker.limit(100);
      await scene.advance(0);
      expect(scene.worker.running()).toHaveLength(4);
    });
  });
});

describe('news of an emergency', () => {
  test('ask for no introduction', async () => {
    await withScene([quick()], { heartbeatMs: 1_000, leaseMs: 4_000 }, async (scene) => {
      const before = scene.heartbeats.length;
      const emergency = { process: 'o', active: true, reason: 'drill', by: 'ada', ttlMs: 60_000 };
      await scene.tell({ v: 1, type: 'hello', from: 'o', emergency });
      expect(scene.heartbeats).toHaveLength(before);
      await scene.tell({ v: 1, type: 'hello', from: 'o' });
      expect(scene.heartbeats).toHaveLength(before + 1);
    });
  });
});
