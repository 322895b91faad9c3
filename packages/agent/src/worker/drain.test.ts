import { describe, expect, test } from '@jest/globals';
import { aborted, TestAgent, waiting } from '../testing/agents.ts';
import { withScene } from '../testing/scene.ts';

describe('draining', () => {
  test('lets attempts end by themselves and reads no more', async () => {
    const gate = Promise.withResolvers<string>();
    await withScene([new TestAgent('it', () => gate.promise)], { graceMs: 10_000 }, async (scene) => {
      const [first, second] = [scene.task('it', {}), scene.task('it', {})];
      await scene.send(first);
      const drained = scene.worker.drain();
      await scene.advance(0);
      expect(scene.heartbeats.at(-1)?.draining).toBe(true);
      await scene.send(second);
      gate.resolve('in time');
      await drained;
      await scene.advance(0);
      expect((await scene.resultOf(first)).outcome).toEqual({ status: 'succeeded', output: 'in time' });
      expect((await scene.orchestrator.depths(['it'])).get('it')).toEqual({ waiting: 1, pending: 0 });
    });
  });

  test('hands back what does not end within the grace period, with a checkpoint made at the last moment', async () => {
    const agent = new TestAgent('it', async (_input, ctx) => {
      await aborted(ctx.signal).catch(() => ctx.suspend({ at: 'the end' }));
    });
    await withScene([agent], { graceMs: 10_000 }, async (scene) => {
      const task = scene.task('it', {});
      await scene.send(task);
      const drained = scene.worker.drain();
      await scene.advance(9_999);
      expect(scene.results()).toEqual([]);
      await scene.advance(1);
      await drained;
      expect(await scene.resultOf(task)).toMatchObject({ outcome: { status: 'suspended' }, checkpoint: { at: 'the end' } });
    });
  });

  test('ends the grace period early when the deadline says so', async () => {
    await withScene([waiting()], { graceMs: 60_000 }, async (scene) => {
      const task = scene.task('waiting', {});
      await scene.send(task);
      const deadline = new AbortController();
      const drained = scene.worker.drain(deadline.signal);
      await scene.advance(100);
      deadline.abort();
      await drained;
      expect((await scene.resultOf(task)).outcome).toEqual({ status: 'suspended' });
      expect(scene.clock.monotonic()).toBe(100);
    });
  });

  test('lets an agent hand itself back as soon as it begins', async () => {
    const early = new TestAgent('it', async (_input, ctx) => {
      await aborted(ctx.draining).catch(() => undefined);
      return ctx.suspend({ doneMs: 5 });
    });
    await withScene([early], {}, async (scene) => {
      const task = scene.task('it', {});
      await scene.send(task);
      await scene.worker.drain();
      expect(await scene.resultOf(task)).toMatchObject({ outcome: { status: 'suspended' }, checkpoint: { doneMs: 5 } });
      expect(scene.clock.monotonic()).toBe(0);
    });
  });

  test('keeps an output that comes in answer to the abort', async () => {
    const quick = new TestAgent('it', (_input, ctx) => aborted(ctx.signal).catch(() => 'just made it'));
    await withScene([quick], { graceMs: 100 }, async (scene) => {
      const task = scene.task('it', {});
      await scene.send(task);
      const drained = scene.worker.drain();
      await scene.advance(100);
      await drained;
      expect((await scene.resultOf(task)).outcome).toEqual({ status: 'succeeded', output: 'just made it' });
    });
  });

  test('hands back an attempt that does not listen', async () => {
    await withScene([new TestAgent('deaf', () => new Promise(() => undefined))], { graceMs: 100, abortGraceMs: 200 }, async (scene) => {
      const task = scene.task('deaf', {});
      await scene.send(task);
      const drained = scene.worker.drain();
      await scene.advance(100);
      await scene.advance(200);
      await drained;
      expect((await scene.resultOf(task)).outcome).toEqual({ status: 'suspended' });
    });
  });

  test('refuses ctx.suspend() while the worker is not draining, so that a task cannot go round for ever', async () => {
    await withScene([new TestAgent('it', (_input, ctx) => ctx.suspend())], {}, async (scene) => {
      expect(await scene.outcomeOf('it', {})).toMatchObject({ status: 'failed', error: { code: 'AGENT_FAILED' } });
    });
  });

  test('ends in bounded time when nothing can be sent any more', async () => {
    await withScene([waiting()], { graceMs: 100, abortGraceMs: 200 }, async (scene) => {
      await scene.send(scene.task('waiting', {}));
      scene.hub.disconnect('worker-1');
      const drained = scene.worker.drain();
      await scene.advance(100);
      await scene.advance(400);
      await drained;
      expect(scene.worker.running()).toHaveLength(1);
    });
  });
});

describe('the agents of a worker', () => {
  test('are started before the first task and stopped after the last', async () => {
    const story: string[] = [];
    class Hooked extends TestAgent {
      override start(): Promise<void> {
        story.push('start');
        return Promise.resolve();
      }
      override stop(): Promise<void> {
        story.push('stop');
        return Promise.resolve();
      }
    }
    const agent = new Hooked('it', () => Promise.resolve(story.push('run')));
    await withScene([agent], {}, async (scene) => {
      await scene.outcomeOf('it', {});
      await scene.worker.drain();
      await scene.worker.stop();
      await scene.worker.stop();
      expect(story).toEqual(['start', 'run', 'stop']);
    });
  });
});
