import { describe, expect, test } from '@jest/globals';
import { TestAgent, waiting } from '../testing/agents.ts';
import { withScene } from '../testing/scene.ts';

describe('what is told of an attempt while it runs', () => {
  test('nothing when it is short', async () => {
    await withScene([new TestAgent('it', async (input, ctx) => ctx.progress(1).then(() => input))], {}, async (scene) => {
      await scene.outcomeOf('it', {});
      await scene.advance(1_000);
      expect(scene.reports()).toEqual([]);
    });
  });

  test('that it runs, once it has run for the report interval, and nothing more without news', async () => {
    await withScene([waiting()], { reportMs: 250 }, async (scene) => {
      await scene.send(scene.task('waiting', {}));
      await scene.advance(249);
      expect(scene.reports()).toEqual([]);
      await scene.advance(1);
      expect(scene.reports()).toMatchObject([{ type: 'report', worker: 'worker-1', events: [] }]);
      await scene.advance(5_000);
      expect(scene.reports()).toHaveLength(1);
    });
  });

  test('only the latest progress, clamped to 0…1', async () => {
    const agent = waiting('it', async (ctx) => {
      await ctx.progress(-1);
      await ctx.progress(0.5, 'half');
      await ctx.progress(7, 'n'.repeat(2_000));
    });
    await withScene([agent], { reportMs: 250 }, async (scene) => {
      await scene.send(scene.task('it', {}));
      await scene.advance(250);
      expect(scene.reports().map(({ progress }) => progress)).toEqual([{ fraction: 1, note: 'n'.repeat(1_000) }]);
    });
  });

  test('a checkpoint at once; the agent goes on when it has left the process', async () => {
    const agent = waiting('it', (ctx) => ctx.checkpoint({ done: 1 }).then(() => ctx.checkpoint({ done: 2 })));
    await withScene([agent], {}, async (scene) => {
      await scene.send(scene.task('it', {}));
      await scene.until(() => scene.reports().length === 2);
      expect(scene.reports().map(({ checkpoint }) => checkpoint)).toEqual([{ done: 1 }, { done: 2 }]);
      expect(scene.clock.monotonic()).toBe(0);
    });
  });

  test('a checkpoint later when the carrier is away, and the agent waits for it', async () => {
    let went = false;
    let disconnect = (): void => undefined;
    const agent = waiting('it', async (ctx) => {
      await ctx.checkpoint('early');
      disconnect();
      await ctx.checkpoint('late');
      went = true;
    });
    await withScene([agent], {}, async (scene) => {
      disconnect = () => {
        scene.hub.disconnect('worker-1');
      };
      await scene.send(scene.task('it', {}));
      await scene.until(() => scene.reports().length === 1);
      await scene.advance(500);
      expect(went).toBe(false);
      scene.hub.reconnect('worker-1');
      await scene.advance(1_000);
      expect(went).toBe(true);
      expect(scene.reports().at(-1)).toMatchObject({ checkpoint: 'late' });
    });
  });

  test('events, in order, also when the attempt ends right after', async () => {
    const agent = new TestAgent('it', async (_input, ctx) => {
      await ctx.emit({ name: 'first', data: { n: 1 } });
      await ctx.emit({ name: 'second' });
      return null;
    });
    await withScene([agent], {}, async (scene) => {
      await scene.outcomeOf('it', {});
      expect(scene.messages.map(({ type }) => type)).toEqual(['report', 'result']);
      expect(scene.reports()[0]?.events).toMatchObject([{ name: 'first', data: { n: 1 } }, { name: 'second' }]);
    });
  });

  test('all of very many events, in bounded portions', async () => {
    const agent = new TestAgent('it', async (_input, ctx) => {
      for (let n = 0; n < 1_300; n++) await ctx.emit({ name: 'event', data: n });
      return null;
    });
    await withScene([agent], {}, async (scene) => {
      await scene.outcomeOf('it', {});
      const portions = scene.reports().map(({ events }) => events.length);
      expect(Math.max(...portions)).toBeLessThanOrEqual(500);
      expect(scene.reports().flatMap(({ events }) => events.map(({ data }) => data))).toEqual(Array.from({ length: 1_300 }, (_, n) => n));
    });
  });

  test('the checkpoint that nobody waited for goes out with the result', async () => {
    const agent = new TestAgent('it', (_input, ctx) => {
      void ctx.checkpoint({ step: 1 });
      void ctx.checkpoint({ step: 2 });
      return Promise.reject(new Error('after the checkpoint'));
    });
    await withScene([agent], {}, async (scene) => {
      const task = scene.task('it', {});
      await scene.send(task);
      await scene.resultOf(task);
      const checkpoints = scene.messages.map(({ checkpoint }) => checkpoint).filter((checkpoint) => checkpoint !== undefined);
      expect(checkpoints.at(-1)).toEqual({ step: 2 });
    });
  });

  test.each([
    ['a checkpoint that is not JSON', { at: [new Map()] }, /\$\.at\[0\].*Map/],
    ['a checkpoint that is too large', 'x'.repeat(200), /more than 100 bytes/],
  ])('%s is refused with a clear error', async (_what, state, message) => {
    const agent = new TestAgent('it', (_input, ctx) => ctx.checkpoint(state as never));
    await withScene([agent], { maxCheckpointBytes: 100 }, async (scene) => {
      expect(await scene.outcomeOf('it', {})).toMatchObject({
        error: { code: 'VALIDATION_FAILED', message: expect.stringMatching(message) },
      });
    });
  });

  test('a progress that is not a number and an event without a name are refused', async () => {
    const agent = new TestAgent('it', (input, ctx) => (input === 'progress' ? ctx.progress(Number.NaN) : ctx.emit({ name: '' })));
    await withScene([agent], {}, async (scene) => {
      expect(await scene.outcomeOf('it', 'progress')).toMatchObject({ error: { code: 'VALIDATION_FAILED' } });
      expect(await scene.outcomeOf('it', 'emit')).toMatchObject({ error: { code: 'VALIDATION_FAILED' } });
    });
  });
});
