import { describe, expect, test } from '@jest/globals';
import { TestAgent } from '../testing/agents.ts';
import { Scene, withScene } from '../testing/scene.ts';
import { createWorker } from './worker.ts';

/** An agent that counts how many of its attempts run at once, until it is opened. */
function counting(kind: string) {
  const gate = Promise.withResolvers<null>();
  const counts = { now: 0, most: 0 };
  const agent = new TestAgent(kind, async () => {
    counts.most = Math.max(counts.most, (counts.now += 1));
    await gate.promise;
    counts.now -= 1;
    return null;
  });
  return {
    agent,
    counts,
    open: () => {
      gate.resolve(null);
    },
  };
}

class One extends TestAgent {
  override readonly concurrency = 1;
}

describe('capacity', () => {
  test('bounds what runs at once; what does not fit waits in the lane', async () => {
    const { agent, counts, open } = counting('it');
    await withScene([agent], { capacity: 3 }, async (scene) => {
      const tasks = Array.from({ length: 10 }, () => scene.task('it', {}));
      await scene.send(...tasks);
      await scene.advance(0);
      expect(counts.now).toBe(3);
      expect((await scene.orchestrator.depths(['it'])).get('it')).toEqual({ waiting: 7, pending: 3 });
      open();
      await scene.until(() => scene.results().length === 10);
      expect(counts.most).toBe(3);
    });
  });

  test('of an agent bounds that agent and holds up no other', async () => {
    const gate = Promise.withResolvers<null>();
    let ones = 0;
    const one = new One('one', () => ((ones += 1), gate.promise));
    const free = new TestAgent('free', (input) => Promise.resolve(input));
    await withScene([one, free], { capacity: 8 }, async (scene) => {
      await scene.send(...Array.from({ length: 5 }, () => scene.task('one', {})));
      await scene.send(...Array.from({ length: 20 }, (_, n) => scene.task('free', n)));
      await scene.advance(500);
      expect(scene.results()).toHaveLength(20);
      expect(ones).toBe(1);
      expect((await scene.orchestrator.depths(['one'])).get('one')).toEqual({ waiting: 4, pending: 1 });
      gate.resolve(null);
      for (let n = 0; n < 10; n++) await scene.advance(100);
      expect(ones).toBe(5);
      expect(scene.results()).toHaveLength(25);
    });
  });

  test('results that are ready in the same turn go out together', async () => {
    const { agent, open, counts } = counting('it');
    await withScene([agent], { capacity: 50 }, async (scene) => {
      const run = scene.task('it', {}).run;
      await scene.send(...Array.from({ length: 50 }, (_, n) => scene.task('it', {}, { run, task: `stage-${n}` })));
      await scene.until(() => counts.now === 50);
      open();
      await scene.until(() => scene.results().length === 50);
      expect(scene.batches).toEqual([50]);
    });
  });

  test('two thousand tasks pass through, each once', async () => {
    await withScene([new TestAgent('it', (input) => Promise.resolve(input))], { capacity: 64 }, async (scene) => {
      const tasks = Array.from({ length: 2_000 }, (_, n) => scene.task('it', n));
      await scene.send(...tasks);
      await scene.until(() => scene.results().length >= 2_000);
      expect(new Set(scene.results().map(({ run }) => run)).size).toBe(2_000);
      expect(scene.results()).toHaveLength(2_000);
    });
  });
});

describe('createWorker', () => {
  const { transport } = new Scene([new TestAgent('it', () => Promise.resolve(null))]);
  const noop = () => undefined;
  const logger = { debug: noop, info: noop, warn: noop, error: noop, child: () => logger };
  const agent = (kind: string) => new TestAgent(kind, () => Promise.resolve(null));

  test.each([
    ['no agents', { agents: [] }, 'no agent'],
    ['two agents of one kind', { agents: [agent('a'), agent('a')] }, 'kind a'],
    ['a kind without a name', { agents: [agent('')] }, '1 to 200'],
    ['a capacity of nothing', { agents: [agent('a')], capacity: 0 }, 'capacity'],
    ['a lease shorter than a heartbeat', { agents: [agent('a')], heartbeatMs: 5_000 }, 'leaseMs'],
  ])('refuses %s', (_what, options, message) => {
    expect(() => createWorker({ transport, logger, ...options })).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringContaining(message) }),
    );
  });
});
