import { describe, expect, jest, test } from '@jest/globals';
import { type AttemptRef, type ControlMessage, DependencyError } from '@mainstay/types';
import { aborted, TestAgent, waiting } from '../testing/agents.ts';
import { withScene } from '../testing/scene.ts';

const cancel = (reason: 'cancelled' | 'lease-lost' | 'deadline', ...attempts: AttemptRef[]): ControlMessage => ({
  v: 1,
  type: 'cancel',
  attempts,
  reason,
});

describe('who may work on a task', () => {
  test('an attempt that is cancelled is aborted and told as cancelled', async () => {
    let reason: unknown;
    const agent = new TestAgent('it', (_input, { signal }) =>
      aborted(signal).catch((error: unknown) => {
        reason = error;
      }),
    );
    await withScene([agent], {}, async (scene) => {
      const task = scene.task('it', {});
      await scene.send(task);
      await scene.tell(cancel('cancelled', task));
      expect((await scene.resultOf(task)).outcome).toEqual({ status: 'cancelled' });
      expect(reason).toMatchObject({ code: 'CANCELLED' });
    });
  });

  test('a cancelled attempt that does not listen is told as cancelled all the same', async () => {
    await withScene([new TestAgent('deaf', () => new Promise(() => undefined))], { abortGraceMs: 1_000 }, async (scene) => {
      const task = scene.task('deaf', {});
      await scene.send(task);
      await scene.tell(cancel('cancelled', task));
      expect(scene.results()).toEqual([]);
      await scene.advance(1_000);
      expect((await scene.resultOf(task)).outcome).toEqual({ status: 'cancelled' });
    });
  });

  test('an attempt whose lease was taken is aborted, nothing is told of it, and its delivery is acknowledged', async () => {
    let reason: unknown;
    const agent = waiting('it', ({ signal }) => {
      signal.addEventListener('abort', () => {
        reason = signal.reason;
      });
    });
    await withScene([agent], {}, async (scene) => {
      const task = scene.task('it', {});
      await scene.send(task);
      expect(await scene.pending('it')).toBe(1);
      await scene.tell(cancel('lease-lost', task));
      await scene.advance(10_000);
      expect(reason).toMatchObject({ code: 'LEASE_LOST' });
      expect(scene.results()).toEqual([]);
      expect(await scene.pending('it')).toBe(0);
      expect(scene.worker.running()).toEqual([]);
    });
  });

  test('a cancellation of another fence does nothing', async () => {
    await withScene([waiting()], {}, async (scene) => {
      const task = scene.task('waiting', {}, { fence: 4 });
      await scene.send(task);
      await scene.tell(cancel('cancelled', { ...task, fence: 3 }));
      await scene.advance(10_000);
      expect(scene.results()).toEqual([]);
    });
  });

  test('the same attempt delivered twice runs once, while it runs and after it has ended', async () => {
    let runs = 0;
    const gate = Promise.withResolvers<null>();
    const agent = new TestAgent('it', () => ((runs += 1), gate.promise));
    await withScene([agent], {}, async (scene) => {
      const task = scene.task('it', {});
      await scene.send(task, task);
      gate.resolve(null);
      await scene.resultOf(task);
      await scene.send(task);
      await scene.advance(10);
      expect(runs).toBe(1);
      expect(scene.results()).toHaveLength(1);
      expect(await scene.pending('it')).toBe(0);
    });
  });

  test('a newer fence takes the task from the older attempt; an older one is dropped', async () => {
    const agent = new TestAgent('it', (_input, ctx) => (ctx.fence === 2 ? Promise.resolve('second') : aborted(ctx.signal)));
    await withScene([agent], {}, async (scene) => {
      const first = scene.task('it', {});
      const second = { ...first, fence: 2 };
      await scene.send(first);
      await scene.send(second);
      expect((await scene.resultOf(second)).outcome).toEqual({ status: 'succeeded', output: 'second' });
      await scene.send(first);
      await scene.advance(10_000);
      expect(scene.results()).toHaveLength(1);
      expect(await scene.pending('it')).toBe(0);
    });
  });

  test('without a heartbeat for the length of the lease all attempts are aborted, and handed back when the carrier is back', async () => {
    let reason: unknown;
    const agent = waiting('it', async (ctx) => {
      ctx.signal.addEventListener('abort', () => {
        reason = ctx.signal.reason;
      });
      await ctx.checkpoint({ far: true });
    });
    await withScene([agent], { leaseMs: 4_000 }, async (scene) => {
      const task = scene.task('it', {});
      await scene.send(task);
      await scene.until(() => scene.reports().length === 1);
      scene.hub.disconnect('worker-1');
      await scene.advance(3_999);
      expect(reason).toBeUndefined();
      await scene.advance(1);
      expect(reason).toMatchObject({ code: 'LEASE_LOST' });
      scene.hub.reconnect('worker-1');
      await scene.advance(1_000);
      expect((await scene.resultOf(task)).outcome).toEqual({ status: 'suspended' });
    });
  });

  test('while the lease has run out nothing is begun, though tasks could be read; when heartbeats get through again, it is', async () => {
    const begun: unknown[] = [];
    const agent = new TestAgent('it', (input) => Promise.resolve(begun.push(input)));
    await withScene([agent], { leaseMs: 4_000 }, async (scene) => {
      await scene.advance(1_500);
      const publish = jest.spyOn(scene.transport, 'publish').mockRejectedValue(new DependencyError('REDIS_UNAVAILABLE', 'no news'));
      await scene.advance(3_600);
      const [first, second] = [scene.task('it', 1), scene.task('it', 2)];
      // this read was under way already
      await scene.send(first);
      expect((await scene.resultOf(first)).outcome).toEqual({ status: 'suspended' });
      await scene.send(second);
      await scene.advance(10_000);
      expect(begun).toEqual([]);
      publish.mockRestore();
      await scene.advance(2_000);
      expect((await scene.resultOf(second)).outcome).toEqual({ status: 'succeeded', output: 1 });
      expect(begun).toEqual([2]);
    });
  });

  test('a short outage loses nothing: the result is kept, told in heartbeats, and sent afterwards', async () => {
    const gate = Promise.withResolvers<string>();
    await withScene([new TestAgent('it', () => gate.promise)], {}, async (scene) => {
      const task = scene.task('it', {});
      await scene.send(task);
      scene.hub.disconnect('worker-1');
      gate.resolve('done meanwhile');
      await scene.advance(2_000);
      expect(scene.worker.running()).toEqual([{ run: task.run, task: task.task, fence: 1 }]);
      scene.hub.reconnect('worker-1');
      await scene.advance(1_000);
      expect((await scene.resultOf(task)).outcome).toEqual({ status: 'succeeded', output: 'done meanwhile' });
      expect(scene.worker.running()).toEqual([]);
      expect(await scene.pending('it')).toBe(0);
    });
  });

  test('a task whose delivery was lost on its way is found again after the connection was', async () => {
    await withScene([new TestAgent('it', (input) => Promise.resolve(input))], {}, async (scene) => {
      scene.hub.disconnect('worker-1');
      const task = scene.task('it', 'lost');
      await scene.send(task);
      // somebody with the worker's name reads the task and the reply gets lost
      const ghost = scene.hub.connect({ name: 'worker-1', side: 'worker' });
      await ghost.start();
      const read = await ghost.receiveTasks({ kinds: ['it'], max: 1, blockMs: 0, signal: new AbortController().signal });
      expect(read).toHaveLength(1);
      await ghost.close();
      (scene.transport as unknown as { reconnect(): void }).reconnect();
      await scene.advance(1_000);
      expect((await scene.resultOf(task)).outcome).toEqual({ status: 'succeeded', output: 'lost' });
    });
  });
});
