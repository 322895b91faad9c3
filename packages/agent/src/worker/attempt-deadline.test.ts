import { describe, expect, test } from '@jest/globals';
import { NetworkError } from '@mainstay/types';
import { currentDeadline, remainingMs, strayWork, withTimeout } from '@mainstay/utils';
import { TestAgent } from '../testing/agents.ts';
import { withScene } from '../testing/scene.ts';
import type { TaskContext } from '../task-context.ts';

const agentThat = (run: (ctx: TaskContext) => unknown) => new TestAgent('it', async (_input, ctx) => run(ctx));
const forEver = () => new Promise<never>(() => undefined);

describe('the deadline of an attempt', () => {
  test('is that of everything its agent starts, and of nothing else', async () => {
    const agent = agentThat(async () => {
      await Promise.resolve();
      return remainingMs();
    });
    await withScene([agent], {}, async (scene) => {
      expect(await scene.outcomeOf('it', {}, { timeoutMs: 7_000 })).toEqual({ status: 'succeeded', output: 7_000 });
      expect(currentDeadline()).toBeUndefined();
    });
  });

  test('is that of the run if it comes first', async () => {
    await withScene([agentThat(() => remainingMs())], {}, async (scene) => {
      const deadline = scene.clock.now() + 300;
      expect(await scene.outcomeOf('it', {}, { timeoutMs: 7_000, deadline })).toEqual({ status: 'succeeded', output: 300 });
    });
  });

  test('cuts nested limits and calls; the task is told to have timed out, not the call', async () => {
    const clocked = { run: (_ctx: TaskContext): unknown => undefined };
    await withScene([agentThat((ctx) => clocked.run(ctx))], {}, async (scene) => {
      clocked.run = () => withTimeout(forEver, 60_000, { name: 'inner', clock: scene.clock });
      const task = scene.task('it', {}, { timeoutMs: 500 });
      await scene.send(task);
      await scene.advance(500);
      expect((await scene.resultOf(task)).outcome).toMatchObject({
        status: 'failed',
        error: { code: 'OPERATION_TIMEOUT', disposition: 'retryable' },
      });
    });
  });

  test('ends retries that would outlast it with the last error', async () => {
    let tries = 0;
    const agent = agentThat((ctx) =>
      ctx.call('weather', () => {
        tries += 1;
        throw new NetworkError('the line is busy', { retryAfterMs: 2_000 });
      }),
    );
    await withScene([agent], {}, async (scene) => {
      expect(await scene.outcomeOf('it', {}, { timeoutMs: 1_000 })).toMatchObject({ error: { code: 'NETWORK_FAILED' } });
      expect(tries).toBe(1);
    });
  });

  test('an agent that ignores its signal is counted by name until it ends', async () => {
    const held = Promise.withResolvers<null>();
    await withScene([agentThat(() => held.promise)], { abortGraceMs: 100 }, async (scene) => {
      const task = scene.task('it', {}, { timeoutMs: 500 });
      await scene.send(task);
      await scene.advance(500);
      await scene.advance(100);
      expect((await scene.resultOf(task)).outcome).toMatchObject({ error: { code: 'AGENT_UNRESPONSIVE' } });
      await scene.advance(1_000);
      expect(strayWork.list()).toContainEqual({ name: 'agent it', running: 1, reported: 1 });
      held.resolve(null);
      await scene.advance(0);
      expect(strayWork.list()).toContainEqual({ name: 'agent it', running: 0, reported: 1 });
    });
  });
});

describe('calls of attempts', () => {
  test('that must not be done twice are not, unless they were surely not begun', async () => {
    const tries = { reset: 0, refused: 0 };
    const agent = agentThat(async (ctx) => {
      const call = (name: keyof typeof tries, code: string) =>
        ctx.call(
          name,
          () => {
            tries[name] += 1;
            throw Object.assign(new Error('x'), { code });
          },
          { idempotent: false, baseMs: 0, maxAttempts: 3 },
        );
      await call('reset', 'ECONNRESET').catch(() => undefined);
      await call('refused', 'ECONNREFUSED').catch(() => undefined);
      return null;
    });
    await withScene([agent], {}, async (scene) => {
      await scene.outcomeOf('it', {});
      expect(tries).toEqual({ reset: 1, refused: 3 });
    });
  });

  test('of all attempts share the retries of a dependency: while it is down, few are made', async () => {
    let tries = 0;
    const agent = agentThat((ctx) =>
      ctx.call(
        'down',
        () => {
          tries += 1;
          throw new NetworkError('down');
        },
        { baseMs: 0, maxAttempts: 10 },
      ),
    );
    await withScene([agent], {}, async (scene) => {
      for (let n = 0; n < 4; n++) await scene.outcomeOf('it', {});
      // ten saved retries, and one for ten calls; then the circuit opens
      expect(tries).toBeLessThanOrEqual(15);
    });
  });
});
